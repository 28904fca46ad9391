"""Two of the shop's staff at the desk: they log in when they have to, and say what staff say."""

from typing import Any

from argon2 import PasswordHasher

from kiosk.secrets import SecretsInMemory
from kiosk.shell import DeskShell
from kiosk.simulation.world import World
from kiosk.staffdesk import StaffDesk
from kiosk.stafflogin import NotAllowed
from kiosk.staffpins import StaffPins

PINS = {"aoki": "271828", "sato": "314159"}
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash that costs nothing: what it protects in a simulation is nobody's."""


def pins() -> StaffPins:
    """Return the PINs of the two."""
    known = StaffPins(SecretsInMemory(), QUICK)
    for name, pin in PINS.items():
        known.set(name, pin)
    return known


class AttendedShell(DeskShell):
    """A desk at which the two stand: every word of theirs finds them logged in."""

    def __init__(self, world: World) -> None:
        self._desk = StaffDesk(world.till, pins())
        super().__init__(world.bench, self._desk)

    async def do(self, line: str) -> dict[str, Any]:
        """See :meth:`DeskShell.do`."""
        if line.split()[:1] == ["staff"]:
            self._log_in()
        return await super().do(line)

    def _log_in(self) -> None:
        try:
            self._desk.login.persons()
        except NotAllowed:
            for name, pin in PINS.items():
                self._desk.login.enter(name, pin)
