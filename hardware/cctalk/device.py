"""What every emulated ccTalk device shares: its address and mode, the one wire, the core headers, its restart.

A device is this class in front of the shell of its kind, and adds the headers of its own::

    class CcTalkCoinEmulator(CcTalkSlave, CoinAcceptorEmulator):
        def obey(self, header: int, data: bytes, now_s: float) -> Reply:
            match header, len(data):
                case Header.READ_BUFFERED_CREDIT, 0:
                    return self._events.answer()     # bytes: the data of the answer
                case Header.MODIFY_INHIBIT_STATUS, 2:
                    ...
                    return ACK                       # or NAK, BUSY, SILENCE
            return UNKNOWN

        def wake(self, now_s: float) -> None:        # power came, or the host said reset: memory is gone
            super().wake(now_s)
            self._events.clear()

Silence is an answer here [2]: a wrong checksum, another address, another mode or another code gets none. A frame to address 0
is obeyed and answered by everybody, as a real line has it; with several devices on it the answers collide, and nothing but
the address poll is made for that.

[U], chosen here: a header that the device does not know is refused with NAK, or ignored when the model says so; an address
given by 251 or 250 holds from the frame after the ACK and outlives a power cut; 252 is answered after a time that the serial
number rolls, 1 s at most; the revision of the protocol (4).

Not modelled: collisions, that a device hears other devices' answers, statistics of the line (2, 3), NAK for a wrong PIN.
"""

from abc import abstractmethod
from collections.abc import Callable
from enum import Enum
from random import Random
from typing import Any

from hardware.benchcommand import Answer, BenchCommand, Deed, on_or_off, whole_number
from hardware.cctalk.bnv import DEFAULT_CODE
from hardware.cctalk.frames import BROADCAST, BYTE_GAP_S, HOST, MAX_DATA, Codec, Frame, Mode, Splitter, is_whole
from hardware.cctalk.headers import ANSWERS, REPLY, Header
from hardware.configfile import ConfigFile
from hardware.deviceshell import DeviceShell, earliest
from hardware.lasting import State
from hardware.models import DeviceModel

CATEGORIES = {"bill": "Bill Validator", "coin": "Coin Acceptor", "hopper": "Payout"}
"""Answer to 245 by device class [2]."""
COMMS_REVISION = bytes((1, 4, 4))
POLL_SLOT_S = 0.004
"""An address poll is answered after this times the address [2]."""
CLASH_WITHIN_S = 1.0


class Verdict(Enum):
    """An answer that is no data."""

    NAK = "nak"
    """Understood and not done."""
    BUSY = "busy"
    SILENCE = "silence"
    UNKNOWN = "unknown"
    """No such header here, or not with so much data."""


Reply = bytes | Verdict
ACK = b""
NAK, BUSY, SILENCE, UNKNOWN = Verdict.NAK, Verdict.BUSY, Verdict.SILENCE, Verdict.UNKNOWN


