"""A real (or pseudo) serial port through pyserial, its file descriptor on the event loop.

Traps taken care of here, once: a Linux pty refuses parity and 7 data bits (EINVAL), so a pty is opened 8N1 whatever the
protocol asks for; modem lines fail on a pty, so RTS and DTR are left alone; pyserial tells a dead port in half a dozen ways,
all of which become OfflineError.
"""

import asyncio
import errno
import os
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import serial

from hardware.configfile import ConfigFile
from hardware.errors import OfflineError
from hardware.links.link import Link

READ_SIZE = 4096
PTS = "/dev/pts/"
"""Where Linux keeps its pseudo terminals."""


@dataclass(frozen=True)
class SerialSettings:
    """How a line is driven; ``[serial]`` of a device model."""

    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    flow: Literal["none", "xonxoff", "dtrdsr"] = "none"
    """``dtrdsr``: the printer's DTR has to be wired to our CTS, since Linux heeds no other line [M]."""

    @classmethod
    def from_config(cls, table: ConfigFile) -> "SerialSettings":
        """Read the ``[serial]`` table of a device model."""
        table.only("baud", "data_bits", "parity", "stop_bits", "flow")
        return cls(
            baud=table.whole("baud", low=300, high=4_000_000),
            data_bits=7 if table.whole("data_bits", 8, low=7, high=8) == 7 else 8,
            parity=table.choice("parity", ("N", "E", "O"), "N"),
            stop_bits=2 if table.whole("stop_bits", 1, low=1, high=2) == 2 else 1,
            flow=table.choice("flow", ("none", "xonxoff", "dtrdsr"), "none"),
        )


def is_pty(path: str) -> bool:
    """Tell whether a port path leads to a pseudo terminal (Linux: ``/dev/pts/N``)."""
    return str(Path(path).resolve()).startswith(PTS)


def _reason(error: Exception) -> str:
    """Return why a port did not open, without the path and number that pyserial repeats."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error.__context__, termios.error):  # what a file or /dev/null says to a baud rate
        number = error.__context__.args[0]
    if number == errno.EAGAIN:
        return "another program holds it"
    return os.strerror(number) if number else str(error)


class SerialPort(Link):
    """A serial port by its path. A stable path (``/dev/serial/by-id/...``) survives re-plugging under another name."""

    def __init__(self, path: str, settings: SerialSettings) -> None:
        self.name = path
        self._settings = settings
        self._port: serial.Serial | None = None
        self._queue = bytearray()
        self._writing = False
        self._drained: list[asyncio.Future[None]] = []

    async def open(self) -> None:
        self.close()
        plain = is_pty(self.name)
        try:
            self._port = serial.Serial(
                self.name,
                baudrate=self._settings.baud,
                bytesize=8 if plain else self._settings.data_bits,
                parity="N" if plain else self._settings.parity,
                stopbits=self._settings.stop_bits,
                xonxoff=self._settings.flow == "xonxoff",
                rtscts=self._settings.flow == "dtrdsr" and not plain,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
            self._port.reset_input_buffer()
        except (serial.SerialException, OSError, ValueError, termios.error) as error:
            self.close()
            raise OfflineError(f"{self.name}: cannot be opened: {_reason(error)}") from error
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)

    def _readable(self) -> None:
        assert self._port is not None
        try:
            data = os.read(self._port.fileno(), READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(f"read failed: {error.strerror}")
            return
        if data:
            self._on_bytes(data)
        else:
            self._lose("the other end hung up")

    def write(self, data: bytes) -> None:
        if self._port is None:
            raise OfflineError(f"{self.name}: not open")
        self._queue += data
        self._writable()

    def _writable(self) -> None:
        """Push out as much as the port takes now; ask the loop for the rest."""
        port = self._port
        assert port is not None
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                sent = os.write(port.fileno(), self._queue)
                del self._queue[:sent]
        except BlockingIOError:
            if not self._writing:
                loop.add_writer(port.fileno(), self._writable)
                self._writing = True
            return
        except OSError as error:
            self._lose(f"write failed: {error.strerror}")
            return
        if self._writing:
            loop.remove_writer(port.fileno())
            self._writing = False
        self._release_waiters(None)

    async def drain(self) -> None:
        if self._port is None:
            raise OfflineError(f"{self.name}: not open")
        if self.unsent():
            waiter = asyncio.get_running_loop().create_future()
            self._drained.append(waiter)
            await waiter

    def unsent(self) -> int:
        return len(self._queue)

    def _release_waiters(self, error: OfflineError | None) -> None:
        waiters, self._drained = self._drained, []
        for waiter in waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    def _lose(self, why: str) -> None:
        self.close()
        self._on_lost(OfflineError(f"{self.name}: {why}"))

    def close(self) -> None:
        port, self._port = self._port, None
        self._queue.clear()
        self._release_waiters(OfflineError(f"{self.name}: closed"))
        if port is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(port.fileno())
        if self._writing:
            loop.remove_writer(port.fileno())
            self._writing = False
        try:
            port.close()
        except (serial.SerialException, OSError, termios.error):
            pass  # closing a port that is already gone: nothing is left to do
