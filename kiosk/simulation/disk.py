"""A disk made of software: it remembers what was synced and what was only written, loses power, and fails on demand.

Pure state: no file, no clock, no dice of its own. The journal works on it through :class:`kiosk.simulation.diskvfs.DiskVfs`.

What it models: writes wait in a cache until their file is synced; a power cut keeps any part of them, in sectors, in any order;
a file that was never synced may be gone by name, and one deleted without a sync of its folder may be back. An error of a sync
drops what it was to save while reading still shows it, as Linux does: the next sync succeeds and saves nothing of it [S: what
PostgreSQL's people found in 2018, "fsyncgate"]. ``ignores_sync`` makes it lie about every sync.

What it does not model: bits that rot, a sector torn inside, two computers on one disk.
"""

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from errno import EIO, EROFS
from random import Random

SECTOR_BYTES = 512
PAGE_BYTES = 4096
"""What the system keeps in its cache, and writes, as a whole."""


class Verb(StrEnum):
    """What can be asked of the disk, and can fail."""

    OPEN = "open"
    READ = "read"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    DELETE = "delete"


CHANGING = frozenset({Verb.WRITE, Verb.TRUNCATE, Verb.SYNC, Verb.DELETE})
"""What leaves the disk, or what a power cut would make of it, another than it was."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done to the disk; enough of it to do it again."""

    verb: Verb
    name: str
    offset: int = 0
    """Of a write: where it begins. Of a truncation: the new size. In bytes."""
    data: bytes = b""
    syncs_folder: bool = False
    """Of a deletion: whether it is for good when the call returns."""

    def pages(self, size: int) -> range:
        """Return the pages of a file of ``size`` bytes that it touches."""
        if self.verb is Verb.WRITE:
            return range(self.offset // PAGE_BYTES, -(-(self.offset + len(self.data)) // PAGE_BYTES))
        return range(self.offset // PAGE_BYTES, max(size, self.offset) // PAGE_BYTES + 1)


class DiskError(OSError):
    """The disk did not do it; ``errno`` says why."""


@dataclass
class Fault:
    """A failure that waits for its operation."""

    verb: Verb
    errno: int
    skip: int
    """How many such operations succeed before."""
    lasting: bool
    """Whether all later ones fail as well."""


@dataclass
class File:
    """One file: what would be there after a power cut, and what reading shows now."""

    durable: bytearray = field(default_factory=bytearray)
    cached: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)
    """Writes and truncations since the last sync."""
    forsaken: list[Operation] = field(default_factory=list)
    """Those that a failed sync gave up: on the disk or not, and no later sync cares."""
    named: bool = False
    """Whether its name outlives a power cut."""

    def save(self) -> None:
        """Make durable what waits; with a page goes all that the cache shows of it, also what an earlier sync gave up."""
        if self.forsaken:
            pages = {page for waiting in self.pending for page in waiting.pages(len(self.cached))}
            back = [lost for lost in self.forsaken if not pages.isdisjoint(lost.pages(len(self.cached)))]
            self.forsaken = [lost for lost in self.forsaken if lost not in back]
            for lost in back:
                _apply(self.durable, lost)
        for waiting in self.pending:
            _apply(self.durable, waiting)
        self.pending.clear()

    def forsake(self) -> None:
        """Give up what waits."""
        self.forsaken += [sector for waiting in self.pending for sector in _sectors(waiting)]
        self.pending.clear()


@dataclass
class SimulatedDisk:
    """Files by name. Operations raise :class:`DiskError`; :meth:`power_cut` is what the mains does."""

    files: dict[str, File] = field(default_factory=dict)
    deleted: dict[str, File] = field(default_factory=dict)
    """Deleted, and perhaps back after a power cut."""
    life: int = 0
    """How often those who used it were killed; who opened a file in an earlier life has lost it."""
    read_only: bool = False
    """Whether it refuses every change, as a file system does that was mounted read-only after an error."""
    ignores_sync: bool = False
    """Whether it says that a sync is done and does nothing."""
    done: Counter[Verb] = field(default_factory=Counter)
    """How many operations of each kind have been asked for, failures included."""
    operations: list[Operation] | None = None
    """Everything that changed it, in order, when somebody put a list here."""
    _faults: list[Fault] = field(default_factory=list)

    # --- what the computer asks of it -------------------------------------------------------------------------------

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return name in self.files

    def open(self, name: str, *, create: bool) -> None:
        """Make sure that there is such a file."""
        self._may(Verb.OPEN, name)
        if name not in self.files:
            if not create:
                raise DiskError(2, f"{name}: no such file")
            self._may_change(name)
            self.files[name] = File()

    def size(self, name: str) -> int:
        """Return the size in bytes."""
        return len(self._file(name).cached)

    def read(self, name: str, offset: int, amount: int) -> bytes:
        """Return at most ``amount`` bytes; fewer at the end of the file."""
        self._may(Verb.READ, name)
        return bytes(self._file(name).cached[offset : offset + amount])

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Write into the cache."""
        self._may(Verb.WRITE, name)
        self._change(Operation(Verb.WRITE, name, offset, data))

    def truncate(self, name: str, size: int) -> None:
        """Cut or fill up with zeros, in the cache."""
        self._may(Verb.TRUNCATE, name)
        self._change(Operation(Verb.TRUNCATE, name, size))

    def sync(self, name: str) -> None:
        """Make everything written to the file durable, its name too."""
        file = self._file(name)
        try:
            self._may(Verb.SYNC, name)
        except DiskError:
            file.forsake()
            raise
        self._change(Operation(Verb.SYNC, name))

    def delete(self, name: str, *, syncs_folder: bool) -> None:
        """Take a name away."""
        self._may(Verb.DELETE, name)
        self._change(Operation(Verb.DELETE, name, syncs_folder=syncs_folder))

    # --- what befalls it --------------------------------------------------------------------------------------------

    def fail(self, verb: Verb | str, errno: int = EIO, *, skip: int = 0, lasting: bool = False) -> None:
        """Let the next operation of that kind fail, or the one after ``skip`` more; and all later ones when ``lasting``."""
        self._faults.append(Fault(Verb(verb), errno, skip, lasting))

    def heal(self) -> None:
        """Take away what was set to fail, and let it be written and synced again."""
        self._faults.clear()
        self.read_only = self.ignores_sync = False

    def power_cut(self, rng: Random) -> None:
        """Keep what was synced and any part of the rest; whoever had a file open has lost it. It comes back healthy.

        The part is drawn in one of four manners: nothing, everything, the first so many, or any sectors in any mixture.
        """
        manner = rng.choice(("nothing", "everything", "first", "any", "any"))
        for name in sorted(self.deleted):
            if name not in self.files and rng.random() < 0.5:
                self.files[name] = self.deleted[name]
        for name in sorted(self.files):
            file = self.files[name]
            if not file.named and manner != "everything" and rng.random() < 0.5:
                del self.files[name]
                continue
            survivors = _survivors([*file.forsaken, *file.pending], manner, rng)
            for operation in survivors:
                _apply(file.durable, operation)
            self.files[name] = File(file.durable, bytearray(file.durable), named=True)
        self.deleted.clear()
        self.heal()
        self.program_killed()

    def program_killed(self) -> None:
        """Take every open file away from who opened it; what they had written stays in the cache."""
        self.life += 1

    def copy(self) -> "SimulatedDisk":
        """Return another disk with the same files in the same state."""
        return deepcopy(self)

    @classmethod
    def after(cls, operations: Iterable[Operation]) -> "SimulatedDisk":
        """Return the disk as it was when so much had been done to a new one."""
        disk = cls()
        for operation in operations:
            if operation.verb is not Verb.DELETE:
                disk.files.setdefault(operation.name, File())
            disk._change(operation)
        return disk

    # --- inside -----------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> File:
        if name not in self.files:
            raise DiskError(2, f"{name}: no such file")
        return self.files[name]

    def _may(self, verb: Verb, name: str) -> None:
        self.done[verb] += 1
        if verb in CHANGING:
            self._may_change(name)
        for fault in [fault for fault in self._faults if fault.verb is verb]:
            if fault.skip:
                fault.skip -= 1
                continue
            if not fault.lasting:
                self._faults.remove(fault)
            raise DiskError(fault.errno, f"{name}: {verb} failed")

    def _may_change(self, name: str) -> None:
        if self.read_only:
            raise DiskError(EROFS, f"{name}: the disk is read-only")

    def _change(self, operation: Operation) -> None:
        if self.operations is not None:
            self.operations.append(operation)
        if operation.verb is Verb.DELETE:
            file = self.files.pop(operation.name, None)
            if file is not None and file.named and not operation.syncs_folder:
                self.deleted[operation.name] = file
            return
        file = self._file(operation.name)
        if operation.verb is not Verb.SYNC:
            _apply(file.cached, operation)
            file.pending.append(operation)
        elif not self.ignores_sync:
            file.save()
            if not file.named:  # its first sync saves its name, which is the folder's to keep, and with it all that was deleted
                file.named = True
                self.deleted.clear()


def _survivors(waiting: list[Operation], manner: str, rng: Random) -> list[Operation]:
    if manner == "everything":
        return waiting
    if manner == "nothing" or not waiting:
        return []
    if manner == "first":
        *whole, last = waiting[: rng.randint(1, len(waiting))]
        return [*whole, *_sectors(last)[: rng.randint(0, len(_sectors(last)))]]
    pieces = [sector for operation in waiting for sector in _sectors(operation)]
    return [piece for piece in pieces if rng.random() < 0.5]


def _sectors(operation: Operation) -> list[Operation]:
    """Cut a write at the borders of sectors; anything else is whole or not at all."""
    if operation.verb is not Verb.WRITE:
        return [operation]
    sectors, at, end = [], operation.offset, operation.offset + len(operation.data)
    while at < end:
        border = min((at // SECTOR_BYTES + 1) * SECTOR_BYTES, end)
        piece = operation.data[at - operation.offset : border - operation.offset]
        sectors.append(Operation(Verb.WRITE, operation.name, at, piece))
        at = border
    return sectors


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.verb is Verb.TRUNCATE:
        del content[operation.offset :]
        content.extend(bytes(operation.offset - len(content)))
        return
    content.extend(bytes(max(0, operation.offset - len(content))))
    content[operation.offset : operation.offset + len(operation.data)] = operation.data
