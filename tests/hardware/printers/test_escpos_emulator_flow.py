"""The emulated printer's busy line: at which byte, for which reasons, and what becomes of the bytes held back."""

import pytest

from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench

XONXOFF = {"serial": {"flow": "xonxoff"}}
DTR = {"serial": {"flow": "dtrdsr"}}


def said(bench: Bench) -> str:
    return b"".join(reply for _, reply in bench.replies).hex(" ")


def test_xoff_leaves_sixteen_bytes_of_room_to_the_byte_and_nothing_written_before_it_is_lost():
    bench = Bench(**XONXOFF, buffer={"busy": "full"}).send(b"\x1da\x00").wait(0.1)
    bench.hand("cover open")
    bench.send(b"A" * 6000).wait(5.0)
    assert said(bench) == "13"
    assert bench.hand("state")["buffer_free"] == 16
    bench.hand("cover close")
    bench.send(b"").wait(60.0)
    bench.send(b"\n" + CUT).wait(10.0)
    assert bench.printer.fates.dropped == 0
    assert sum(len(run.run.text) for receipt in bench.printer.receipts for run in receipt.runs) == 6000


def test_a_host_that_does_not_obey_xoff_loses_what_finds_no_room():
    bench = Bench(**XONXOFF, buffer={"busy": "full"})
    bench.hand("cover open")
    bench.send(b"A" * 4096).wait(2.0).send(b"B" * 100).wait(2.0)
    assert bench.printer.fates.dropped == 100


@pytest.mark.parametrize(("size", "released"), [(4096, 256), (45, 26)])
def test_the_buffer_is_ready_again_at_the_manuals_free_bytes(size: int, released: int):
    bench = Bench(**DTR, buffer={"bytes": size, "busy": "full"})
    bench.hand("cover open")
    bench.send(b"A\n" * 3000).wait(5.0)
    assert bench.printer.ready is False
    assert bench.hand("state")["buffer_free"] == 16
    bench.hand("cover close")
    while not bench.printer.ready:
        bench.wait(0.001)
        free = bench.hand("state")["buffer_free"]
        assert bench.printer.ready or free < released


@pytest.mark.parametrize(("rule", "busy"), [("full", False), ("full_or_offline", True)])
@pytest.mark.parametrize("hand", ["cover open", "paper 0", "hot on", "feed press", "jam paper"])
def test_the_dip_switch_decides_whether_being_off_line_is_busy(rule: str, busy: bool, hand: str):
    bench = Bench(**DTR, buffer={"busy": rule})
    bench.hand(hand)
    assert bench.wait(0.01).printer.ready is not busy


def test_off_line_and_on_line_again_are_xoff_and_xon():
    bench = Bench(**XONXOFF, buffer={"busy": "full_or_offline"})
    bench.hand("cover open")
    bench.wait(0.1)
    bench.hand("cover close")
    assert said(bench.wait(0.1)) == "13 11"


def test_a_held_line_keeps_status_questions_from_the_printer_and_brings_them_later():
    bench = Bench(**DTR, buffer={"busy": "full_or_offline"})
    bench.hand("cover open")
    assert bench.ask(b"\x10\x04\x02") == b""
    bench.hand("cover close")
    assert said(bench.wait(0.1)) == "12"


def test_power_off_drops_the_line_and_the_start_raises_it():
    bench = Bench(**DTR)
    bench.hand("power off")
    assert bench.printer.ready is False
    bench.hand("power on")
    assert bench.printer.ready is False
    assert bench.wait(1.1).printer.ready is True


def test_xon_comes_when_the_printer_has_started():
    bench = Bench(**XONXOFF)
    bench.hand("power off")
    bench.hand("power on")
    assert said(bench.wait(2.0)) == "11"


def test_a_receipt_many_times_the_small_buffer_comes_out_whole_under_dtr():
    bench = Bench(**DTR, buffer={"bytes": 45})
    lines = [b"line %03d of a long receipt" % n for n in range(60)]
    bench.send(PREAMBLE + b"\n".join(lines) + b"\n" + CUT).wait(20.0)
    assert bench.printer.receipts[0].text.encode().split(b"\n") == lines
    assert bench.printer.fates.dropped == 0


def test_a_hand_can_act_at_a_byte():
    bench = Bench()
    bench.hand("at byte 100 power off")
    bench.send(b"A" * 400).wait(1.0)
    assert bench.happenings[-1].event == "power_off"
    assert bench.happenings[-1].t == pytest.approx(100 * 10 / 38400)


def test_in_a_full_buffer_a_question_inside_an_image_is_only_data():
    bench = Bench()
    bench.hand("cover open")
    head = b"\x1dv0\x00\x10\x00\x00\x10"
    bench.send(head + b"\x00" * 4096).wait(3.0)
    assert bench.ask(b"\x10\x04\x01") == b""
    free = Bench()
    free.hand("cover open")
    assert free.send(head).ask(b"\x10\x04\x01") == b"\x1a"
