"""A printer on a table: an emulator, a clock, and a host that just sends bytes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hardware.emulator import Happening
from hardware.models import load_model
from hardware.printers.escpos.emulator import EscposEmulator

DEVICES = Path(__file__).parents[3] / "config" / "devices"
PREAMBLE = bytes.fromhex("1b40 1b5208 1b7401 1c4301")
CUT = b"\x1dV\x42\x00"


def process_id(identity: bytes) -> bytes:
    return b"\x1d(H\x06\x00\x30\x30" + identity


def stored_qr(data: bytes, module_dots: int = 6) -> bytes:
    def function(fn: int, operands: bytes) -> bytes:
        return b"\x1d(k" + (len(operands) + 2).to_bytes(2, "little") + bytes((49, fn)) + operands

    return (
        function(65, b"\x32\x00")
        + function(67, bytes((module_dots,)))
        + function(69, b"\x31")
        + function(80, b"0" + data)
        + function(81, b"0")
    )


def raster(width_bytes: int, rows: int, fill: int = 0xFF) -> bytes:
    head = b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
    return head + bytes([fill]) * (width_bytes * rows)


class Bench:
    """Sends, waits in virtual seconds, and keeps what came back and what happened."""

    def __init__(self, model: str = "tm-t88v-ja", **tables: dict[str, Any]) -> None:
        loaded = load_model(DEVICES / f"{model}.toml")
        settings = {**loaded.settings, **{k: {**loaded.settings.get(k, {}), **v} for k, v in tables.items()}}
        self.printer = EscposEmulator(replace(loaded, settings=settings))
        self.t = 0.0
        self.replies: list[tuple[float, bytes]] = []
        self.happenings: list[Happening] = []

    def send(self, data: bytes) -> "Bench":
        self.printer.receive(data, self.t)
        return self

    def hand(self, line: str) -> dict[str, Any]:
        facts = self.printer.command(line, self.t)
        self._collect()
        return facts

    def wait(self, seconds: float) -> "Bench":
        end = self.t + seconds
        while (due := self.printer.next_due_s()) is not None and due <= end:
            self.t = max(self.t, due)
            self.printer.advance(self.t)
            self._collect()
        self.t = end
        self.printer.advance(end)
        self._collect()
        return self

    def ask(self, data: bytes) -> bytes:
        """Send and return what comes back within a tenth of a second."""
        known = len(self.replies)
        self.send(data).wait(0.1)
        return b"".join(reply for _, reply in self.replies[known:])

    def status(self) -> str:
        return b"".join(self.ask(bytes((0x10, 0x04, n))) for n in (1, 2, 3, 4)).hex(" ")

    def events(self) -> list[str]:
        return [h.event for h in self.happenings]

    def _collect(self) -> None:
        reply = self.printer.take_replies(self.t)
        if reply:
            self.replies.append((self.t, reply))
        self.happenings += self.printer.take_happenings()
