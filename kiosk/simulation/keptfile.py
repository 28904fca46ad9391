"""A file that keeps what came of a long run as it comes: one that was stopped goes on where it stopped."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hardware
import kiosk


def version_of(config: Path) -> str:
    """Return what stands for all of the program and its configuration: whatever is kept holds for one version."""
    digest = hashlib.blake2b(digest_size=8)
    for folder in (Path(hardware.__file__).parent, Path(kiosk.__file__).parent, config):
        for path in sorted(path for kind in ("*.py", "*.toml", "*.po") for path in folder.rglob(kind)):
            digest.update(f"{path.relative_to(folder)} ".encode() + path.read_bytes())
    return digest.hexdigest()


class KeptFile:
    """JSON objects, one a line, behind a first line that says of what run they are."""

    def __init__(self, path: Path, of: Mapping[str, object]) -> None:
        """Open what there is of the run that ``of`` names; what another run left is put aside under another name."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._cut_off_half_a_line()
        if path.exists() and next(self._lines(), None) != of:
            path.replace(path.with_suffix(".old"))
        if not path.exists():
            self.add(of)

    def read(self) -> Iterator[dict[str, Any]]:
        """Read what is known already, oldest first."""
        lines = self._lines()
        next(lines)
        yield from lines

    def add(self, line: Mapping[str, object]) -> None:
        """Write one down."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._path.open(encoding="utf-8") as file:
            for text in file:
                if text.endswith("\n"):
                    yield json.loads(text)

    def _cut_off_half_a_line(self) -> None:
        """Whoever wrote the last line may have been stopped in it."""
        whole = self._path.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            with self._path.open("r+b") as file:
                file.truncate(end)
