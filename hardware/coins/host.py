"""The host side that polled coin acceptors share: the contract's face over :mod:`hardware.polledacceptor`."""

from abc import abstractmethod
from typing import Any, TypeVar

from hardware.coins.acceptor import CoinAcceptor, CoinAcceptorStatus, CoinEvent, CoinListener
from hardware.models import DeviceModel
from hardware.polledacceptor import AcceptingDevice, AcceptingService
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange

H = TypeVar("H")


class CoinService(AcceptingService[H, CoinEvent]):
    """Serves one coin acceptor, poll by poll."""

    @abstractmethod
    def resume(self, mark: str | None) -> None:
        """Say up to where a former life told of coins; before the first poll. None is the first life of all."""


class PolledCoinAcceptor(AcceptingDevice[H, CoinEvent], CoinAcceptor):
    """A coin acceptor that is asked, again and again, by the service of its protocol."""

    def __init__(self, model: DeviceModel, exchange: Exchange[Any], service: CoinService[H], poll: PollSettings) -> None:
        """Prepare; opens nothing yet."""
        self.status = CoinAcceptorStatus()
        self._service = service
        super().__init__(model, exchange, service, poll)

    async def start(self, listener: CoinListener, resume: str | None = None) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        self._began(listener)
        self._service.resume(resume)

    async def close(self) -> None:
        """Inhibit the device if it still answers, then leave the line.

        Raises what ended the driver's task, if a bug (ours or the listener's) did.
        """
        if await self._ended():
            self.status = CoinAcceptorStatus()
            self._tell(self.status)

    def _publish(self) -> None:
        faults = self._faults
        ready = self._online and self._service.settled and not faults
        status = CoinAcceptorStatus(self._state, self._power, faults, ready)
        if status != self.status:
            self.status = status
            self._tell(status)
