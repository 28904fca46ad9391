"""The SSP driver against a scripted unit: every story, every lost reply, and never a poll that accepts a note unasked."""

import asyncio
from itertools import pairwise

import pytest

from hardware.bills.acceptor import (
    AcceptorStatus,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.bills.ssp.driver import SspDriver
from hardware.errors import ConfigError, SequenceError
from hardware.links.memory import memory_line
from hardware.vocabulary import Belief, DeviceState, Fault, FullStatus, PowerState, RefuseReason
from tests.hardware.bills.ssp_unit import (
    ALL_YEN,
    DISABLE,
    ENABLE,
    EVENT_ACK,
    HOLD,
    INHIBITS,
    LAST_REJECT,
    POLL_WITH_ACK,
    REJECT,
    RESET,
    SERIAL,
    SETUP,
    SYNC,
    VERSION,
    Bench,
    model,
)
from tests.hardware.virtualtime import in_virtual_time

STACKED = [NoteInEscrow(1000), NoteStacked(1000)]
RETURNED = [NoteInEscrow(1000), NoteReturned(1000)]

# ---------------------------------------------------------------- start-up


@in_virtual_time
async def test_start_up_says_the_packets_of_the_reference_and_asks_for_a_note_in_escrow_before_the_first_poll() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    assert bench.unit.wire[:6] == [
        "7F 80 01 11 65 82",  # SYNC
        "7F 00 02 06 06 1B 94",  # HOST PROTOCOL VERSION 6
        "7F 80 01 0C 2B 82",  # GET SERIAL NUMBER
        "7F 00 01 05 1E 08",  # SETUP REQUEST
        "7F 80 01 18 53 82",  # HOLD
        "7F 00 01 56 F4 09",  # POLL WITH ACK
    ]
    assert bench.driver.denominations == ALL_YEN
    assert bench.driver.serial_number == 1873452
    assert bench.driver.firmware == "0433"
    assert bench.stories == []
    assert bench.driver.status == AcceptorStatus(DeviceState.IDLE, PowerState.ONLINE, frozenset(), True)


@in_virtual_time
async def test_every_new_packet_flips_the_flag_and_a_lost_reply_is_asked_for_with_the_very_same_packet() -> None:
    bench = await Bench().accepting()
    bench.unit.unanswered[POLL_WITH_ACK] = 2
    await asyncio.sleep(6)
    flags = [line[3:5] for line in bench.unit.wire]
    runs = "".join("=" if one == two else "x" for one, two in pairwise(flags))
    assert runs.count("=") == 2, "each lost reply costs one repetition"
    assert "x=x" in runs


@in_virtual_time
async def test_the_unit_stays_disabled_until_enable_and_again_after_disable() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    await asyncio.sleep(5)
    assert not bench.unit.enabled
    bench.driver.enable(frozenset({1000, 10000, 777}))
    await asyncio.sleep(0.5)
    assert bench.unit.enabled
    assert bench.unit.inhibits == "09 00"
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(0.5)
    assert bench.unit.inhibits == "0F 00"
    bench.driver.disable()
    await asyncio.sleep(0.5)
    assert not bench.unit.enabled


@pytest.mark.parametrize("command", [SYNC, VERSION, SERIAL, SETUP, HOLD, POLL_WITH_ACK, DISABLE, INHIBITS, ENABLE])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_start_up_survives_any_packet_lost_in_either_direction(command: str, way: str) -> None:
    bench = Bench()
    getattr(bench.unit, way)[command] = 1
    await bench.start()
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(3)
    assert bench.unit.enabled
    assert bench.unit.inhibits == "0F 00"


@in_virtual_time
async def test_the_highest_protocol_version_that_the_unit_knows_is_agreed_on() -> None:
    bench = Bench()
    bench.unit.replies[VERSION] = "F8"
    await bench.start()
    await bench.until_ready()
    assert [data for data in bench.unit.heard if data.startswith(VERSION)][:3] == ["06 06", "06 05", "06 04"]


@pytest.mark.parametrize(
    "setup",
    [
        "F2",
        "F0",
        "F0 00 30 34 33 33",
        "F0 06 30 34 33 33 4A 50 59 00 00 00 01 01 02 00 03 E8 06 4A 50 59 E8 03 00 00",  # a unit with a payout
        "F0 00 30 34 33 33 45 55 52 00 00 00 01 05 02 00 00 01 06 45 55 52 05 00 00 00",  # euro
        "F0 00 30 34 33 33 4A 50 59 00 00 00 01 01 02 00 03 E8 06 4A 50 59 FF FF FF FF",  # four milliards of yen
    ],
)
@in_virtual_time
async def test_a_table_that_cannot_be_used_is_a_fault_and_no_note_is_let_in(setup: str) -> None:
    bench = Bench()
    bench.unit.replies[SETUP] = setup
    bench.driver.enable(ALL_YEN)
    await bench.start()
    await asyncio.sleep(20)
    assert bench.driver.status.faults == {Fault.UNKNOWN_TABLE}
    assert not bench.unit.enabled
    bench.unit.replies[SETUP] = "F0 00 30 34 33 33 4A 50 59 00 00 01 01 01 02 00 03 E8 05"  # before version 6: 1 x 000001
    await bench.until_ready()
    assert bench.driver.denominations == {1}


@in_virtual_time
async def test_a_unit_without_poll_with_ack_is_polled_plainly() -> None:
    bench = Bench()
    bench.unit.replies[POLL_WITH_ACK] = "F2"
    await bench.start()
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    assert bench.stories == STACKED
    assert bench.unit.times(POLL_WITH_ACK) == 1
    assert bench.unit.times(EVENT_ACK) == 0


@in_virtual_time
async def test_a_sync_that_is_answered_with_an_old_reply_is_said_with_the_other_flag() -> None:
    bench = Bench()
    bench.unit.replies[SYNC] = "F0 EE 01"
    await bench.start()
    await asyncio.sleep(0.05)
    assert bench.unit.wire[:2] == ["7F 80 01 11 65 82", "7F 00 01 11 66 08"]
    assert bench.stories == []


@pytest.mark.parametrize(
    "host",
    [{"protocol": 3}, {"protocol": 9}, {"encrypted": "yes"}, {"escrow_timeout_s": 0.0}, {"poll_with_ack": 1}, {"colour": 1}],
)
def test_a_host_table_that_cannot_be_used_is_named(host: dict[str, object]) -> None:
    end, _ = memory_line("validator")
    with pytest.raises(ConfigError, match=next(iter(host))):
        SspDriver(model(**host), end)


# ---------------------------------------------------------------- a note


@in_virtual_time
async def test_a_note_is_credited_when_the_unit_says_credit_and_acknowledged_only_then() -> None:
    bench = await Bench().accepting()
    heard_at_credit: list[int] = []
    await bench.in_escrow()
    bench.driver.stack()
    listener = bench.listen

    def listen(event: object) -> None:
        listener(event)  # type: ignore[arg-type]
        if isinstance(event, NoteStacked):
            heard_at_credit.append(bench.unit.times(EVENT_ACK))

    bench.driver._listener = listen
    await asyncio.sleep(2)
    assert bench.stories == STACKED
    assert heard_at_credit == [0]
    assert bench.unit.times(EVENT_ACK) >= 1
    assert bench.unit.accepted == 1
    assert bench.driver.status.state is DeviceState.IDLE


@in_virtual_time
async def test_no_poll_is_said_while_a_note_waits_undecided_and_the_next_word_after_its_report_is_hold() -> None:
    bench = await Bench().accepting()
    await bench.in_escrow()
    before = len(bench.unit.heard)
    await asyncio.sleep(8)
    assert set(bench.unit.heard[before:]) == {HOLD}
    assert len(bench.unit.heard) - before >= 35
    assert bench.unit.accepted == 0
    bench.driver.stack()
    await asyncio.sleep(2)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_note_that_nobody_decides_about_is_given_back_when_its_time_is_over() -> None:
    bench = await Bench(escrow_timeout_s=10.0).accepting()
    await bench.in_escrow()
    await asyncio.sleep(9.5)
    assert bench.unit.times(REJECT) == 0
    await asyncio.sleep(2)
    assert bench.unit.times(REJECT) == 1
    assert bench.unit.accepted == 0
    assert bench.stories == RETURNED


@in_virtual_time
async def test_a_held_note_outlasts_that_time_and_then_does_what_is_ordered() -> None:
    bench = await Bench(escrow_timeout_s=10.0).accepting()
    await bench.in_escrow()
    bench.driver.hold()
    await asyncio.sleep(60)
    assert bench.unit.escrow
    assert bench.unit.accepted == bench.unit.times(REJECT) == 0
    bench.driver.return_()
    await asyncio.sleep(2)
    assert bench.unit.accepted == 0
    assert bench.stories == RETURNED


@in_virtual_time
async def test_a_returned_note_is_rejected_at_once_and_no_poll_comes_before() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.return_
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    said = bench.unit.heard
    assert said[said.index(REJECT) - 1] == POLL_WITH_ACK, "the one that told of the note"
    assert bench.unit.accepted == 0
    assert bench.stories == RETURNED
    with pytest.raises(SequenceError):
        bench.driver.stack()


@in_virtual_time
async def test_a_unit_that_cannot_hold_is_kept_awake_and_not_polled() -> None:
    bench = Bench(escrow_timeout_s=10.0)
    bench.unit.replies[HOLD] = "F2"
    await bench.accepting()
    await bench.in_escrow()
    before = len(bench.unit.heard)
    await asyncio.sleep(5)
    assert set(bench.unit.heard[before:]) == {SERIAL}
    bench.driver.stack()
    await asyncio.sleep(2)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_note_that_the_units_own_table_does_not_have_is_given_back() -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 EF 09")
    await asyncio.sleep(3)
    assert bench.unit.accepted == 0
    assert bench.unit.times(REJECT) == 1
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, "READ[0x09]")]


