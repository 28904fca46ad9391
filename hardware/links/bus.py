"""A party line: several devices, or several drivers, at one end of one line (ccTalk is a multi-drop bus).

::

    driver -- member --.                      .-- member -- emulator
    driver -- member ---+-- PartyLine ~~~~ PartyLine --+-- member -- emulator
    driver -- member --'     (host)           (devices)  '-- member -- emulator

What comes in goes to every member; what a member writes goes out and to no other member. On the host's side each driver holds
:attr:`hardware.links.link.Link.turn` for one question and its answer, because two questions at once would collide.

Not modelled: devices that hear each other's answers, collisions, the delay that bytes take.
"""

import asyncio
from random import Random

from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.turn import Turn


class PartyLine:
    """Shares ``inner``, which it alone may use. It is open while any member is."""

    def __init__(self, inner: Link) -> None:
        self._inner = inner
        self._opening = asyncio.Lock()
        self._open: dict[BusMember, None] = {}

    @property
    def turn(self) -> Turn:
        """The right to speak, shared by all members."""
        return self._inner.turn

    def member(self, name: str) -> "BusMember":
        """Return a new place on the line."""
        return BusMember(self, name)

    async def join(self, member: "BusMember") -> None:
        """Open the line if nobody has, and let ``member`` hear. Raises OfflineError; then the line is closed."""
        async with self._opening:
            if not self._open:
                self._inner.attach(self._arrived, self._lost)
                try:
                    await self._inner.open()
                except BaseException:
                    self._inner.close()
                    raise
            self._open[member] = None

    def leave(self, member: "BusMember") -> None:
        """Let ``member`` hear no more; the last one closes the line."""
        if member in self._open:
            del self._open[member]
            if not self._open:
                self._inner.close()

    def has(self, member: "BusMember") -> bool:
        """Tell whether ``member`` is on the line."""
        return member in self._open

    @property
    def inner(self) -> Link:
        """The line itself."""
        return self._inner

    def _arrived(self, data: bytes) -> None:
        for member in tuple(self._open):
            if member in self._open:  # an earlier one may have closed it
                member.heard(data)

    def _lost(self, error: OfflineError) -> None:
        """The line died: every member is told, and has to open again."""
        members, self._open = tuple(self._open), {}
        for member in members:
            member.lost(error)


class BusMember(Link):
    """One place on a party line; to its owner a line like any other."""

    def __init__(self, line: PartyLine, name: str) -> None:
        self.name = name
        self._line = line

    @property
    def turn(self) -> Turn:
        return self._line.turn

    @property
    def dice(self) -> Random:
        return self._line.inner.dice

    async def open(self) -> None:
        if not self._line.has(self):
            await self._line.join(self)

    def heard(self, data: bytes) -> None:
        """Take what came in on the line."""
        self._on_bytes(data)

    def lost(self, error: OfflineError) -> None:
        """Learn that the line died."""
        self._on_lost(OfflineError(f"{self.name}: {error}"))

    def write(self, data: bytes) -> None:
        self._require_open()
        self._line.inner.write(data)

    async def drain(self) -> None:
        self._require_open()
        await self._line.inner.drain()

    def unsent(self) -> int:
        return self._line.inner.unsent() if self._line.has(self) else 0

    def close(self) -> None:
        self._line.leave(self)

    def _require_open(self) -> None:
        if not self._line.has(self):
            raise OfflineError(f"{self.name}: not open")
