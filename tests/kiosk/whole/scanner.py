"""Looks for what must not be written down anywhere, in every way in which it could have been."""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def spellings(secret: str) -> set[str]:
    """Return the ways to write a number: as typed, as it goes over the line, grouped, backwards, in full width."""
    found = {secret, quote(secret), secret[::-1]}
    if not secret.isdecimal():
        return found
    cores = [secret]
    if re.fullmatch(r"0[5-9]0\d{8}", secret):
        cores.append(f"+81{secret[1:]}")
        cores.append(f"81{secret[1:]}")
    for core in cores:
        digits = core.lstrip("+")
        found |= {core, quote(core), quote(core).lower()}
        for separator in ("-", " ", ".", "\u3000"):
            found.add(separator.join((digits[:3], digits[3:7], digits[7:])))
            found.add(separator.join(digits[i : i + 4] for i in range(0, len(digits), 4)))
            found.add(separator.join(digits))
    found.add(secret.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}))
    return found


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of every spelling in every encoding, with the name of the form."""
    for spelling in sorted(spellings(secret)):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp932"):
            try:
                raw = spelling.encode(encoding)
            except UnicodeEncodeError:
                continue
            yield f"{spelling} in {encoding}", raw
            yield f"{spelling} in {encoding}, hexadecimal", raw.hex().encode()
            yield f"{spelling} in {encoding}, hexadecimal with spaces", raw.hex(" ").encode()
            yield f"{spelling} in {encoding}, hexadecimal in capitals", raw.hex().upper().encode()
            yield f"{spelling} in {encoding}, hexadecimal in capitals with spaces", raw.hex(" ").upper().encode()
            for shift in range(3):
                coded = base64.b64encode(bytes(shift) + raw)
                start = 0 if shift == 0 else 4
                yield f"{spelling} in {encoding}, base64", coded[start : -4 if coded.endswith(b"=") else None]


def leaks(secrets: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Return what was found where; an empty list when nothing was."""
    patterns = [(name, form) for secret in secrets for name, form in forms(secret) if len(form) >= 6]
    found = []
    for path in files:
        content = path.read_bytes()
        found += [f"{path.name}: {name}" for name, form in patterns if form in content]
    return found


def files_in(folder: Path, *, but: Iterable[str] = ()) -> list[Path]:
    """Return every file below a folder, except those named."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in but]
