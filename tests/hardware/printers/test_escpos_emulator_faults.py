"""What breaks, at which dot row, what the printer then says, and how it goes on."""

import pytest

from hardware.emulator import BadCommand
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, process_id, raster

LINES = PREAMBLE + b"".join(b"line %02d\n" % i for i in range(20))


def lines(first: int, end: int) -> list[str]:
    return [f"line {i:02d}" for i in range(first, end)]


def test_paper_near_its_end_is_reported_and_printing_goes_on():
    bench = Bench()
    bench.hand("paper 100")
    assert bench.status() == "12 12 12 1e"
    bench.send(LINES[:40] + b"\n" + CUT).wait(5.0)
    assert bench.events() == ["paper_low", "receipt_cut"]


def test_paper_running_low_while_printing_happens_once():
    bench = Bench(paper={"length_mm": 6010})
    bench.send(LINES).wait(5.0)
    bench.send(LINES).wait(5.0)
    assert bench.events() == ["paper_low"]


def test_paper_end_finishes_the_line_begun_and_waits_with_the_rest():
    bench = Bench()
    bench.hand("paper 30")  # 213 rows: inside the eighth line
    bench.send(LINES + CUT + process_id(b"0001")).wait(5.0)
    assert bench.status() == "1a 32 12 7e"
    assert bench.hand("state")["receipt_row"] == 240
    assert bench.events() == ["paper_low", "paper_out"]
    bench.hand("paper new")
    bench.wait(5.0)
    half, rest = bench.printer.receipts
    assert half.text.split("\n") == lines(0, 8)
    assert half.piece.how == "replaced"
    assert rest.text.split("\n") == lines(8, 20)
    assert bench.replies[-1][1] == bytes.fromhex("3722 30303031 00")
    assert bench.status() == "12 12 12 12"


def test_paper_taken_away_leaves_half_a_line_of_dots():
    bench = Bench()
    bench.hand("at 100 paper 0")
    bench.send(LINES + CUT).wait(5.0)
    bench.hand("paper new")
    bench.wait(5.0)
    half, rest = bench.printer.receipts
    assert half.rows == 106 + 100
    assert half.text.split("\n") == lines(0, 3)
    assert rest.text.split("\n")[0] == "line 03"
    whole = Bench().send(LINES + CUT).wait(5.0).printer.receipts[0].image()
    assert half.image().tobytes() == whole.crop((0, 0, 512, 206)).tobytes()


def test_gs_r_is_never_answered_while_paper_is_out():
    bench = Bench()
    bench.hand("paper 0")
    assert bench.ask(b"\x1dr\x01") == b""
    bench.hand("paper new")
    assert bench.wait(0.1).replies[-1][1] == b"\x00"


def test_cover_opened_at_a_dot_row_stops_there_and_goes_on_when_closed():
    bench = Bench()
    bench.hand("at 317 cover open")
    bench.send(LINES + CUT + process_id(b"0001")).wait(10.0)
    assert bench.hand("state")["receipt_row"] == 317
    assert bench.status() == "1a 16 12 12"
    assert [reply for _, reply in bench.replies if len(reply) > 1] == []
    bench.hand("cover close")
    bench.wait(5.0)
    assert bench.printer.receipts[0].text.split("\n") == lines(0, 20)
    assert bench.events() == ["cover_opened", "cover_closed", "receipt_cut"]


def test_a_cover_opened_and_closed_leaves_no_mark_in_the_dots():
    broken, smooth = Bench(), Bench()
    broken.hand("at 317 cover open")
    for bench in (broken, smooth):
        bench.send(LINES + CUT).wait(5.0)
    broken.hand("cover close")
    broken.wait(5.0)
    assert broken.printer.receipts[0].image().tobytes() == smooth.printer.receipts[0].image().tobytes()


def test_a_hand_at_any_moment_stops_the_head_where_it_is():
    bench = Bench().send(LINES + CUT).wait(0.5)
    bench.hand("cover open")
    row = bench.hand("state")["receipt_row"]
    assert 0 < row < 600
    bench.wait(5.0)
    assert bench.hand("state")["receipt_row"] == row


def test_a_jammed_cutter_is_found_at_the_cut_and_needs_a_hand_and_the_host():
    bench = Bench()
    bench.hand("jam cutter")
    assert bench.status() == "12 12 12 12"
    bench.send(LINES + CUT + process_id(b"0001")).wait(5.0)
    assert bench.status() == "1a 52 1a 12"
    assert bench.events() == ["cutter_jammed"]
    bench.send(b"\x10\x05\x01").wait(1.0)
    assert bench.events() == ["cutter_jammed", "cutter_jammed"]
    bench.hand("jam clear")
    assert bench.status() == "1a 52 1a 12"
    bench.send(b"\x10\x05\x01").wait(1.0)
    assert bench.printer.receipts[0].text.split("\n") == lines(0, 20)
    assert bench.replies[-1][1].hex() == "37223030303100"


def test_recovery_with_clearing_forgets_the_cut_and_what_followed():
    bench = Bench()
    bench.hand("jam cutter")
    bench.send(LINES + CUT + b"old\n").wait(5.0)
    bench.hand("jam clear")
    bench.send(b"\x10\x05\x02").wait(1.0)
    assert bench.status() == "12 12 12 12"
    bench.send(b"\x1b@new\n" + CUT).wait(5.0)
    assert bench.printer.receipts[0].text.split("\n") == [*lines(0, 20), "", "new"]


def test_dle_enq_without_an_error_does_nothing():
    bench = Bench().send(LINES + b"\x10\x05\x02" + CUT).wait(5.0)
    assert bench.printer.receipts[0].text.split("\n") == lines(0, 20)