@pytest.mark.parametrize("code", ["F8", "F3", "F9", "F0 99"])
@in_virtual_time
async def test_an_odd_answer_to_hold_lets_no_poll_through(code: str) -> None:
    bench = await Bench(escrow_timeout_s=10.0).accepting()
    await bench.in_escrow()
    bench.unit.replies[HOLD] = code
    before = len(bench.unit.heard)
    await asyncio.sleep(5)
    assert set(bench.unit.heard[before:]) == {HOLD}
    del bench.unit.replies[HOLD]
    bench.driver.stack()
    await asyncio.sleep(2)
    assert bench.stories == STACKED


@pytest.mark.parametrize("lost", range(1, 4))
@pytest.mark.parametrize("command", [POLL_WITH_ACK, HOLD, EVENT_ACK])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_lost_packets_around_a_note_neither_lose_nor_double_it(command: str, way: str, lost: int) -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 EF 00", "F0 EF 01")
    getattr(bench.unit, way)[command] = lost
    bench.on_escrow = lambda: bench.driver.hold()
    await asyncio.sleep(8)
    assert bench.unit.accepted == 0
    getattr(bench.unit, way)[command] = lost
    bench.driver.stack()
    await asyncio.sleep(20)
    assert bench.stories == STACKED
    assert bench.unit.accepted == 1
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_report_of_escrow_that_is_lost_for_good_is_found_by_hold_and_the_note_is_given_back() -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 EF 01")
    bench.unit.unanswered[POLL_WITH_ACK] = 1
    await asyncio.sleep(0.3)
    assert bench.unit.escrow
    new = await bench.kill_host()
    await new.start()
    await new.until_ready()
    assert bench.unit.accepted == 0
    assert bench.unit.times(REJECT) == 1
    assert new.stories == [NoteUnaccounted(None, Belief.RETURNED)]


