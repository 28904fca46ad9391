"""A ccTalk coin acceptor made of software: the device side of the coin headers.

Frames, the credit buffer and its counter, ids, masks and error codes follow the reference [2]. What nobody wrote down is chosen
here and marked [U] at its place; the main choices:

* after power-up and reset every coin is inhibited (mask 00 00) while the master switch accepts, both data of the model;
* an inhibited coin, by mask or by master, is told as code 2, or as 128 to 143 by coin when the model says so;
* a coin pulled out by its string after its credit is told as 20 and then as cancelled (160 and up);
* masks, sorter paths and overrides live in memory only and are back at the model's after a reset;
* a unit that starts up judges no coin and knows of none under way: they fall as without power.

Not modelled: teaching, accept counters, what the solenoids do in their test (240: only acknowledged).
"""

from hardware.benchcommand import Answer, BenchCommand, whole_number
from hardware.cctalk.codes import CoinError
from hardware.cctalk.device import ACK, NAK, UNKNOWN, CcTalkSlave, Reply
from hardware.cctalk.events import EventBuffer
from hardware.cctalk.headers import Header
from hardware.cctalk.ids import EMPTY_COIN_ID
from hardware.cctalk.masks import set_mask
from hardware.coins.cctalk.acceptor_tables import (
    FAILURES,
    FLAWS,
    JAM_SELF_CHECK,
    PATHS,
    POSITIONS,
    REASON_ERRORS,
    REFUSAL_ERRORS,
    SELF_CHECK,
    STUCK_ERRORS,
    TRICK_ERRORS,
    coin_rows,
)
from hardware.coins.coins import CoinPlace
from hardware.coins.emulator import CoinAcceptorEmulator
from hardware.coins.events import Event
from hardware.configfile import ConfigFile
from hardware.emulator import Happening
from hardware.models import DeviceModel
from hardware.vocabulary import RefuseReason


