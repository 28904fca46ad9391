"""A simulated change machine with its driver, and everything that it tells."""

from pathlib import Path
from typing import Any

from hardware.changer.changer import ChangerEvent
from hardware.changer.simulated import SimulatedChanger
from hardware.changer.units import Place
from hardware.coins.acceptor import CoinAccepted, CoinEvent
from hardware.dispenser import DispenserStatus
from hardware.links.nowire import NoWire
from hardware.models import load_model

MODEL = load_model(Path(__file__).parents[3] / "config/devices/upos-changer-jpy.toml")
LOADED = {10: 50, 50: 40, 100: 60, 500: 30, 1000: 40, 5000: 10}
"""What the model's drums and hoppers hold on the first day."""
ALL = frozenset({1, 5, 10, 50, 100, 500, 1000, 2000, 5000, 10000})
ENOUGH_S = 30.0
"""More than any motion in these tests takes."""


class World:
    """One machine; ``renew`` gives it a new driver, as a restarted host would."""

    def __init__(self) -> None:
        self.wire = NoWire("changer")
        self.told: list[ChangerEvent] = []
        self.coins: list[CoinEvent] = []
        self.payouts: list[DispenserStatus] = []
        self.renew()
        self.mechanism = self.changer.machine.mechanism
        self.worth_yen = self.mechanism.piles.worth_yen()

    def renew(self) -> None:
        self.changer = SimulatedChanger(MODEL, self.wire)

    async def start(self) -> None:
        await self.changer.start(self.told.append)

    async def start_halves(self, resume: str | None = None) -> None:
        await self.changer.acceptor.start(self.coins.append, resume)
        await self.changer.dispenser.start(self.payouts.append)

    def hand(self, line: str) -> dict[str, Any]:
        return self.changer.command(line)

    @property
    def credited_yen(self) -> int:
        return sum(event.yen for event in self.coins if isinstance(event, CoinAccepted))

    def lying_yen(self, *places: Place) -> int:
        return self.mechanism.piles.worth_yen(*places)

    def held_yen(self) -> int:
        """What lies in the machine for good."""
        return self.lying_yen(Place.UNIT, Place.OVERFLOW)
