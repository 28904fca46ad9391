"""TOML files that installers edit, read so that every mistake is named: file, line or key, found, expected."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hardware.errors import ConfigError

C = TypeVar("C", bound=str)

LARGEST = 1_000_000_000
"""No figure of a device is larger: so many seconds are thirty years, and clocks can still add them up."""


@dataclass(frozen=True)
class ConfigFile:
    """A table of one file, with the way back to it for messages."""

    path: Path
    data: Mapping[str, Any]
    prefix: str = ""

    @classmethod
    def read(cls, path: Path) -> "ConfigFile":
        """Parse ``path``. Raises ConfigError with the line for a syntax error."""
        try:
            return cls(path, tomllib.loads(path.read_text(encoding="utf-8-sig")))  # editors on Windows put a mark in front
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: is not UTF-8 at byte {error.start}") from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}") from error
        except RecursionError as error:
            raise ConfigError(f"{path}: not valid TOML: too many brackets inside each other") from error

    def wrong(self, key: str, expected: str) -> ConfigError:
        """Return the error that says what stands at ``key`` and what should."""
        found = repr(self.data[key]) if key in self.data else "nothing"
        return ConfigError(f"{self.path}: {self.prefix}{key}: found {found}, expected {expected}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty string."""
        value = self.data.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "a text in quotes")
        return value

    def whole(self, key: str, default: int | None = None, *, low: int = 0, high: int = 2**31) -> int:
        """Return a whole number from ``low`` to ``high``."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, default: float | None = None, *, low: float = 0.0) -> float:
        """Return a number from ``low`` to :data:`LARGEST`."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value < math.inf:
            raise self.wrong(key, f"a number, {low} or more")
        if value > LARGEST:
            raise self.wrong(key, f"a number, {LARGEST:,} at most")
        return float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def choice(self, key: str, allowed: Sequence[C], default: C | None = None) -> C:
        """Return one of the ``allowed`` texts."""
        value = self.data.get(key, default)
        for one in allowed:
            if value == one:
                return one
        raise self.wrong(key, "one of " + ", ".join(allowed))

    def table(self, key: str, *, optional: bool = False) -> "ConfigFile":
        """Return the table at ``key`` (an empty one when ``optional`` and missing)."""
        value = self.data.get(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table [{self.prefix}{key}]")
        return ConfigFile(self.path, value, f"{self.prefix}{key}.")

    def tables(self, key: str) -> "list[ConfigFile]":
        """Return the list of tables ``[[key]]``."""
        value = self.data.get(key)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.wrong(key, f"one or more tables [[{self.prefix}{key}]]")
        return [ConfigFile(self.path, v, f"{self.prefix}{key}[{i}].") for i, v in enumerate(value)]

    def only(self, *allowed: str) -> "ConfigFile":
        """Refuse keys that nothing reads: most are spelling mistakes. Returns itself."""
        for key in self.data:
            if key not in allowed:
                raise ConfigError(f"{self.path}: {self.prefix}{key}: unknown key, expected one of {', '.join(allowed)}")
        return self