class CcTalkCoinEmulator(CcTalkSlave, CoinAcceptorEmulator):
    """One coin acceptor. Bench commands besides those of every coin acceptor: ``event``."""

    def __init__(self, model: DeviceModel) -> None:
        """Read the model. Raises ConfigError naming file and key when it cannot be used."""
        file = ConfigFile(model.path, model.settings)
        self._rows = coin_rows(file)
        self._positions = {row.coin_id: row.position for row in self._rows.values()}
        acceptor = file.table("acceptor").only("power_up_mask", "power_up_master", "default_path", "names_inhibited_coin")
        self._power_up_mask = acceptor.whole("power_up_mask", 0, high=0xFFFF)
        self._power_up_master = acceptor.flag("power_up_master", True)
        self._names_inhibited_coin = acceptor.flag("names_inhibited_coin", False)
        super().__init__(model, {row.coin_id: row.yen for row in self._rows.values()}, FLAWS, FAILURES)
        self.mechanism.default_path = acceptor.whole("default_path", 1, low=1, high=PATHS)
        self._events = EventBuffer()
        self._mask = self._next_mask = 0
        self._overrides = self._next_overrides = 0xFF
        self._master = True
        self._paths: dict[int, int] = {}
        self._forget()

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {
            "event": BenchCommand("event CODE", "let it tell a code (0 to 255) that nothing here causes", self._event),
            **super()._line_commands(),
        }

    def _forget(self) -> None:
        """Lose what lives in memory only."""
        self._events.clear()
        self._mask = self._next_mask = self._power_up_mask
        self._overrides = self._next_overrides = 0xFF
        self._master = self._power_up_master
        self._paths = {position: row.path for position, row in self._rows.items()}
        self._obey_settings()

    def _obey_settings(self) -> None:
        """Tell the mechanism which coins may pass and where they go."""
        self.mechanism.permitted = frozenset(
            row.coin_id for row in self._rows.values() if self._master and self._mask >> (row.position - 1) & 1
        )  # 1 = accept [2], whatever some public comments say
        # A cleared bit overrides a path: its coins take the default one [U]
        open_paths = {path for path in range(1, PATHS + 1) if self._overrides >> (path - 1) & 1}
        self.mechanism.paths = {
            row.coin_id: self._paths[row.position] for row in self._rows.values() if self._paths[row.position] in open_paths
        }

    # -- the host's commands -------------------------------------------------------------------------------------------

    def obey(self, header: int, data: bytes, now_s: float) -> Reply:
        """Do what the host asks, in the order of the headers; what all devices answer alike is answered already."""
        match header, len(data):
            case Header.PERFORM_SELF_CHECK, 0:
                return bytes((self._self_check(),))
            case Header.READ_OPTO_STATES, 0:
                return bytes((self._opto_states(),))
            case Header.MODIFY_INHIBIT_STATUS, size if size:
                self._mask = self._next_mask = set_mask(self._mask, data)
            case Header.REQUEST_INHIBIT_STATUS, 0:
                return self._mask.to_bytes(2, "little")
            case Header.READ_BUFFERED_CREDIT, 0:
                return self._events.answer()
            case Header.MODIFY_MASTER_INHIBIT, 1:
                self._master = bool(data[0] & 1)
            case Header.REQUEST_MASTER_INHIBIT, 0:
                return bytes((self._master,))
            case Header.MODIFY_SORTER_PATHS, 2 | 5:  # with three override paths, which are not modelled
                return self._set_path(data[0], data[1])
            case Header.REQUEST_SORTER_PATHS, 1:
                if not 1 <= data[0] <= POSITIONS:
                    return NAK
                return bytes((self._paths.get(data[0], self.mechanism.default_path),))
            case Header.REQUEST_COIN_ID, 1:
                if not 1 <= data[0] <= POSITIONS:
                    return NAK
                row = self._rows.get(data[0])
                return EMPTY_COIN_ID if row is None else row.coin_id.encode()
            case Header.MODIFY_INHIBIT_AND_OVERRIDE, 6:  # now and after the next coin: mask, mask, overrides each [2]
                self._mask, self._next_mask = int.from_bytes(data[0:2], "little"), int.from_bytes(data[3:5], "little")
                self._overrides, self._next_overrides = data[2], data[5]
            case Header.TEST_SOLENOIDS, 1:
                return ACK
            case _:
                return UNKNOWN
        self._obey_settings()
        return ACK

    def _set_path(self, position: int, path: int) -> Reply:
        if not (position in self._paths and 1 <= path <= PATHS):
            return NAK
        self._paths[position] = path
        self._obey_settings()
        return ACK

    def _self_check(self) -> int:
        mechanism = self.mechanism
        if mechanism.failure:
            return SELF_CHECK[mechanism.failure]
        return 0 if mechanism.blocked is None else JAM_SELF_CHECK[mechanism.blocked]

    def _opto_states(self) -> int:
        """Return a bit for each sensor that a coin covers, from the slot inwards [U]."""
        places = (CoinPlace.ENTRY, CoinPlace.SENSORS, CoinPlace.GATE, CoinPlace.SORTER)
        return sum(bool(self.mechanism.piles.size(place)) << bit for bit, place in enumerate(places))

    def status_name(self) -> str:
        if not self.mechanism.powered:
            return "no power"
        return f"event counter {self._events.counter}, self-check {self._self_check()}"

    # -- what happens inside -------------------------------------------------------------------------------------------

    def notice(self, happening: Happening) -> None:
        data = happening.data
        match happening.event:
            case Event.COIN_CREDITED:
                self._events.add(self._positions[data["kind"]], data["path"])
            case Event.COIN_ADMITTED:  # an attempt to accept: what 162 said of the next coin holds from here
                self._mask, self._overrides = self._next_mask, self._next_overrides
                self._obey_settings()
            case Event.COIN_REFUSED:
                self._events.add(0, self._refusal(data["reason"], data["why"], data["kind"]))
            case Event.COIN_UNCREDITED:
                self._events.add(0, TRICK_ERRORS[data["why"]])
            case Event.COIN_BACKWARDS:
                self._events.add(0, CoinError.GOING_BACKWARDS)
            case Event.COIN_PULLED if self.mechanism.running:
                self._events.add(0, CoinError.STRING_MECHANISM)
                if data["credited"]:
                    self._events.add(0, CoinError.CREDIT_CANCELLED_COIN_1 + self._positions[data["kind"]] - 1)
            case Event.COIN_STUCK:
                self._events.add(0, STUCK_ERRORS[data["at"]])
            case Event.LEVER_PULLED if self.mechanism.running:
                self._events.add(0, CoinError.RETURN_LEVER)

    def _refusal(self, reason: str, why: str, kind: str) -> int:
        if reason == RefuseReason.INHIBITED.value and self._names_inhibited_coin:
            return CoinError.INHIBITED_COIN_1 + self._positions[kind] - 1
        return REFUSAL_ERRORS.get(why) or REASON_ERRORS[reason]

    def settle(self, now_s: float) -> None:
        super().settle(now_s)
        self.mechanism.watch(self.listening, now_s)

    def wake(self, now_s: float) -> None:
        super().wake(now_s)
        self._forget()

    # -- bench commands ------------------------------------------------------------------------------------------------

    def _event(self, words: list[str], now_s: float) -> Answer:
        code = whole_number("event", words, 0, 255)
        self._events.add(0, code)
        return {"ok": True, "note": f"code {code} is the newest event", "counter": self._events.counter}
