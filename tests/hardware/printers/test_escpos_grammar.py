"""Every command has its exact length: operands never leak as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.printers.escpos.grammar import Framer, code_name
from hardware.printers.escpos.tokens import RasterData, RasterHead, Skipped, SkippedData, Text
from tests.hardware.printers.escpos_bench import CUT, Bench

COMMANDS = [
    "1B20 41", "1B21 41", "1B24 4141", "1B25 41", "1B26 03 41 42 0C" + "41" * 36 + "00", "1B2A 21 0200" + "41" * 6,
    "1B2A 00 0200" + "41" * 2, "1B2D 41", "1B32", "1B33 41", "1B3D 41", "1B3F 41", "1B40", "1B44 414243 00",
    "1B45 41", "1B47 41", "1B4A 41", "1B4C", "1B4D 41", "1B52 41", "1B53", "1B54 41", "1B56 41",
    "1B57 4141414141414141", "1B5C 4141", "1B61 41", "1B63 33 41", "1B63 34 41", "1B63 35 41", "1B64 41", "1B69",
    "1B6D", "1B70 414141", "1B74 41", "1B75 41", "1B76", "1B7B 41", "1C21 41", "1C26", "1C2E", "1C2D 41",
    "1C28 41 0200 3041", "1C28 43 0200 3041", "1C32 7721" + "41" * 72, "1C3F 7721", "1C43 41", "1C53 4141", "1C57 41",
    "1C70 4141", "1C71 02 0100 0100" + "41" * 8 + "0100 0200" + "41" * 16, "1D21 41", "1D28 41 0200 4141",
    "1D28 44 0300 144141", "1D28 45 0300 414141", "1D28 48 0600 3030 41414141", "1D28 48 0300 3130 41",
    "1D28 4B 0200 4141", "1D28 4C 0200 3041", "1D28 4E 0200 4141", "1D28 5A 0300 414141", "1D28 6B 0300 304141",
    "1D28 6B 0500 31 50 30 4141", "1D2A 0101" + "41" * 8, "1D2F 41", "1D38 4C 02000000 3041", "1D3A", "1D42 41",
    "1D48 41", "1D49 7E", "1D4C 0000", "1D50 4141", "1D56 41 00", "1D56 41 41", "1D56 61 41", "1D56 68 41",
    "1D57 4141", "1D5E 414141", "1D61 41", "1D66 41", "1D68 41", "1D6B 02 414141 00", "1D6B 48 03 414141", "1D72 41",
    "1D76 30 00 0200 0200 41414141", "1D77 41", "1004 01", "1004 07 41", "1004 08 03", "1004 12 41", "1005 00",
    "1014 01 0041", "1014 02 0108", "1014 03 4141414141", "1014 07 41", "1014 08 010314010602 08", "1B9A", "1C99",
    "1DFE", "1D39", "1D7639", "1D384D",
]  # fmt: skip
"""One example of each, operands mostly ``A`` so that a leak would be seen."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_between_two_words_leaks_no_operand(command: str):
    tokens = Framer().feed(b"before" + bytes.fromhex(command) + b"\x0aafter")
    words = b"".join(token.data for token in tokens if isinstance(token, Text))
    leak = {"1D7639": b"9", "1D384D": b"M"}.get(command, b"")  # an unknown second byte swallows two bytes, no more
    assert words == b"before" + leak + b"\nafter"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_cut_anywhere_gives_the_same_tokens(command: str):
    stream = bytes.fromhex(command) + b"\x0aafter"
    whole = Framer().feed(stream)
    framer = Framer()
    pieces = [token for byte in stream for token in framer.feed(bytes((byte,)))]
    assert joined(pieces) == joined(whole)
    assert not framer.inside_command


def joined(tokens: list[object]) -> list[object]:
    """Text and raster data as one token each, however they were cut."""
    result: list[object] = []
    for token in tokens:
        last = result[-1] if result else None
        if isinstance(token, Text) and isinstance(last, Text):
            result[-1] = Text(last.data + token.data)
        elif isinstance(token, RasterData) and isinstance(last, RasterData):
            result[-1] = RasterData(last.data + token.data, token.last)
        elif isinstance(token, SkippedData) and isinstance(last, SkippedData):
            result[-1] = SkippedData(last.length + token.length)
        else:
            result.append(token)
    return result


def test_a_partial_command_waits_for_ever():
    framer = Framer()
    assert framer.feed(b"\x1d(k\x05\x00") == []
    assert framer.inside_command


def test_four_announced_gigabytes_are_not_collected():
    framer = Framer()
    framer.feed(b"\x1d8L\xff\xff\xff\xff\x30\x70\x30\x01\x01\x31\xff\xff\xff\xff")
    for _ in range(50):
        framer.feed(bytes(10_000))
    assert framer.pending_bytes == 0


def test_a_long_body_that_is_not_dots_is_skipped():
    framer = Framer()
    tokens = framer.feed(b"\x1d(N\xff\xff" + b"A" * 65535 + b"B")
    assert tokens == [Skipped(b"\x1d(N"), SkippedData(65537), Text(b"B")]


def test_a_raster_passes_on_in_pieces():
    framer = Framer()
    [head, first] = framer.feed(b"\x1dv0\x00\x02\x00\x02\x00ab")
    assert isinstance(head, RasterHead)
    assert first == RasterData(b"ab", last=False)
    assert framer.feed(b"cdX") == [RasterData(b"cd", last=True), Text(b"X")]


def test_names_are_those_of_the_manual():
    assert [code_name(code) for code in (b"\x1d(k", b"\x1bp", b"\x1c\x99")] == ["GS ( k", "ESC p", "FS 99"]


INTERESTING = st.sampled_from([bytes.fromhex(command) for command in COMMANDS])
ANY_STREAM = st.lists(st.one_of(st.binary(max_size=40), INTERESTING), max_size=30).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(data=ANY_STREAM, cut=st.integers(0, 200))
def test_any_bytes_leave_the_printer_alive_and_its_memory_bounded(data: bytes, cut: int):
    bench = Bench()
    bench.send(data[:cut]).wait(0.05)
    bench.send(data[cut:]).wait(20.0)
    facts = bench.hand("state")
    assert 0 <= facts["buffer_free"] <= 4096
    assert facts["queued_rows"] < 256 + 7200 + 4096
    for receipt in bench.printer.receipts:
        assert isinstance(receipt.text, str)


@settings(max_examples=60, deadline=None)
@given(data=ANY_STREAM)
def test_any_bytes_can_be_drawn(data: bytes):
    bench = Bench().send(data).wait(20.0)
    bench.send(b"\x00" * 9000 + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08").wait(20.0)
    bench.hand("tear")
    for receipt in bench.printer.receipts:
        assert receipt.image().size == (512, receipt.rows)


@settings(max_examples=100, deadline=None)
@given(data=ANY_STREAM, cuts=st.lists(st.integers(0, 600), max_size=6))
def test_how_the_stream_is_cut_makes_no_difference(data: bytes, cuts: list[int]):
    stream = b"\x1b@" + data
    ends = [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole, pieces = Framer(), Framer()
    at, tokens = 0, []
    for end in ends:
        tokens += pieces.feed(stream[at:end])
        at = end
    assert joined(tokens) == joined(whole.feed(stream))


def test_a_flood_of_cuts_and_reservations_stays_small():
    bench = Bench().send(b"\x1dVa\x10" * 2000 + CUT).wait(30.0)
    assert bench.printer.mechanism.idle
