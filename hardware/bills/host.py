"""The host side that all polled bill validators share: the acceptor contract's face over :mod:`hardware.polledacceptor`.

What an answer tells about notes, and what to do about it, is the business of the protocol's
:class:`hardware.bills.service.UnitService`.
"""

from typing import Any, TypeVar

from hardware.bills.acceptor import AcceptorStatus, BillAcceptor, BillEvent, Listener
from hardware.bills.service import UnitService
from hardware.bills.story import Decision
from hardware.errors import SequenceError
from hardware.models import DeviceModel
from hardware.polledacceptor import AcceptingDevice
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange

H = TypeVar("H")


class PolledAcceptor(AcceptingDevice[H, BillEvent], BillAcceptor):
    """A bill validator that is asked, again and again, by the service of its protocol."""

    def __init__(self, model: DeviceModel, exchange: Exchange[Any], service: UnitService[H], poll: PollSettings) -> None:
        """Prepare; opens nothing yet."""
        self.status = AcceptorStatus()
        self._service = service
        super().__init__(model, exchange, service, poll)

    async def start(self, listener: Listener) -> None:
        """Begin to serve. Raises SequenceError when called twice."""
        self._began(listener)

    async def close(self) -> None:
        """Inhibit the unit if it still answers, then leave the line.

        Raises what ended the driver's task, if a bug (ours or the listener's) did.
        """
        if await self._ended():
            self.status = AcceptorStatus()
            self._tell(self.status)

    def stack(self) -> None:
        self._decide(Decision.STACK)

    def return_(self) -> None:
        self._decide(Decision.RETURN)

    def hold(self) -> None:
        self._decide(Decision.HOLD)

    def _decide(self, decision: Decision) -> None:
        note = self._service.note
        if note is None or not note.undecided:
            raise SequenceError(f"{decision.value}: no undecided note is in escrow")
        note.decision = decision
        self._service.decided()
        self._nudge()

    def _publish(self) -> None:
        service, faults = self._service, self._faults
        ready = self._online and service.settled and not faults
        status = AcceptorStatus(self._state, self._power, faults, ready, self._online and service.blocked, service.full)
        if status != self.status:
            self.status = status
            self._tell(status)
