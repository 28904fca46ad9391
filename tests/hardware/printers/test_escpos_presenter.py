"""A kiosk printer with a presenter, seen from its line and by the hand at its mouth."""

import pytest

from hardware.printers.escpos.ejector import FULL_STATUS, FullStatus, KioskPaperBits, present
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench

MODEL = "custom-vkp80-ja"
PRESENT = present(8)
TICKET = PREAMBLE + b"ticket\n" + CUT


def kiosk(**tables: dict[str, object]) -> Bench:
    return Bench(MODEL, **tables)


def presented(**tables: dict[str, object]) -> Bench:
    return kiosk(**tables).send(TICKET + PRESENT).wait(3.0)


def full(bench: Bench) -> str:
    return bench.ask(FULL_STATUS).hex(" ")


def test_the_full_status_of_an_idle_printer_is_six_bytes():
    assert full(kiosk()) == "10 0f 00 00 00 00"


def test_each_condition_has_its_bit_in_the_full_status():
    told = {}
    for hand in ("paper 100", "paper 0", "cover open", "hot on", "jam paper", "fail", "feed press"):
        bench = kiosk()
        bench.hand(hand)
        told[hand] = full(bench)
    assert told == {
        "paper 100": "10 0f 04 00 00 00",
        "paper 0": "10 0f 45 00 00 00",
        "cover open": "10 0f 00 03 00 00",
        "hot on": "10 0f 00 00 01 00",
        "jam paper": "10 0f 00 00 40 00",
        "fail": "10 0f 00 00 00 08",
        "feed press": "10 0f 00 28 00 00",
    }


def test_a_ticket_is_held_inside_after_the_cut_until_the_host_presents_it():
    bench = kiosk().send(TICKET).wait(3.0)
    assert bench.hand("state")["presenter"] == "inside"
    assert bench.printer.receipts[0].place == "inside"
    assert full(bench) == "10 0f 20 00 00 00"
    assert bench.ask(b"\x1de\x06") == b"\x00"
    bench.send(PRESENT).wait(2.0)
    assert bench.ask(b"\x1de\x06") == b"\x08"
    assert "ticket_presented" in bench.events()


def test_a_ticket_taken_is_told_by_the_sensor():
    bench = presented()
    assert bench.hand("take") == {"taken": True}
    assert full(bench) == "10 0f 00 00 00 00"
    assert bench.printer.receipts[0].place == "taken"
    assert bench.events()[-1] == "ticket_taken"
    assert bench.hand("take") == {"taken": False}


def test_the_host_can_draw_a_ticket_back_or_push_it_out():
    for command, place in ((b"\x1de\x02", "retracted"), (b"\x1de\x05", "ejected")):
        bench = presented().send(command).wait(2.0)
        assert bench.printer.receipts[0].place == place
        assert full(bench) == "10 0f 00 00 00 00"


def test_a_ticket_left_at_the_mouth_goes_where_the_model_says_when_its_time_is_over():
    for then, place in (("retract", "retracted"), ("eject", "ejected")):
        bench = presented(presenter={"hold_s": 20, "then": then})
        assert bench.hand("leave") == {"at_mouth": True}
        bench.wait(25.0)
        assert bench.events()[-2] == "ticket_left"
        assert bench.printer.receipts[0].place == place


def test_the_next_ticket_pushes_out_the_one_that_was_not_taken():
    bench = presented().send(TICKET).wait(3.0)
    assert [receipt.place for receipt in bench.printer.receipts] == ["ejected", "inside"]


def test_a_blocked_presenter_jams_and_stops_the_printer_until_it_is_cleared():
    bench = kiosk()
    bench.hand("jam presenter")
    bench.send(TICKET + PRESENT + b"next\n").wait(3.0)
    assert "presenter_jammed" in bench.events()
    assert FullStatus.decode(bench.ask(FULL_STATUS)).recoverable == 0x40
    assert bench.hand("state")["online"] is False
    bench.hand("jam clear")
    bench.wait(1.0)
    assert full(bench) == "10 0f 00 00 00 00"
    assert bench.hand("state")["online"] is True


def test_a_pull_at_a_ticket_that_is_not_offered_jams_the_path():
    bench = kiosk().send(TICKET).wait(3.0)
    assert bench.hand("pull") == {"taken": False}
    assert bench.hand("state")["presenter"] == "jammed"


def test_a_pull_while_the_ticket_is_being_shown_gets_it():
    bench = kiosk().send(TICKET).wait(3.0).send(PRESENT)
    bench.wait(0.1)
    assert bench.hand("pull") == {"taken": True}
    assert bench.printer.receipts[0].place == "taken"


def test_a_tug_at_paper_under_the_head_jams_it():
    bench = kiosk().send(PREAMBLE + b"line\n" * 30).wait(0.2)
    assert bench.hand("pull")["jammed"] is True
    row = bench.hand("state")["receipt_row"]
    assert bench.wait(2.0).hand("state")["receipt_row"] == row


def test_automatic_full_status_sends_only_what_was_selected():
    bench = kiosk().send(b"\x1d\xe0\x01").wait(0.1)
    bench.hand("hot on")
    assert bench.wait(0.1).replies == []
    bench.hand("hot off")
    bench.send(TICKET + PRESENT).wait(3.0)
    bench.hand("take")
    bench.wait(0.1)
    assert b"".join(reply for _, reply in bench.replies) == bytes.fromhex("100120 100100")


def test_the_paper_left_is_told_in_centimetres_and_ends_at_the_virtual_end():
    bench = kiosk()
    bench.hand("paper 5100")
    assert bench.ask(b"\x1d\xe1") == b"510cm"
    bench.send(b"\x1d\xe6" + (510).to_bytes(2, "little")).wait(0.1)
    assert bench.ask(b"\x1d\xe1") == b"0cm"
    assert FullStatus.decode(bench.ask(FULL_STATUS)).paper == KioskPaperBits.VIRTUAL_END | KioskPaperBits.NEAR_END


def test_print_status_tells_a_turning_motor():
    bench = kiosk().send(PREAMBLE + b"line\n" * 60).wait(0.3)
    assert bench.ask(b"\x10\x04\x11") == b"\x16"
    assert bench.wait(5.0).ask(b"\x10\x04\x11") == b"\x12"


def test_a_hardware_reset_is_obeyed_with_a_full_buffer():
    bench = kiosk()
    bench.hand("cover open")
    bench.send(b"A" * 500 + b"\x1c\xc0\x18\x10\x14\x1a").wait(2.0)
    assert bench.events() == ["cover_opened", "power_off", "power_on"]
    assert bench.hand("state")["buffer_free"] == 16384


@pytest.mark.parametrize("command", ["1DE0 41", "1DE1", "1DE6 4141", "1DF8", "1D65 03 41", "1D65 05", "1C C1 41", "1D70 4141"])
def test_kiosk_commands_leak_no_operand(command: str):
    bench = kiosk().send(b"before" + bytes.fromhex(command) + b"after\n" + CUT).wait(4.0)
    assert bench.printer.receipts[0].text == "beforeafter"
    assert bench.printer.fates.unknown == {}
