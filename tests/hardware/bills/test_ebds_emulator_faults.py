"""The emulated EBDS unit when something breaks, is pulled, filled, taken out or told to start over."""

from dataclasses import replace

import pytest

from hardware.bills.ebds.emulator import EbdsEmulator
from hardware.bills.ebds.extended import read_extended_reply, set_inhibits, soft_reset
from hardware.bills.ebds.frames import Splitter
from hardware.errors import ConfigError
from tests.hardware.bills.ebds_host import (
    ACCEPTING,
    BACK_S,
    BOX_OUT,
    BOXED_S,
    CHEATED,
    EBDS,
    ESCROW_1,
    EXTENDED,
    FAILURE,
    FULL,
    IDLE,
    JAM,
    LEVER_S,
    NOTHING,
    PLAIN,
    POWER_UP,
    REJECTED,
    RETURNED,
    RETURNING,
    SOFT_RESET_S,
    STACKED_1,
    STACKING_1,
    TAKEN_S,
    TRANSPORT_OPEN,
    Host,
    ebds,
    with_settings,
)

BLANK_STACKED = f"02 1E 70 02 11 10 00 00 54 0A {'00 ' * 18}03 33"


@pytest.mark.parametrize(
    ("hand", "reply"),
    [
        ("jam", JAM),
        ("jam stacker", JAM),
        ("fail", FAILURE),
        ("fail sensor", FAILURE),
        ("fail transport", TRANSPORT_OPEN),
        ("full", FULL),
        ("open", BOX_OUT),
    ],
)
def test_each_trouble_is_told_in_the_references_bytes_for_as_long_as_it_lasts(hand: str, reply: str) -> None:
    host = ebds()
    host.hand(hand)
    assert [host.poll(), host.poll()] == [reply, reply]
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    for remedy in ("clear", "close", "empty"):
        host.hand(remedy)
    assert host.poll() == ACCEPTING


def test_a_note_stuck_in_a_jam_is_out_of_service_until_staff_take_it() -> None:
    host = ebds()
    host.to_escrow()
    host.hand("jam")
    assert host.poll(stack=True) == JAM
    assert host.poll(return_=True) == JAM
    assert host.hand("clear")["yen"] == 1000
    assert [host.poll(), host.poll()] == [IDLE, IDLE]
    assert not host.mechanism.cashbox


def test_a_jam_hides_no_note_that_was_stacked_before() -> None:
    host = ebds()
    host.to_stacker()
    host.wait(BOXED_S)
    host.hand("jam stacker")
    assert host.poll() == "02 0B 20 11 14 08 00 54 0A 03 78"
    assert host.poll() == JAM


def test_the_note_that_fills_the_box_is_told_before_the_box_is() -> None:
    host = ebds(cashbox={"capacity": 1})
    host.to_stacker()
    host.wait(BOXED_S)
    assert host.poll() == "02 0B 20 11 18 08 00 54 0A 03 74"
    assert host.poll() == FULL


def test_a_note_in_escrow_over_a_full_box_cannot_be_stacked_but_returned() -> None:
    host = ebds()
    host.to_escrow()
    host.hand("full")
    assert host.poll(stack=True) == "02 0B 20 04 18 08 00 54 0A 03 61"
    assert host.poll(return_=True) == "02 0B 20 20 18 00 00 54 0A 03 4D"


def test_a_cassette_taken_out_under_a_note_holds_it_up_and_its_value_is_told_afterwards() -> None:
    host = ebds()
    host.to_stacker()
    host.hand("open")
    host.wait(BOXED_S)
    assert host.poll() == "02 0B 20 08 00 08 00 54 0A 03 75"
    host.hand("close")
    host.wait(BOXED_S)
    assert host.poll() == STACKED_1


