"""A receipt printer of the TM-T88 class made of software: line, receive buffer, interpreter and mechanism put together.

Two stages as in the real one: real-time commands are obeyed when they are received, everything else goes through the receive
buffer, in order, and waits there while the printer is off line. Sources: [D] Epson's TM-T88 technical texts; sizes of buffers
inside, the time that a cut and the start take are [K].

What it does not model: parity and framing errors, self-test, a drawer's own mechanics. DTR stops the bytes at the printer's
end of the line, as a host's UART would; a link that has lines (memory, TCP within one process) shows them to the host as well.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hardware.emulator import Emulator, Happening
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.printers import lasting
from hardware.printers.escpos import signs
from hardware.printers.escpos.account import Account, Fates
from hardware.printers.escpos.flowcontrol import FlowControl
from hardware.printers.escpos.frames import CLEAR_RESPONSE
from hardware.printers.escpos.hand import Hand
from hardware.printers.escpos.interpreter import Interpreter
from hardware.printers.escpos.kioskface import KioskFace
from hardware.printers.escpos.offlineresponse import OfflineResponse
from hardware.printers.escpos.profile import Profile
from hardware.printers.escpos.reception import SLICE_BYTES, RealTimeScanner, ReceiveBuffer, ReplyLine, Wire
from hardware.printers.escpos.settings import POWER_ON_NOTICE
from hardware.printers.escpos.tray import Tray
from hardware.printers.mechanism import PrinterMechanism

PRINT_BUFFER_ROWS: Final = 256
"""Dot rows composed ahead of the head; beyond that commands wait in the receive buffer [K]."""
_MOST_ALARMS: Final = 64
_POWER_OFF: Final = b"\x10\x14\x02\x01\x08"


class EscposEmulator(Emulator):
    """One printer, made from a model file.

    What it reads of the file: :class:`hardware.printers.escpos.profile.Profile`. Raises ConfigError for a value that cannot be
    used.
    """

    def __init__(self, model: DeviceModel) -> None:
        super().__init__(model)
        profile = Profile.from_model(model)
        self._profile = profile
        self._account = Account()
        self._machine = PrinterMechanism(profile.geometry, profile.roll_mm, profile.near_end_mm)
        self._wire = Wire(profile.bits_per_byte, profile.baud, custom=profile.custom)
        self._replies = ReplyLine(self._wire.byte_s)
        self._buffer = ReceiveBuffer(profile.buffer_bytes, custom=profile.custom)
        self._scanner = RealTimeScanner(custom=profile.custom)
        self._flow = FlowControl(
            profile.flow,
            profile.busy,
            self._wire,
            self._buffer,
            full_at=profile.full_at,
            released_at=profile.released_at,
            say=self.say,
        )
        self._tray = Tray(self._machine, profile.presenter, profile.dots, self.tell)
        self.receipts = self._tray.receipts
        """What came off, oldest first; the last :data:`hardware.printers.escpos.tray.KEPT_RECEIPTS` of them."""
        self.presenter = self._tray.presenter
        """Where cut tickets wait to be taken; None when they come straight out."""
        self.feed_enabled = True
        """Whether the FEED button does anything: ``ESC c 5``."""
        self._face = (
            KioskFace(self._machine, self.presenter, profile.step_mm, self.say, self._tray.collect) if profile.custom else None
        )
        self._interpreter = Interpreter(
            self._machine,
            self,
            profile.dots,
            self._account,
            process_id=profile.process_id,
            identity=profile.identity,
            cutter=profile.has_cutter,
            rom=profile.rom,
            extra=self._face.commands() if self._face is not None else {},
        )
        self._offline_response = OfflineResponse(self._machine, self.say)
        self.dumping = False
        """Whether the hexadecimal dump is on."""
        self._received = self._never_received = self._slept_through = 0
        self._byte_alarms: list[tuple[int, str]] = []
        self._starting_until_s: float | None = None
        self._silent = False
        self._automatic_items = profile.automatic_items
        self._last_automatic = signs.automatic(self._machine)
        self._happenings: list[Happening] = []
        self._now_s = 0.0
        self._hand = Hand(self)

    # --- the emulator's contract ---

    def receive(self, data: bytes, now_s: float) -> None:
        self.advance(now_s)
        if self._machine.powered:
            overrun = self._wire.put(data, now_s)
            self._account.dropped += overrun
            self._never_received += overrun
            self._flow.written(now_s)

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

    def state(self) -> State:
        return lasting.state_of(self._machine, self.presenter)

    def restore(self, state: State, now_s: float) -> None:
        lasting.restore(self._machine, self.presenter, state, now_s)
        self.restart(now_s)

    def command(self, line: str, now_s: float) -> dict[str, Any]:
        self.advance(now_s)
        facts = self._hand.do(line, now_s)
        self._live_until(now_s)
        return facts

    def commands(self) -> dict[str, str]:
        return self._hand.help()

    # --- for tests and the oracle ---

    @property
    def ready(self) -> bool:
        return self._flow.ready

    @property
    def mechanism(self) -> PrinterMechanism:
        """The matter: what is physically true."""
        return self._machine

    @property
    def fates(self) -> Fates:
        """What became of every byte received since the emulator was made."""
        return self._account.total

    def byte_account(self) -> dict[str, int]:
        """Return what became of every byte received: the figures but ``received`` add up to it."""
        total = self.fates
        return {
            "received": self._received,
            "used": total.used,
            "ignored": total.ignored_bytes,
            "unknown": total.unknown_bytes,
            "real_time": self._buffer.real_time_bytes,
            "dropped": total.dropped - self._never_received,
            "unheard": total.unheard + self._slept_through,
            "cleared": self._buffer.forgotten,
            "waiting": self._buffer.waiting_bytes,
        }

    @property
    def roll_mm(self) -> float:
        """Length of a new roll."""
        return self._profile.roll_mm

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
            "bad_pairs": total.bad_pairs, "dropped": total.dropped, "ready": self.ready, "jammed": machine.jammed,
            "density": self._interpreter.settings.density, "speed": self._interpreter.settings.speed,
            "presenter": "none" if self.presenter is None else self.presenter.where,
        }  # fmt: skip

    # --- what the interpreter and the hand ask for ---

    def say(self, data: bytes, t: float) -> None:
        """Put a reply on the line, unless the reply line is dead."""
        if not self._silent and self._machine.powered and self._profile.dialect != "clone":
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

    def drawer_in_sequence(self) -> int:
        """Return the answer to ``GS r 2`` of this moment."""
        return 0x01 if self._machine.drawer_open else 0x00

    def enable_feed_button(self, on: bool) -> None:
        """Obey ``ESC c 5``."""
        self.feed_enabled = on

    def tell(self, event: str, t: float, data: Mapping[str, Any] | None = None, png: Callable[[], bytes] | None = None) -> None:
        """Let the world know."""
        self._happenings.append(Happening(t, event, data or {}, png))

    def enable_offline_response(self, kind: int) -> None:
        """Obey ``GS ( H`` 49."""
        self._offline_response.choose(kind)

    def dump(self, on: bool, t: float) -> None:
        """Print what comes in instead of obeying it, or obey it again."""
        self._buffer.dump(on)
        self.dumping = on
        if on:
            self._interpreter.begin_dump(t)

    def press_feed(self, t: float) -> None:
        """The FEED button went down: in a dump the third time ends it."""
        if self.dumping and self._interpreter.press_feed(t):
            self.dump(False, t)

    def restart(self, t: float) -> None:
        """Reset: all in buffers and on the line is lost."""
        self.power(False, t)
        self.power(True, t)

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
            self._interpreter.power_on(t)
            self._offline_response.choose(0)
            self._automatic_items = self._profile.automatic_items
            self._machine.stop_at_near_end = False
            if self._face is not None:
                self._face.power_on()
            self._starting_until_s = t + self._profile.start_s
            if self._machine.cover_open and self._machine.feed_pressed:
                self.dump(True, t)
        else:
            self._replies.clear()
            self._wire.clear()
            self._buffer.clear()
            self.dump(False, t)
            self._scanner = RealTimeScanner(custom=self._profile.custom)
            self._machine.power_off(t)
            if self.presenter is not None:
                self.presenter.halt()
            self._starting_until_s = None
            self._flow.off()
        self.tell("power_on" if on else "power_off", t)

    # --- inside ---

    def _inner_due_s(self) -> float | None:
        presenter_s = self.presenter.due_s() if self.presenter is not None else None
        every = (self._wire.due_s(), self._machine.due_s(), self._starting_until_s, presenter_s)
        times = [t for t in every if t is not None]
        return min(times) if times else None

    def _live_until(self, t: float) -> None:
        """Do what is due at ``t``: the earliest moment at which anything is, or the present."""
        if self._starting_until_s is not None and self._starting_until_s <= t:
            self._starting_until_s = None
            self._flow.begin(t)
            if self._interpreter.settings.announces_power_on:
                self.say(POWER_ON_NOTICE, t)
        self._machine.advance(t)
        if self.presenter is not None:
            self.presenter.advance(t)
        self._observe(t)
        while (due_s := self._wire.due_s()) is not None and due_s <= t:
            self._take_in(self._wire.take(), t)
            self._pace(t)
        self._interpret(t)
        self._pace(t)
        self._observe(t)

    def _pace(self, t: float) -> None:
        """Update the busy line, and let the next slice end where somebody wants to act."""
        if not self._listens:
            return
        self._flow.update(offline=signs.offline(self._machine), t=t)
        if self._byte_alarms:
            self._wire.slice_bytes = max(1, min(self._wire.slice_bytes, self._byte_alarms[0][0] - self._received))
        elif self._wire.slice_bytes < SLICE_BYTES and not self._flow.exact:
            self._wire.slice_bytes = SLICE_BYTES

    @property
    def _listens(self) -> bool:
        return self._machine.powered and self._starting_until_s is None  # the self-test does not listen yet

    def at_byte(self, ahead: int, line: str) -> None:
        """Do a hand's ``line`` when ``ahead`` more bytes have been received."""
        if len(self._byte_alarms) < _MOST_ALARMS:
            self._byte_alarms.append((self._received + ahead, line))
            self._byte_alarms.sort(key=lambda alarm: alarm[0])

    def _take_in(self, data: bytes, t: float) -> None:
        self._received += len(data)
        at = 0
        for end, sequence in self._scanner.scan(data) if self._listens else ():
            # in a full buffer a real-time command inside an image is data [D: TM-T88, A-5]
            deaf = self._buffer.free == 0 and self._buffer.inside_image
            self._account.dropped += self._buffer.put(data[at:end])
            at = end
            if not deaf:
                self._real_time(sequence, t)
        if self._listens:
            self._account.dropped += self._buffer.put(data[at:])
        else:
            self._slept_through += len(data) - at
        while self._byte_alarms and self._byte_alarms[0][0] <= self._received:
            self._hand.do(self._byte_alarms.pop(0)[1], t)

    def _real_time(self, sequence: bytes, t: float) -> None:
        kind, n = sequence[:2], sequence[2]
        if self._face is not None and (reply := self._face.real_time(sequence)) is not None:
            self.say(reply, t)
        elif kind == b"\x1c\xc0":
            self.restart(t)
        elif kind == b"\x10\x04":
            if len(sequence) == 3 and (answer := signs.real_time(self._machine, n)) is not None:
                self.say(bytes((answer,)), t)
        elif kind == b"\x10\x05":
            if self._machine.cutter_error and n in (1, 2):
                if n == 2:
                    self._clear_buffers(t)
                self._machine.recover_cutter(t)
        elif n == 1 and self._interpreter.real_time_allowed(1):
            if not signs.in_error(self._machine):
                self.drawer_pulse(sequence[3] & 1, 100 * sequence[4], t)
        elif n == 2 and sequence == _POWER_OFF and self._interpreter.real_time_allowed(2):
            self.power(False, t)
        elif n == 7 and (answer := signs.real_time(self._machine, sequence[3])) is not None:
            self.say(bytes((answer,)), t)
        elif n == 8:
            self._clear_buffers(t)
            self.say(CLEAR_RESPONSE, t)

    def drawer_pulse(self, pin: int, on_ms: int, t: float) -> None:
        """Put a pulse on the drawer connector; what hangs on it decides what that does."""
        self.tell("drawer_pulse", t, {"pin": 5 if pin else 2, "on_ms": on_ms})

    def _clear_buffers(self, t: float) -> None:
        self._machine.clear(t)
        self._buffer.clear()
        self._interpreter.clear()

    def _interpret(self, t: float) -> None:
        machine = self._machine
        while not signs.offline(machine) and machine.backlog_rows < PRINT_BUFFER_ROWS:
            token = self._interpreter.own_token() or self._buffer.take()
            if token is None:
                break
            self._interpreter.obey(token, t)
        machine.advance(t)

    def _observe(self, t: float) -> None:
        self._tray.collect()
        if self._face is not None:
            self._face.observe(t)
        self._offline_response.observe(t)
        if self._automatic_items:
            now = signs.automatic(self._machine)
            if now is not self._last_automatic:
                changed = signs.changed_items(self._last_automatic, now)
                self._last_automatic = now
                if changed & self._automatic_items:
                    self.say(now.encode(), t)
