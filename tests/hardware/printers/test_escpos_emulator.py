"""The emulated printer seen from its line: Japanese text, status, process ID, flow of bytes."""

import pytest

from hardware.errors import ConfigError
from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench, process_id, raster, stored_qr


def printed(data: bytes, model: str = "tm-t88v-ja") -> Bench:
    return Bench(model).send(data + CUT).wait(5.0)


def test_the_reference_bytes_print_ryoshusho():
    bench = printed(PREAMBLE + bytes.fromhex("97cc 8efb 8f91") + b"\n")
    receipt = bench.printer.receipts[0]
    assert receipt.text == "領収書"
    assert receipt.runs[0].run.encoding == "shift_jis"
    assert receipt.runs[0].run.data == bytes.fromhex("97cc8efb8f91")
    assert receipt.fates.unknown == {}
    assert receipt.fates.ignored == {}


def test_5c_is_the_yen_sign_only_under_the_japanese_set():
    assert printed(PREAMBLE + b"\\3,000\n").printer.receipts[0].text == "¥3,000"
    assert printed(PREAMBLE + b"\x1bR\x00\\3,000\n").printer.receipts[0].text == "\\3,000"


def test_half_width_kana_and_kanji_stand_side_by_side():
    bench = printed(PREAMBLE + "ﾌﾟﾘﾍﾟ合計".encode("cp932") + b"\n")
    assert bench.printer.receipts[0].text == "ﾌﾟﾘﾍﾟ合計"
    assert [run.run.encoding for run in bench.printer.receipts[0].runs] == ["page 1", "shift_jis"]


def test_jis_kanji_mode_reads_seven_bit_pairs():
    jis = "領収書".encode("iso2022_jp")[3:-3]
    bench = printed(b"\x1b@\x1cC\x00\x1c&" + jis + b"\x1c.ABC\n")
    assert bench.printer.receipts[0].text == "領収書ABC"


def test_after_initialise_shift_jis_is_forgotten():
    bench = printed(PREAMBLE + b"\x1b@\x1bt\x01" + "領".encode("cp932") + b"\n")
    assert "領" not in bench.printer.receipts[0].text


def test_a_character_outside_the_rom_is_a_blank_and_counted():
    bench = printed(PREAMBLE + "髙橋①".encode("cp932") + b"\n")
    assert bench.printer.receipts[0].runs[0].run.text == "　橋①"
    assert bench.printer.receipts[0].fates.missing_glyphs == 1


def test_a_lead_byte_with_a_bad_second_byte_swallows_both_and_is_counted():
    bench = printed(PREAMBLE + b"A\x97\x20B\n")
    assert bench.printer.receipts[0].fates.bad_pairs == 1
    assert bench.printer.receipts[0].text == "A　B"


def test_a_two_byte_character_may_arrive_in_two_pieces():
    bench = Bench().send(PREAMBLE + b"\x97").wait(1.0).send(b"\xcc\n" + CUT).wait(5.0)
    assert bench.printer.receipts[0].text == "領"
    assert bench.printer.receipts[0].fates.bad_pairs == 0


@pytest.mark.parametrize(("align", "spaces"), [(0, 0), (1, 19), (2, 38), (49, 19)])
def test_justification_moves_the_line(align: int, spaces: int):
    bench = printed(b"\x1b@\x1ba" + bytes((align,)) + b"ABCD\n")
    assert bench.printer.receipts[0].text == " " * spaces + "ABCD"


def test_gs_size_reaches_kanji_and_fs_size_only_kanji():
    sjis = "合".encode("cp932")
    runs = printed(PREAMBLE + b"\x1d!\x11A" + sjis + b"\x1d!\x00\x1c!\x0cA" + sjis + b"\n").printer.receipts[0].runs
    sizes = [(r.run.text, r.run.style.width, r.run.style.height) for r in runs]
    assert sizes == [("A", 2, 2), ("合", 2, 2), ("A", 1, 1), ("合", 2, 2)]


def test_text_over_the_right_edge_goes_on_in_the_next_line():
    bench = printed(PREAMBLE + b"x" * 43 + b"\n" + ("領" * 22).encode("cp932") + b"\n")
    assert bench.printer.receipts[0].text.split("\n") == ["x" * 42, "x", "領" * 21, "領"]


def test_line_feeds_move_a_sixth_of_an_inch_and_double_height_moves_more():
    runs = printed(b"\x1b@A\nB\n\x1d!\x01C\nD\n").printer.receipts[0].runs
    assert [run.y - 106 for run in runs] == [0, 30, 60, 108]


def test_a_qr_symbol_carries_its_data_to_the_text_and_the_dots():
    bench = printed(PREAMBLE + b"\x1ba\x01" + stored_qr(b"T-20261122-000123"))
    receipt = bench.printer.receipts[0]
    assert receipt.qr == ("T-20261122-000123",)
    assert receipt.text.strip() == "[QR T-20261122-000123]"
    assert [receipt.image().getpixel((193 + x, 106)) for x in (0, 41, 42, 47)] == [0, 0, 1, 1]  # finder, then white