def test_a_second_note_at_the_mouth_pauses_the_unit() -> None:
    host = ebds()
    host.to_escrow()
    host.hand("insert 5000")
    assert host.poll() == "02 0B 20 04 30 08 00 54 0A 03 49"
    host.hand("pull-back")
    assert host.poll() == ESCROW_1


def test_a_cheat_is_told_once_and_the_unit_goes_on_when_the_host_has_it() -> None:
    host = ebds()
    host.to_stacker()
    host.hand("cheat")
    assert host.poll() == CHEATED
    assert host.repeat() == CHEATED
    assert host.poll() == IDLE
    assert not host.mechanism.cashbox
    assert host.hand("insert 1000")["note"] == "drawn in"


def test_a_note_pulled_out_of_escrow_is_told_as_returned() -> None:
    host = ebds()
    host.to_escrow()
    host.hand("pull-back")
    assert host.poll(stack=True) == RETURNING
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [RETURNED, IDLE]
    assert not host.mechanism.cashbox


def test_a_note_pulled_out_before_escrow_is_told_as_rejected() -> None:
    host = ebds()
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)
    host.hand("pull-back")
    host.wait(BACK_S)
    assert [host.poll(), host.poll()] == [REJECTED, IDLE]


def test_a_worn_motor_takes_its_time() -> None:
    host = ebds()
    host.hand("slow 3")
    host.to_escrow()
    assert host.poll() == ACCEPTING
    host.wait(2 * TAKEN_S)
    assert host.poll() == ESCROW_1


# -- quirks ---------------------------------------------------------------------------------------------------------------


def test_some_units_say_cheated_beside_stacked_for_a_nearly_full_box() -> None:
    host = ebds(quirks={"nearly_full_as_cheated": True}, cashbox={"near_full": 2})
    for reply in (STACKED_1, "02 0B 20 11 11 08 00 54 0A 03 7D"):
        host.to_stacker()
        host.wait(BOXED_S)
        assert host.poll() == reply
        assert host.poll() == IDLE


def test_a_refitted_cassette_is_told_as_a_blank_note_which_is_nobodys_money() -> None:
    host = ebds(EXTENDED)
    host.hand("open")
    host.poll()
    host.hand("close")
    blank = host.poll()
    assert blank == BLANK_STACKED
    (frame,) = Splitter().feed(bytes.fromhex(blank))
    reply = read_extended_reply(frame)
    assert reply is not None
    assert reply.record is not None
    assert reply.record.blank
    assert host.poll() == IDLE
    assert not host.mechanism.cashbox


@pytest.mark.parametrize(("orders", "blank"), [(PLAIN, True), (EXTENDED, False)], ids=["plain", "without the quirk"])
def test_a_refitted_cassette_is_told_as_nothing_else(orders: object, blank: bool) -> None:
    host = ebds(EXTENDED if orders is EXTENDED else PLAIN, quirks={"blank_stacked": blank})
    host.hand("open")
    host.poll()
    host.hand("close")
    assert host.poll() == IDLE


# -- soft reset -----------------------------------------------------------------------------------------------------------


def test_a_soft_reset_is_not_answered_and_the_unit_is_silent_then_powers_up() -> None:
    host = ebds()
    assert host.say(soft_reset(0)) == NOTHING
    assert host.repeat() == NOTHING
    host.wait(SOFT_RESET_S - 0.3)
    assert host.poll() == NOTHING
    host.wait(0.3)
    assert host.poll() == POWER_UP
    host.wait(1.0)
    assert host.poll() == IDLE


def test_the_references_soft_reset_frame_is_obeyed() -> None:
    host = ebds()
    if host.ack == 0:
        host.poll()
    assert host.line("02 08 60 7F 7F 7F 03 17") == NOTHING
    assert host.line("02 08 11 7F 1C 10 03 6A") == NOTHING


def test_what_comes_in_one_piece_behind_a_soft_reset_is_not_heard() -> None:
    host = ebds()
    wire = soft_reset(1 - host.ack).encode() + PLAIN.frame(host.ack).encode()
    assert host.exchange(wire) == b""