@in_virtual_time
async def test_an_unreadable_poll_reply_is_followed_by_hold_not_by_a_poll_that_might_accept() -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 99 EF 01")
    await asyncio.sleep(3)
    after = bench.unit.heard[1:]
    assert after[0] == HOLD or after[1] == HOLD
    assert bench.unit.accepted == 0
    assert NoteStacked(1000) not in bench.told
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_credit_repeated_for_want_of_an_acknowledgement_is_told_once() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC", "F0 EE 01 CC", "F0 EE 01", "F0 EE 01 EB", "F0 EB"]
    bench.unit.replies[EVENT_ACK] = "F8"
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(4)
    assert bench.stories == STACKED


@in_virtual_time
async def test_stacked_alone_never_credits() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC", "F0 EB"]
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(4)
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.STACKED)]


@in_virtual_time
async def test_a_credit_for_another_channel_than_the_one_in_escrow_credits_nothing() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC", "F0 EE 04 CC", "F0 EB"]
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(4)
    assert bench.stories == [
        NoteInEscrow(1000),
        NoteUnaccounted(1000, Belief.UNKNOWN),
        NoteUnaccounted(10000, Belief.STACKED),
    ]


@in_virtual_time
async def test_a_credit_without_a_note_known_of_is_declared() -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 EE 02", "F0 EB")
    await asyncio.sleep(2)
    assert bench.stories == [NoteUnaccounted(2000, Belief.STACKED)]


