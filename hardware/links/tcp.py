"""Lines over TCP: a printer's port 9100, the device's end for emulators and the host's end for drivers.

The device's end listens on this machine alone (127.0.0.1), takes one host at a time as a network printer does, and closes the
door to a second. There are no modem lines on TCP; a device that is not ready stops reading, and once the small buffers between
are full the host's end keeps what it writes (:meth:`TcpPort.unsent`). What it does not model: baud rate, parity, RFC 2217.
"""

import asyncio
import re
import socket
from typing import Final, cast

from hardware.errors import OfflineError
from hardware.links.link import Link

LOOPBACK: Final = "127.0.0.1"
PRINTER_PORT: Final = 9100
_BUFFER_BYTES: Final = 4096
"""Asked of the kernel for each direction, so that a held line is noticed; Linux doubles it."""


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``. Raises ValueError."""
    match = re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):([0-9]{1,5})", text)
    if match is None or not 0 < int(match[2]) < 65536:
        raise ValueError(f"{text!r} is not HOST:PORT")
    return match[1].strip("[]"), int(match[2])


class _End(asyncio.Protocol):
    """One connection, told to whoever owns it."""

    def __init__(self, owner: "TcpDevice | TcpPort") -> None:
        self._owner = owner
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=0)
        self._owner._connected(self)

    def data_received(self, data: bytes) -> None:
        self._owner._heard(self, data)

    def pause_writing(self) -> None:
        self._owner._pressed(self, full=True)

    def resume_writing(self) -> None:
        self._owner._pressed(self, full=False)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner._disconnected(self, error)


class TcpDevice(Link):
    """Listens for a host; ``port`` 0 lets the system choose. A host that leaves is not told: the device lives on."""

    def __init__(self, port: int = PRINTER_PORT) -> None:
        self.port = port
        self.name = f"{LOOPBACK}:{port}"
        self._server: asyncio.Server | None = None
        self._end: _End | None = None
        self._reading = True

    async def open(self) -> None:
        """Begin to listen. Raises OfflineError when the port is taken."""
        self.close()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        try:
            listener.bind((LOOPBACK, self.port))
            self._server = await asyncio.get_running_loop().create_server(lambda: _End(self), sock=listener)
        except OSError as error:
            listener.close()
            raise OfflineError(f"{self.name}: cannot listen: {error.strerror}") from error
        self.port = listener.getsockname()[1]
        self.name = f"{LOOPBACK}:{self.port}"

    def set_ready(self, on: bool) -> None:
        self._reading = on
        if self._end is not None and self._end.transport is not None:
            if on:
                self._end.transport.resume_reading()
            else:
                self._end.transport.pause_reading()

    def _connected(self, end: _End) -> None:
        assert end.transport is not None
        if self._end is not None or self._server is None:
            end.transport.abort()  # one host at a time
            return
        self._end = end
        if not self._reading:
            end.transport.pause_reading()

    def _heard(self, end: _End, data: bytes) -> None:
        if end is self._end:
            self._on_bytes(data)

    def _pressed(self, end: _End, *, full: bool) -> None:
        pass  # a host that does not read loses nothing but its own time; a device does not wait

    def _disconnected(self, end: _End, error: Exception | None) -> None:
        if end is self._end:
            self._end = None

    def write(self, data: bytes) -> None:
        if self._server is None:
            raise OfflineError(f"{self.name}: not open")
        transport = self._end.transport if self._end is not None else None
        if transport is not None and transport.get_write_buffer_size() < 1 << 16:  # nobody listens: as on a wire, it is lost
            transport.write(data)

    async def drain(self) -> None:
        if self._server is None:
            raise OfflineError(f"{self.name}: not open")

    def unsent(self) -> int:
        return 0

    def close(self) -> None:
        end, self._end = self._end, None
        if end is not None and end.transport is not None:
            end.transport.abort()
        if self._server is not None:
            self._server.close()
            self._server = None


class TcpPort(Link):
    """The host's end: connects to ``address`` (``HOST:PORT``). Raises ValueError for another form."""

    def __init__(self, address: str) -> None:
        self._host, self._port = parse_address(address)
        self.name = address
        self._end: _End | None = None
        self._free = asyncio.Event()

    async def open(self) -> None:
        """Connect. Raises OfflineError when nobody listens there."""
        self.close()
        loop = asyncio.get_running_loop()
        self._free = asyncio.Event()
        self._free.set()
        try:
            _, end = await loop.create_connection(lambda: _End(self), self._host, self._port)
        except OSError as error:
            raise OfflineError(f"{self.name}: cannot connect: {error.strerror or error}") from error
        self._end = end

    def _connected(self, end: _End) -> None:
        assert end.transport is not None
        connection: socket.socket = end.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _heard(self, end: _End, data: bytes) -> None:
        if end is self._end:
            self._on_bytes(data)

    def _pressed(self, end: _End, *, full: bool) -> None:
        (self._free.clear if full else self._free.set)()

    def _disconnected(self, end: _End, error: Exception | None) -> None:
        if end is self._end:
            self._end = None
            self._free.set()
            self._on_lost(OfflineError(f"{self.name}: the other end hung up"))

    def write(self, data: bytes) -> None:
        if self._end is None or self._end.transport is None:
            raise OfflineError(f"{self.name}: not open")
        self._end.transport.write(data)

    async def drain(self) -> None:
        if self._end is None:
            raise OfflineError(f"{self.name}: not open")
        await self._free.wait()
        if self._end is None:
            raise OfflineError(f"{self.name}: the other end hung up")

    def unsent(self) -> int:
        return 0 if self._end is None or self._end.transport is None else self._end.transport.get_write_buffer_size()

    def close(self) -> None:
        end, self._end = self._end, None
        if end is not None and end.transport is not None:
            end.transport.abort()
        self._free.set()
