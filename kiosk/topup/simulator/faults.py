"""What can go wrong between kiosk and carrier, by name, scripted or rolled from a seed.

Scripted faults come first, in the order given. Rolled ones cost one number of the handed-in ``random.Random`` a request, so the
same seed and the same requests give the same troubles. :data:`TROUBLES` lists every one there is, for whoever draws lots.

Not modelled: a callback that is lost, comes twice or before the reply, for kiosks poll and are never called back.
"""

from collections import deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random
from typing import Literal, get_args

Operation = Literal["lookup", "quote", "reserve", "commit", "cancel", "reverse", "find", "settlement", "other"]

CarrierState = Literal["UP", "DEGRADED", "QUERY_ONLY", "DOWN"]
"""DEGRADED does everything, but the gateway waits for it and is late with every answer; QUERY_ONLY answers look-ups and sells
nothing; DOWN does neither. Cancel and find are the gateway's own and work always."""

EVERY_CARRIER = "*"
"""In place of a carrier's name: all that have no state of their own."""


class Fault(StrEnum):
    """One trouble of one request."""

    DROP_BEFORE_EFFECT = "drop_before_effect"
    """The request is swallowed: no effect, no answer."""
    DROP_AFTER_EFFECT = "drop_after_effect"
    """The effect happens, the answer is swallowed."""
    DELAYED_REPLY = "delayed_reply"
    """The effect happens at once, the answer comes ``delay_s`` later."""
    DELAYED_EFFECT = "delayed_effect"
    """The effect, too, comes ``delay_s`` later, even when the kiosk has long hung up: the trap for "not found, so nothing
    happened"."""
    DUPLICATE_REPLY = "duplicate_reply"
    """Something on the way sends the request twice; the answer to the second one arrives."""
    HTTP_500_AFTER_EFFECT = "http_500_after_effect"
    GARBAGE_REPLY = "garbage_reply"
    """The effect happens; the answer is a proxy's error page with status 200."""
    CROSSED_REPLY = "crossed_reply"
    """The effect happens; the answer is about somebody else's top-up. Look-ups and quotes name none and pass unharmed: the
    description gives a client no way to tell."""
    DOWN = "down"
    """The carrier cannot be reached: 503, no effect."""
    DECLINE = "decline"
    """The carrier declines."""
    UNKNOWN = "unknown"
    """The carrier does not know yet; COMPLETED after ``delay_s``, or when the day is closed."""
    RESERVATION_EXPIRED = "reservation_expired"
    """The reservation ran out between payment and commit."""
    PRICE_CHANGED = "price_changed"
    """The carrier no longer stands by its price."""
    REVERSAL_REFUSED = "reversal_refused"
    SETTLEMENT_LATE = "settlement_late"
    """The day is not closed yet."""
    SETTLEMENT_CUT = "settlement_cut"
    """The file ends in the middle of a line, and the connection in good order."""
    LINE_MISSING = "line_missing"
    """A delivered top-up is not in the file."""
    LINE_EXTRA = "line_extra"
    """The file holds a top-up that nobody bought."""
    LINE_ALTERED = "line_altered"
    """A line has another amount."""
    LINE_REPEATED = "line_repeated"
    LINE_UNDECIDED = "line_undecided"
    """The file does not say either what became of a commit."""


ONLY_OF: Mapping[Fault, tuple[Operation, ...]] = {
    Fault.DECLINE: ("commit",),
    Fault.UNKNOWN: ("commit",),
    Fault.RESERVATION_EXPIRED: ("commit",),
    Fault.PRICE_CHANGED: ("reserve", "commit"),
    Fault.REVERSAL_REFUSED: ("reverse",),
    Fault.SETTLEMENT_LATE: ("settlement",),
    Fault.SETTLEMENT_CUT: ("settlement",),
    Fault.LINE_MISSING: ("settlement",),
    Fault.LINE_EXTRA: ("settlement",),
    Fault.LINE_ALTERED: ("settlement",),
    Fault.LINE_REPEATED: ("settlement",),
    Fault.LINE_UNDECIDED: ("settlement",),
}
"""What some faults happen to; the others happen to any operation."""