def test_qr_size_is_answered_in_a_block():
    data = stored_qr(b"T-20261122-000123")[: -len(b"\x1d(k\x03\x001Q0")]
    assert Bench().ask(PREAMBLE + data + b"\x1d(k\x03\x001R0") == b"\x37\x36126\x1f126\x1f1\x1f1\x00"


def test_the_process_id_is_answered_after_the_dots_are_on_the_paper():
    bench = Bench()
    job = PREAMBLE + b"line\n" * 20 + CUT + process_id(b"0042")
    bench.send(job).wait(10.0)
    [(answered_s, reply)] = bench.replies
    assert reply == bytes.fromhex("3722 30303432 00")
    wire_s = len(job) * 10 / 38400
    paper_s = (20 * 30 + 106) * 25.4 / 180 / 150
    assert answered_s >= paper_s
    assert answered_s <= wire_s + paper_s + 0.3 + 7 * 10 / 38400 + 0.01
    assert bench.happenings[0].t < answered_s


def test_an_older_model_parses_the_process_id_and_stays_silent():
    bench = Bench("tm-t88iii-ja").send(PREAMBLE + process_id(b"0042") + b"A\n" + CUT).wait(5.0)
    assert bench.replies == []
    assert bench.printer.receipts[0].text == "A"
    assert bench.printer.receipts[0].fates.ignored == {"GS ( H": 1}


def test_gs_r_is_answered_in_sequence_after_printing():
    bench = Bench().send(PREAMBLE + b"line\n" * 40 + b"\x1dr\x01").wait(10.0)
    [(answered_s, reply)] = bench.replies
    assert reply == b"\x00"
    assert answered_s > 40 * 30 * 25.4 / 180 / 150


def test_an_idle_printer_says_12_to_every_status_question():
    assert Bench().status() == "12 12 12 12"


def test_real_time_status_overtakes_a_job_in_the_buffer():
    bench = Bench().send(b"line\n" * 200).send(b"\x10\x04\x01").wait(0.4)
    assert bench.replies[0][1] == b"\x12"
    assert not bench.printer.mechanism.idle


def test_real_time_bytes_inside_image_data_are_answered_and_stay_dots():
    image = b"\x1dv0\x00\x03\x00\x02\x00" + b"\x10\x04\x01" * 2
    bench = Bench().send(image + CUT).wait(5.0)
    assert b"".join(reply for _, reply in bench.replies) == b"\x12\x12"
    assert bench.printer.receipts[0].text == "[image 24x2]"
    assert bench.printer.receipts[0].image().getpixel((3, 106)) == 0


def test_status_questions_do_not_fill_the_buffer_of_a_printer_off_line():
    bench = Bench()
    bench.hand("cover open")
    bench.send(b"A\n").wait(1.0)
    free = bench.hand("state")["buffer_free"]
    for _ in range(100):
        bench.send(b"\x10\x04\x01\x10\x04\x02").wait(0.1)
    assert bench.hand("state")["buffer_free"] == free


def test_bytes_come_in_no_faster_than_the_line_carries_them():
    slow, fast = Bench(serial={"baud": 9600}), Bench(serial={"baud": 115200})
    job = b"A" * 960 + b"\n" + CUT + process_id(b"0001")
    for bench in (slow, fast):
        bench.send(job).wait(10.0)
    assert slow.replies[0][0] > len(job) * 10 / 9600
    assert fast.replies[0][0] < slow.replies[0][0]


def test_what_the_full_buffer_cannot_hold_is_dropped_and_counted():
    bench = Bench()
    bench.hand("cover open")
    bench.send(b"A" * 5000).wait(5.0)
    assert bench.printer.fates.dropped == 5000 - 4096


def test_xoff_comes_before_the_buffer_overflows_and_xon_when_it_has_room():
    bench = Bench(serial={"flow": "xonxoff"})
    bench.hand("cover open")
    bench.send(b"A" * 4090).wait(2.0)
    assert [reply for _, reply in bench.replies] == [b"\x13"]
    bench.hand("cover close")
    bench.wait(10.0)
    assert [reply for _, reply in bench.replies] == [b"\x13", b"\x11"]


def test_automatic_status_comes_at_once_and_at_every_change_that_is_enabled():
    bench = Bench()
    assert bench.ask(b"\x1da\x0e") == bytes.fromhex("1000000f")
    bench.hand("cover open")
    bench.wait(0.1)
    bench.hand("cover close")
    bench.wait(0.1)
    assert b"".join(reply for _, reply in bench.replies[1:]) == bytes.fromhex("3800000f 1000000f")


