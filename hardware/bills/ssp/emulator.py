"""An SSP or eSSP validator made of software: the device side of :mod:`hardware.bills.ssp.frames`.

Follows the reference on SSP: packets, sequence flag, ordinary sequences and key exchange are [V]/[R]. Where nobody wrote it
down, the choice made here is marked [U]. These are the main ones:

* after a start every channel is inhibited and the unit is disabled [1]; keys and the sequence flag are forgotten, and the first
  packet counts as new whatever its flag [U];
* a note found inside at a start is cleared while the unit boots: back to the front (E1), or, from the stacker, into the box
  (E2) unless the host has been told its credit. A credit that no poll has carried, or that POLL WITH ACK carried and nobody
  acknowledged, is told as E2 too [U];
* the packet with SLAVE RESET carries no lasting states beside it, as seen [R];
* DISABLED, cash box removed, full and jams are told at every poll while they last; replaced, stacked, rejected once [U];
* DISABLED is said whenever no note would be taken: not enabled, all channels inhibited, box out or full, path open, jam [U];
* DISABLE while a note is in escrow decides nothing about it [U];
* a POLL that accepts a note the stacker cannot take gives it back, code 1D [U]; EVENT ACK with nothing to acknowledge is
  CANNOT PROCESS [U];
* a fraud attempt is over once the host has heard of it [U]; jams end with staff's repair, without a reset [U];
* an encrypted packet made with another key silences the unit: it answers only a plain SYNC or RESET until then [U];
* a broken motor or sensor has no word in SSP: a jam if a note is stuck in it, else merely DISABLED [U].

Not modelled: other baud rates (command 4D), bar codes, escrow transactions 76 to 7A, payout units, bezel colours (taken, shown
nowhere), an open path stopping the motors. Nearly full has no word in SSP and is not told.
"""

from collections.abc import Callable
from random import Random

from hardware.benchcommand import Answer, BenchCommand, no_words, whole_number
from hardware.bills.emulator import BillEmulator
from hardware.bills.ssp.commands import PAYOUT_COMMANDS, Command, NoPayout, Reply
from hardware.bills.ssp.crypto import is_sealed
from hardware.bills.ssp.emulator_tables import (
    FLAWS,
    MUST_BE_ENCRYPTED,
    PARAMETERS,
    ROUTE_COMMANDS,
    UnitFacts,
    read_channels,
)
from hardware.bills.ssp.events import EXPANDED_FROM
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.bills.ssp.messages import (
    UNIT_VALIDATOR,
    Counters,
    Setup,
    UnitData,
    decode_inhibits,
    encode_channel_security,
    encode_channel_values,
)
from hardware.bills.ssp.security import DeviceSecurity, Encryption, Misfit, Sealer
from hardware.bills.ssp.validator import Validator
from hardware.configfile import ConfigFile
from hardware.emulator import BadCommand, Happening
from hardware.lasting import State
from hardware.models import DeviceModel

OK = bytes((Reply.OK,))
NOT_NOW = bytes((Reply.CANNOT_PROCESS,))
NO_PARAMETERS = range(1)
KEY_COMMANDS = frozenset({Command.SET_GENERATOR, Command.SET_MODULUS, Command.REQUEST_KEY_EXCHANGE})
FIXED_KEY_COMMANDS = frozenset({Command.SET_FIXED_KEY, Command.RESET_FIXED_KEY})


