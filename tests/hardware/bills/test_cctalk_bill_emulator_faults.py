"""Troubles of the emulated ccTalk bill validator: every status code, the self-check, and power cuts at every moment."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.phases import Event
from hardware.cctalk.codes import BillStatus, FaultCode
from hardware.cctalk.events import EventReport, Pair
from hardware.cctalk.headers import Header
from tests.hardware.bills.cctalk_host import (
    ACK,
    BACK_S,
    BOXED_S,
    ESCROW_EMPTY,
    ESCROW_ON,
    EXTEND,
    FAILED,
    IN_ESCROW,
    LEVER_S,
    MASTER_OFF,
    MASTER_ON,
    NOTES_OFF,
    NOTES_ON,
    NOTHING,
    POLL,
    RESET,
    RETURN,
    RETURNED,
    STACK,
    STACKED,
    TAKEN_S,
    Host,
)


@pytest.fixture
def host() -> Host:
    """A unit that accepts every note and holds it in escrow."""
    host = Host()
    host.enable()
    return host


def self_check(host: Host) -> int:
    data = host.ask(Header.PERFORM_SELF_CHECK)
    assert data is not None
    return data[0]


def drawing(host: Host) -> None:
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)


def in_escrow(host: Host) -> None:
    host.to_escrow()


def just_ordered(host: Host) -> None:
    host.to_escrow()
    assert host.say(STACK) == ACK


def past_the_lever(host: Host) -> None:
    just_ordered(host)
    host.wait(LEVER_S + 0.1)


def credited(host: Host) -> None:
    just_ordered(host)
    host.wait(BOXED_S)


def returning(host: Host) -> None:
    host.to_escrow()
    host.say(RETURN)


def refused(host: Host) -> None:
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S)


def nothing_inside(host: Host) -> None:
    pass


Moment = Callable[[Host], None]


@pytest.mark.parametrize(
    ("flaw", "status"),
    [
        ("counterfeit", BillStatus.REJECT_VALIDATION),
        ("unreadable", BillStatus.REJECT_VALIDATION),
        ("length", BillStatus.REJECT_VALIDATION),
        ("unknown", BillStatus.REJECT_VALIDATION),
        ("insertion", BillStatus.REJECT_TRANSPORT),
        ("transport", BillStatus.REJECT_TRANSPORT),
        ("multiple", BillStatus.REJECT_TRANSPORT),
        ("barcode", BillStatus.BARCODE),
    ],
)
def test_a_refused_note_is_told_once_with_its_reason(host: Host, flaw: str, status: BillStatus) -> None:
    host.hand(f"insert 1000 {flaw}")
    host.wait(TAKEN_S + BACK_S)
    assert host.news() == [(0, status)]
    assert host.mechanism.at_customer == {1000: 1}
    host.to_escrow()
    assert host.news() == [IN_ESCROW], "the next one is welcome"


def test_a_note_that_the_table_has_not_is_refused_as_not_recognised(host: Host) -> None:
    host.to_escrow(500)
    assert host.news() == [(0, BillStatus.REJECT_VALIDATION)]


def test_inhibits_name_who_refused(host: Host) -> None:
    host.say(NOTES_OFF)
    host.to_escrow()
    host.wait(BACK_S)
    host.say(MASTER_OFF)
    host.to_escrow()
    host.wait(BACK_S)
    assert host.news() == [(0, BillStatus.INHIBITED_SERIAL), (0, BillStatus.MASTER_INHIBIT)]


@pytest.mark.parametrize(
    ("moment", "line", "told", "check"),
    [
        (nothing_inside, "jam", [(0, 6)], FaultCode.BILL_JAMMED),
        (drawing, "jam", [(0, 6)], FaultCode.BILL_JAMMED),
        (in_escrow, "jam", [IN_ESCROW, (0, 6)], FaultCode.BILL_JAMMED),
        (returning, "jam", [IN_ESCROW, (0, 6)], FaultCode.BILL_JAMMED),
        (just_ordered, "jam", [IN_ESCROW, (0, 16)], FaultCode.BILL_JAMMED),
        (nothing_inside, "jam stacker", [(0, 15)], FaultCode.STACKER),
        (just_ordered, "jam stacker", [IN_ESCROW, (0, 7)], FaultCode.STACKER),
        (past_the_lever, "fail stacker", [IN_ESCROW, (0, 13)], FaultCode.STACKER),
        (nothing_inside, "fail anti-string", [(0, 19)], FaultCode.STRING_SENSOR),
        (nothing_inside, "fail tamper", [(0, 9)], FaultCode.STRING_SENSOR),
        (just_ordered, "fail motor", [IN_ESCROW], FaultCode.BILL_MOTOR),
        (in_escrow, "fail sensor", [IN_ESCROW], FaultCode.BILL_SENSOR),
        (nothing_inside, "cheat", [(0, 17)], FaultCode.STRING_SENSOR),
        (in_escrow, "cheat", [IN_ESCROW, (0, 18)], FaultCode.STRING_SENSOR),
        (past_the_lever, "cheat", [IN_ESCROW, (0, 18)], FaultCode.STRING_SENSOR),
        (drawing, "pull-back", [(0, 8)], FaultCode.OK),
        (in_escrow, "pull-back", [IN_ESCROW, (0, 8)], FaultCode.OK),
        (returning, "pull-back", [IN_ESCROW, (0, 1)], FaultCode.OK),
        (nothing_inside, "open", [(0, 11)], FaultCode.STACKER_MISSING),
        (nothing_inside, "full", [(0, 14)], FaultCode.STACKER_FULL),
    ],
)
def test_every_trouble_is_told_as_the_manual_names_it_and_nothing_is_credited(
    host: Host, moment: Moment, line: str, told: list[Pair], check: FaultCode
) -> None:
    moment(host)
    host.hand(line)
    assert self_check(host) == check
    host.wait(30.0)
    news = host.news()
    assert news[: len(told)] == told
    assert set(news[len(told) :]) <= {RETURNED}, "at most an undecided note that went back"
    assert not host.mechanism.cashbox


@pytest.mark.parametrize("line", ["jam", "jam stacker", "fail motor", "fail sensor", "fail stacker", "fail anti-string"])
@pytest.mark.parametrize("moment", [drawing, in_escrow, just_ordered, past_the_lever, returning, refused])
def test_after_repair_staff_keep_the_note_and_the_unit_serves_on(host: Host, moment: Moment, line: str) -> None:
    moment(host)
    host.hand(line)
    host.wait(60.0)
    host.hand("clear")
    assert STACKED not in host.news()
    assert self_check(host) == FaultCode.OK
    assert host.say(STACK) == ESCROW_EMPTY
    credited(host)
    assert [pair for pair in host.news() if pair[0]] == [IN_ESCROW, STACKED]
    assert host.mechanism.cashbox == {1000: 1}


def test_a_repaired_or_emptied_stacker_is_told_as_ok(host: Host) -> None:
    host.hand("jam stacker")
    host.hand("clear")
    host.hand("full")
    host.hand("empty")
    assert host.news() == [(0, 15), (0, 10), (0, 14), (0, 10)]
    host.hand("jam")
    host.hand("clear")
    host.hand("empty")
    assert host.news() == [(0, 6)], "there was nothing wrong with the stacker"


def test_the_box_taken_out_while_a_note_goes_in_holds_it_up_and_the_credit_with_it(host: Host) -> None:
    just_ordered(host)
    host.hand("open")
    host.wait(60.0)
    assert host.news() == [IN_ESCROW, (0, 11)]
    host.hand("close")
    host.wait(BOXED_S)
    assert host.news() == [(0, 12), STACKED]


def test_a_box_that_becomes_full_is_told_after_the_last_credit(host: Host) -> None:
    host.mechanism.box.capacity = 1
    credited(host)
    assert host.news() == [IN_ESCROW, STACKED, (0, 14)]
    assert "full" in host.hand("insert 1000")["note"]


def test_a_note_left_in_the_mouth_is_told_as_returned_when_it_is_taken(host: Host) -> None:
    host.hand("leave on")
    returning(host)
    host.wait(60.0)
    assert host.news() == [IN_ESCROW]
    assert host.ask(Header.READ_OPTO_STATES) == b"\x10"
    assert host.hand("take")["ok"]
    assert host.news() == [RETURNED]
    assert host.mechanism.at_customer == {1000: 1}


def test_a_second_note_at_the_mouth_holds_up_the_first_and_pulled_out_is_no_event(host: Host) -> None:
    just_ordered(host)
    host.hand("insert 5000")
    host.wait(60.0)
    assert host.news() == [IN_ESCROW]
    assert host.ask(Header.READ_OPTO_STATES) == b"\x09", "mouth and stacker"
    host.hand("pull-back")
    host.wait(BOXED_S)
    assert host.news() == [STACKED]


def test_a_string_after_the_credit_takes_no_credit_back_and_stops_the_unit_until_a_reset(host: Host) -> None:
    credited(host)
    host.hand("cheat")
    assert host.news() == [IN_ESCROW, STACKED, (0, 17)]
    assert "fault" in host.hand("insert 1000")["note"]
    host.say(RESET)
    host.wait(5.0)
    assert self_check(host) == FaultCode.OK


def test_a_note_pulled_off_the_mouth_of_a_cheated_unit_is_no_string(host: Host) -> None:
    host.hand("cheat")
    host.hand("insert 1000")
    host.hand("pull-back")
    host.hand("cheat")
    assert host.news() == [(0, BillStatus.OPTO_FRAUD)] * 2


def test_slow_motors_change_when_and_not_what(host: Host) -> None:
    host.hand("slow 3")
    host.hand("insert 1000")
    host.wait(3 * TAKEN_S)
    host.say(STACK)
    host.wait(2 * BOXED_S)
    assert host.news() == [IN_ESCROW]
    host.wait(BOXED_S + 0.1)
    assert host.news() == [STACKED]


# -- power -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "told", "box"),
    [
        (nothing_inside, [], 0),
        (drawing, [RETURNED], 0),
        (in_escrow, [RETURNED], 0),
        (returning, [RETURNED], 0),
        (refused, [RETURNED], 0),
        (just_ordered, [], 1),
        (past_the_lever, [], 1),
        (credited, [], 1),
    ],
)
@pytest.mark.parametrize("by_reset", [False, True], ids=["power cut", "reset"])
def test_a_cut_at_any_moment_loses_no_note_zeroes_the_counter_and_credits_nothing_afterwards(
    host: Host, moment: Moment, told: list[Pair], box: int, by_reset: bool
) -> None:
    host.hand("event 20")
    moment(host)
    if by_reset:
        assert host.say(RESET) == ACK
        host.wait(4.0)
        host.seen = 0
    else:
        host.hand("power off")
        assert host.say(POLL) == NOTHING
        host.wait(3600.0)
        host.hand("power on")
        assert host.say(POLL) == NOTHING, "it boots"
        host.wait(0.5)
        host.seen = 0
        assert host.report().counter == 0
    host.wait(3.0)
    assert host.news() == told
    assert host.report().counter == len(told)
    assert host.ask(Header.REQUEST_MASTER_INHIBIT) == b"\0", "settings are gone"
    count = host.mechanism.cashbox.total() + host.mechanism.at_customer.total()
    assert count == (0 if moment is nothing_inside else 1)
    assert host.mechanism.cashbox.total() == box
    host.enable()
    credited(host)
    assert host.news() == [IN_ESCROW, STACKED]


def test_a_cut_in_a_jam_leaves_the_jam_and_the_note(host: Host) -> None:
    in_escrow(host)
    host.hand("jam")
    host.off_and_on()
    host.wait(30.0)
    assert self_check(host) == FaultCode.BILL_JAMMED
    assert host.report().counter == 0
    host.enable()
    assert host.say(STACK) in (ESCROW_EMPTY, FAILED)
    assert host.hand("clear")["yen"] == 1000
    assert not host.mechanism.cashbox


def test_a_second_cut_while_the_unit_still_sorts_itself_out_loses_nothing_either(host: Host) -> None:
    just_ordered(host)
    for off_s in (0.1, 5.0):
        host.off_and_on(off_s)
        host.wait(0.2)
    host.wait(5.0)
    assert host.mechanism.cashbox == {1000: 1}
    assert host.report().counter == 0


def test_a_note_offered_to_a_unit_without_power_is_drawn_when_it_accepts_again(host: Host) -> None:
    host.hand("power off")
    assert "no power" in host.hand("insert 1000")["note"]
    host.hand("power on")
    host.wait(0.4)
    assert host.mechanism.mouth is not None, "it still boots"
    host.wait(0.1 + TAKEN_S + BACK_S)
    host.seen = 0
    assert host.news() == [(0, 0)], "inhibited after power-up: pushed back"


def test_an_answer_not_yet_on_the_wire_dies_with_the_power(host: Host) -> None:
    host.unit.receive(bytes.fromhex(POLL), host.now_s)
    host.hand("power off")
    host.hand("power on")
    assert host.unit.take_replies(host.now_s + 10.0) == b""


# -- any schedule ------------------------------------------------------------------------------------------------------

HANDS = [
    "insert 1000",
    "insert 10000",
    "insert 5000 counterfeit",
    "pull-back",
    "cheat",
    "jam",
    "jam stacker",
    "fail motor",
    "clear",
    "open",
    "close",
    "full",
    "empty",
    "leave on",
    "leave off",
    "take",
    "power off",
    "power on",
]
ORDERS = [STACK, RETURN, EXTEND, RESET, ESCROW_ON, NOTES_ON, MASTER_ON, NOTES_OFF]
WORTH = {1: 1000, 2: 2000, 3: 5000, 4: 10_000}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([1, 3]),
    st.lists(
        st.tuples(st.sampled_from([*HANDS, *["insert 1000", STACK] * 6, *ORDERS]), st.sampled_from([0.0, 0.3, 1.2, 2.0])),
        min_size=4,
        max_size=40,
    ),
)
def test_whatever_hands_and_hosts_do_no_note_is_credited_that_was_not_stacked_nor_twice(
    mode: int, schedule: list[tuple[str, float]]
) -> None:
    host = Host()
    host.enable(mode)
    credited_yen = 0
    cut = False
    for deed, pause_s in schedule:
        if deed in HANDS:
            host.hand(deed)
        else:
            host.say(deed)
        cut |= deed in ("power off", RESET)
        host.wait(pause_s)
        data = host.ask(Header.READ_BUFFERED_BILL_EVENTS)
        report = None if data is None else EventReport.decode(data)
        if report is not None:
            host.seen = 0 if report.counter < host.seen else host.seen
            pairs, lost = report.since(host.seen)
            host.seen = report.counter
            assert not lost
            credited_yen += sum(WORTH[bill] for bill, step in pairs if bill and step == 0)
        assert credited_yen <= host.seen_yen(Event.NOTE_STACKED)
        assert cut or credited_yen == host.seen_yen(Event.NOTE_STACKED), "with power all the time none is forgotten"
    assert host.mechanism.piles.total_yen() == host.seen_yen(Event.NOTE_INSERTED)
