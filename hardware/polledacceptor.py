"""What polled acceptors share, of bills and of coins: what is wanted of them, and what of that they can take."""

from typing import Any, Generic, TypeVar

from hardware.models import DeviceModel
from hardware.polled import PolledDevice, PolledService
from hardware.pollsettings import PollSettings
from hardware.wire.exchange import Exchange

H = TypeVar("H")
E = TypeVar("E")


class AcceptingService(PolledService[H, E], Generic[H, E]):
    """Serves one acceptor, poll by poll."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: frozenset[int] | None = None
        """Yen values to accept; None is inhibited. Set by the host; to be carried out at a next exchange and after restarts."""
        self.worth_yen: dict[int, int] = {}
        """Yen by the protocol's own code, as last read from the device."""

    def wish(self) -> frozenset[int]:
        """Return the yen values to let in: what is wanted and the device knows. Nothing while it is inhibited."""
        return frozenset(yen for yen in self.worth_yen.values() if self.wanted is not None and yen in self.wanted)

    def codes_of(self, values: frozenset[int]) -> frozenset[int]:
        """Return the protocol's own codes of these yen values; one value may have several."""
        return frozenset(code for code, yen in self.worth_yen.items() if yen in values)


class AcceptingDevice(PolledDevice[H, E], Generic[H, E]):
    """The half of an acceptor's driver that keeps the line and passes on what is wanted."""

    def __init__(
        self, model: DeviceModel, exchange: Exchange[Any], service: AcceptingService[H, E], poll: PollSettings
    ) -> None:
        """Prepare; opens nothing yet."""
        self._accepting = service
        super().__init__(model, exchange, service, poll)

    @property
    def denominations(self) -> frozenset[int]:
        """The yen values that the device knows."""
        return frozenset(self._accepting.worth_yen.values())

    def enable(self, denominations: frozenset[int]) -> None:
        """Let these in from now on, and after every restart of the device."""
        self._accepting.wanted = frozenset(denominations)
        self._nudge()

    def disable(self) -> None:
        """Let nothing in any more."""
        self._accepting.wanted = None
        self._nudge()
