"""What every emulated coin acceptor and every emulated hopper shares: the mechanism, its bench commands, what can break.

A protocol's face is a subclass that hears bytes and speaks for the mechanism; see :class:`~hardware.deviceshell.DeviceShell`.
"""

from collections.abc import Mapping

from hardware.benchcommand import Answer, BenchCommand
from hardware.coins import lasting
from hardware.coins.coins import CoinPlace, Flaw
from hardware.coins.hands import CoinHands, HopperHands
from hardware.coins.hopper import HopperMechanism
from hardware.coins.mechanism import CoinMechanism
from hardware.coins.timings import CoinTimings, HopperTimings
from hardware.configfile import ConfigFile
from hardware.deviceshell import DeviceShell
from hardware.emulator import BadCommand
from hardware.lasting import State
from hardware.models import DeviceModel
from hardware.vocabulary import Fault


class CoinAcceptorEmulator(DeviceShell):
    """A coin acceptor made of software; subclasses are its protocol."""

    def __init__(
        self, model: DeviceModel, known: Mapping[str, int], flaws: Mapping[str, Flaw], failures: Mapping[str, Fault]
    ) -> None:
        """``known`` are the kinds of the model's coins with their yen, ``flaws`` and ``failures`` the protocol's own words
        for bad coins and for what can break, the first failure being the common one.

        Raises ConfigError when the model's ``[timing]`` cannot be used.
        """
        self.mechanism = CoinMechanism(CoinTimings.read(ConfigFile(model.path, model.settings).table("timing")), known)
        self._failures = failures
        super().__init__(model, self.mechanism, CoinHands(self.mechanism, flaws).commands())

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {**_fail_command(self.mechanism, self._failures), **super()._line_commands()}

    def insides_state(self) -> State:
        return lasting.acceptor_state(self.mechanism)

    def restore_insides(self, state: State, now_s: float) -> None:
        lasting.restore_acceptor(self.mechanism, state, now_s)

    def facts(self) -> Answer:
        mechanism = self.mechanism
        return {
            "inside": [{"yen": coin.yen, "place": mechanism.where(coin).value} for coin in mechanism.inside],
            "cup": {str(yen): n for yen, n in sorted(mechanism.piles.count(CoinPlace.CUP).items())},
            "box": {
                str(path): {str(yen): n for yen, n in sorted(coins.items())}
                for path, coins in sorted(mechanism.in_box_by_path.items())
            },
            "at_customer": {str(yen): n for yen, n in sorted(mechanism.at_customer.items())},
            "faults": sorted(fault.value for fault in mechanism.faults),
        }


class HopperEmulator(DeviceShell):
    """A hopper made of software; subclasses are its protocol."""

    def __init__(self, model: DeviceModel, failures: Mapping[str, Fault]) -> None:
        """``failures`` are the protocol's own words for what can break, the first one being the common one.

        Raises ConfigError when the model's ``[hopper]`` or ``[timing]`` cannot be used.
        """
        file = ConfigFile(model.path, model.settings)
        hopper = file.table("hopper")
        capacity = hopper.whole("capacity", low=1, high=5000)
        self.mechanism = HopperMechanism(
            HopperTimings.read(file.table("timing")),
            hopper.text("coin"),
            hopper.whole("yen", low=1),
            capacity,
            low_at=hopper.whole("low_at", high=capacity) if "low_at" in hopper.data else None,
            high_at=hopper.whole("high_at", high=capacity) if "high_at" in hopper.data else None,
        )
        self._failures = failures
        super().__init__(model, self.mechanism, HopperHands(self.mechanism).commands())
        start = hopper.whole("filled", 0, high=capacity)
        if start:
            self.mechanism.fill(start, 0.0)
            self.mechanism.take_happenings()  # it was filled before anybody looked

    def _line_commands(self) -> dict[str, BenchCommand]:
        return {**_fail_command(self.mechanism, self._failures), **super()._line_commands()}

    def insides_state(self) -> State:
        return lasting.hopper_state(self.mechanism)

    def restore_insides(self, state: State, now_s: float) -> None:
        lasting.restore_hopper(self.mechanism, state, now_s)

    def facts(self) -> Answer:
        mechanism = self.mechanism
        return {
            "level": mechanism.level,
            "on_disc": mechanism.piles.size(CoinPlace.DISC),
            "running": mechanism.running,
            "to_go": mechanism.to_go,
            "paid_out": {str(yen): n for yen, n in sorted(mechanism.paid_out.items())},
            "low": mechanism.low,
            "high": mechanism.high,
            "faults": sorted(fault.value for fault in mechanism.faults),
        }


def _fail_command(mechanism: CoinMechanism | HopperMechanism, failures: Mapping[str, Fault]) -> dict[str, BenchCommand]:
    """Return the ``fail`` command for one protocol's words."""

    def fail(words: list[str], now_s: float) -> Answer:
        word = words[0].lower() if words else next(iter(failures))
        if len(words) > 1 or word not in failures:
            raise BadCommand(f"fail takes one of {', '.join(failures)}")
        mechanism.fail(failures[word], now_s, word)
        return {"ok": True, "note": f"broken: {word}"}

    return {"fail": BenchCommand("fail [WHAT]", f"break it; WHAT is one of {', '.join(failures)}", fail)}
