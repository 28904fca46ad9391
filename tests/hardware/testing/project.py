"""Another project, with the kit installed: its own package of drivers, its models, its bench, and pytest run in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardware.models import find_model

REPOSITORY = Path(__file__).resolve().parents[3]
TIMEOUT_S = 100


class Project:
    """A folder with ``config/devices`` of its own, in which pytest is run as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.devices = folder / "config" / "devices"
        self.devices.mkdir(parents=True)
        self.bench = folder / "bench.toml"

    def add_model(self, name: str, protocol: str, like: str = "jcm-id003-jpy") -> None:
        """Add a shipped model under another name and protocol."""
        model = find_model(like)
        text = model.path.read_text(encoding="utf-8")
        (self.devices / f"{name}.toml").write_text(text.replace(f'protocol = "{model.protocol}"', f'protocol = "{protocol}"'))

    def register(self, drivers: Mapping[str, str], emulator: str = "hardware.bills.id003.emulator:Id003Emulator") -> None:
        """Install a package that brings these drivers, by protocol; each is served by ``emulator``."""
        info = self.folder / f"deviants_{len(list(self.folder.glob('*.dist-info')))}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {info.name.partition('-')[0]}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[konbini.drivers]\n"
            + "".join(f"{protocol} = {path}\n" for protocol, path in drivers.items())
            + "[konbini.emulators]\n"
            + "".join(f"{protocol} = {emulator}\n" for protocol in drivers)
        )

    def write_bench(self, models: Mapping[str, str], link: str = "memory", extra: str = "") -> None:
        """Write the bench: devices by name with their models."""
        self.bench.write_text(
            "".join(f'[devices.{name}]\nmodel = "{model}"\nlink = "{link}"\n{extra}' for name, model in models.items())
        )

    def arguments(self, *arguments: str) -> list[str]:
        """Return the command line that runs pytest with ``arguments``."""
        return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see: this project's packages and the repository's."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(self.folder), str(REPOSITORY)]), "COLUMNS": "200"}

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pytest in the project's folder and wait for its end."""
        return subprocess.run(
            self.arguments(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def report(self, folder: str = "report") -> dict[str, Any]:
        """Return the report that a run wrote."""
        document: dict[str, Any] = json.loads((self.folder / folder / "report.json").read_text(encoding="utf-8"))
        return document