class SspEmulator(BillEmulator):
    """One validator. Bench commands of its own: ``path``, ``serial``, ``lose-key``, ``skip-count``."""

    def __init__(self, model: DeviceModel, random: Random | None = None) -> None:
        """Read the model. ``random`` gives secrets and packing; without one it is seeded with the unit's serial number.

        Raises ConfigError naming file and key when the model cannot be used.
        """
        file = ConfigFile(model.path, model.settings)
        self._facts = facts = UnitFacts.read(file)
        channels = read_channels(file, facts.multiplier)
        super().__init__(model, frozenset(channel.worth for channel in channels if channel.worth), FLAWS)
        timing = file.table("timing")
        self._command_timeout_s = timing.number("command_timeout_s", 10.0, low=0.1)
        self._byte_gap_s = timing.number("byte_gap_s", 1.0, low=0.01)
        self.validator = Validator(self.mechanism, channels, facts)
        self.security = DeviceSecurity(facts.encryption, facts.fixed_key, random or Random(facts.serial))
        self._serial = facts.serial
        self._splitter = Splitter()
        self._last_byte_s = 0.0
        self._last_command_s = 0.0
        self._last_flag: bool | None = None
        self._last_reply = b""
        self._restart_ordered = False
        self._simple: dict[Command, Callable[[bytes, float], bytes]] = self._answers()

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            **super()._line_commands(),
            "path": BenchCommand("path open|shut", "staff open the note path, or shut it", self._path),
            "serial": BenchCommand("serial N", "somebody swaps the unit for one with this serial number", self._swap),
            "lose-key": BenchCommand("lose-key", "the unit forgets the key that was agreed on", self._lose_key),
            "skip-count": BenchCommand("skip-count N", "the unit's count of encrypted packets runs off by N", self._skip_count),
        }

    # -- the line ------------------------------------------------------------------------------------------------------

    def hear(self, data: bytes, now_s: float) -> None:
        if now_s - self._last_byte_s > self._byte_gap_s:
            self._splitter.reset()
        self._last_byte_s = now_s
        for packet in self._splitter.feed(data):
            if packet.address != self._facts.address or now_s < self._deaf_until_s:
                continue
            reply = self._reply_to(packet, now_s)
            if reply:
                self.say(Packet(reply, packet.flag, packet.address).encode(), now_s)
            if self._restart_ordered:
                self._restart_ordered = False
                self._deaf_until_s = now_s + self._boot_s
                self.wake(now_s)
            self.react(now_s)

    def _reply_to(self, packet: Packet, now_s: float) -> bytes:
        """Return DATA of the answer, empty for none. A packet whose flag equals the last one is not executed."""
        data, sealer = packet.data, None
        if not self.validator.in_service and data not in (bytes((Command.SYNC,)), bytes((Command.RESET,))):
            return b""
        self._last_command_s = now_s
        if packet.flag == self._last_flag and data != bytes((Command.SYNC,)):
            return self._last_reply
        if is_sealed(data) and self.security.encryption is not Encryption.NONE:
            if not self.security.has_key:
                return self._remember(packet.flag, bytes((Reply.KEY_NOT_SET,)))
            opened = self.security.open(data)
            if isinstance(opened, Misfit):
                self.validator.in_service = opened is not Misfit.KEY
                return b""
            data, sealer = opened
        reply = self._obey(data, sealer, now_s)
        # After SYNC the next new packet carries flag 0, whichever flag the SYNC had.
        return self._remember(packet.flag or data == bytes((Command.SYNC,)), sealer.seal(reply) if sealer else reply)

    def _remember(self, flag: bool, reply: bytes) -> bytes:
        self._last_flag, self._last_reply = flag, reply
        return reply

    # -- commands ------------------------------------------------------------------------------------------------------

    def _obey(self, data: bytes, sealer: Sealer | None, now_s: float) -> bytes:
        """Do what the host asks and return DATA of the answer."""
        try:
            command = Command(data[0])
        except (ValueError, IndexError):
            return bytes((Reply.UNKNOWN_COMMAND,))
        parameters = data[1:]
        if self.security.required and sealer is None and command in MUST_BE_ENCRYPTED:
            return bytes((Reply.KEY_NOT_SET,))
        if command in PAYOUT_COMMANDS:
            connected = bytes((Reply.CANNOT_PROCESS, NoPayout.NOT_CONNECTED))
            return connected if command in ROUTE_COMMANDS else bytes((Reply.UNKNOWN_COMMAND,))
        answer = self._simple.get(command)
        if answer is None:
            return bytes((Reply.UNKNOWN_COMMAND,))
        if len(parameters) not in PARAMETERS.get(command, NO_PARAMETERS):
            return bytes((Reply.WRONG_PARAMETER_COUNT,))
        if command is Command.SET_FIXED_KEY and sealer is None:
            return bytes((Reply.KEY_NOT_SET,))
        return answer(parameters, now_s)

    def _answers(self) -> dict[Command, Callable[[bytes, float], bytes]]:
        """Return what answers each command this unit has, in the manual's order."""
        unit, security = self.validator, self.security
        answers: dict[Command, Callable[[bytes, float], bytes]] = {
            Command.RESET: self._reset,
            Command.SET_INHIBITS: self._set_inhibits,
            Command.DISPLAY_ON: lambda data, t: OK,
            Command.DISPLAY_OFF: lambda data, t: OK,
            Command.SETUP_REQUEST: lambda data, t: OK + self._setup().encode(),
            Command.HOST_PROTOCOL_VERSION: self._set_protocol,
            Command.POLL: lambda data, t: OK + unit.poll(t, with_ack=False),
            Command.REJECT: lambda data, t: OK if unit.reject(t) else NOT_NOW,
            Command.DISABLE: lambda data, t: self._enable(False),
            Command.ENABLE: lambda data, t: self._enable(True),
            Command.GET_SERIAL_NUMBER: lambda data, t: OK + self._serial.to_bytes(4, "big"),
            Command.UNIT_DATA: lambda data, t: OK + self._unit_data(),
            Command.CHANNEL_VALUES: lambda data, t: OK + encode_channel_values(unit.channels, unit.protocol),
            Command.CHANNEL_SECURITY: lambda data, t: OK + encode_channel_security(unit.channels),
            Command.SYNC: lambda data, t: OK,
            Command.LAST_REJECT_CODE: lambda data, t: OK + bytes((unit.last_reject,)),
            Command.HOLD: lambda data, t: OK if unit.hold(t) else NOT_NOW,
            Command.GET_FIRMWARE_VERSION: lambda data, t: OK + self._facts.firmware_full,
            Command.GET_DATASET_VERSION: lambda data, t: OK + self._facts.dataset,
            Command.SET_GENERATOR: lambda data, t: security.set_generator(data),
            Command.SET_MODULUS: lambda data, t: security.set_modulus(data),
            Command.REQUEST_KEY_EXCHANGE: lambda data, t: security.exchange(data),
            Command.CONFIGURE_BEZEL: lambda data, t: OK,
            Command.POLL_WITH_ACK: lambda data, t: OK + unit.poll(t, with_ack=True),
            Command.EVENT_ACK: lambda data, t: OK if unit.acknowledge() else NOT_NOW,
            Command.GET_COUNTERS: lambda data, t: OK + unit.counters.encode(),
            Command.RESET_COUNTERS: self._reset_counters,
            Command.SET_FIXED_KEY: lambda data, t: security.set_fixed_key(data),
            Command.RESET_FIXED_KEY: self._reset_fixed_key,
        }
        if security.encryption is Encryption.NONE:
            return {code: answer for code, answer in answers.items() if code not in KEY_COMMANDS | FIXED_KEY_COMMANDS}
        return answers

    def _reset(self, data: bytes, now_s: float) -> bytes:
        self._restart_ordered = True
        return OK

    def _set_inhibits(self, data: bytes, now_s: float) -> bytes:
        self.validator.set_accepted(decode_inhibits(data))
        return OK

    def _set_protocol(self, data: bytes, now_s: float) -> bytes:
        if not 1 <= data[0] <= self._facts.protocol_highest:
            return bytes((Reply.FAIL,))
        self.validator.protocol = data[0]
        return OK

    def _enable(self, wanted: bool) -> bytes:
        self.validator.enable(wanted)
        return OK

    def _setup(self) -> Setup:
        facts, protocol = self._facts, self.validator.protocol
        multiplier = 0 if protocol >= EXPANDED_FROM else facts.multiplier
        return Setup(
            UNIT_VALIDATOR, facts.firmware, facts.country, multiplier, facts.multiplier, protocol, self.validator.channels
        )

    def _unit_data(self) -> bytes:
        facts = self._facts
        return UnitData(UNIT_VALIDATOR, facts.firmware, facts.country, facts.multiplier, self.validator.protocol).encode()

    def _reset_counters(self, data: bytes, now_s: float) -> bytes:
        self.validator.counters = Counters()
        return OK

    def _reset_fixed_key(self, data: bytes, now_s: float) -> bytes:
        self.security.reset_fixed_key()
        return self._reset(data, now_s)

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        self.validator.notice(happening)

    def settle(self, now_s: float) -> None:
        if not self.mechanism.powered:
            return
        due_s = self.own_due_s()
        if due_s is not None and due_s <= now_s:
            self.validator.enable(False)
        self.validator.settle(now_s)

    def own_due_s(self) -> float | None:
        if not self.mechanism.powered or not self.validator.enabled:
            return None
        return self._last_command_s + self._command_timeout_s

    def firmware(self) -> State:
        kept = {"serial": self._serial, "fixed_key": self.security.fixed_key}
        return {**super().firmware(), **kept, "validator": self.validator.state()}

    def restore_firmware(self, state: State) -> None:
        super().restore_firmware(state)
        self._serial, self.security.fixed_key = state["serial"], state["fixed_key"]
        self.validator.restore(state["validator"])

    def wake(self, now_s: float) -> None:
        self._splitter.reset()
        self._last_flag, self._last_reply = None, b""
        self.security.forget()
        self.validator.restart(now_s)

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        return self.validator.status_name() if self.validator.in_service else "OUT_OF_SERVICE"

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _path(self, words: list[str], now_s: float) -> Answer:
        if words not in (["open"], ["shut"]):
            raise BadCommand("path takes open or shut")
        self.validator.path_open = words == ["open"]
        return {"ok": True, "note": f"the note path is {words[0]}"}

    def _swap(self, words: list[str], now_s: float) -> Answer:
        self._serial = whole_number("serial", words, 0, 999_999_999)
        return {"ok": True, "note": f"serial number {self._serial}"}

    def _lose_key(self, words: list[str], now_s: float) -> Answer:
        no_words("lose-key", words)
        had = self.security.has_key
        self.security.forget()
        return {"ok": had, "note": "the key is gone" if had else "there was none"}

    def _skip_count(self, words: list[str], now_s: float) -> Answer:
        self.security.skip_counts(whole_number("skip-count", words, 1, 1_000_000))
        return {"ok": self.security.has_key, "note": "the next encrypted packet has the wrong count"}