class CcTalkSlave(DeviceShell):
    """A ccTalk device. Bench commands: ``echo``, ``nak``, ``busy``.

    Of the model it reads ``[cctalk]`` (``address``, ``mode``, ``code``, ``echo``, ``unknown_header``, ``poll_ms``),
    ``[identity]`` (``manufacturer``, ``product``, ``software``, ``build``, ``serial``) and of ``[timing]`` ``byte_gap_s``,
    ``reset_delay_s`` (how long a unit still answers after it has acknowledged a reset) and ``reset_s`` (how long it then says
    nothing).
    """

    def __init__(self, model: DeviceModel, *kind: Any) -> None:
        """``kind`` is what the shell of the device's kind takes besides the model. Raises ConfigError."""
        file = ConfigFile(model.path, model.settings)
        line = file.table("cctalk").only("address", "mode", "code", "echo", "unknown_header", "poll_ms")
        identity = file.table("identity")
        timing = file.table("timing")
        self.address = line.whole("address", low=2, high=255)
        mode = Mode(line.choice("mode", [mode.value for mode in Mode], Mode.SUM8.value))
        try:
            self._codec = Codec(mode, line.text("code", DEFAULT_CODE))
        except ValueError as error:
            raise line.wrong("code", "six digits in quotes") from error
        self.echo = line.flag("echo", False)
        """Whether the host hears its own bytes: the one wire without an adapter that hides it."""
        self._ignores_unknown = line.choice("unknown_header", ("nak", "silence"), "nak") == "silence"
        self._splitter = Splitter(self._codec, timing.number("byte_gap_s", BYTE_GAP_S, low=0.001))
        self._reset_delay_s = timing.number("reset_delay_s", 0.0)
        self._reset_s = timing.number("reset_s", timing.number("boot_s", 0.5))
        serial = identity.whole("serial", high=2**24 - 1)
        self.serial_bytes = serial.to_bytes(3, "little")
        """The serial number as it goes over the line."""
        self._dice = Random(serial)
        self._restart_due_s: float | None = None
        self._booting = False
        self._refusals = {Verdict.NAK: 0, Verdict.BUSY: 0}
        slots = min(255, line.whole("poll_ms", 200, low=10, high=2550) // 10)
        self._constants: dict[int, bytes] = {
            Header.SIMPLE_POLL: ACK,
            Header.REQUEST_POLLING_PRIORITY: bytes((2, slots)),
            Header.REQUEST_MANUFACTURER_ID: _ascii(identity, "manufacturer"),
            Header.REQUEST_EQUIPMENT_CATEGORY: CATEGORIES.get(model.device_class, "Unknown").encode(),
            Header.REQUEST_PRODUCT_CODE: _ascii(identity, "product"),
            Header.REQUEST_SERIAL_NUMBER: self.serial_bytes,
            Header.REQUEST_SOFTWARE_REVISION: _ascii(identity, "software"),
            Header.REQUEST_BUILD_CODE: _ascii(identity, "build"),
            Header.REQUEST_COMMS_REVISION: COMMS_REVISION,
        }
        self._deeds: dict[int, Callable[[bytes, float], Reply]] = {
            Header.ADDRESS_CHANGE: self._change_address,
            Header.ADDRESS_RANDOM: self._roll_address,
            Header.RESET_DEVICE: self._reset,
        }
        super().__init__(model, *kind)

    # -- what a device adds --------------------------------------------------------------------------------------------

    @abstractmethod
    def obey(self, header: int, data: bytes, now_s: float) -> Reply:
        """Do what the host asks with a header that is not one of the core, self-check (232) and light barriers (236) included.

        Returns UNKNOWN for what the device has not.
        """

    def restart(self, now_s: float) -> None:
        """Do what a reset does: the memory is gone as after a power cut, and matter is cleared away by the device's rules."""
        self.wake(now_s)

    # -- the line ------------------------------------------------------------------------------------------------------

    def receive(self, data: bytes, now_s: float) -> None:
        if self.echo:  # the wire gives back whatever is sent, to a dead unit as well
            self.put_on_line(data, now_s)
        super().receive(data, now_s)

    def passes_over(self, data: bytes) -> bool:
        if not is_whole(data) or self.echo or self._splitter.pending:
            return False
        to = data[0]
        return to != self.address and to != BROADCAST

    def hear(self, data: bytes, now_s: float) -> None:
        for frame in self._splitter.feed(data, now_s):
            if frame.to not in (self.address, BROADCAST) or frame.header in ANSWERS:
                continue
            if now_s < self._deaf_until_s:
                break  # the frame before was a reset
            self._answer(frame, now_s)
            self.react(now_s)

    def _answer(self, frame: Frame, now_s: float) -> None:
        source = self.address  # an ACK to a new address still comes from the old one
        if frame.header in (Header.ADDRESS_POLL, Header.ADDRESS_CLASH) and not frame.data:
            slot_s = self.address * POLL_SLOT_S
            if frame.header == Header.ADDRESS_CLASH:
                slot_s = self._dice.uniform(0.0, CLASH_WITHIN_S)
            self.say(bytes((self.address,)), now_s, slot_s)
            return
        reply = self._reply_to(frame, now_s)
        if reply is UNKNOWN:
            reply = SILENCE if self._ignores_unknown else NAK
        if reply is SILENCE:
            return
        header: int = REPLY
        if isinstance(reply, Verdict):
            header, reply = Header.BUSY if reply is BUSY else Header.NAK, b""
        self.say(self._codec.encode(Frame(frame.source, header, reply, source)), now_s)

    def _reply_to(self, frame: Frame, now_s: float) -> Reply:
        for verdict, left in self._refusals.items():
            if left:
                self._refusals[verdict] -= 1
                return verdict
        if frame.header in self._constants:
            return UNKNOWN if frame.data else self._constants[frame.header]
        deed = self._deeds.get(frame.header)
        return self.obey(frame.header, frame.data, now_s) if deed is None else deed(frame.data, now_s)

    def _change_address(self, data: bytes, now_s: float) -> Reply:
        if len(data) != 1:
            return UNKNOWN
        if data[0] in (BROADCAST, HOST):
            return NAK
        self.address = data[0]
        return ACK

    def _roll_address(self, data: bytes, now_s: float) -> Reply:
        if data:
            return UNKNOWN
        self.address = self._dice.randint(2, 255)
        return ACK

    def _reset(self, data: bytes, now_s: float) -> Reply:
        if data:
            return UNKNOWN
        if self._restart_due_s is None:
            self._restart_due_s = now_s + self._reset_delay_s
        return ACK

    # -- the shell -----------------------------------------------------------------------------------------------------

    @property
    def listening(self) -> bool:
        """Whether the unit has power and has come up from its last start."""
        return self._insides.powered and not self._booting

    @property
    def restarting(self) -> bool:
        """Whether a reset was acknowledged and has not been carried out yet."""
        return self._restart_due_s is not None

    def own_due_s(self) -> float | None:
        if not self._insides.powered:
            return None
        return earliest(self._restart_due_s, self._deaf_until_s if self._booting else None)

    def settle(self, now_s: float) -> None:
        if self._booting and self._deaf_until_s <= now_s:
            self._booting = False
        if self._restart_due_s is not None and self._restart_due_s <= now_s:
            self._restart_due_s = None
            self._deaf_until_s = now_s + self._reset_s
            self.restart(now_s)

    def wake(self, now_s: float) -> None:
        self._splitter.reset()
        self._restart_due_s = None
        self._refusals = dict.fromkeys(self._refusals, 0)
        self._booting = self._deaf_until_s > now_s

    def firmware(self) -> State:
        return {**super().firmware(), "address": self.address}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self.address = state["address"]

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            "echo": BenchCommand("echo on|off", "whether the host hears its own bytes", self._set_echo),
            "nak": BenchCommand("nak N", "refuse the next N requests without looking at them", self._refuse(NAK)),
            "busy": BenchCommand("busy N", "answer the next N requests BUSY", self._refuse(BUSY)),
            **super()._line_commands(),
        }

    def _set_echo(self, words: list[str], now_s: float) -> Answer:
        self.echo = on_or_off("echo", words)
        return {"ok": True, "note": "the host hears its own bytes" if self.echo else "the host hears answers only"}

    def _refuse(self, verdict: Verdict) -> Deed:
        def refuse(words: list[str], now_s: float) -> Answer:
            self._refusals[verdict] = whole_number(verdict.value, words, 0, 1000)
            return {"ok": True, "note": f"{verdict.value.upper()} to the next {words[0]} requests"}

        return refuse


def _ascii(identity: ConfigFile, key: str) -> bytes:
    text = identity.text(key)
    if not text.isascii() or len(text) > MAX_DATA:
        raise identity.wrong(key, f"at most {MAX_DATA} ASCII characters")
    return text.encode("ascii")
