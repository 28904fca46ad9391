"""The wire trace of a run, which keeps quiet about what nobody may read later.

Bytes are written down as hexadecimal, and a printed PIN could be read back from them: so while one is being printed, of what
goes to the printer only the length is kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WireTrace:
    """Takes the lines of :mod:`hardware.links.tap` and passes them on."""

    def __init__(self, write: Callable[[str], None], printer: str) -> None:
        """``printer``: the device whose bytes are hidden meanwhile."""
        self._write = write
        self._mark = f" {printer} > "
        self._hiding = 0

    def __call__(self, line: str) -> None:
        head, mark, data = line.partition(self._mark)
        if self._hiding and mark:
            line = f"{head}{mark}[{len(data.split())} bytes of a paper with a PIN, not kept]"
        self._write(line)

    @contextmanager
    def discreet(self) -> Iterator[None]:
        """Leave the printer's bytes out as long as the block lasts."""
        self._hiding += 1
        try:
            yield
        finally:
            self._hiding -= 1
