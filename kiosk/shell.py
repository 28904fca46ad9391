"""The hand at the desk: commands for the emulated devices, typed into the shell that started the kiosk."""

import shlex
from typing import Any

from hardware.bench import Bench
from hardware.emulator import BadCommand
from hardware.errors import DeviceError
from hardware.links.nowire import NoWire
from kiosk.staffdesk import COMMANDS, StaffDesk


class DeskShell:
    """Finds the device that a command is meant for: by its name in front, by being the only one that knows it, or by money:

    coins go to what takes coins, notes to what takes notes. Words after ``staff`` are for the books."""

    def __init__(self, bench: Bench, staff: StaffDesk | None = None) -> None:
        self._bench = bench
        self._staff = staff
        self._commands: dict[str, dict[str, str]] = {}

    async def start(self) -> None:
        """Ask every emulated device what a hand can do there."""
        for name, device in self._bench.devices.items():
            if device.emulator is not None:
                self._commands[name] = device.emulator.commands()
            elif isinstance(device.link, NoWire) and device.link.machine is not None:
                self._commands[name] = device.link.machine.commands()
            elif device.hand is not None:
                self._commands[name] = (await device.hand.command("help"))["commands"]

    @property
    def greeting(self) -> str:
        """One line that says what can be typed."""
        if not self._commands:
            return "Every device of this bench is real: money goes into the real slot."
        return "Type what a hand would do at the devices: insert 1000, cover open, ...; help lists everything."

    @property
    def asks_secret(self) -> bool:
        """Whether the next line is a PIN: whoever reads it must not show or keep it."""
        return self._staff is not None and self._staff.asks_pin

    def help(self) -> str:
        """Every command of every device."""
        lines = []
        for name, commands in self._commands.items():
            lines.append(f"{name}:")
            lines += [f"  {command:<34} {meaning}" for command, meaning in commands.items()]
        if self._staff is not None:
            lines += ["the books:", *(f"  {command:<34} {meaning}" for command, meaning in COMMANDS.items())]
        lines.append(f"A command that several devices know needs the name in front: {next(iter(self._commands), '')} power off")
        return "\n".join(lines)

    async def do(self, line: str) -> dict[str, Any]:
        """Carry one command out and return the device's answer. Raises BadCommand, DeviceError."""
        if self.asks_secret:
            assert self._staff is not None
            return self._staff.take_pin(line)
        if self._staff is not None and line.split()[:1] == ["staff"]:
            return await self._staff.do(line.split()[1:])
        name, command = self._meant(line)
        hand = self._bench.devices[name].hand
        assert hand is not None
        answer = await hand.command(command)
        return {"device": name, **answer}

    def _meant(self, line: str) -> tuple[str, str]:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise BadCommand(str(error)) from error
        if not words:
            raise BadCommand("nothing typed; help lists what can be")
        if words[0] in self._commands:
            if len(words) == 1:
                raise BadCommand(f"{words[0]} what? It knows {', '.join(self._commands[words[0]])}")
            return words[0], " ".join(words[1:])
        knowing = [name for name, commands in self._commands.items() if any(_fits(words, known) for known in commands)]
        if not knowing:
            raise BadCommand(f"no device knows {line!r}; help lists what can be typed")
        if len(knowing) > 1 and words[0] == "insert" and len(words) > 1 and words[1].isdecimal():
            knowing = self._that_take(knowing, int(words[1]))
        if len(knowing) > 1:
            raise BadCommand(f"{' and '.join(knowing)} know that: put the name in front, as in {knowing[0]} {line}")
        return knowing[0], " ".join(words)

    def _that_take(self, names: list[str], yen: int) -> list[str]:
        """Of several devices with a slot, return the one that a person would put ``yen`` into."""
        for device_class in ("bill", "changer", "coin") if yen >= 1000 else ("coin", "changer", "bill"):
            for name in names:
                if self._bench.devices[name].spec.model.device_class == device_class:
                    return [name]
        return names

    async def answer(self, line: str) -> str:
        """Carry one typed line out and return what to show for it; never raises for what was typed."""
        if line.strip() == "help" and not self.asks_secret:
            return self.help()
        try:
            facts = await self.do(line)
        except (TimeoutError, BadCommand, DeviceError) as error:
            return f"? {error}"
        shown = {key: value for key, value in facts.items() if key not in ("t", "event", "command", "device", "lines")}
        if "lines" in facts:
            return "\n  ".join([f"{facts['device']}:", *(facts["lines"] or ["none"])])
        return f"{facts['device']}: " + (", ".join(_told(*fact) for fact in shown.items()) or "done")


def _told(key: str, value: object) -> str:
    return str(value) if key == "note" else f"{key} {value}"


def _fits(words: list[str], known: str) -> bool:
    """Whether typed words begin a known command such as ``cover open|close`` or ``insert YEN``."""
    pattern = known.split()
    if pattern[0] != words[0]:
        return False
    if len(pattern) > 1 and pattern[1].islower() and "[" not in pattern[1]:
        return len(words) > 1 and words[1] in pattern[1].split("|")
    return True