def test_automatic_status_keeps_quiet_about_items_not_enabled():
    bench = Bench()
    bench.ask(b"\x1da\x08")
    bench.hand("hot on")
    assert len(bench.wait(0.1).replies) == 1


def test_clear_buffers_is_confirmed_and_forgets_the_job():
    bench = Bench()
    bench.hand("cover open")
    bench.send(b"secret\n").wait(0.1)
    assert bench.ask(bytes.fromhex("10140801031401060208")) == bytes.fromhex("372500")
    bench.hand("cover close")
    bench.send(b"next\n" + CUT).wait(5.0)
    assert bench.printer.receipts[0].text == "next"


def test_identity_is_answered_in_blocks():
    bench = Bench()
    assert bench.ask(b"\x1dI\x42") == b"_EPSON\x00"
    assert bench.ask(b"\x1dI\x43") == b"_TM-T88V\x00"
    assert bench.ask(b"\x1dI\x45") == b"_KANJI JAPANESE\x00"


def test_a_bare_cut_leaves_the_last_lines_in_the_printer():
    bench = Bench().send(b"\x1b@" + b"".join(b"line %d\n" % i for i in range(6)) + b"\x1dV\x01").wait(5.0)
    bench.send(b"next\n" + CUT).wait(5.0)
    first, second = bench.printer.receipts
    # 180 rows printed, 106 of them not yet past the blade, which goes through the lower half of line 2
    assert first.text.split("\n") == ["line 0", "line 1", "line 2"]
    assert first.rows == 106 + 180 - 106
    assert second.text.split("\n") == ["line 3", "line 4", "line 5", "next"]


def test_cut_after_feed_takes_the_whole_receipt_and_the_gap_before_it():
    receipt = printed(b"\x1b@A\n").printer.receipts[0]
    assert receipt.rows == 106 + 30
    assert receipt.piece.how == "partial_cut"


def test_feed_cut_and_return_leaves_no_white_before_the_next_receipt():
    bench = Bench().send(b"A\n\x1dV\x68\x00B\n\x1dV\x68\x00").wait(5.0)
    assert bench.printer.receipts[1].rows == 30
    assert bench.printer.receipts[1].runs[0].y == 0


def test_a_reserved_cut_happens_when_its_place_reaches_the_blade():
    bench = Bench().send(b"first\n\x1dV\x62\x00" + b"second\n" * 8).wait(5.0)
    [receipt] = bench.printer.receipts
    assert receipt.text == "first"
    assert receipt.rows == 106 + 30


def test_a_cut_in_the_middle_of_a_line_is_ignored():
    bench = Bench().send(b"A\x1dV\x01\n").wait(5.0)
    assert bench.printer.receipts == []
    assert bench.printer.fates.ignored == {"GS V": 1}


def test_graphics_are_stored_then_printed():
    dots = b"\xf0" * (4 * 20)
    store = b"\x30\x70\x30\x01\x01\x31\x20\x00\x14\x00" + dots
    for command in (
        b"\x1d(L" + len(store).to_bytes(2, "little") + store,
        b"\x1d8L" + len(store).to_bytes(4, "little") + store,
    ):
        receipt = printed(command + b"\x1d(L\x02\x00\x30\x32").printer.receipts[0]
        assert receipt.text == "[image 32x20]"
        assert [receipt.image().getpixel((x, 106)) for x in (0, 3, 4, 8)] == [0, 0, 1, 0]


def test_a_raster_that_does_not_begin_a_line_is_swallowed_by_its_length():
    receipt = printed(b"A" + raster(8, 4, 0x41) + b"B\n").printer.receipts[0]
    assert receipt.text == "AB"
    assert receipt.fates.ignored == {"GS v 0": 1}


def test_code128_stands_as_bars_with_its_text():
    receipt = printed(b"\x1b@\x1dh\x32\x1dw\x02\x1dH\x02\x1dk\x49\x06{BK-01").printer.receipts[0]
    assert "[barcode K-01]" in receipt.text
    assert receipt.fates.ignored == {}


def test_every_receipt_happens_with_its_text_and_its_account():
    bench = printed(PREAMBLE + "合計 髙".encode("cp932") + b"\x1b\x9a\n" + stored_qr(b"Q1"))
    [cut] = [h for h in bench.happenings if h.event == "receipt_cut"]
    assert cut.data["text"] == "合計\n[QR Q1]"
    assert (cut.data["qr"], cut.data["unknown"], cut.data["missing_glyphs"], cut.data["bad_pairs"]) == (["Q1"], 1, 1, 0)
    assert cut.data["length_mm"] == pytest.approx((106 + 30 + 126) * 25.4 / 180, abs=0.1)
    assert cut.render_png is not None
    assert cut.render_png().startswith(b"\x89PNG")


def test_a_model_without_dots_is_refused_by_name():
    with pytest.raises(ConfigError, match="dots"):
        Bench(print={"dots": "many"})
