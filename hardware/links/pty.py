"""The device's end of a pseudo terminal: what an emulator holds while a host opens the other end as a serial port."""

import asyncio
import errno
import os
import tty
from pathlib import Path

from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.port import READ_SIZE


class PtyDevice(Link):
    """Makes a pty and a symlink ``path`` to the end that a host opens; the symlink goes away with ``close``.

    What a pty does not model: baud rate (bytes pass at once), parity, modem lines.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._master: int | None = None
        self._slave: int | None = None
        self._tty = ""
        self._queue = bytearray()

    async def open(self) -> None:
        self.close()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # the slave stays open here, so a host that closes does not hang us up
        self._tty = os.ttyname(self._slave)
        os.set_blocking(self._master, False)
        if self._path.is_symlink():
            self._path.unlink()  # left by a killed run
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.symlink_to(self._tty)
        except OSError as error:
            self.close()
            raise OfflineError(f"{self.name}: cannot make the symlink: {error.strerror}") from error
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def _readable(self) -> None:
        assert self._master is not None
        try:
            data = os.read(self._master, READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.EIO:
                return
            raise
        self._on_bytes(data)

    def write(self, data: bytes) -> None:
        if self._master is None:
            raise OfflineError(f"{self.name}: not open")
        self._queue += data
        self._writable()

    def _writable(self) -> None:
        assert self._master is not None
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                sent = os.write(self._master, self._queue)
                del self._queue[:sent]
        except BlockingIOError:
            # nobody reads the other end: a real wire would have lost these bytes, so keep only what the tty can hold
            del self._queue[: max(0, len(self._queue) - READ_SIZE)]
            loop.add_writer(self._master, self._writable)
            return
        loop.remove_writer(self._master)

    async def drain(self) -> None:
        if self._master is None:
            raise OfflineError(f"{self.name}: not open")

    def unsent(self) -> int:
        return len(self._queue)

    def close(self) -> None:
        if self._master is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._master)
        if self._slave is not None:
            os.close(self._slave)
        self._master = self._slave = None
        self._queue.clear()
        if self._path.is_symlink() and os.readlink(self._path) == self._tty:  # not one that a later run put there
            self._path.unlink()
