"""Every command of the reference, ticked: what it does to a printer that stands ready, and which ones are only stepped over."""

import pytest

from tests.hardware.printers.escpos_bench import CUT, PREAMBLE, Bench

OBEYED = [
    "09",
    "0A",
    "0D",
    "1B40",
    "1B20 02",
    "1B21 08",
    "1B24 1000",
    "1B5C 0100",
    "1B2A 21 0200" + "FF" * 6,
    "1B2A 00 0200 FFFF",
    "1B2D 01",
    "1B32",
    "1B33 20",
    "1B3D 01",
    "1B44 0810 00",
    "1B45 01",
    "1B47 01",
    "1B4A 10",
    "1B64 01",
    "1B4D 01",
    "1B52 08",
    "1B74 01",
    "1B74 13",
    "1B56 01",
    "1B7B 01",
    "1B61 01",
    "1B63 33 00",
    "1B63 34 00",
    "1B63 35 01",
    "1B70 00 1919",
    "1B69",
    "1B6D",
    "1B75 00",
    "1B76",
    "1B4C 1B57 0000 0000 0001 0001 1B54 01 1B0C 18 1B53",
    "1B4C 0C",
    "1B26 03 41 41 01 FFFFFF",
    "1B25 01",
    "1B26 03 41 41 01 FFFFFF 1B3F 41",
    "1C26",
    "1C2E",
    "1C43 00",
    "1C43 01",
    "1C21 04",
    "1C2D 01",
    "1C57 01",
    "1C53 0001",
    "1C28 41 0200 3000",
    "1C32 EC40" + "FF" * 72,
    "1C32 EC40" + "FF" * 72 + "1C3F EC40",
    "1C71 01 0100 0100" + "FF" * 8 + "1C70 01 00",
    "1D21 11",
    "1D42 01",
    "1D4C 1000",
    "1D57 0001",
    "1D50 B4B4",
    "1D56 00",
    "1D56 01",
    "1D56 41 00",
    "1D56 42 10",
    "1D56 61 00",
    "1D56 68 00",
    "1D68 50",
    "1D77 02",
    "1D48 02",
    "1D66 00",
    "1D6B 43 0C" + b"490123456789".hex(),
    "1D6B 04 41 42 00",
    "1D28 6B 0400 3141 3200",
    "1D28 6B 0300 3143 06",
    "1D28 6B 0300 3145 31",
    "1D28 6B 0400 3150 3041 1D28 6B 0300 3151 30",
    "1D28 6B 0400 3150 3041 1D28 6B 0300 3152 30",
    "1D28 6B 0400 3050 3041 1D28 6B 0300 3051 30",
    "1D28 6B 0400 3045 3030",
    "1D76 30 00 0100 0100 FF",
    "1D28 4C 0B00 3070 30 0101 31 0800 0100 FF 1D28 4C 0200 3032",
    "1D38 4C 0B000000 3070 30 0101 31 0800 0100 FF 1D28 4C 0200 3002",
    "1D28 4C 0200 3030",
    "1D28 4C 0200 3033",
    "1D28 41 0200 0002",
    "1D28 41 0200 0003",
    "1D28 44 0300 14 0200",
    "1D28 48 0600 3030 30303432",
    "1D28 48 0300 3130 01",
    "1D28 45 0300 01 494E",
    "1D28 45 0200 04 02",
    "1D28 45 0200 06 05",
    "1D28 4B 0200 3103",
    "1D28 4B 0200 3206",
    "1D28 4B 0200 6102",
    "1D28 4E 0200 3031",
    "1C67 31 00 00000000 0200 4142",
    "1C67 32 00 00000000 0200",
    "1D28 41 0200 0001",
    "1D49 01",
    "1D49 43",
    "1D61 0F",
    "1D72 01",
    "1D72 02",
    "1D2A 0101" + "FF" * 8 + "1D2F 00",
    "1D3A 1D3A",
    "1D3A 41 0A 1D3A 1D5E 02 00 00",
]
STEPPED_OVER = {
    "0C": "0C",
    "18": "18",
    "00": "00",
    "1B2A 05 0100 FF": "ESC *",
    "1C43 07": "FS C",
    "1C43 02": "FS C",
    "1C28 43 0200 3002": "FS ( C",
    "1D21 88": "GS !",
    "1D28 41 0200 0007": "GS ( A",
    "1D28 45 0300 000000": "GS ( E",
    "1D28 4B 0200 3000": "GS ( K",
    "1D28 4E 0200 3033": "GS ( N",
    "1D28 48 0300 3130 05": "GS ( H",
    "1D43 30 0300": "GS C",
    "1D63": "GS c",
    "1D5E 02 00 00": "GS ^",
    "1D2F 00": "GS /",
    "1C70 01 00": "FS p",
    "1B4D 02": "ESC M",
    "1D6B 63 01 41": "GS k",
    "1D51 30 00 0100 0100 FF": "GS Q 0",
    "1C67 32 01 00000000 0400": "FS g 2",
}


@pytest.mark.parametrize("command", OBEYED)
def test_a_command_is_obeyed_and_prints_none_of_its_operands(command: str):
    bench = Bench().send(PREAMBLE + bytes.fromhex(command)).wait(2.0)
    fates = bench.printer.fates
    assert (dict(fates.ignored), dict(fates.unknown)) == ({}, {})
    assert fates.used == len(PREAMBLE) + len(bytes.fromhex(command)) + (2 if "5E 02" in command else 0) * 2


