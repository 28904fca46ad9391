"""A recorded line answers as the device did, to a driver that need not ask exactly as it was asked then."""

import asyncio
from pathlib import Path

import pytest

from hardware.clock import run_virtual
from hardware.errors import ConfigError, OfflineError
from hardware.links.replay import Recording, ReplayLink

TRACE = """\
0.000000 validator = open
0.100000 validator < FF
1.000000 validator > FC 05 11 27 56
1.010000 validator < FC 05
1.012000 validator < 40 2B 15
1.020000 printer > 10 04 01
1.200000 validator > FC 05 40 2B 15
1.400000 validator > FC 05 11 27 56
1.450000 validator < FC 05 1B 7D F9
1.500000 validator = lost: unplugged
"""
STATUS, RESET = bytes.fromhex("FC 05 11 27 56"), bytes.fromhex("FC 05 40 2B 15")


def recording() -> Recording:
    return Recording.parse(TRACE.splitlines(), "validator")


def test_a_trace_is_read_as_requests_with_what_followed_them() -> None:
    exchanges = recording().exchanges
    assert [exchange.request for exchange in exchanges] == [b"", STATUS, RESET, STATUS]
    assert [(round(t, 6), data.hex()) for t, data in exchanges[1].replies] == [(0.01, "fc05"), (0.012, "402b15")]
    assert exchanges[2].replies == ()


def test_requests_are_answered_in_order_and_repeated_ones_with_their_last_answer() -> None:
    played = recording()
    assert played.greeting() == ((0.0, b"\xff"),)
    assert played.greeting() == ()
    assert played.answer(STATUS)[0][1].hex() == "fc05"
    assert not played.finished
    assert played.answer(STATUS)[0][1].hex() == "fc051b7df9"
    assert played.finished
    assert played.answer(STATUS)[0][1].hex() == "fc051b7df9"
    assert played.answer(RESET) == ()
    assert played.unexpected == []


def test_a_request_that_was_never_recorded_gets_silence_and_is_kept() -> None:
    played = recording()
    for _ in range(200):
        assert played.answer(b"what?") == ()
    assert played.unexpected == [b"what?"] * 100


@pytest.mark.parametrize(
    "text", ["", "nonsense\n", "1.0 validator > XY\n", "1.0 validator > FC 5\n", TRACE.replace("validator", "coins")]
)
def test_a_file_without_a_trace_of_the_device_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "wire.trace").write_text(text)
    with pytest.raises(ConfigError, match="found no line of 'validator', expected a wire trace"):
        Recording.read(tmp_path / "wire.trace", "validator")
    with pytest.raises(ConfigError, match="cannot be read"):
        Recording.read(tmp_path / "missing.trace", "validator")


def test_the_link_plays_it_with_the_times_of_then() -> None:
    async def play() -> None:
        heard: list[tuple[float, str]] = []
        loop = asyncio.get_running_loop()
        link = ReplayLink("validator", recording())
        link.attach(lambda data: heard.append((round(loop.time(), 6), data.hex())), lambda error: None)
        with pytest.raises(OfflineError):
            link.write(STATUS)
        await link.open()
        await asyncio.sleep(1.0)
        link.write(STATUS)
        await link.drain()
        assert link.unsent() == 0
        await asyncio.sleep(1.0)
        assert heard == [(0.0, "ff"), (1.01, "fc05"), (1.012, "402b15")]
        link.write(STATUS)
        link.close()
        link.close()
        await asyncio.sleep(1.0)
        assert len(heard) == 3
        with pytest.raises(OfflineError):
            await link.drain()

    run_virtual(play())
