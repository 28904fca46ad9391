"""What can go wrong between kiosk and carrier, by name, scripted or rolled from a seed.

Scripted faults come first, in the order given. Rolled ones cost one number of the handed-in ``random.Random`` a request, so the
same seed and the same requests give the same troubles.
"""

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Literal

Operation = Literal["lookup", "quote", "reserve", "commit", "cancel", "reverse", "find", "other"]

CarrierState = Literal["UP", "QUERY_ONLY", "DOWN"]
"""QUERY_ONLY answers look-ups but sells nothing; DOWN does neither. Cancel and find are the gateway's own and work always. The
description's DEGRADED is not modelled: late answers are a fault."""


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
    HTTP_500_AFTER_EFFECT = "http_500_after_effect"
    GARBAGE_REPLY = "garbage_reply"
    """The effect happens; the answer is a proxy's error page with status 200."""
    CROSSED_REPLY = "crossed_reply"
    """The effect happens; the answer is about somebody else's top-up. Look-ups and quotes name none and pass unharmed: the
    description gives a client no way to tell."""
    DOWN = "down"
    """The carrier cannot be reached: 503, no effect."""
    DECLINE = "decline"
    """Commit only: the carrier declines."""
    UNKNOWN = "unknown"
    """Commit only: the carrier does not know yet; COMPLETED after ``delay_s``."""


_COMMIT_ONLY = (Fault.DECLINE, Fault.UNKNOWN)


class Faults:
    """The injector. Mutable: tests and the simulation script it while the server runs.

    ``rates`` gives each fault's probability a request (commit-only ones: a commit); they must not sum to more than 1.
    """

    def __init__(
        self,
        rng: Random,
        rates: Mapping[Fault, float] | None = None,
        *,
        delay_s: float = 12.0,
        silence_s: float = 120.0,
    ) -> None:
        self.rates = dict(rates or {})
        if any(rate < 0 for rate in self.rates.values()) or sum(self.rates.values()) > 1:
            raise ValueError(f"rates are probabilities that sum to 1 at most: {self.rates}")
        self.delay_s = delay_s
        """How late late is; longer than a kiosk waits."""
        self.silence_s = silence_s
        """How long a swallowed request keeps its connection open before the gateway gives up on it (504)."""
        self._rng = rng
        self._scripts: dict[Operation, deque[Fault]] = {}
        self._states: dict[str, CarrierState] = {}

    def script(self, operation: Operation, *faults: Fault) -> None:
        """Let the next requests of ``operation`` meet these faults, one each."""
        for fault in faults:
            if fault in _COMMIT_ONLY and operation != "commit":
                raise ValueError(f"{fault} happens to a commit, not to a {operation}")
        self._scripts.setdefault(operation, deque()).extend(faults)

    def set_state(self, carrier: str, state: CarrierState) -> None:
        """Put a carrier into a state until told otherwise."""
        self._states[carrier] = state

    def state(self, carrier: str) -> CarrierState:
        """Return a carrier's state."""
        return self._states.get(carrier, "UP")

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
                return fault if operation == "commit" or fault not in _COMMIT_ONLY else None
        return None
