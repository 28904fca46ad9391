"""A serial port and the device's end of a pty, against each other and a real kernel."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path

import pytest

from hardware.errors import OfflineError
from hardware.links.link import Link
from hardware.links.port import SerialPort, SerialSettings, is_pty
from hardware.links.pty import PtyDevice

EVEN_PARITY = SerialSettings(baud=9600, parity="E")
SEVEN_ODD = SerialSettings(baud=19200, data_bits=7, parity="O", stop_bits=2)


class Ear:
    """Hears one end of a line."""

    def __init__(self, link: Link) -> None:
        self.heard = b""
        self.lost: list[OfflineError] = []
        self._changed = asyncio.Event()
        link.attach(self._bytes, self._lost)

    def _bytes(self, data: bytes) -> None:
        self.heard += data
        self._changed.set()

    def _lost(self, error: OfflineError) -> None:
        self.lost.append(error)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def in_real_time(test: Callable[[Path], Coroutine[None, None, None]]) -> Callable[[Path], None]:
    @wraps(test)
    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run


class Line:
    """An opened pty with a device that echoes, and a port on it."""

    def __init__(self, path: Path, settings: SerialSettings = EVEN_PARITY) -> None:
        self.device = PtyDevice(path)
        self.device.attach(self.device.write, lambda error: None)
        self.port = SerialPort(str(path), settings)
        self.ear = Ear(self.port)

    async def open(self) -> "Line":
        await self.device.open()
        await self.port.open()
        return self

    def close(self) -> None:
        self.port.close()
        self.device.close()


@pytest.mark.parametrize("settings", [EVEN_PARITY, SEVEN_ODD], ids=["8E1", "7O2"])
def test_every_byte_value_passes_over_a_pty_whatever_parity_was_asked_for(tmp_path: Path, settings: SerialSettings) -> None:
    async def pass_all() -> None:
        line = await Line(tmp_path / "validator", settings).open()
        everything = bytes(range(256))
        line.port.write(everything)
        await line.ear.until(lambda: len(line.ear.heard) >= 256)
        assert line.ear.heard == everything
        assert line.ear.lost == []
        line.close()

    asyncio.run(pass_all())


@in_real_time
async def test_the_link_path_is_a_pty_while_open_and_gone_after_close(tmp_path: Path) -> None:
    path = tmp_path / "dev" / "validator"
    device = PtyDevice(path)
    await device.open()
    assert is_pty(str(path))
    device.close()
    assert not path.is_symlink()
    device.close()


@in_real_time
async def test_a_device_that_goes_away_is_told_once_and_can_come_back(tmp_path: Path) -> None:
    line = await Line(tmp_path / "validator").open()
    line.device.close()
    await line.ear.until(lambda: bool(line.ear.lost))
    with pytest.raises(OfflineError):
        line.port.write(b"anybody?")
    with pytest.raises(OfflineError):
        await line.port.open()
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(line.ear.lost) == 1
    await line.open()
    line.port.write(b"back")
    await line.ear.until(lambda: line.ear.heard == b"back")
    line.close()


@in_real_time
async def test_closing_ones_own_end_is_not_a_loss_and_the_device_serves_the_next_host(tmp_path: Path) -> None:
    line = await Line(tmp_path / "validator").open()
    line.port.close()
    line.port.close()
    await line.port.open()
    line.port.write(b"again")
    await line.ear.until(lambda: line.ear.heard == b"again")
    assert line.ear.lost == []
    line.close()


@in_real_time
async def test_what_a_device_said_before_the_host_came_is_not_heard(tmp_path: Path) -> None:
    line = Line(tmp_path / "validator")
    await line.device.open()
    line.device.write(b"stale")
    await line.port.open()
    line.port.write(b"fresh")
    await line.ear.until(lambda: b"fresh" in line.ear.heard)
    assert line.ear.heard == b"fresh"
    line.close()


@in_real_time
async def test_a_port_held_by_another_is_offline(tmp_path: Path) -> None:
    line = await Line(tmp_path / "validator").open()
    other = SerialPort(line.port.name, EVEN_PARITY)
    Ear(other)
    with pytest.raises(OfflineError, match="cannot be opened: another program holds it"):
        await other.open()
    line.close()


@in_real_time
async def test_a_port_that_is_not_there_is_offline(tmp_path: Path) -> None:
    port = SerialPort(str(tmp_path / "nowhere"), EVEN_PARITY)
    Ear(port)
    with pytest.raises(OfflineError, match="nowhere"):
        await port.open()
    with pytest.raises(OfflineError):
        await port.drain()


@in_real_time
async def test_a_device_that_does_not_read_holds_the_bytes_back_until_it_does(tmp_path: Path) -> None:
    line = Line(tmp_path / "printer")
    got = Ear(line.device)
    await line.open()
    asyncio.get_running_loop().remove_reader(line.device._master or -1)
    paper = bytes(i % 251 for i in range(300_000))
    line.port.write(paper)
    assert line.port.unsent() > 0
    draining = asyncio.ensure_future(line.port.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    asyncio.get_running_loop().add_reader(line.device._master or -1, line.device._readable)
    await asyncio.wait_for(draining, 5)
    assert line.port.unsent() == 0
    await got.until(lambda: len(got.heard) == len(paper))
    assert got.heard == paper
    line.close()


@in_real_time
async def test_a_line_lost_with_bytes_unsent_ends_the_wait_for_them(tmp_path: Path) -> None:
    line = await Line(tmp_path / "printer").open()
    asyncio.get_running_loop().remove_reader(line.device._master or -1)
    line.port.write(bytes(300_000))
    draining = asyncio.ensure_future(line.port.drain())
    await asyncio.sleep(0)
    line.device.close()
    with pytest.raises(OfflineError):
        await asyncio.wait_for(draining, 5)
    await line.ear.until(lambda: len(line.ear.lost) == 1)
    assert line.port.unsent() == 0
    line.close()


@in_real_time
async def test_a_device_that_talks_to_nobody_keeps_no_more_than_a_tty_would(tmp_path: Path) -> None:
    line = Line(tmp_path / "validator")
    await line.device.open()
    for _ in range(1000):
        line.device.write(bytes(1000))
    await line.port.open()
    line.device.write(b"fresh")
    await line.ear.until(lambda: b"fresh" in line.ear.heard)
    assert len(line.ear.heard) < 70_000
    line.close()


@in_real_time
async def test_two_devices_never_share_a_path_and_the_next_has_it_when_the_first_is_gone(tmp_path: Path) -> None:
    line = await Line(tmp_path / "validator").open()
    (tmp_path / "same").symlink_to(tmp_path)
    intruder = PtyDevice(tmp_path / "same" / "validator")
    Ear(intruder)
    with pytest.raises(OfflineError, match="another emulator has its symlink there"):
        await intruder.open()
    line.port.write(b"still here")
    await line.ear.until(lambda: line.ear.heard == b"still here")
    line.close()
    await intruder.open()
    intruder.close()
    assert not (tmp_path / "validator").is_symlink()


@in_real_time
async def test_a_symlink_to_anything_but_a_pty_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "validator"
    path.symlink_to("/dev/serial/by-id/unplugged-at-the-moment")
    device = PtyDevice(path)
    Ear(device)
    with pytest.raises(OfflineError, match="which is no pty"):
        await device.open()
    assert path.readlink() == Path("/dev/serial/by-id/unplugged-at-the-moment")


@in_real_time
async def test_a_file_is_no_port_and_says_so_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    port = SerialPort(str(tmp_path / "file"), EVEN_PARITY)
    Ear(port)
    with pytest.raises(OfflineError) as error:
        await port.open()
    assert str(error.value) == f"{tmp_path / 'file'}: cannot be opened: Inappropriate ioctl for device"
    assert (tmp_path / "file").read_text() == "precious"


@in_real_time
async def test_a_link_left_by_a_killed_run_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "validator"
    path.symlink_to("/dev/pts/99999")
    line = await Line(path).open()
    line.port.write(b"x")
    await line.ear.until(lambda: line.ear.heard == b"x")
    line.close()


@in_real_time
async def test_a_file_in_the_links_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "validator"
    path.write_text("precious")
    device = PtyDevice(path)
    Ear(device)
    with pytest.raises(OfflineError, match="symlink"):
        await device.open()
    assert path.read_text() == "precious"
    with pytest.raises(OfflineError):
        device.write(b"x")
