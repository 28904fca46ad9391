"""A file for people to read later, such as the log or the wire trace, that cannot end anything by failing.

A disk that is full takes no line, and a kiosk must neither stop nor fall silent for that: lines that cannot be written are
counted, standard error is told once, and the first line that is written again says how many are missing.
"""

import os
import sys
from pathlib import Path


class LogFile:
    """Appends lines to one file. Raises OSError when it cannot be opened, and never again."""

    def __init__(self, path: Path, *, anew: bool = False) -> None:
        """``anew`` empties it first."""
        self._path = path
        self._missing = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | (os.O_TRUNC if anew else 0), 0o644)

    def write(self, text: str) -> int:
        """Write ``text``, a line with its end, whole and at once, or not at all as far as the disk allows."""
        if self._missing:
            text = f"[{self._missing} lines are missing here: they could not be written]\n{text}"
        data = text.encode("utf-8", "backslashreplace")
        try:
            if os.write(self._file, data) < len(data):
                raise OSError(None, "only a part of a line was written")
        except OSError as error:
            if not self._missing:
                print(f"kiosk: {self._path}: {error.strerror}; lines will be missing there", file=sys.stderr)
            self._missing += 1
        else:
            self._missing = 0
        return len(text)

    def line(self, text: str) -> None:
        """Write one line."""
        self.write(f"{text}\n")

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