@in_virtual_time
async def test_events_of_one_packet_are_told_in_order() -> None:
    bench = await Bench().accepting()
    bench.unit.after_accept = ["F0 EE 01 CC EB EF 00 EF 02"]
    await bench.in_escrow()
    bench.driver.stack()
    await asyncio.sleep(3)
    assert bench.stories == [*STACKED, NoteInEscrow(2000)]
    assert bench.unit.escrow
    assert bench.unit.accepted == 1


@pytest.mark.parametrize(
    ("code", "reason", "name"),
    [
        ("01", RefuseReason.LENGTH, "LENGTH[0x01]"),
        ("05", RefuseReason.INSERTION, "BURIED[0x05]"),
        ("06", RefuseReason.INHIBITED, "CHANNEL_INHIBIT[0x06]"),
        ("0D", RefuseReason.TRANSPORT, "SLOW_MECHANISM[0x0D]"),
        ("1C", RefuseReason.MULTIPLE, "DOUBLE_NOTE[0x1C]"),
        ("77", RefuseReason.UNKNOWN, "UNKNOWN[0x77]"),
    ],
)
@in_virtual_time
async def test_a_refused_note_is_told_once_with_the_reason_that_the_unit_gives(
    code: str, reason: RefuseReason, name: str
) -> None:
    bench = await Bench().accepting()
    bench.unit.replies[LAST_REJECT] = f"F0 {code}"
    bench.unit.unanswered[LAST_REJECT] = 1
    bench.unit.show("F0 EF 00", "F0 ED", "F0 ED", "F0 EC")
    await asyncio.sleep(4)
    assert bench.stories == [NoteRefused(reason, name)]
    bench.unit.show("F0 EF 00", "F0 ED EC")
    await asyncio.sleep(2)
    assert bench.stories == [NoteRefused(reason, name)] * 2


@in_virtual_time
async def test_a_unit_that_does_not_say_why_refuses_for_an_unknown_reason() -> None:
    bench = await Bench().accepting()
    bench.unit.replies[LAST_REJECT] = "F2"
    bench.unit.show("F0 ED")
    await asyncio.sleep(2)
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, "REJECTED[0xEC]")]


