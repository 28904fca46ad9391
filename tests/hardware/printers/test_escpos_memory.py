"""What a printer remembers for its host: settings, user memory, counter, images; what it says of going off line; its dump."""

import pytest

from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench

ENTER = b"\x1d(E\x03\x00\x01IN"
LEAVE = b"\x1d(E\x04\x00\x02OUT"


def setup(function: int, operands: bytes) -> bytes:
    return b"\x1d(E" + (len(operands) + 1).to_bytes(2, "little") + bytes((function,)) + operands


def switches(number: int, bits: bytes) -> bytes:
    return setup(3, bytes((number,)) + bits)


def started(model: str = "tm-t88v-ja", **tables: dict[str, object]) -> Bench:
    return Bench(model, **tables).wait(2.0)


# --- GS ( E ---


def test_user_setting_mode_is_entered_with_a_notice_and_left_with_a_reset() -> None:
    bench = started()
    assert bench.ask(ENTER) == b"\x37\x20\x00"
    bench.send(LEAVE).wait(0.1)
    assert bench.events()[-2:] == ["power_off", "power_on"]
    bench.wait(2.0).send(PREAMBLE + "領収".encode("cp932") + b"\n" + CUT).wait(3.0)
    assert bench.printer.receipts[-1].text == "領収"


def test_user_setting_mode_is_not_entered_in_the_middle_of_a_line_or_a_page() -> None:
    bench = started()
    assert bench.ask(b"words" + ENTER) == b""
    assert bench.ask(b"\n\x1bL" + ENTER) == b""
    assert bench.ask(b"\x1bS" + ENTER) == b"\x37\x20\x00"


def test_switches_change_in_user_setting_mode_alone_and_are_told_at_any_time() -> None:
    bench = started()
    assert bench.ask(setup(4, b"\x02")) == b"\x37\x2100000000\x00"
    bench.send(switches(2, b"11111111")).wait(0.1)
    assert bench.ask(setup(4, b"\x02")) == b"\x37\x2100000000\x00"
    bench.ask(ENTER)
    bench.send(switches(2, b"21222220")).wait(0.1)
    assert bench.ask(setup(4, b"\x02")) == b"\x37\x2101000000\x00"
    assert bench.printer.fates.ignored == {"GS ( E": 1}


def test_the_power_on_notice_is_a_switch_that_lives_through_power_off() -> None:
    bench = started()
    bench.ask(ENTER)
    bench.send(switches(1, b"22222221")).wait(0.1)
    assert bench.ask(LEAVE) == b""
    bench.wait(2.0)
    assert bench.replies[-1][1] == b"\x3b\x31\x00"
    bench.hand("power off")
    bench.hand("power on")
    told = len(bench.replies)
    bench.wait(2.0)
    assert [reply for _, reply in bench.replies[told:]] == [b"\x3b\x31\x00"]


def test_customised_values_are_told_and_kept_and_what_is_out_of_range_changes_nothing() -> None:
    bench = started()
    assert bench.ask(setup(6, b"\x03")) == b"\x37\x273\x1f6\x00"
    assert bench.ask(setup(6, b"\x61")) == b"\x37\x2797\x1f1\x00"
    bench.ask(ENTER)
    bench.send(setup(5, b"\x05\x02\x00\x03\x02\x00")).wait(0.1)
    bench.send(setup(5, b"\x05\x01\x00\x06\xff\xff")).wait(0.1)
    bench.send(LEAVE).wait(2.0)
    assert bench.ask(setup(6, b"\x05")) == b"\x37\x275\x1f2\x00"
    assert bench.ask(setup(6, b"\x03")) == b"\x37\x273\x1f2\x00"
    assert bench.hand("state")["density"] == 2
    bench.send(b"\x1d(K\x02\x00\x31\xfb").wait(0.1)
    assert bench.hand("state")["density"] == -5
    bench.send(b"\x1b@").wait(0.1)
    assert bench.hand("state")["density"] == 2


@pytest.mark.parametrize("model", ["tm-t88iii-ja", "custom-vkp80-ja", "generic-58"])
def test_a_model_without_the_command_steps_over_it_and_says_nothing(model: str) -> None:
    bench = started(model)
    assert bench.ask(ENTER + setup(6, b"\x03") + b"\x1d(K\x02\x00\x31\x03" + b"\x1d(N\x02\x00\x30\x31") == b""
    assert bench.printer.fates.ignored == {"GS ( E": 2, "GS ( K": 1, "GS ( N": 1}


