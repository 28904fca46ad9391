"""A receipt printer of the TM-T88 class made of software: line, receive buffer, interpreter and mechanism put together.

Two stages as in the real one: real-time commands are obeyed when they are received, everything else goes through the receive
buffer, in order, and waits there while the printer is off line. Sources: [D] Epson's TM-T88 technical texts; sizes of buffers
inside, the time that a cut and the start take are [K].

What it does not model: DTR/DSR lines (a pseudo terminal has none), parity and framing errors, the drawer, self-test, page mode.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hardware.configfile import ConfigFile
from hardware.emulator import Emulator, Happening
from hardware.models import DeviceModel
from hardware.printers.escpos import signs
from hardware.printers.escpos.account import Account, Fates
from hardware.printers.escpos.frames import CLEAR_RESPONSE, XOFF, XON
from hardware.printers.escpos.hand import Hand
from hardware.printers.escpos.interpreter import Interpreter
from hardware.printers.escpos.page import Receipt
from hardware.printers.escpos.reception import RealTimeScanner, ReceiveBuffer, ReplyLine, Wire
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Geometry, Occurrence

PRINT_BUFFER_ROWS: Final = 256
"""Dot rows composed ahead of the head; beyond that commands wait in the receive buffer [K]."""
KEPT_RECEIPTS: Final = 200
"""Receipts that :attr:`EscposEmulator.receipts` remembers; a simulation prints thousands."""
_FULL_AT: Final = 16
_RELEASED_AT: Final = 256
"""Free bytes at which XOFF and XON are sent [D: T88III, DIP 2-5]."""


class EscposEmulator(Emulator):
    """One printer, made from a model file.

    Tables read: ``serial`` (baud, data_bits, parity, stop_bits, flow), ``print`` (dots, dpi, speed_mm_s, cutter_gap_mm,
    process_id), ``buffer`` (bytes), ``paper`` (length_mm, near_end_mm), ``identity`` (maker, model, firmware, serial,
    kanji_font), ``mechanics`` (cut_s, start_s). Raises ConfigError for a value that cannot be used.
    """

    def __init__(self, model: DeviceModel) -> None:
        super().__init__(model)
        file = ConfigFile(model.path, model.settings)
        printing, mechanics = file.table("print"), file.table("mechanics", optional=True)
        serial, paper = file.table("serial"), file.table("paper")
        self.receipts: list[Receipt] = []
        """What came off, oldest first; the last :data:`KEPT_RECEIPTS` of them."""
        self._dots = printing.whole("dots", low=8, high=4096)
        self._account = Account()
        geometry = Geometry(
            dpi=printing.whole("dpi", low=60, high=1200),
            speed_mm_s=printing.number("speed_mm_s", low=1.0),
            cutter_gap_mm=printing.number("cutter_gap_mm"),
            cut_s=mechanics.number("cut_s", 0.3),
        )
        self._roll_mm = paper.number("length_mm")
        self._machine = PrinterMechanism(geometry, self._roll_mm, paper.number("near_end_mm"))
        bits = 1 + serial.whole("data_bits", 8) + serial.whole("stop_bits", 1) + (serial.text("parity", "N") != "N")
        self._wire = Wire(bits, serial.whole("baud", low=300))
        self._flow = serial.choice("flow", ("none", "xonxoff"), "none")
        self._replies = ReplyLine(self._wire.byte_s)
        self._buffer = ReceiveBuffer(file.table("buffer").whole("bytes", 4096, low=45, high=1 << 20))
        self._scanner = RealTimeScanner()
        self._interpreter = Interpreter(
            self._machine,
            self,
            self._dots,
            self._account,
            process_id=printing.flag("process_id", False),
            identity=_identity(file.table("identity", optional=True), model.name),
        )
        self._start_s = mechanics.number("start_s", 1.0)
        self._starting_until_s: float | None = None
        self._silent = self._held_back = False
        self._automatic_items = 0
        self._last_automatic = signs.automatic(self._machine)
        self._happenings: list[Happening] = []
        self._now_s = 0.0
        self._hand = Hand(self)

    # --- the emulator's contract ---

    def receive(self, data: bytes, now_s: float) -> None:
        self.advance(now_s)
        if self._machine.powered:
            self._account.dropped += self._wire.put(data, now_s)

    def advance(self, now_s: float) -> None:
        self._now_s = max(now_s, self._now_s)
        lived_s = -1.0
        while (due_s := self._inner_due_s()) is not None and due_s <= now_s:
            lived_s = due_s
            self._live_until(due_s)
        if lived_s < now_s:
            self._live_until(self._now_s)

    def next_due_s(self) -> float | None:
        times = [t for t in (self._inner_due_s(), self._replies.due_s()) if t is not None]
        return min(times) if times else None

    def take_replies(self, now_s: float) -> bytes:
        return self._replies.take(now_s)

    def take_happenings(self) -> list[Happening]:
        taken, self._happenings = self._happenings, []
        return taken

    def command(self, line: str, now_s: float) -> dict[str, Any]:
        self.advance(now_s)
        facts = self._hand.do(line, now_s)
        self._live_until(now_s)
        return facts

    def commands(self) -> dict[str, str]:
        return self._hand.help()

    # --- for tests and the oracle ---

    @property
    def mechanism(self) -> PrinterMechanism:
        """The matter: what is physically true."""
        return self._machine

    @property
    def fates(self) -> Fates:
        """What became of every byte received since the emulator was made."""
        return self._account.total

    @property
    def roll_mm(self) -> float:
        """Length of a new roll."""
        return self._roll_mm

    def facts(self) -> dict[str, Any]:
        """Return the state of the machine, ready for JSON."""
        machine, total = self._machine, self.fates
        return {
            "power": machine.powered, "online": machine.powered and not signs.offline(machine),
            "cover": "open" if machine.cover_open else "closed", "paper_mm": round(machine.paper_mm, 1),
            "paper": "out" if machine.paper_out else "low" if machine.paper_low else "ok",
            "cutter": "error" if machine.cutter_error else "blocked" if machine.cutter_blocked else "ok",
            "head_hot": machine.head_hot, "failed": machine.failed, "silent": self._silent,
            "receipt_row": machine.receipt_row, "queued_rows": machine.backlog_rows, "buffer_free": self._buffer.free,
            "receipts": len(self.receipts), "unknown": sum(total.unknown.values()), "missing_glyphs": total.missing_glyphs,
            "bad_pairs": total.bad_pairs, "dropped": total.dropped,
        }  # fmt: skip

    # --- what the interpreter and the hand ask for ---

    def say(self, data: bytes, t: float) -> None:
        """Put a reply on the line, unless the reply line is dead."""
        if not self._silent and self._machine.powered:
            self._replies.put(data, t)

    def enable_automatic_status(self, items: int, t: float) -> None:
        """Obey ``GS a``: four bytes at once if any item is on, then at each change of an enabled one."""
        self._automatic_items = items
        if items:
            self._last_automatic = signs.automatic(self._machine)
            self.say(self._last_automatic.encode(), t)

    def paper_in_sequence(self) -> int:
        """Return the answer to ``GS r 1`` of this moment."""
        return signs.paper_in_sequence(self._machine)

    def tell(self, event: str, t: float, data: Mapping[str, Any] | None = None, png: Callable[[], bytes] | None = None) -> None:
        """Let the world know."""
        self._happenings.append(Happening(t, event, data or {}, png))

    def silence(self, on: bool) -> None:
        """Cut or mend the line from printer to host; the printer goes on printing."""
        self._silent = on
        if on:
            self._replies.clear()

    def power(self, on: bool, t: float) -> None:
        """Switch off: everything in buffers and on the line is lost, paper stays. On: ready after the start-up time."""
        if on == self._machine.powered:
            return
        if on:
            self._machine.power_on(t)
            self._interpreter.power_on()
            self._automatic_items = 0
            self._starting_until_s = t + self._start_s
        else:
            self._replies.clear()
            self._wire.clear()
            self._buffer.clear()
            self._scanner = RealTimeScanner()
            self._machine.power_off(t)
            self._starting_until_s = None
            self._held_back = False
        self.tell("power_on" if on else "power_off", t)

    # --- inside ---

    def _inner_due_s(self) -> float | None:
        times = [t for t in (self._wire.due_s(), self._machine.due_s(), self._starting_until_s) if t is not None]
        return min(times) if times else None

    def _live_until(self, t: float) -> None:
        """Do what is due at ``t``: the earliest moment at which anything is, or the present."""
        if self._starting_until_s is not None and self._starting_until_s <= t:
            self._starting_until_s = None
            self._flow_control(XON, t)
        self._machine.advance(t)
        self._observe(t)
        while (due_s := self._wire.due_s()) is not None and due_s <= t:
            self._take_in(self._wire.take(), t)
        self._interpret(t)
        self._observe(t)

    def _take_in(self, data: bytes, t: float) -> None:
        if self._starting_until_s is not None:
            return  # the self-test does not listen yet
        for sequence in self._scanner.scan(data):
            self._real_time(sequence, t)
        self._account.dropped += self._buffer.put(data)
        if self._buffer.free <= _FULL_AT and not self._held_back:
            self._held_back = True
            self._flow_control(XOFF, t)

    def _flow_control(self, byte: int, t: float) -> None:
        if self._flow == "xonxoff":
            self.say(bytes((byte,)), t)

    def _real_time(self, sequence: bytes, t: float) -> None:
        if sequence[1] == 0x04:
            answer = signs.real_time(self._machine, sequence[2])
            if answer is not None:
                self.say(bytes((answer,)), t)
        elif sequence[1] == 0x05:
            if self._machine.cutter_error and sequence[2] in (1, 2):
                if sequence[2] == 2:
                    self._clear_buffers(t)
                self._machine.recover_cutter(t)
        elif sequence[2] == 8:
            self._clear_buffers(t)
            self.say(CLEAR_RESPONSE, t)

    def _clear_buffers(self, t: float) -> None:
        self._machine.clear(t)
        self._buffer.clear()
        self._interpreter.clear()

    def _interpret(self, t: float) -> None:
        machine = self._machine
        while not signs.offline(machine) and machine.backlog_rows < PRINT_BUFFER_ROWS:
            token = self._buffer.take()
            if token is None:
                break
            self._interpreter.obey(token, t)
        machine.advance(t)
        if self._held_back and self._buffer.free >= min(_RELEASED_AT, self._buffer.capacity - _FULL_AT):
            self._held_back = False
            self._flow_control(XON, t)

    def _observe(self, t: float) -> None:
        for occurrence in self._machine.take_occurrences():
            if occurrence.piece is None:
                self.tell(occurrence.name, occurrence.t)
            else:
                self._came_off(occurrence)
        if self._automatic_items:
            now = signs.automatic(self._machine)
            if now is not self._last_automatic:
                changed = signs.changed_items(self._last_automatic, now)
                self._last_automatic = now
                if changed & self._automatic_items:
                    self.say(now.encode(), t)

    def _came_off(self, occurrence: Occurrence) -> None:
        piece = occurrence.piece
        assert piece is not None
        fates = piece.note if isinstance(piece.note, Fates) else Fates()
        receipt = Receipt(piece, self._dots, self._machine.geometry.dpi, fates, occurrence.t)
        self.receipts.append(receipt)
        del self.receipts[:-KEPT_RECEIPTS]
        data = {
            "text": receipt.text,
            "length_mm": round(receipt.length_mm, 1),
            "qr": list(receipt.qr),
            "unknown": sum(fates.unknown.values()),
            "missing_glyphs": fates.missing_glyphs,
            "bad_pairs": fates.bad_pairs,
        }
        self.tell("receipt_cut" if "cut" in piece.how else "paper_torn", occurrence.t, data, receipt.png)


def _identity(table: ConfigFile, model_name: str) -> dict[int, bytes]:
    """Return the answers to ``GS I``: three bytes, and blocks ``5F text 00`` of at most 15 characters [D]."""
    texts = {
        65: table.text("firmware", "1.00"), 66: table.text("maker", "EPSON"), 67: table.text("model", model_name),
        68: table.text("serial", "EMULATED1"), 69: table.text("kanji_font", "KANJI JAPANESE"),
    }  # fmt: skip
    blocks = {n: b"\x5f" + text.encode("ascii", "replace")[:15] + b"\x00" for n, text in texts.items()}
    kind = b"\x03"  # two-byte characters, cutter fitted [D]
    return {1: b"\x20", 49: b"\x20", 2: kind, 50: kind, 3: b"\x01", 51: b"\x01", **blocks}
