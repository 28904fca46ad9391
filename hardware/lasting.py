"""What an emulated device keeps without power, and the file that stands for it while the device's process is gone.

A real unit's matter stays where it lies, and its lasting memory holds counts, settings and what it still has to tell. A process
that is killed loses both, so each device hands out its state, JSON and nothing but JSON, after everything that happens to it,
and one that is made anew takes it up again: for it and its host a power cut has happened.

The file is replaced as a whole. It is not synced: it outlives a process that is killed at any instant, not a computer that
loses its power.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from hardware.errors import ConfigError, OfflineError

State = dict[str, Any]
"""What a device remembers: JSON with text for keys."""

VERSION = 1
"""Of the file and of every state in it; a file of another version is refused."""

CLAIM_S = 10.0
"""How long to wait for a former process to leave the file."""
_LOOK_EVERY_S = 0.05


class MemoryFile:
    """The lasting memories of the devices of one process, by their names (empty for one that has none)."""

    def __init__(self, path: Path, on_failure: Callable[[str], None] = lambda why: None) -> None:
        """``on_failure`` hears, once until writing succeeds again, why the file cannot be written: the devices live on."""
        self._path = path
        self._on_failure = on_failure
        self._claim: TextIOWrapper | None = None
        self._devices: dict[str, State] = {}
        self._models: dict[str, str] = {}
        self._failing = False
        self.receipts = 0
        """Pictures of receipts kept so far, so that a later process overwrites none."""

    async def open(self) -> None:
        """Hold the file against other processes and read it. Raises OfflineError when another one keeps it, ConfigError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._claim = self._path.with_name(f"{self._path.name}.lock").open("w")
            await self._lock(self._claim)
            if self._path.exists():
                self._read(json.loads(self._path.read_text(encoding="utf-8")))
        except OSError as error:
            self.close()
            raise ConfigError(f"{self._path}: cannot be used as a memory: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.close()
            raise ConfigError(f"{self._path}: is no memory of this version of emulated devices ({error!r})") from error
        except BaseException:
            self.close()
            raise

    async def _lock(self, claim: TextIOWrapper) -> None:
        try:
            async with asyncio.timeout(CLAIM_S):
                while True:
                    try:
                        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        return
                    except BlockingIOError:
                        await asyncio.sleep(_LOOK_EVERY_S)  # a killed kiosk's emulators take a moment to notice
        except TimeoutError as error:
            raise OfflineError(f"{self._path}: another process keeps its memory there") from error

    def _read(self, raw: State) -> None:
        if raw["version"] != VERSION:
            raise ValueError(f"version {raw['version']}, expected {VERSION}")
        self.receipts = int(raw["receipts"])
        self._devices = {str(name): dict(one["state"]) for name, one in raw["devices"].items()}
        self._models = {str(name): str(one["model"]) for name, one in raw["devices"].items()}

    def recall(self, name: str, model: str) -> State | None:
        """Return what the device remembers, None for one that is new here. Raises ConfigError for another model's memory."""
        if self._models.get(name, model) != model:
            raise ConfigError(f"{self._path}: holds {name or 'a device'} of model {self._models[name]}, expected {model}")
        return self._devices.get(name)

    def keep(self, name: str, model: str, state: State) -> None:
        """Write ``state`` down, unless it is what stands there."""
        if self._devices.get(name) != state:
            self._devices[name], self._models[name] = state, model
            self._write()

    def keep_receipts(self, number: int) -> None:
        """Write down how many pictures of receipts there are."""
        self.receipts = number
        self._write()

    def _write(self) -> None:
        devices = {name: {"model": self._models[name], "state": state} for name, state in self._devices.items()}
        text = json.dumps({"version": VERSION, "receipts": self.receipts, "devices": devices}, separators=(",", ":"))
        new = self._path.with_name(f"{self._path.name}.new")
        try:
            new.write_text(text, encoding="utf-8")
            os.replace(new, self._path)
        except OSError as error:
            if not self._failing:
                self._failing = True
                self._on_failure(f"{self._path}: {error.strerror}")
            return
        self._failing = False

    def close(self) -> None:
        """Leave the file to others."""
        if self._claim is not None:
            self._claim.close()
            self._claim = None
