"""What zbar, a reader that we did not write and that nothing here is made with, reads from pictures of paper."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

_LONGEST_S = 60
_NOTHING_FOUND = 4
_IN = "{http://zbar.sourceforge.net/2008/barcode}"


class Symbol(NamedTuple):
    """One symbol found."""

    kind: str
    """zbar's name: ``QR-Code``, ``CODE-128``, ``EAN-13``."""
    content: str


def scanned(pictures: Mapping[str, bytes], folder: Path, *settings: str) -> dict[str, list[Symbol]]:
    """Return what ``zbarimg`` (Debian's package zbar-tools) finds in each PNG, in no order that means anything.

    ``settings`` as behind its ``-S``. Raises CalledProcessError when it fails and TimeoutExpired when it does not end.
    """
    for name, picture in pictures.items():
        (folder / f"{name}.png").write_bytes(picture)
    paths = [str(folder / f"{name}.png") for name in pictures]
    command = ["zbarimg", "--quiet", "--xml", "--nodbus", *(f"-S{setting}" for setting in settings), *paths]
    done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)
    if done.returncode not in (0, _NOTHING_FOUND):
        done.check_returncode()
    found: dict[str, list[Symbol]] = {name: [] for name in pictures}
    for source in ElementTree.fromstring(done.stdout).iter(f"{_IN}source"):
        name = Path(source.get("href", "")).stem
        for symbol in source.iter(f"{_IN}symbol"):
            found[name].append(Symbol(symbol.get("type", ""), symbol.findtext(f"{_IN}data", "")))
    return found
