"""Obeys commands in order and hands motions of the paper to the mechanism.

What is not modelled is parsed by its exact length and counted as ignored: maintenance counters (``GS g``), user memory by
records (``GS ( C``), images in sizes of their own (``GS Q``), a second colour, slips.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.counter import Counter
from hardware.printers.escpos.frames import process_id_reply
from hardware.printers.escpos.grammar import code_name
from hardware.printers.escpos.hexdump import HexDump
from hardware.printers.escpos.macro import DEFINE, PLAY, Macro
from hardware.printers.escpos.pagecommands import PageCommands
from hardware.printers.escpos.raster import RasterPrinter
from hardware.printers.escpos.settings import UserSettings
from hardware.printers.escpos.storedimages import StoredImages
from hardware.printers.escpos.symbolprinter import SymbolPrinter
from hardware.printers.escpos.tokens import (
    Command,
    Control,
    RasterData,
    RasterHead,
    Raw,
    Skipped,
    SkippedData,
    Text,
    Token,
    Unknown,
    token_bytes,
)
from hardware.printers.escpos.typesetter import Typesetter
from hardware.printers.escpos.userglyphs import Rom
from hardware.printers.escpos.usermemory import UserMemory
from hardware.printers.escpos.voice import Voice
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Cut, Feed, Mark, Retract

_SELECT = b"\x1b="
_PROCESS_ID = b"\x30\x30"
_OFFLINE_RESPONSE = b"\x31\x30"


class Interpreter:
    """Reads tokens in order; each comes with the time at which it is obeyed."""

    def __init__(
        self,
        mechanism: PrinterMechanism,
        voice: Voice,
        paper_dots: int,
        account: Account,
        *,
        process_id: bool,
        identity: Mapping[int, bytes],
        rom: Rom | None = None,
        cutter: bool = True,
        extra: Mapping[bytes, Callable[[bytes, float], bool]] | None = None,
    ) -> None:
        """``extra`` are the commands of another dialect. Without a ``cutter`` paper is fed to the tear bar and stays."""
        rom = rom or Rom()
        self._has_cutter = cutter
        self._machine = mechanism
        self._voice = voice
        self._account = account
        self._process_id = process_id
        self._identity = identity
        self._setter = Typesetter(mechanism, paper_dots, account, rom)
        self._images = StoredImages(self._setter, voice.say)
        self._rasters = RasterPrinter(self._setter, account, self._images)
        self._symbols = SymbolPrinter(self._setter, voice.say)
        self._pages = PageCommands(self._setter)
        self.settings = UserSettings(self._at_rest, voice.say, voice.restart, self._set_speed)
        self._counter = Counter(self._setter.write)
        self._hex_dump = HexDump(self._setter)
        self._macro = Macro()
        self._selected = True
        self._real_time_on = {1}
        """Functions of ``DLE DC4`` that are obeyed: the pulse is, power off is not before it has been enabled [D]."""
        self._handlers: dict[type[Token], Callable[[Any, float], None]] = {
            Control: self._control,
            Command: self._command,
            Unknown: self._unknown,
            RasterHead: self._raster,
            RasterData: self._rasters.dots,
            Skipped: self._skipped,
            SkippedData: self._skipped_data,
            Raw: self._raw,
        }
        self._commands: dict[bytes, Callable[[bytes, float], bool]] = {
            **self._setter.commands(),
            **self._pages.commands(),
            **self._rasters.commands(),
            **self._symbols.commands(),
            **self._images.commands(),
            **(self.settings.commands() if rom.settings else {}),
            **(self._counter.commands() if rom.counter else {}),
            **UserMemory(rom.user_bytes, voice.say).commands(),
            **(extra or {}),
            DEFINE: self._define_macro,
            PLAY: self._play_macro,
            b"\x1d(A": self._test_print,
            b"\x1b@": self._initialise,
            b"\x1bc": self._sensors,
            b"\x1bp": self._pulse,
            b"\x1d(D": self._enable_real_time,
            _SELECT: self._select,
            b"\x1bi": self._cut_here,
            b"\x1bm": self._cut_here,
            b"\x1bu": self._drawer,
            b"\x1bv": self._paper,
            b"\x1d(H": self._response,
            b"\x1dI": self._identify,
            b"\x1dV": self._cut,
            b"\x1da": self._automatic_status,
            b"\x1dr": self._status_in_sequence,
        }

    def power_on(self, t: float) -> None:
        """Begin with nothing in any buffer and power-on modes."""
        self._initialise(b"", t)
        self.settings.power_on(t)
        self._macro.forget()
        self._selected = True
        self._real_time_on = {1}

    def own_token(self) -> Token | None:
        """Return what the playing macro has to say next, ahead of what was received."""
        return self._macro.next()

    def clear(self) -> None:
        """Lose what waits to be printed, keep the modes."""
        self._macro.stop()
        self._setter.clear()
        self._rasters.abandon()

    def obey(self, token: Token, t: float) -> None:
        """Act on one token at time ``t``."""
        if not self._selected and not (isinstance(token, Command) and token.code == _SELECT):
            self._account.unheard += token_bytes(token)
            return  # only real-time commands reach a printer that is not selected
        if self._macro.recording:
            self._macro.note(token)
        kind = type(token)
        if isinstance(token, Text):  # most of what comes
            data = token.data
            self._account.used += len(data)
            self._setter.write(data, t)
            return
        if kind is not RasterData:
            self._setter.interrupt(t)
        self._handlers[kind](token, t)

    def _command(self, token: Command, t: float) -> None:
        action = self._commands.get(token.code)
        self._count(token.code, len(token.args), action is not None and action(token.args, t))

    def _unknown(self, token: Unknown, t: float) -> None:
        self._account.unknown[code_name(token.data)] += 1
        self._account.unknown_bytes += len(token.data)

    def _raster(self, token: RasterHead, t: float) -> None:
        self._count(token.code, len(token.args), self._rasters.begin(token))

    def _skipped(self, token: Skipped, t: float) -> None:
        self._count(token.code, 0, obeyed=False)

    def _skipped_data(self, token: SkippedData, t: float) -> None:
        self._account.ignored_bytes += token.length

    def _raw(self, token: Raw, t: float) -> None:
        self._account.used += len(token.data)
        self._hex_dump.add(token.data, t)

    def begin_dump(self, t: float) -> None:
        """Print what comes from now on instead of obeying it."""
        self._initialise(b"", t)
        self._hex_dump.begin(t)

    def press_feed(self, t: float) -> bool:
        """The FEED button was pressed during a dump; return whether that ends it."""
        return self._hex_dump.press_feed(t)

    def _count(self, code: bytes, operands: int, obeyed: bool) -> None:
        if obeyed:
            self._account.used += len(code) + operands
        else:
            self._account.ignored[code_name(code)] += 1
            self._account.ignored_bytes += len(code) + operands

    def _control(self, token: Control, t: float) -> None:
        byte = token.byte
        if byte == 0x09:
            self._setter.tab()
        elif byte == 0x0C:
            if not self._pages.form_feed(t):
                self._ignore(byte)
                return
        elif byte == 0x18 and self._pages.cancel():
            pass
        elif byte != 0x0D:  # automatic line feed is off on a serial printer, so CR does nothing
            self._ignore(byte)
            return
        self._account.used += 1

    def _ignore(self, byte: int) -> None:
        self._account.ignored[f"{byte:02X}"] += 1
        self._account.ignored_bytes += 1

    # --- commands: False means out of range, in the wrong place, or not in this model ---

    def _initialise(self, args: bytes, t: float) -> bool:
        self._setter.reset()
        self._rasters.reset()
        self._symbols.reset()
        self._images.reset()
        self._counter.reset()
        self.settings.reset(t)
        return True

    def _at_rest(self) -> bool:
        """Whether nothing is begun, neither a line nor a page."""
        return self._setter.page is None and self._setter.line.at_start

    def _set_speed(self, share: float, t: float) -> None:
        self._machine.add(Mark(lambda when: self._machine.set_speed(share)), t)

    def _select(self, args: bytes, t: float) -> bool:
        self._selected = bool(args[0] & 1)
        return True

    def _cut_here(self, args: bytes, t: float) -> bool:
        if not self._has_cutter:
            return False
        self._machine.add(self._cutting(partial=True), t)
        return True

    def _cut(self, args: bytes, t: float) -> bool:
        """Obey ``GS V`` in all its forms, at the beginning of a line only [D]."""
        mode = args[0]
        if not self._setter.line.at_start or (len(args) == 1 and mode not in (0, 1, 48, 49)):
            return False
        partial = mode in (1, 49, 66, 98, 104)
        if not self._has_cutter:
            if mode in (65, 66):
                self._machine.add(Feed(self._machine.feed_to_cutter_rows() + int(self._setter.rows_of(args[1]))), t)
            return mode in (65, 66)
        if len(args) == 1:
            self._machine.add(self._cutting(partial), t)
            return True
        ahead = int(self._setter.rows_of(args[1]))
        if mode in (97, 98):
            self._machine.cut_when_reached(ahead, self._cutting(partial))
            return True
        rows = self._machine.feed_to_cutter_rows() + ahead
        self._machine.add(Feed(rows), t)
        self._machine.add(self._cutting(partial), t)
        if mode in (103, 104):
            self._machine.add(Retract(rows), t)
        return True

    def _cutting(self, partial: bool) -> Cut:
        return Cut(partial, self._account.close_receipt())

    def _response(self, args: bytes, t: float) -> bool:
        """Answer the process ID when all dots queued before it are on the paper; or choose the off-line response.

        [D: TM-T88IV and later]
        """
        if self._process_id and args[2:4] == _OFFLINE_RESPONSE and len(args) == 5 and args[4] in (0, 1, 2, 48, 49, 50):
            self._voice.enable_offline_response(args[4] & 3)
            return True
        identity = args[4:]
        good = args[2:4] == _PROCESS_ID and len(identity) == 4 and all(0x20 <= byte <= 0x7E for byte in identity)
        if not (self._process_id and good):
            return False
        self._machine.add(Mark(lambda when: self._voice.say(process_id_reply(identity), when)), t)
        return True

    def _status_in_sequence(self, args: bytes, t: float) -> bool:
        if args[0] in (1, 49):
            self._machine.add(Mark(lambda when: self._voice.say(bytes((self._voice.paper_in_sequence(),)), when)), t)
        elif args[0] in (2, 50):
            self._machine.add(Mark(lambda when: self._voice.say(bytes((self._voice.drawer_in_sequence(),)), when)), t)
        else:
            return False
        return True

    def _drawer(self, args: bytes, t: float) -> bool:
        return self._status_in_sequence(b"\x02", t)

    def _paper(self, args: bytes, t: float) -> bool:
        return self._status_in_sequence(b"\x01", t)

    def _sensors(self, args: bytes, t: float) -> bool:
        """Obey ``ESC c 3`` (parallel signal only: no effect here), ``c 4`` (stop at near-end) and ``c 5`` (FEED button)."""
        if args[0] == 0x34:
            self._machine.stop_at_near_end = bool(args[1] & 3)
        elif args[0] == 0x35:
            self._voice.enable_feed_button(not args[1] & 1)
        else:
            return args[0] == 0x33
        return True

    def _pulse(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 48, 49):
            return False
        pin, on_ms = args[0] & 1, 2 * args[1]
        self._machine.add(Mark(lambda when: self._voice.drawer_pulse(pin, on_ms, when)), t)
        return True

    def _enable_real_time(self, args: bytes, t: float) -> bool:
        """Obey ``GS ( D``: pairs of function (1 drawer pulse, 2 power off) and 0 or 1; clearing cannot be disabled [D]."""
        if len(args) < 5 or args[2] != 0x14:
            return False
        for function, on in zip(args[3::2], args[4::2], strict=False):
            if function in (1, 2) and on in (0, 1, 48, 49):
                (self._real_time_on.add if on & 1 else self._real_time_on.discard)(function)
        return True

    def real_time_allowed(self, function: int) -> bool:
        """Whether ``DLE DC4`` of this function is obeyed."""
        return function in self._real_time_on

    def _define_macro(self, args: bytes, t: float) -> bool:
        self._macro.toggle()
        return True

    def _play_macro(self, args: bytes, t: float) -> bool:
        return self._macro.play(args[0])

    def _test_print(self, args: bytes, t: float) -> bool:
        """Obey ``GS ( A``: dump (1), or print status (2) or a rolling pattern (3), cut, initialise; the layout is ours [K]."""
        if len(args) == 4 and args[2] in (0, 1, 2, 48, 49, 50) and args[3] in (1, 49):
            self._voice.dump(True, t)
            return True
        if len(args) != 4 or args[2] not in (0, 1, 2, 48, 49, 50) or args[3] not in (2, 3, 50, 51):
            return False
        if args[3] & 1:
            lines = [bytes(0x20 + (row + column) % 95 for column in range(32)) for row in range(8)]
        else:
            lines = [reply[1:-1] for reply in self._identity.values() if len(reply) > 1]
        self._initialise(b"", t)
        for line in lines:
            self._setter.write(line, t)
            self._setter.print_line(t)
        self._cut(b"\x42\x00", t)
        return self._initialise(b"", t)

    def _identify(self, args: bytes, t: float) -> bool:
        reply = self._identity.get(args[0])
        if reply is None:
            return False
        self._voice.say(reply, t)
        return True

    def _automatic_status(self, args: bytes, t: float) -> bool:
        self._voice.enable_automatic_status(args[0], t)
        return True