def test_a_slower_speed_takes_longer_from_where_it_was_asked_for() -> None:
    def seconds(before: bytes) -> float:
        bench = started()
        began = bench.t
        bench.send(before + b"\n" * 60 + CUT).wait(60.0)
        return bench.printer.receipts[0].t - began

    full, half = seconds(b""), seconds(b"\x1d(K\x02\x00\x32\x06")
    assert 1.9 < half / full < 2.3
    assert seconds(b"\x1d(K\x02\x00\x32\x06\x1b@") == pytest.approx(full, abs=0.02)


def test_one_colour_of_ink_is_there_and_no_other() -> None:
    bench = started().send(b"\x1d(N\x02\x00\x30\x31\x1d(N\x02\x00\x31\x30\x1d(N\x03\x00\x32\x30\x31").wait(0.1)
    assert bench.printer.fates.ignored == {}
    bench.send(b"\x1d(N\x02\x00\x30\x32").wait(0.1)
    assert bench.printer.fates.ignored == {"GS ( N": 1}


# --- FS g ---


def written(place: int, data: bytes) -> bytes:
    return b"\x1cg1\x00" + place.to_bytes(4, "little") + len(data).to_bytes(2, "little") + data


def read(place: int, length: int) -> bytes:
    return b"\x1cg2\x00" + place.to_bytes(4, "little") + length.to_bytes(2, "little")


@pytest.mark.parametrize("model", ["tm-t88v-ja", "tm-t88iii-ja"])
def test_user_memory_keeps_what_is_written_through_power_off(model: str) -> None:
    bench = started(model)
    bench.send(written(1019, b"KIOSK")).wait(0.1)
    bench.hand("power off")
    bench.hand("power on")
    bench.wait(2.0)
    assert bench.ask(read(1018, 6)) == b"\x5f KIOSK\x00"


def test_user_memory_ends_where_it_ends() -> None:
    bench = started()
    assert bench.ask(written(1020, b"KIOSK") + read(1020, 5)) == b""
    assert bench.ask(read(1020, 4)) == b"\x5f    \x00"
    assert bench.ask(read(0, 81) + read(0, 0) + written(0, b"\x1f") + written(0, b"")) == b""
    assert bench.printer.fates.ignored == {"FS g 1": 3, "FS g 2": 3}
    assert bench.ask(b"\x1cg2\x01" + bytes(4) + b"\x04\x00") == b""


# --- GS C, GS c ---


def counted(setup: bytes, times: int) -> list[str]:
    bench = started("custom-vkp80-ja").send(setup + b"No.\x1dc\n" * times + CUT).wait(6.0)
    return [line.removeprefix("No.") for line in bench.printer.receipts[0].text.split("\n")]


def test_the_counter_counts_by_itself() -> None:
    assert counted(b"", 3) == ["1", "2", "3"]
    assert counted(b"\x1dC0\x03\x00", 1) == ["  1"]
    assert counted(b"\x1dC0\x04\x01", 2) == ["0001", "0002"]
    assert counted(b"\x1dC0\x02\x02\x1dC2\x2c\x01", 1) == ["00"]  # 300: the last two digits


def test_the_counter_goes_down_repeats_and_begins_anew() -> None:
    assert counted(b"\x1dC;300;1;1;2;100;\x1dC0\x04\x01", 5) == ["0100", "0100", "0099", "0099", "0098"]
    assert counted(b"\x1dC1\x01\x00\x03\x00\x01\x01", 5) == ["1", "2", "3", "1", "2"]
    assert counted(b"\x1dC1\x01\x00\x03\x00\x00\x01", 3) == ["1", "1", "1"]
    assert counted(b"\x1dC1\x01\x00\x09\x00\x02\x01\x1dC2\x32\x00", 3) == ["50", "1", "3"]
    assert counted(b"\x1dC;;;5;;100;", 2) == ["100", "105"]


def test_a_counter_out_of_range_is_not_set() -> None:
    assert counted(b"\x1dC;99999;1;1;1;1;\x1dC0\x09\x00", 1) == ["1"]


def test_a_printer_without_a_counter_prints_none_of_it() -> None:
    bench = started().send(b"\x1dC0\x03\x00\x1dC;1;2;3;4;5;No.\x1dc\n" + CUT).wait(3.0)
    [receipt] = bench.printer.receipts
    assert (receipt.text, dict(receipt.fates.ignored)) == ("No.", {"GS C": 2, "GS c": 1})


# --- GS ( H 49 ---


