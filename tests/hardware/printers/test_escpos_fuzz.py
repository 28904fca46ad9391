"""Any bytes and any hands on every model: no exception, no hang, bounded memory, and what came out can be looked at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.emulator import BadCommand
from tests.hardware.printers.escpos_bench import Bench
from tests.hardware.printers.test_escpos_grammar import COMMANDS
from tests.hardware.printers.test_escpos_profiles import PRINTERS

MORE = [
    "1B4C",
    "0C",
    "18",
    "1B0C",
    "1B57 0000 0000 0002 0004",
    "1B54 03",
    "1D24 4000",
    "1B56 01",
    "1B7B 01",
    "1C43 01",
    "1C28 43 0200 3002",
    "1B25 01",
    "1D65 03 08",
    "1D65 02",
    "1D65 05",
    "1D65 06",
    "1DE0 0F",
    "1DE1",
    "1004 14",
    "1CC0 18 10 14 1A",
    "1D2A 0102" + "55" * 16,
    "1D2F 03",
    "1C71 01 0100 0100" + "55" * 8,
    "1C70 01 03",
    "1D6B 43 0C" + b"490123456789".hex(),
    "1D28 6B 0600 3050 30 414243",
    "1D28 6B 0300 3051 30",
    "1D56 42 00",
    "1D28 4C 0200 3030",
    "97CC 8EFB 8F91 0A",
    "1C32 EC40" + "FF" * 72,
    "EC40",
    "1014 02 0108",
    "1D28 45 0300 01 494E",
    "1D28 45 0400 02 4F5554",
    "1D28 45 0A00 03 01 3232323232323231",
    "1D28 45 0400 05 06 0100",
    "1D28 45 0200 06 06",
    "1D28 4B 0200 3201",
    "1D28 4E 0200 3031",
    "1C67 31 00 00000000 0400 41424344",
    "1C67 32 00 00000000 0400",
    "1D43 30 0300",
    "1D43 3B" + b"9;1;2;2;5;".hex(),
    "1D63",
    "1D28 48 0300 3130 02",
    "1D28 41 0200 0001",
    "1B69",
]
BYTES = st.one_of(st.binary(max_size=30), st.sampled_from([bytes.fromhex(command) for command in [*COMMANDS, *MORE]]))
HANDS = st.sampled_from(
    ["cover open", "cover close", "paper 0", "paper new", "paper 40", "jam cutter", "jam paper", "jam presenter", "jam clear",
     "hot on", "hot off", "fail", "power off", "power on", "silence on", "silence off", "tear", "take", "pull", "leave",
     "feed press", "feed release", "drawer open", "at 40 jam paper", "at byte 7 power off", "at byte 1 cover open", "state"]
)  # fmt: skip
STORY = st.lists(st.tuples(st.booleans(), BYTES, HANDS, st.floats(0, 3)), max_size=14)


@pytest.mark.parametrize("flow", ["none", "xonxoff", "dtrdsr"])
@pytest.mark.parametrize("model", PRINTERS)
@settings(max_examples=12, deadline=None)
@given(story=STORY)
def test_any_story_leaves_the_printer_alive(model: str, flow: str, story: list[tuple[bool, bytes, str, float]]):
    bench = Bench(model, serial={"flow": flow})
    for writes, data, hand, seconds in story:
        if writes:
            bench.send(data)
        else:
            try:
                bench.hand(hand)
            except BadCommand:
                assert "presenter" in hand or hand in ("take", "leave")
        bench.wait(seconds)
    bench.wait(60.0)
    facts = bench.hand("state")
    assert 0 <= facts["buffer_free"] <= 16384
    account = bench.printer.byte_account()
    assert account.pop("received") == sum(account.values()), account
    for receipt in bench.printer.receipts:
        assert isinstance(receipt.text, str)
        if receipt.rows < 5000:
            assert receipt.image().width == receipt.dots


def test_a_megabyte_of_commands_keeps_what_is_held_small():
    bench = Bench()
    bench.send(bytes.fromhex("1B26 03 20 7E") + b"\x0c" * 3600)
    for key in range(300):
        bench.send(b"\x1d(L\x13\x000C0" + bytes((32 + key % 95, 65 + key // 95)) + b"\x01\x08\x00\x08\x001" + bytes(8)).wait(
            0.05
        )
    bench.send(b"\x1bL" + b"x\n" * 20000).wait(30.0).send(b"\x0c").wait(30.0)
    assert bench.hand("state")["buffer_free"] == 4096
