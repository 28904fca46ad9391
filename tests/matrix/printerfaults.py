"""What can happen to a receipt printer, at which places of a receipt, and what staff do about it afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from hardware.printers.mechanism import PrinterMechanism
from kiosk.simulation.crossroads import Crossroads

Do = Callable[[str], Awaitable[object]]
"""Does one deed: ``unplug`` and ``replug`` at the host's end of the line, everything else by hand at the printer."""

BETWEEN_DEEDS_S: Final = 1.0
TICK_S: Final = 0.05


@dataclass(frozen=True)
class Fault:
    """Deeds, a second apart."""

    breaks: tuple[str, ...]
    mends: tuple[str, ...] = ()
    """What is done when the job is over; nothing for what passes by itself."""
    presenter: bool = False
    """Only a printer with a presenter can have it."""


FAULTS: Final[dict[str, Fault]] = {
    "paper ends": Fault(("paper 0",), ("paper new",)),
    "paper runs out": Fault(("paper 0.3",), ("paper new",)),
    "cover opened": Fault(("cover open",), ("cover close",)),
    "cover opened for a moment": Fault(("cover open", "cover close")),
    "cover opened and paper changed": Fault(("cover open",), ("paper new", "cover close")),
    "paper changed at once": Fault(("cover open", "paper new", "cover close")),
    "paper jams": Fault(("jam paper",), ("cover open", "jam clear", "cover close")),
    "mechanism fails": Fault(("fail",), ("power off", "power on")),
    "cutter jams": Fault(("jam cutter",), ("jam clear", "cover open", "cover close")),
    "cutter jams for a moment": Fault(("jam cutter", "jam clear")),
    "power cut": Fault(("power off",), ("power on",)),
    "power blinks": Fault(("power off", "power on")),
    "cable out": Fault(("unplug",), ("replug",)),
    "cable out for a moment": Fault(("unplug", "replug")),
    "cable out at the printer": Fault(("line unplug",), ("line replug",)),
    "cable out at the printer for a moment": Fault(("line unplug", "line replug")),
    "buffer full": Fault(("hot on",), ("hot off",)),
    "buffer full for a while": Fault(("hot on", *[""] * 5, "hot off")),
    "silence": Fault(("silence on",), ("silence off",)),
    "silence for a moment": Fault(("silence on", "silence off")),
    "garbage status": Fault(("garbage",) * 5),
    "status with wrong bits": Fault(("line corrupt 2 40",), ("line off",)),
    "presenter jams": Fault(("jam presenter",), ("jam clear", "cover open", "cover close"), presenter=True),
    "pulled at": Fault(("pull",), ("cover open", "jam clear", "cover close"), presenter=True),
}
"""``hot on`` stops the head, and so the receive buffer fills. An empty deed is a second in which nothing happens."""


def faults_of(*, presenter: bool) -> list[str]:
    """Return what can happen to a printer with or without a presenter."""
    return [name for name, fault in FAULTS.items() if presenter or not fault.presenter]


class Places:
    """The places of one receipt: every dot row of paper that passes the head, and every moment in which it stands still.

    A row is named by its number (``517``), a moment by its seconds since the receipt was ordered (``3.45s``).
    """

    def __init__(self, roads: Crossroads, mechanism: PrinterMechanism, do: Do) -> None:
        """Made when the receipt is about to be ordered."""
        self._roads, self._mechanism, self._do = roads, mechanism, do
        self._row = 1
        self._fault = ""
        self._struck = asyncio.Event()
        self._ticking = asyncio.create_task(self._tick())
        self._breaking = asyncio.create_task(self._break())
        mechanism.at_receipt_row(self._row, self._reached)

    @property
    def fault(self) -> str:
        """What has happened; empty as long as nothing has."""
        return self._fault

    async def mend(self) -> None:
        """Let staff come, see, and go; from now on nothing else happens."""
        self._ticking.cancel()
        if self._fault:
            await self._breaking
            await self._all(FAULTS[self._fault].mends)
        self._breaking.cancel()

    def _reached(self, t: float) -> None:
        self._ask(f"{self._row}")
        if not self._fault and not self._ticking.done():
            self._row += 1
            self._mechanism.at_receipt_row(self._row, self._reached)

    async def _tick(self) -> None:
        row, passed_s = self._mechanism.head_row, 0.0
        while not self._fault:
            if row == self._mechanism.head_row:
                self._ask(f"{passed_s:.2f}s")
            row = self._mechanism.head_row
            await asyncio.sleep(TICK_S)
            passed_s += TICK_S

    def _ask(self, place: str) -> None:
        if not self._fault and (way := self._roads.way(place)) is not None:
            self._fault = way
            self._struck.set()

    async def _break(self) -> None:
        await self._struck.wait()
        await self._all(FAULTS[self._fault].breaks)

    async def _all(self, deeds: tuple[str, ...]) -> None:
        for deed in deeds:
            if deed:
                await self._do(deed)
            await asyncio.sleep(BETWEEN_DEEDS_S)