@in_virtual_time
async def test_fraud_is_told_and_no_credit_is_made_of_the_note() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC", "F0 E6 01"]
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(4)
    assert bench.stories == [
        NoteInEscrow(1000),
        FraudSuspected("FRAUD_ATTEMPT[0xE6]"),
        NoteUnaccounted(1000, Belief.UNKNOWN),
    ]


# ---------------------------------------------------------------- troubles


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("E9", Fault.JAM_IN_ACCEPTOR),
        ("EA", Fault.JAM),
        ("E7", Fault.STACKER_FULL),
        ("E3", Fault.STACKER_OPEN),
    ],
)
@in_virtual_time
async def test_a_trouble_that_is_told_at_every_poll_lasts_until_a_poll_does_not_tell_it(code: str, fault: Fault) -> None:
    bench = await Bench().accepting()
    bench.unit.show(*[f"F0 {code} E8"] * 5)
    await asyncio.sleep(0.7)
    assert bench.driver.status.faults == {fault}
    assert not bench.driver.status.ready
    assert (bench.driver.status.full is FullStatus.FULL) == (code == "E7")
    await asyncio.sleep(2)
    assert bench.driver.status.ready
    assert bench.unit.enabled


@in_virtual_time
async def test_a_cash_box_that_is_told_once_as_removed_is_out_until_it_is_told_as_replaced() -> None:
    bench = await Bench().accepting()
    bench.unit.show("F0 E3")
    await asyncio.sleep(10)
    assert bench.driver.status.faults == {Fault.STACKER_OPEN}
    bench.unit.show("F0 E4")
    await asyncio.sleep(1)
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_unit_that_stays_jammed_is_reset_and_set_up_again() -> None:
    bench = await Bench().accepting()
    bench.unit.show(*["F0 E9"] * 30)
    await asyncio.sleep(8)
    assert bench.unit.times(RESET) == 1
    await bench.until_ready()
    await asyncio.sleep(1)
    assert bench.unit.enabled


@in_virtual_time
async def test_a_unit_that_disabled_itself_is_enabled_again() -> None:
    bench = await Bench().accepting()
    bench.unit.enabled = False
    await asyncio.sleep(2)
    assert bench.unit.enabled


@pytest.mark.parametrize(
    ("first_poll", "story"),
    [
        ("F0 F1 E1 01", [NoteReturned(1000)]),
        ("F0 F1 E1 00", [NoteReturned(1000)]),
        ("F0 F1 E2 01", [NoteUnaccounted(1000, Belief.STACKED)]),
        ("F0 F1 E2 00", [NoteUnaccounted(1000, Belief.STACKED)]),
        ("F0 F1 CA 01 E8 03 00 00 4A 50 59", [NoteUnaccounted(1000, Belief.STACKED)]),
        ("F0 F1 CA E8 03 00 00", [NoteUnaccounted(1000, Belief.STACKED)]),  # in the version that it restarts with
        ("F0 F1 CB 01 E8 03 00 00 4A 50 59", [NoteUnaccounted(1000, Belief.STACKED)]),
        ("F0 F1 E2 04", [NoteUnaccounted(1000, Belief.UNKNOWN), NoteUnaccounted(10000, Belief.STACKED)]),
        ("F0 F1 E1 04", [NoteUnaccounted(1000, Belief.UNKNOWN), NoteUnaccounted(10000, Belief.RETURNED)]),
        ("F0 F1", [NoteUnaccounted(1000, Belief.UNKNOWN)]),
    ],
)
@in_virtual_time
async def test_a_restart_with_a_note_ordered_into_the_box_credits_nothing(first_poll: str, story: list[object]) -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC", first_poll]
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(1)
    bench.unit.restart()
    await bench.until_ready()
    await asyncio.sleep(3)
    assert bench.stories == [NoteInEscrow(1000), *story]
    assert bench.unit.enabled, "what was set is set again"


