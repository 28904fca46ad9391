"""When the printer is busy, and how its line says so: XON/XOFF, DTR, or not at all.

Busy by DIP switch [D: TM-T88 technical manual]: ``full_or_offline`` (switch off) when the receive buffer is full or the
printer is off line; ``full`` (switch on) only for a full buffer and while it starts. No XON comes while it is full.
"""

from collections.abc import Callable
from typing import Final, Literal

from hardware.printers.escpos.frames import XOFF, XON
from hardware.printers.escpos.reception import SLICE_BYTES, ReceiveBuffer, Wire

Kind = Literal["none", "xonxoff", "dtrdsr"]
KINDS: Final[tuple[Kind, ...]] = ("none", "xonxoff", "dtrdsr")
BusyRule = Literal["full", "full_or_offline"]
BUSY_RULES: Final[tuple[BusyRule, ...]] = ("full", "full_or_offline")

_ON_THE_WAY_S: Final = 0.05
"""What comes within this time after XOFF was on its way when it was said."""


class FlowControl:
    """One printer's busy line.

    With DTR the host's UART stops at the very byte. With XON/XOFF it does too, for what was written before XOFF; a host that
    goes on writing after it does not obey it, and then its bytes come, and find no room.
    """

    def __init__(
        self,
        kind: Kind,
        rule: BusyRule,
        wire: Wire,
        buffer: ReceiveBuffer,
        *,
        full_at: int,
        released_at: int,
        say: Callable[[bytes, float], None],
    ) -> None:
        self._kind, self._rule = kind, rule
        self._wire, self._buffer = wire, buffer
        self._full_at, self._released_at = full_at, released_at
        self._say = say
        self._full = self._busy = False
        self._busy_since_s = 0.0

    @property
    def ready(self) -> bool:
        """The level of the printer's DTR line; always on where it is not used."""
        return self._kind != "dtrdsr" or not self._busy

    @property
    def exact(self) -> bool:
        """Whether slices are cut so that the busy line changes at the very byte."""
        return self._kind != "none"

    def written(self, now_s: float) -> None:
        """The host wrote something."""
        if self._kind == "xonxoff" and self._busy and now_s - self._busy_since_s > _ON_THE_WAY_S:
            self._wire.go_on(now_s)

    def begin(self, t: float) -> None:
        """The printer is ready after power on."""
        self._full = self._busy = False
        self._wire.go_on(t)
        if self._kind == "xonxoff":
            self._say(bytes((XON,)), t)

    def off(self) -> None:
        """The power is off or the printer starts: DTR is down."""
        self._full, self._busy = False, True

    def update(self, *, offline: bool, t: float) -> None:
        """Say what has changed, and let the next slice end where the buffer would be full."""
        free = self._buffer.free
        if free <= self._full_at:
            self._full = True
        elif free >= self._released_at:
            self._full = False
        if self._kind == "none":
            return
        self._wire.slice_bytes = max(1, min(SLICE_BYTES, free - self._full_at))
        busy = self._full or (self._rule == "full_or_offline" and offline)
        if busy == self._busy:
            return
        self._busy = busy
        self._busy_since_s = t
        if busy:
            self._wire.stop()
        else:
            self._wire.go_on(t)
        if self._kind == "xonxoff":
            self._say(bytes((XOFF if busy else XON,)), t)