def test_going_off_line_is_told_once_with_or_without_its_cause() -> None:
    bench = started()
    assert bench.ask(b"\x1d(H\x03\x00\x31\x30\x01") == b""
    bench.hand("cover open")
    assert bench.ask(b"") == b"\x37\x23\x00"
    bench.hand("paper 0")
    assert bench.ask(b"") == b""
    bench.hand("paper new")
    bench.hand("cover close")
    bench.send(b"\x1d(H\x03\x00\x31\x30\x32").wait(0.1)
    bench.hand("cover open")
    assert bench.ask(b"") == b"\x37\x23\x40\x40\x40\x40\x41\x00"


def test_the_feed_button_is_no_cause_and_power_off_ends_the_off_line_response() -> None:
    bench = started().send(b"\x1d(H\x03\x00\x31\x30\x01").wait(0.1)
    bench.hand("feed press")
    assert bench.ask(b"") == b""
    bench.hand("feed release")
    bench.hand("power off")
    bench.hand("power on")
    bench.wait(2.0)
    bench.hand("cover open")
    assert bench.ask(b"") == b""


# --- stored images ---


def test_an_nv_image_of_many_kilobytes_is_stored_and_printed() -> None:
    x, y = 64, 50  # 512 by 400 dots, 25 600 bytes
    image = b"\x1cq\x01" + x.to_bytes(2, "little") + y.to_bytes(2, "little") + b"\xff" * (x * y * 8)
    bench = started().send(image).wait(20.0).send(b"\x1cp\x01\x00" + CUT).wait(6.0)
    [receipt] = bench.printer.receipts
    assert receipt.text == "[image 512x400]"
    assert receipt.image().crop((0, 0, 512, receipt.rows)).histogram()[0] == 512 * 400
    assert receipt.fates.ignored == {}


def test_graphics_by_key_may_be_longer_than_a_short_command() -> None:
    dots = b"\x1d8L" + (11 + 64 * 1000).to_bytes(4, "little") + b"\x30\x43\x30AB\x01\x00\x02\xe8\x03\x31" + b"\xaa" * 64_000
    bench = started().send(dots).wait(30.0).send(b"\x1d(L\x06\x00\x30\x45AB\x01\x01" + CUT).wait(10.0)
    [receipt] = bench.printer.receipts
    assert (receipt.text, dict(receipt.fates.ignored)) == ("[image 512x1000]", {})


def test_what_is_larger_than_the_memory_is_stepped_over() -> None:
    dots = b"\x1d8L" + (400_000).to_bytes(4, "little") + b"\x30\x43\x30AB\x01\x00\x02\xff\x0f\x31" + bytes(399_989) + b"after\n"
    bench = started(serial={"baud": 115200}).send(dots + CUT).wait(60.0)
    [receipt] = bench.printer.receipts
    assert (receipt.text, dict(receipt.fates.ignored)) == ("after", {"GS 8 L": 1})


# --- GS ( A 1 ---


def test_a_dump_prints_what_comes_until_feed_is_pressed_three_times() -> None:
    bench = started().send(b"\x1d(A\x02\x00\x00\x01").wait(0.5)
    bench.send(b"\x1b@Kiosk\x97\xcc\n\x1d").wait(2.0)
    for _ in range(3):
        bench.hand("feed press")
        bench.hand("feed release")
        bench.wait(0.5)
    bench.send(PREAMBLE + b"obeyed\n" + CUT).wait(5.0)
    text = bench.printer.receipts[0].text
    assert "1B 40 4B 69 6F 73 6B 97 CC 0A .@Kiosk..." in text
    assert f"\n1D{' ' * 28}." in text  # the character stands in its column
    assert text.endswith("obeyed")
    account = bench.printer.byte_account()
    assert account.pop("received") == sum(account.values())


def test_feed_held_with_the_cover_open_at_power_on_begins_a_dump_and_power_off_ends_it() -> None:
    bench = started("desktop-58-ja")
    bench.hand("power off")
    bench.hand("cover open")
    bench.hand("feed press")
    bench.hand("power on")
    bench.hand("feed release")
    bench.hand("cover close")
    bench.wait(2.0).send(b"0123456").wait(2.0)
    assert bench.ask(b"\x10\x04\x01") != b""  # real-time commands are obeyed all the same
    bench.hand("power off")
    bench.hand("power on")
    bench.wait(2.0).send(b"obeyed\n" + b"\n" * 10).wait(3.0)
    bench.hand("tear")
    text = bench.printer.receipts[0].text
    assert "30 31 32 33 34 35 36 0123456" in text
    assert "obeyed" in text