def test_a_hot_head_pauses_and_recovers_by_itself():
    bench = Bench()
    bench.hand("at 50 hot on")
    bench.send(LINES + CUT).wait(5.0)
    assert bench.status() == "1a 52 52 12"
    bench.hand("hot off")
    bench.wait(5.0)
    assert bench.printer.receipts[0].text.split("\n") == lines(0, 20)


def test_an_unrecoverable_error_ends_only_with_the_power():
    bench = Bench()
    bench.hand("fail")
    assert bench.status() == "1a 52 32 12"
    bench.hand("power off")
    bench.hand("power on")
    assert bench.wait(2.0).status() == "12 12 12 12"


def test_a_power_cut_loses_the_buffers_and_keeps_the_paper():
    bench = Bench()
    bench.hand("at 100 power off")
    bench.send(LINES + CUT).wait(5.0)
    assert bench.status() == ""
    bench.hand("power on")
    bench.wait(2.0).send(b"after\n" + CUT).wait(5.0)
    assert bench.events() == ["power_off", "power_on", "receipt_cut"]
    assert bench.printer.receipts[0].text.split("\n") == [*lines(0, 3), "after"]


def test_a_printer_starting_up_does_not_listen_yet():
    bench = Bench()
    bench.hand("power off")
    bench.hand("power on")
    assert bench.ask(b"\x10\x04\x01") == b""
    assert bench.wait(1.0).ask(b"\x10\x04\x01") == b"\x12"


def test_modes_are_forgotten_over_a_power_cut():
    bench = Bench().send(PREAMBLE + b"\x1d!\x11").wait(1.0)
    bench.hand("power off")
    bench.hand("power on")
    bench.wait(2.0).send(b"\\\n" + CUT).wait(5.0)
    [run] = bench.printer.receipts[0].runs
    assert (run.run.text, run.run.style.width) == ("\\", 1)


def test_a_dead_reply_line_goes_on_printing():
    bench = Bench()
    bench.hand("silence on")
    bench.send(LINES + CUT + process_id(b"0001")).wait(5.0)
    assert bench.replies == []
    assert bench.events() == ["receipt_cut"]
    bench.hand("silence off")
    assert bench.status() == "12 12 12 12"


def test_garbage_comes_from_nowhere():
    bench = Bench()
    told = bench.hand("garbage")["bytes"]
    assert bench.wait(0.1).replies[0][1] == bytes.fromhex(told)


def test_tearing_takes_what_is_past_the_manual_cutter():
    bench = Bench().send(LINES + b"\n" * 7).wait(5.0)
    assert bench.hand("tear") == {"torn": True}
    [torn] = bench.printer.receipts
    assert torn.text.split("\n") == lines(0, 20)
    assert bench.events() == ["paper_torn"]
    assert bench.hand("tear") == {"torn": False}


def test_a_raster_that_goes_on_coming_overflows_a_printer_that_stands_still():
    bench = Bench()
    bench.hand("at 50 cover open")
    bench.send(raster(64, 200)).wait(5.0)
    assert bench.printer.fates.dropped > 0


def test_several_scripted_faults_happen_at_their_rows():
    bench = Bench()
    bench.hand("at 60 cover open")
    bench.hand("at 30 hot on")
    bench.send(LINES).wait(5.0)
    assert bench.hand("state")["receipt_row"] == 30
    bench.hand("hot off")
    bench.wait(5.0)
    assert bench.hand("state")["receipt_row"] == 60


def test_a_scripted_fault_strikes_inside_a_raster():
    bench = Bench()
    bench.hand("at 50 cover open")
    bench.send(raster(64, 100) + CUT).wait(5.0)
    assert bench.hand("state")["receipt_row"] == 50
    bench.hand("cover close")
    bench.wait(5.0)
    assert bench.printer.receipts[0].text == "[image 512x100]"
    assert bench.printer.receipts[0].image().crop((0, 106, 512, 206)).getextrema() == (0, 0)
    assert bench.printer.fates.dropped == 0


@pytest.mark.parametrize(
    "line", ["", "dance", "cover", "cover ajar", "paper", "paper -3", "at", "at x hot on", "at 5 cover ajar"]
)
def test_a_command_not_understood_says_what_would_be(line: str):
    with pytest.raises(BadCommand, match=r"expected|there are"):
        Bench().hand(line)


def test_every_command_in_the_help_is_understood():
    for form in [*Bench().printer.commands(), *Bench("custom-vkp80-ja").printer.commands()]:
        line = form.replace("ROW COMMAND", "10 hot on").replace("N COMMAND", "10 hot on").replace("MM", "500").split("|")[0]
        assert isinstance(Bench("custom-vkp80-ja").hand(line), dict)


def test_the_same_bytes_and_hands_give_the_same_story_however_often_time_is_advanced():
    def story(step_s: float) -> list[tuple[float, str]]:
        bench = Bench()
        bench.hand("at 317 hot on")
        bench.send(LINES + CUT + process_id(b"0001"))
        while bench.t < 3.0:
            bench.wait(step_s)
        bench.hand("hot off")
        bench.wait(5.0)
        return [(round(h.t, 6), h.event) for h in bench.happenings] + [(round(t, 6), r.hex()) for t, r in bench.replies]

    assert story(0.5) == story(0.0625) == story(1.5)


def test_what_was_on_the_line_at_a_power_cut_does_not_delay_what_comes_after():
    bench = Bench().send(b"A" * 100_000).wait(0.1)
    bench.hand("power off")
    bench.hand("power on")
    assert bench.wait(2.0).ask(b"\x10\x04\x01") == b"\x12"
