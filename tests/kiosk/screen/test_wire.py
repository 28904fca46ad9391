"""What comes over the socket is believed only after a look."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.screen.samples import samples
from kiosk.screen.wire import LONGEST_LINE, Wire, read_control, read_model

CASH = json.loads(samples("ja")["10-cash"].to_json())


@dataclass
class Till:
    """The other end of a wire."""

    wire: Wire
    end: socket.socket


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "till"))
    server.listen()
    wire = Wire(tmp_path / "till")
    end, _ = server.accept()
    yield Till(wire, end)
    wire.close()
    end.close()
    server.close()


@pytest.mark.parametrize("name", samples("en"))
def test_every_model_survives_the_wire(name: str) -> None:
    model = samples("en")[name]
    assert read_model(model.to_json()) == model


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "[]",
        "null",
        '"attract"',
        "{}",
        '{"screen":"attract"}',
        "[" * 100_000,
        json.dumps({**CASH, "screen": "casino"}),
        json.dumps({**CASH, "price_yen": "3000"}),
        json.dumps({**CASH, "price_yen": True}),
        json.dumps({**CASH, "language": "tlh"}),
        json.dumps({**CASH, "buttons": [1]}),
        json.dumps({**CASH, "accepted_yen": ["1000"]}),
        json.dumps({**CASH, "plan": {"id": "x"}}),
        json.dumps({**CASH, "plan": {**CASH["plan"], "valid_days": None}}),
        json.dumps({**CASH, "entry": [1]}),
        json.dumps({**CASH, "steps": 7}),
        json.dumps({**CASH, "surprise": 1}),
        json.dumps({**CASH, "notice": None}),
    ],
)
def test_what_is_no_model_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the text is for the log only
        read_model(line)


def test_a_control_line_is_told_from_a_model() -> None:
    assert read_control('{"control":"tap","touch":"next"}') == {"control": "tap", "touch": "next"}
    assert read_control(samples("ja")["01-attract"].to_json()) is None


def test_lines_come_out_whole_however_they_were_cut(till: Till) -> None:
    for piece in (b"one\ntw", b"", b"o\nthree"):
        till.end.sendall(piece)
    assert till.wire.lines() == ["one", "two"]
    till.end.sendall(b"\n")
    assert till.wire.lines() == ["three"]
    assert not till.wire.ended


def test_bytes_that_are_no_text_are_left_out(till: Till) -> None:
    till.end.sendall(b"\xff\xfe\x00\n\xe3\x81\x82\n")
    assert till.wire.lines() == ["あ"]


def test_an_endless_line_is_thrown_away_and_the_next_one_read(till: Till) -> None:
    till.end.setblocking(False)
    heard: list[str] = []
    flood = b"x" * (LONGEST_LINE * 2) + b"\nafter\n"
    while flood or not heard:
        try:
            flood = flood[till.end.send(flood) :] if flood else flood
        except BlockingIOError:
            pass
        heard += till.wire.lines()
    assert heard == ["after"]


def test_the_end_of_the_till_is_noticed(till: Till) -> None:
    till.end.sendall(b"last\n")
    till.end.close()
    assert till.wire.lines() == ["last"]
    assert till.wire.ended


def test_what_is_sent_arrives_as_lines(till: Till) -> None:
    till.wire.send('{"touch":"next"}')
    assert till.end.recv(100) == b'{"touch":"next"}\n'


def test_nobody_listening_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Wire(tmp_path / "nobody")
