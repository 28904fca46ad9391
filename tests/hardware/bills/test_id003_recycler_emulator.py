"""The emulated ID-003 unit with drums: what a host sees of a payout, and what it can know when one goes wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.id003.frames import Command, Frame, Status
from hardware.bills.id003.recycler_emulator import ERRORS
from hardware.bills.id003.recycler_frames import (
    RECYCLER_UNIT_FAILURE,
    ExtensionCommand,
    ExtensionStatus,
    PayoutStatus,
    extension_status,
    recycle_currency,
    request,
    set_recycle_currency,
)
from hardware.bills.notes import Place
from hardware.emulator import BadCommand
from hardware.models import load_model
from tests.hardware.bills.id003_host import (
    ACK,
    BOXED_S,
    DISABLE,
    IDLING,
    INHIBIT_OFF,
    INHIBIT_ON,
    INITIALIZE,
    INVALID,
    JAM_IN_ACCEPTOR,
    NOTHING,
    PAUSE,
    POWER_RECOVERY,
    POWER_UP,
    POWER_UP_IN_ACCEPTOR,
    RESET,
    RETURNING,
    STACK_2,
    STACKED,
    TAKEN_S,
    VEND_VALID,
    Host,
    spelled,
)

MODEL = load_model(Path(__file__).parents[3] / "config/devices/jcm-id003-recycler-jpy.toml")
PAY_1_FROM_1 = "FC 09 F0 20 4A 01 01 10 6E"
PAY_1_FROM_2 = "FC 09 F0 20 4A 01 02 8B 5C"
ASK = "FC 06 F0 1A 15 F5"
GET_CURRENCY = "FC 07 F0 20 90 39 84"
PAYING, PAY_STAY, PAY_VALID = (spelled(status) for status in (0x20, 0x24, 0x23))
FAILED = spelled(RECYCLER_UNIT_FAILURE)
MOUTH_S, TAKE_S = 1.5, 1.0
"""Times of the model file: drum to mouth, and how long a customer lets a note stick out."""


def told(status: int) -> str:
    return extension_status(status).encode().hex(" ").upper()


def written(frame: Frame) -> str:
    return frame.encode().hex(" ").upper()


def pay(count: int, box: int) -> str:
    return written(request(ExtensionCommand.PAY_OUT, bytes((count, box))))


@pytest.fixture
def unit() -> Host:
    """A recycler that is inhibited: 20 notes of 1,000 on drum 1 and 6 of 5,000 on drum 2."""
    host = Host(MODEL)
    host.start()
    assert host.say(INHIBIT_ON) == INHIBIT_ON
    assert host.poll() == DISABLE
    return host


def test_a_note_is_paid_out_as_it_was_captured(unit: Host) -> None:
    assert unit.say(PAY_1_FROM_1) == ACK
    assert unit.poll() == PAYING
    unit.wait(MOUTH_S)
    assert unit.poll() == PAY_STAY == "FC 05 24 09 30"
    assert unit.say(ACK) == NOTHING
    assert unit.poll() == PAY_STAY, "it waits whether that was acknowledged or not"
    unit.wait(TAKE_S)
    assert unit.poll() == PAY_VALID
    assert unit.say(ACK) == NOTHING
    assert unit.poll() == DISABLE
    assert unit.mechanism.at_customer == {1000: 1}


def test_pay_valid_repeats_until_it_is_acknowledged(unit: Host) -> None:
    unit.say(PAY_1_FROM_2)
    unit.wait(MOUTH_S + TAKE_S)
    unit.say(ACK)  # nobody has been told anything yet
    assert [unit.poll(), unit.poll(), unit.poll()] == [PAY_VALID] * 3
    unit.say(ACK)
    assert unit.poll() == DISABLE
    assert unit.mechanism.at_customer == {5000: 1}


def test_state_names_what_a_host_would_be_told_about_a_payout(unit: Host) -> None:
    assert unit.hand("state")["status"] == "DISABLE[0x1A]"
    unit.say(PAY_1_FROM_1)
    assert unit.hand("state")["status"] == "PAYING[0x20]"
    unit.wait(MOUTH_S)
    assert unit.hand("state")["status"] == "PAY_STAY[0x24]"
    unit.wait(TAKE_S)
    assert unit.hand("state")["status"] == "PAY_VALID[0x23]"
    assert unit.poll() == PAY_VALID
    unit.say(ACK)
    unit.hand("fail recycler-jam")
    assert unit.hand("state")["status"] == "RECYCLER_UNIT_FAILURE[0x4C]"


def test_each_note_of_an_order_has_its_own_pay_valid_and_the_next_waits_for_the_ack(unit: Host) -> None:
    assert unit.say(pay(3, 1)) == ACK
    for paid in (1, 2, 3):
        unit.wait(100.0)
        assert unit.poll() == PAY_VALID
        assert unit.mechanism.at_customer == {1000: paid}
        unit.say(ACK)
    assert unit.poll() == DISABLE
    unit.wait(100.0)
    assert unit.mechanism.at_customer == {1000: 3}


def test_a_note_that_nobody_takes_stays_at_the_mouth(unit: Host) -> None:
    unit.hand("leave on")
    unit.say(PAY_1_FROM_1)
    unit.wait(3600.0)
    assert unit.poll() == PAY_STAY
    assert unit.hand("take")["yen"] == 1000
    assert unit.poll() == PAY_VALID


@pytest.mark.parametrize(
    "order",
    [pay(0, 1), pay(21, 1), pay(7, 2), pay(1, 0), pay(1, 3), written(request(ExtensionCommand.PAY_OUT, b"\x01"))],
    ids=["no note", "more than drum 1 holds", "more than drum 2 holds", "box 0", "box 3", "no box"],
)
def test_an_order_that_cannot_be_carried_out_is_invalid_and_moves_nothing(unit: Host, order: str) -> None:
    assert unit.say(order) == INVALID
    unit.wait(10.0)
    assert unit.mechanism.at_customer == {}
    assert unit.poll() == DISABLE


def test_it_pays_only_while_inhibited(unit: Host) -> None:
    unit.say(INHIBIT_OFF)
    assert unit.poll() == IDLING
    assert unit.say(PAY_1_FROM_1) == INVALID
    unit.say(INHIBIT_ON)
    assert unit.say(PAY_1_FROM_1) == ACK
    assert unit.say(PAY_1_FROM_1) == INVALID, "one order at a time"
    unit.say(INHIBIT_OFF)
    unit.wait(MOUTH_S)
    assert unit.poll() == PAY_STAY, "an order under way goes on"


def test_no_note_is_drawn_in_during_a_payout_and_one_at_the_mouth_holds_it_up(unit: Host) -> None:
    unit.say(PAY_1_FROM_1)
    unit.hand("insert 5000")
    assert unit.poll() == PAUSE
    unit.wait(60.0)
    assert unit.mechanism.at_customer == {}
    unit.hand("pull-back")
    unit.wait(MOUTH_S + TAKE_S)
    assert unit.poll() == PAY_VALID


def test_the_extension_status_follows_the_payout(unit: Host) -> None:
    assert unit.say(ASK) == told(ExtensionStatus.NORMAL)
    unit.say(PAY_1_FROM_1)
    assert unit.say(ASK) == told(PayoutStatus.PAYING)
    unit.wait(MOUTH_S)
    assert unit.say(ASK) == told(PayoutStatus.PAY_STAY)
    unit.wait(TAKE_S)
    assert unit.say(ASK) == told(PayoutStatus.PAY_VALID)
    unit.say(ACK)
    assert unit.say(ASK) == told(ExtensionStatus.NORMAL)


@pytest.mark.parametrize(("word", "error"), ERRORS.items(), ids=ERRORS)
def test_what_breaks_in_the_recycler_is_told_in_the_extension_status_until_cleared(unit: Host, word: str, error: int) -> None:
    unit.say(PAY_1_FROM_1)
    unit.wait(0.5)
    unit.hand(f"fail {word}")
    assert unit.poll() == FAILED
    assert unit.say(ASK) == told(error)
    assert unit.say(PAY_1_FROM_2) == INVALID
    assert unit.hand("clear")["yen"] == 1000
    assert unit.poll() == INITIALIZE
    assert unit.say(ASK) == told(ExtensionStatus.NORMAL)
    unit.wait(10.0)
    unit.say(INHIBIT_ON)
    assert unit.poll() == DISABLE
    assert unit.mechanism.at_customer == {}, "what was left of the order is not paid"


def test_a_jam_of_the_acceptor_is_no_fault_of_the_recycler(unit: Host) -> None:
    unit.hand("fail recycler-jam")
    unit.hand("clear")
    unit.hand("jam acceptor")
    assert unit.poll() == JAM_IN_ACCEPTOR
    assert unit.say(ASK) == told(ExtensionStatus.NORMAL)


@pytest.mark.parametrize("recovery", [False, True], ids=["recovery off", "recovery on"])
@pytest.mark.parametrize(
    ("after_s", "power_up"), [(0.5, POWER_UP_IN_ACCEPTOR), (MOUTH_S + 0.2, POWER_UP_IN_ACCEPTOR), (10.0, POWER_UP)]
)
def test_after_a_power_cut_only_the_note_itself_is_known(unit: Host, after_s: float, power_up: str, recovery: bool) -> None:
    if recovery:
        unit.say(POWER_RECOVERY)
    assert unit.say(pay(3, 1)) == ACK
    unit.wait(after_s)
    unit.hand("power off")
    unit.wait(60.0)
    unit.hand("power on")
    unit.wait(0.5)
    assert unit.poll() == power_up
    assert unit.say(RESET) == ACK
    if power_up == POWER_UP_IN_ACCEPTOR:
        assert unit.poll() == RETURNING
    unit.wait(60.0)
    unit.say(INHIBIT_ON)
    assert unit.poll() == DISABLE, "no PAY VALID, and no more of the order"
    assert unit.mechanism.at_customer == {1000: 1}
    assert unit.mechanism.piles.size(Place.DRUM) == 25


def test_a_reset_ends_an_order(unit: Host) -> None:
    unit.say(pay(3, 1))
    unit.wait(MOUTH_S + TAKE_S)
    assert unit.poll() == PAY_VALID
    assert unit.say(RESET) == ACK
    unit.wait(60.0)
    assert unit.poll() == INITIALIZE
    unit.say(INHIBIT_ON)
    assert unit.poll() == DISABLE
    assert unit.mechanism.at_customer == {1000: 1}


def test_a_stacked_note_goes_to_its_drum_and_can_be_paid_again(unit: Host) -> None:
    unit.say(INHIBIT_OFF)
    unit.to_escrow(5000)
    unit.say(STACK_2)
    unit.wait(BOXED_S)
    assert unit.poll() == VEND_VALID
    unit.say(ACK)
    assert [unit.poll(), unit.poll()] == [STACKED, IDLING]
    assert unit.mechanism.cashbox == {}
    assert len(unit.hand("state")["drums"]["2"]["notes"]) == 7


def test_what_a_box_recycles_is_read_and_set_while_it_is_empty(unit: Host) -> None:
    assert unit.say(GET_CURRENCY) == written(recycle_currency({1: 0x01, 2: 0x04}))
    change = written(set_recycle_currency({1: 0x02, 2: 0x04}))
    assert unit.say(change) == INVALID, "there are notes on drum 1"
    assert unit.hand("unload 1")["yen"] == 20_000
    assert unit.say(change) == change
    unit.hand("power off")
    unit.hand("power on")
    unit.wait(0.5)
    assert unit.say(GET_CURRENCY) == written(recycle_currency({1: 0x02, 2: 0x04})), "it outlives power"
    unit.start()
    for yen in (1000, 2000):
        unit.to_escrow(yen)
        unit.say(STACK_2)
        unit.wait(BOXED_S)
        assert unit.poll() == VEND_VALID
        unit.say(ACK)
        unit.poll()
    assert unit.mechanism.cashbox == {1000: 1}
    assert unit.hand("state")["drums"]["1"]["notes"] == [2000]


def test_how_many_notes_a_box_may_hold_is_read_and_set(unit: Host) -> None:
    get = written(request(ExtensionCommand.GET_RECYCLE_COUNT))
    assert unit.say(get) == written(request(ExtensionCommand.GET_RECYCLE_COUNT, bytes((30, 0, 30, 0))))
    limit = written(request(ExtensionCommand.SET_RECYCLE_COUNT, bytes((6, 0, 2))))
    assert unit.say(limit) == limit
    unit.say(INHIBIT_OFF)
    unit.to_escrow(5000)
    unit.say(STACK_2)
    unit.wait(BOXED_S)
    assert unit.mechanism.cashbox == {5000: 1}
    assert unit.say(written(request(ExtensionCommand.SET_RECYCLE_COUNT, bytes((31, 0, 2))))) == INVALID


@pytest.mark.parametrize("command", [c for c in ExtensionCommand if "GET_CURRENT" in c.name or c.name in ("COLLECT", "CLEAR")])
def test_what_nobody_has_captured_is_invalid(unit: Host, command: ExtensionCommand) -> None:
    assert unit.say(written(request(command))) == INVALID


def test_a_unit_without_drums_knows_no_extension(idle: Host) -> None:
    idle.say(INHIBIT_ON)
    assert idle.say(ASK) == idle.say(PAY_1_FROM_1) == idle.say(GET_CURRENCY) == INVALID


@given(st.binary(max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_extension_frame_upsets_it(data: bytes) -> None:
    host = Host(MODEL)
    host.start()
    host.say(INHIBIT_ON)
    before_yen = host.mechanism.piles.total_yen()
    host.unit.receive(Frame(0xF0, data).encode(), host.now_s)
    host.wait(100.0)
    assert host.poll() in (DISABLE, PAY_VALID)
    assert host.mechanism.piles.total_yen() == before_yen


def test_staff_load_and_unload_drums_and_mistakes_are_named(unit: Host) -> None:
    assert unit.hand("load 2 5000 3")["ok"]
    assert not unit.hand("load 2 5000 99")["ok"], "it does not fit"
    assert unit.hand("unload 2")["yen"] == 150_000
    assert not unit.hand("unload 2")["ok"]
    for line, says in (("load 3 1000 1", "boxes are 1 to 2"), ("load 1 300 1", "values are"), ("unload", "from 1 to 2")):
        with pytest.raises(BadCommand, match=says):
            unit.hand(line)
    with pytest.raises(BadCommand, match="load takes a box"):
        unit.hand("load 1")


def test_an_ordinary_note_is_refused_as_ever_while_inhibited(unit: Host) -> None:
    unit.hand("insert 1000")
    unit.wait(TAKEN_S)
    assert unit.poll() == spelled(Status.REJECTING, b"\x79")
    assert unit.say(PAY_1_FROM_1) == INVALID, "something is under way"


def test_the_currency_table_and_the_settings_are_those_of_a_plain_unit(unit: Host) -> None:
    assert unit.say(spelled(Command.CURRENCY_ASSIGN)).startswith("FC 25 8A 61 0A 01 03")