def happens_to(fault: Fault, operation: Operation) -> bool:
    """Tell whether a request of ``operation`` can meet ``fault``."""
    return operation in ONLY_OF.get(fault, get_args(Operation))


class Faults:
    """The injector. Mutable: tests and the simulation script it while the server runs.

    ``rates`` gives each fault's probability a request it can happen to; they must not sum to more than 1.
    """

    def __init__(
        self,
        rng: Random,
        rates: Mapping[Fault, float] | None = None,
        *,
        delay_s: float = 12.0,
        silence_s: float = 120.0,
        degraded_s: float = 5.0,
    ) -> None:
        self.rates = dict(rates or {})
        if any(rate < 0 for rate in self.rates.values()) or sum(self.rates.values()) > 1:
            raise ValueError(f"rates are probabilities that sum to 1 at most: {self.rates}")
        self.delay_s = delay_s
        """How late late is; longer than a kiosk waits."""
        self.silence_s = silence_s
        """How long a swallowed request keeps its connection open before the gateway gives up on it (504)."""
        self.degraded_s = degraded_s
        """How late every answer is while a carrier is DEGRADED; a kiosk still waits as long."""
        self.skew_s = 0.0
        """By how much the carriers' clock is ahead of the kiosk's; negative when it is behind."""
        self._rng = rng
        self._scripts: dict[Operation, deque[Fault]] = {}
        self._states: dict[str, CarrierState] = {}

    def script(self, operation: Operation, *faults: Fault) -> None:
        """Let the next requests of ``operation`` meet these faults, one each."""
        for fault in faults:
            if not happens_to(fault, operation):
                raise ValueError(f"{fault} happens to a {' or '.join(ONLY_OF[fault])}, not to a {operation}")
        self._scripts.setdefault(operation, deque()).extend(faults)

    def set_state(self, carrier: str, state: CarrierState) -> None:
        """Put a carrier, or :data:`EVERY_CARRIER`, into a state until told otherwise."""
        self._states[carrier] = state

    def state(self, carrier: str) -> CarrierState:
        """Return a carrier's state."""
        return self._states.get(carrier, self._states.get(EVERY_CARRIER, "UP"))

    @property
    def late_s(self) -> float:
        """How long the gateway waits for a slow carrier with every answer."""
        return self.degraded_s if "DEGRADED" in self._states.values() else 0.0

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.rates.clear()
        self._scripts.clear()
        self._states.clear()
        self.skew_s = 0.0

    def draw(self, operation: Operation) -> Fault | None:
        """Return the trouble of one request, if any."""
        if script := self._scripts.get(operation):
            return script.popleft()
        if not self.rates:
            return None
        point = self._rng.random()
        for fault, rate in self.rates.items():
            point -= rate
            if point < 0:
                return fault if happens_to(fault, operation) else None
        return None


def _next(operation: Operation, fault: Fault) -> Callable[[Faults], None]:
    return lambda faults: faults.script(operation, fault)


def _all_carriers(state: CarrierState) -> Callable[[Faults], None]:
    return lambda faults: faults.set_state(EVERY_CARRIER, state)


def _skew(skew_s: float) -> Callable[[Faults], None]:
    def set_clock(faults: Faults) -> None:
        faults.skew_s = skew_s

    return set_clock


TROUBLES: Mapping[str, Callable[[Faults], None]] = {
    f"{operation}.{fault}": _next(operation, fault)
    for operation in get_args(Operation)
    for fault in Fault
    if happens_to(fault, operation)
} | {
    "carriers.up": _all_carriers("UP"),
    "carriers.degraded": _all_carriers("DEGRADED"),
    "carriers.query_only": _all_carriers("QUERY_ONLY"),
    "carriers.down": _all_carriers("DOWN"),
    "clock.right": _skew(0.0),
    "clock.ahead": _skew(240.0),
    "clock.behind": _skew(-240.0),
}
"""Every trouble by name, and what brings it about: ``commit.unknown`` meets the next commit; ``carriers.*`` and ``clock.*``
last until another of theirs or :meth:`Faults.heal`."""