def test_a_soft_reset_forgets_what_the_host_had_set() -> None:
    host = ebds()
    host.say(soft_reset(0))
    host.wait(SOFT_RESET_S + 2.0)
    assert "left at the mouth" in host.hand("insert 1000")["note"]
    assert host.poll() == POWER_UP
    assert host.poll() == ACCEPTING


def test_a_note_being_stacked_at_a_soft_reset_gets_into_the_box() -> None:
    host = ebds()
    host.to_stacker()
    host.say(soft_reset(0))
    host.wait(SOFT_RESET_S)
    assert host.mechanism.cashbox == {1000: 1}
    assert host.poll() == POWER_UP  # policy A withholds the value


# -- the line -------------------------------------------------------------------------------------------------------------


def test_a_message_that_pauses_too_long_is_dropped_and_the_next_one_is_heard() -> None:
    host = ebds()
    wire = PLAIN.frame(1 - host.ack).encode()
    assert host.exchange(wire[:5]) == b""
    assert host.exchange(wire[5:]) == b""
    assert host.poll() == IDLE


def test_a_message_that_trickles_in_byte_by_byte_is_heard() -> None:
    host = ebds()
    wire = PLAIN.frame(1 - host.ack).encode()
    for byte in wire:
        host.now_s += 0.006
        host.unit.receive(bytes((byte,)), host.now_s)
    assert host.exchange(b"") != b""


def test_garbage_and_silence_are_the_benchs_to_make() -> None:
    host = ebds()
    host.hand("garbage 02 0B 20")
    assert host.exchange(b"").hex(" ") == "02 0b 20"
    host.hand("silence on")
    host.to_escrow()
    assert host.poll(stack=True) == NOTHING
    host.wait(LEVER_S + BOXED_S)
    assert host.mechanism.cashbox == {1000: 1}
    host.hand("silence off")
    assert host.repeat() == STACKING_1
    assert host.poll() == STACKED_1


# -- the model ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"iso": "USD"}, "whole value in JPY"),
        ({"base": "01"}, "three ASCII characters"),
        ({"exponent": "-09"}, "whole value in JPY"),
        ({"type": "AB"}, "one ASCII character"),
        ({"index": 2}, "an index that no other note has"),
        ({"number": 2}, "one value for each number"),
        ({"number": 8}, "from 0 to 7"),
        ({"colour": "blue"}, "unknown key"),
    ],
)
def test_a_wrong_note_of_the_model_is_named(change: dict[str, object], says: str) -> None:
    notes = [{**EBDS.settings["notes"][0], **change}, *EBDS.settings["notes"][1:]]
    with pytest.raises(ConfigError, match=says):
        EbdsEmulator(replace(EBDS, settings={**EBDS.settings, "notes": notes}))


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"identity": {"serial": "0" * 21}}, "at most 20 ASCII characters"),
        ({"quirks": {"blank": True}}, "unknown key"),
        ({"quirks": {"blank_stacked": 1}}, "true or false"),
    ],
)
def test_a_wrong_key_of_the_model_is_named(tables: dict[str, dict[str, object]], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        EbdsEmulator(with_settings(EBDS, **tables))


def test_of_two_series_of_one_value_the_one_that_may_pass_is_reported() -> None:
    old = {**EBDS.settings["notes"][0], "index": 5, "series": "B"}
    model = replace(EBDS, settings={**EBDS.settings, "notes": [*EBDS.settings["notes"], old]})
    host = Host(EbdsEmulator(model), EXTENDED)
    host.start()
    host.say(set_inhibits(EXTENDED, frozenset({5})).frame(0))
    host.to_escrow()
    assert host.poll() == "02 1E 70 02 04 10 00 00 54 0A 00 4A 50 59 30 30 31 2B 30 33 00 41 42 41 41 00 00 00 03 7F"
