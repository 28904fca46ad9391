"""Lets SQLite work on a :class:`kiosk.simulation.disk.SimulatedDisk`: the production journal, on a disk that can be hurt.

``Journal.open(JOURNAL, kiosk_id, key, vfs=DiskVfs(disk).name)``. Without shared memory, so WAL only with an exclusive lock,
which is what the journal has.
"""

from errno import EIO, ENOSPC
from itertools import count
from pathlib import Path

import apsw

from kiosk.simulation.disk import DiskError, SimulatedDisk, Verb

JOURNAL = Path("journal.sqlite")
"""Name of the journal on a simulated disk."""

_numbers = count(1)

_IOERR = {
    Verb.READ: apsw.SQLITE_IOERR_READ,
    Verb.WRITE: apsw.SQLITE_IOERR_WRITE,
    Verb.TRUNCATE: apsw.SQLITE_IOERR_TRUNCATE,
    Verb.SYNC: apsw.SQLITE_IOERR_FSYNC,
    Verb.DELETE: apsw.SQLITE_IOERR_DELETE,
}
_OPEN_FLAGS_OF_DATA = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL


class DiskVfs(apsw.VFS):
    """Registers a disk with SQLite under :attr:`name`, for as long as this object lives. Time and dice are the system's."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        self.name = f"konbini-disk-{next(_numbers)}"
        super().__init__(self.name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "_OpenFile":  # type: ignore[override]
        """Open, and make when SQLite asks for that."""
        if not flags[0] & _OPEN_FLAGS_OF_DATA:
            raise apsw.CantOpenError(f"no temporary files here: {name}")
        filename = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        try:
            self.disk.open(filename, create=bool(flags[0] & apsw.SQLITE_OPEN_CREATE))
        except DiskError as error:
            raise apsw.CantOpenError(str(error)) from error
        flags[1] = flags[0]
        return _OpenFile(self.disk, filename)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        """Delete a file."""
        try:
            self.disk.delete(filename, syncs_folder=syncdir)
        except DiskError as error:
            raise _as_sqlite(error, Verb.DELETE) from error

    def xAccess(self, pathname: str, flags: int) -> bool:
        """Tell whether there is such a file."""
        return self.disk.exists(pathname)

    def xFullPathname(self, name: str) -> str:
        """There are no folders."""
        return name


class _OpenFile:
    """One open file; after a power cut every use of it is an error."""

    def __init__(self, disk: SimulatedDisk, name: str) -> None:
        self._disk, self._name, self._life = disk, name, disk.life

    def _alive(self, verb: Verb) -> None:
        if self._disk.life != self._life:
            raise _as_sqlite(DiskError(EIO, f"{self._name}: the power was cut"), verb)

    def xRead(self, amount: int, offset: int) -> bytes:
        self._alive(Verb.READ)
        try:
            return self._disk.read(self._name, offset, amount)
        except DiskError as error:
            raise _as_sqlite(error, Verb.READ) from error

    def xWrite(self, data: bytes, offset: int) -> None:
        self._alive(Verb.WRITE)
        try:
            self._disk.write(self._name, offset, bytes(data))
        except DiskError as error:
            raise _as_sqlite(error, Verb.WRITE) from error

    def xTruncate(self, newsize: int) -> None:
        self._alive(Verb.TRUNCATE)
        try:
            self._disk.truncate(self._name, newsize)
        except DiskError as error:
            raise _as_sqlite(error, Verb.TRUNCATE) from error

    def xSync(self, flags: int) -> None:
        self._alive(Verb.SYNC)
        try:
            self._disk.sync(self._name)
        except DiskError as error:
            raise _as_sqlite(error, Verb.SYNC) from error

    def xFileSize(self) -> int:
        self._alive(Verb.READ)
        return self._disk.size(self._name)

    def xLock(self, level: int) -> None:
        """There is one computer, and the journal has one owner in it."""

    def xUnlock(self, level: int) -> None:
        """See :meth:`xLock`."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        """What SQLite assumes on Unix: a write cut short changes nothing beside what it was to write."""
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:
        """What is not synced stays as it is."""


def _as_sqlite(error: DiskError, verb: Verb) -> Exception:
    """Say it as SQLite's own layer for Unix does: only a write can find the disk full, all else is an I/O error."""
    full = error.errno == ENOSPC and verb is Verb.WRITE
    raised = apsw.exception_for(apsw.SQLITE_FULL if full else _IOERR[verb])
    raised.args = (error.strerror,)
    return raised