@pytest.mark.parametrize(
    ("first_poll", "told"),
    [
        ("F0 F1 E1 02 E8", NoteUnaccounted(2000, Belief.RETURNED)),
        ("F0 F1 E2 00 E8", NoteUnaccounted(None, Belief.STACKED)),
        ("F0 F1 CD 01 D0 07 00 00 4A 50 59 E8", NoteUnaccounted(2000, Belief.RETURNED)),
        ("F0 F1 DC 01 00 00 00 00 E8 03 00 00 4A 50 59 E8", None),
    ],
)
@in_virtual_time
async def test_the_first_poll_tells_of_a_note_of_a_former_life(first_poll: str, told: NoteUnaccounted | None) -> None:
    bench = Bench()
    bench.unit.show(first_poll)
    await bench.start()
    await bench.until_ready()
    assert bench.stories == ([] if told is None else [told])


@in_virtual_time
async def test_a_note_credited_right_before_a_restart_is_not_declared_once_more() -> None:
    bench = await Bench().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 EE 01 CC", "F0 F1 E2 01"]
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(5)
    assert bench.stories == STACKED


@in_virtual_time
async def test_another_unit_behind_the_same_cable_is_brought_up_anew_and_the_old_note_is_unaccounted_for() -> None:
    bench = await Bench().accepting()
    await bench.in_escrow()
    bench.driver.hold()
    bench.unit.silent = True
    await asyncio.sleep(6)
    assert bench.driver.status.power is PowerState.OFFLINE
    bench.unit.restart()
    bench.unit.replies[SERIAL] = "F0 00 00 00 2A"
    bench.unit.silent = False
    await bench.until_ready()
    assert bench.driver.serial_number == 42
    assert bench.stories == [NoteInEscrow(1000), NoteUnaccounted(1000, Belief.UNKNOWN)]
    await asyncio.sleep(2)
    assert bench.unit.enabled


# ---------------------------------------------------------------- the line


@in_virtual_time
async def test_our_own_echo_is_no_answer() -> None:
    bench = Bench()
    bench.unit.echo = bench.unit.silent = True
    await bench.start()
    await asyncio.sleep(20)
    assert not bench.driver.status.ready
    assert bench.driver.status.faults == {Fault.NO_ANSWER}
    bench.unit.silent = False
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(1)
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_packet_that_is_never_answered_is_given_up_after_twenty_times_and_sync_begins_anew() -> None:
    bench = await Bench().accepting()
    bench.unit.silent = True
    await asyncio.sleep(40)
    polls, syncs = (sum(line[9:11] == command for line in bench.unit.wire) for command in (POLL_WITH_ACK, SYNC))
    assert polls >= 20
    assert syncs > 0
    last_poll = max(i for i, line in enumerate(bench.unit.wire) if line[9:11] == POLL_WITH_ACK)
    assert all(line[9:11] == SYNC for line in bench.unit.wire[last_poll + 1 :])
    bench.unit.silent = False
    await bench.until_ready()


@in_virtual_time
async def test_a_host_that_is_killed_while_a_note_is_stacked_leaves_its_credit_to_be_declared() -> None:
    bench = await Bench().accepting()
    bench.unit.after_accept = ["F0 CC", "F0 EE 01 CC", "F0 EB"]
    await bench.in_escrow()
    bench.driver.stack()
    await asyncio.sleep(0.05)
    new = await bench.kill_host()
    await new.start()
    await new.until_ready()
    assert new.stories == [NoteUnaccounted(1000, Belief.STACKED)]


@in_virtual_time
async def test_close_switches_the_unit_off_and_tells_what_a_late_poll_brought() -> None:
    bench = await Bench().accepting()
    await bench.driver.close()
    assert not bench.unit.enabled
    assert bench.driver.status == AcceptorStatus()


@in_virtual_time
async def test_a_quiet_line_is_watched_and_polled_at_the_same_pace() -> None:
    bench = await Bench().accepting()
    await asyncio.sleep(10)
    assert set(bench.unit.heard) == {POLL_WITH_ACK}
    assert 48 <= len(bench.unit.heard) <= 52