@pytest.mark.parametrize(("command", "name"), STEPPED_OVER.items())
def test_what_it_cannot_do_is_stepped_over_by_its_length_and_counted(command: str, name: str):
    bench = Bench().send(PREAMBLE + bytes.fromhex(command) + b"after\n" + CUT).wait(4.0)
    [receipt] = bench.printer.receipts
    assert receipt.text == "after"
    assert dict(receipt.fates.ignored) == {name: 1}
    assert receipt.fates.unknown == {}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("1004 01", "12"),
        ("1004 02", "12"),
        ("1004 03", "12"),
        ("1004 04", "12"),
        ("1004 05", ""),
        ("1004 07 01", ""),
        ("1005 00", ""),
        ("1005 01", ""),
        ("1005 02", ""),
        ("1014 01 00 05", ""),
        ("1014 02 01 08", ""),
        ("1014 07 01", "12"),
        ("1014 03 00 01 00 00 00", ""),
        ("1014 08 01 03 14 01 06 02 08", "372500"),
        ("1D72 01", "00"),
        ("1D72 02", "00"),
        ("1B76", "00"),
        ("1B75 00", "00"),
        ("1D49 01", "20"),
        ("1D49 02", "03"),
        ("1D49 03", "01"),
        ("1D49 41", "5F312E303000"),
        ("1D49 42", "5F4550534F4E00"),
        ("1D49 44", "5F454D554C415445443100"),
        ("1D61 01", "1000000F"),
        ("1D28 48 0600 3030 30303432", "37223030343200"),
        ("1D28 48 0600 3030 3030340A", ""),
    ],
)
def test_every_question_has_its_answer(question: str, answer: str):
    assert Bench().ask(bytes.fromhex(question)).hex().upper() == answer


def test_the_drawer_is_pulsed_and_its_switch_told():
    bench = Bench().send(bytes.fromhex("1B70 01 1919 1014 01 00 02")).wait(0.1)
    assert [(h.event, dict(h.data)) for h in bench.happenings] == [
        ("drawer_pulse", {"pin": 2, "on_ms": 200}),
        ("drawer_pulse", {"pin": 5, "on_ms": 50}),
    ]
    bench.hand("drawer open")
    assert bench.ask(b"\x10\x04\x01\x1dr\x02").hex() == "1601"
    assert bench.ask(b"\x1da\x01").hex() == "1400000f"


def test_real_time_pulse_and_power_off_can_be_switched():
    bench = Bench().send(bytes.fromhex("1D28 44 0500 14 0100 0201")).wait(0.1)
    bench.send(bytes.fromhex("1014 01 00 02")).wait(0.1)
    assert bench.events() == []
    bench.send(bytes.fromhex("1014 02 01 08")).wait(0.1)
    assert bench.events() == ["power_off"]


def test_a_printer_that_is_not_selected_hears_only_real_time_commands():
    bench = Bench().send(b"\x1b=\x00lost\n").wait(0.1)
    assert bench.ask(b"\x10\x04\x01").hex() == "12"
    bench.send(b"\x1b=\x01kept\n" + CUT).wait(3.0)
    assert bench.printer.receipts[0].text == "kept"
    assert bench.printer.byte_account()["unheard"] == 5


def test_printing_stops_at_near_end_when_the_host_wants_that():
    bench = Bench().send(b"\x1bc4\x03").wait(0.1)
    bench.hand("paper 100")
    assert bench.status() == "1a 32 12 1e"
    bench.hand("paper new")
    assert bench.status() == "12 12 12 12"


def test_the_feed_button_feeds_unless_the_host_has_locked_it():
    bench = Bench()
    bench.hand("feed press")
    assert bench.status() == "5a 1a 12 12"
    bench.hand("feed release")
    assert bench.wait(1.0).hand("state")["receipt_row"] == 30
    bench.send(b"\x1bc5\x01").wait(0.1)
    assert bench.hand("feed press") == {"pressed": False}
    assert bench.status() == "12 12 12 12"


def test_a_macro_is_obeyed_while_it_is_defined_and_again_when_played():
    bench = Bench().send(PREAMBLE + b"\x1d:again\n\x1d:once\n\x1d^\x02\x00\x00last\n" + CUT).wait(6.0)
    assert bench.printer.receipts[0].text.split("\n") == ["again", "once", "again", "again", "last"]


def test_with_busy_only_when_full_changes_are_told_from_the_start():
    bench = Bench(buffer={"busy": "full"})
    bench.hand("cover open")
    assert b"".join(reply for _, reply in bench.wait(0.1).replies).hex() == "3800000f"


@pytest.mark.parametrize(
    ("hand", "status"),
    [("cover open", "1a 16 12 12"), ("paper 100", "12 12 12 1e"), ("paper 0", "1a 32 12 7e"), ("hot on", "1a 52 52 12"),
     ("fail", "1a 52 32 12"), ("jam paper", "1a 52 16 12"), ("drawer open", "16 12 12 12")],
)  # fmt: skip
def test_each_condition_has_its_bits_in_the_four_answers(hand: str, status: str):
    bench = Bench()
    bench.hand(hand)
    assert bench.status() == status
