"""The device's end of a pseudo terminal: what an emulator holds while a host opens the other end as a serial port."""

import asyncio
import errno
import os
import socket
import tty
from hashlib import blake2b
from pathlib import Path

from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.port import PTS, READ_SIZE


class PtyDevice(Link):
    """Makes a pty and a symlink ``path`` to the end that a host opens; the symlink goes away with ``close``.

    A symlink that a killed run left behind is replaced. Whatever else stands at ``path`` is left alone and makes ``open``
    fail: a file, a link to something that is no pty, the link of an emulator that lives.

    What a pty does not model: baud rate (bytes pass at once), parity, modem lines. Bytes that the host's side has no room
    for are lost, as on a wire.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.tty = ""
        """Where the symlink leads while the line is open: ``/dev/pts/7``."""
        self._path = path
        self._master: int | None = None
        self._slave: int | None = None
        self._claim: socket.socket | None = None

    async def open(self) -> None:
        """Make pty and symlink, and folders on the way. Raises OfflineError saying what stands in the way."""
        self.close()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._claim = self._claim_path()
            self._remove_stale_link()
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)  # the slave stays open here, so a host that closes does not hang us up
            self.tty = os.ttyname(self._slave)
            os.set_blocking(self._master, False)
            self._path.symlink_to(self.tty)
        except OSError as error:
            self.close()
            raise OfflineError(f"{self.name}: cannot make the symlink: {error.strerror}") from error
        except OfflineError:
            self.close()
            raise
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def _claim_path(self) -> socket.socket:
        """Hold the path against other emulators: by an abstract socket, which the kernel frees however its process ends."""
        place = os.fsencode(self._path.parent.resolve() / self._path.name)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(b"\0konbini-pty-" + blake2b(place, digest_size=16).hexdigest().encode())
        except OSError as error:
            claim.close()
            if error.errno == errno.EADDRINUSE:
                raise OfflineError(f"{self.name}: another emulator has its symlink there") from error
            raise
        return claim

    def _remove_stale_link(self) -> None:
        if not self._path.is_symlink():
            if self._path.exists():
                raise OfflineError(f"{self.name}: cannot make the symlink: something else stands there")
            return
        target = os.readlink(self._path)
        if not target.startswith(PTS):
            raise OfflineError(f"{self.name}: cannot make the symlink: there is one to {target}, which is no pty")
        self._path.unlink()

    def _readable(self) -> None:
        assert self._master is not None
        try:
            data = os.read(self._master, READ_SIZE)
        except BlockingIOError:
            return
        self._on_bytes(data)

    def write(self, data: bytes) -> None:
        if self._master is None:
            raise OfflineError(f"{self.name}: not open")
        try:
            while data:
                data = data[os.write(self._master, data) :]
        except BlockingIOError:
            pass  # nobody reads the other end, and a wire keeps nothing

    async def drain(self) -> None:
        if self._master is None:
            raise OfflineError(f"{self.name}: not open")

    def unsent(self) -> int:
        return 0

    def close(self) -> None:
        if self._master is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
        if self._slave is not None:
            os.close(self._slave)
        self._master = self._slave = None
        if self.tty and self._path.is_symlink() and os.readlink(self._path) == self.tty:  # not one that others put there
            self._path.unlink()
        self.tty = ""
        if self._claim is not None:
            self._claim.close()
            self._claim = None
