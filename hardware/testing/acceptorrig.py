"""What checks of acceptors have in common, of bills and of coins: the values that can be put in, and what of them is wanted."""

from abc import abstractmethod
from typing import Self

from hardware.benchfile import DeviceSpec
from hardware.bills.acceptor import BillAcceptor
from hardware.coins.acceptor import CoinAcceptor
from hardware.testing.person import Ask
from hardware.testing.rig import Rig


class AcceptorRig(Rig):
    """An acceptor set up for a check."""

    def __init__(self, spec: DeviceSpec, ask: Ask | None = None, seed: int = 0) -> None:
        super().__init__(spec, ask, seed)
        self._denominations: list[int] = []
        self._wanted: frozenset[int] | None = None

    @property
    @abstractmethod
    def acceptor(self) -> BillAcceptor | CoinAcceptor:
        """The driver under test; another one after :meth:`kill_host`."""

    @property
    def denominations(self) -> list[int]:
        """The device's own values, lowest first, as the first host read them: a new one may not have got so far."""
        self._denominations = self._denominations or sorted(self.acceptor.denominations)
        return self._denominations

    async def ready(self, *, enabled: bool = True) -> Self:
        """Start the driver, wait until the device is ready, and let it accept every value. Returns itself."""
        await self.start_driver()
        await self.until_ready()
        if enabled:
            self.enable(frozenset(self.denominations))
            await self.pause(1.0)
        return self

    def enable(self, denominations: frozenset[int]) -> None:
        """Say, once, what is wanted: it is for the driver to say it again to a device that was restarted."""
        self._wanted = denominations
        self.acceptor.enable(denominations)
