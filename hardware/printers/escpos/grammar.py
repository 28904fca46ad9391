"""Cuts the stream from the host into commands by their exact lengths, so that no operand can ever leak as text.

Lengths stand in the manual's order. A command that is not complete waits for the rest for ever; an unknown second byte
swallows two bytes [K: usual firmware]; a long body (raster, images to store) passes on in pieces, never collected whole,
because its length comes from outside: ``GS 8 L`` could announce four gigabytes.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from hardware.printers.escpos.tokens import (
    Command,
    Control,
    RasterData,
    RasterHead,
    Skipped,
    SkippedData,
    Text,
    Token,
    Unknown,
)

WHOLE_LIMIT: Final = 8192
"""Longest command kept in one piece (a full QR symbol needs 7 097 bytes)."""
STORED_LIMIT: Final = (256 << 10) + 64
"""Longest command that stores images, for it may fill the NV memory of 256 KB."""


DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
PREFIX_NAMES: Final = {DLE: "DLE", ESC: "ESC", FS: "FS", GS: "GS"}
RASTER: Final = b"\x1dv0"
GRAPHICS_SHORT: Final = b"\x1d(L"
GRAPHICS_LONG: Final = b"\x1d8L"

_ESC_LENGTHS = {
    " ": 3, "!": 3, "$": 4, "%": 3, "-": 3, "2": 2, "3": 3, "=": 3, "?": 3, "@": 2, "E": 3, "G": 3, "J": 3, "K": 3, "L": 2,
    "M": 3, "R": 3, "S": 2, "T": 3, "V": 3, "W": 10, "\\": 4, "a": 3, "c": 4, "d": 3, "e": 3, "i": 2, "m": 2, "p": 5, "r": 3,
    "t": 3, "u": 3, "v": 2, "{": 3, "\x0c": 2, "<": 2, "F": 3, "U": 3, "f": 4,
}  # fmt: skip
_FS_LENGTHS = {"!": 3, "&": 2, ".": 2, "-": 3, "2": 76, "?": 4, "C": 3, "S": 4, "W": 3, "p": 4}
_GS_LENGTHS = {
    "!": 3, "$": 4, "/": 3, ":": 2, "B": 3, "E": 3, "H": 3, "I": 3, "L": 4, "P": 4, "T": 3, "W": 4, "\\": 4, "^": 5, "a": 3,
    "b": 3, "c": 2, "f": 3, "g": 6, "h": 3, "j": 3, "r": 3, "w": 3, "z": 5,
}  # fmt: skip
_STORING: Final = (GRAPHICS_SHORT, GRAPHICS_LONG, b"\x1d*")
_FIXED: Final[dict[bytes, int]] = {
    bytes((prefix, ord(letter))): length
    for prefix, table in ((ESC, _ESC_LENGTHS), (FS, _FS_LENGTHS), (GS, _GS_LENGTHS))
    for letter, length in table.items()
}
CUSTOM: Final[dict[bytes, int]] = {
    b"\x1d\xe0": 3, b"\x1d\xe1": 2, b"\x1d\xe6": 4, b"\x1d\xf8": 2, b"\x1dp": 4, b"\x1c\xc1": 3, b"\x1c\xc0": 6,
}  # fmt: skip
"""Commands that printers of Custom's dialect know besides [D: KPM manuals; operands of ``GS E6`` K]."""
_TEXT, _COMPLETE, _CONTROL = 1, 2, 3


def _simple_tokens(lengths: Mapping[bytes, int]) -> re.Pattern[bytes]:
    """Return what finds a line of text, a command of fixed length, or a control byte, in groups of these numbers."""
    second: dict[tuple[int, int], bytes] = {}
    for code, length in lengths.items():
        second[code[0], length] = second.get((code[0], length), b"") + code[1:]
    commands = b"|".join(
        re.escape(bytes((prefix,))) + b"[" + re.escape(letters) + b"]" + b"." * (length - 2)
        for (prefix, length), letters in second.items()
    )
    return re.compile(rb"([\x20-\xff]+\n?|\n)|(" + commands + rb")|([\x00-\x0f\x11-\x1a\x1e\x1f])", re.DOTALL)


@lru_cache(maxsize=1024)
def _command(data: bytes) -> Command:
    """Return a command whose code is two bytes; the same few come with every line, so they are kept."""
    return Command(data[:2], data[2:])


def code_name(code: bytes) -> str:
    """Return the manual's spelling: ``GS ( k``; bytes that are not characters in hexadecimal."""
    return " ".join(PREFIX_NAMES.get(b) or (chr(b) if 0x21 <= b < 0x7F else f"{b:02X}") for b in code)


_Measured = tuple[int, int] | None
"""(bytes of code, bytes of the whole command), or None when more bytes are needed to know."""


def _real_time(buf: bytes, at: int, have: int) -> _Measured:
    if have < 3:
        return None
    second, n = buf[at + 1], buf[at + 2]
    if second == 0x04:
        return 2, 4 if n in (0x07, 0x08, 0x12) else 3
    if second == 0x05:
        return 2, 3
    return 2, {1: 5, 2: 5, 3: 8, 7: 4, 8: 10}.get(n, 3)


def _column_image(buf: bytes, at: int, have: int) -> _Measured:
    if have < 5:
        return None
    columns = int.from_bytes(buf[at + 3 : at + 5], "little")
    return 2, 5 + columns * (3 if buf[at + 2] in (32, 33) else 1)


def _tabs(buf: bytes, at: int, have: int) -> _Measured:
    end = buf.find(b"\0", at + 2, at + 35)
    if end >= 0:
        return 2, end + 1 - at
    return (2, 34) if have >= 34 else None  # 32 stops are the most; the list ends there without its NUL


def _counted(buf: bytes, at: int, have: int) -> _Measured:
    """Any ``( letter pL pH``: known or not, its length is its own."""
    return None if have < 5 else (3, 5 + int.from_bytes(buf[at + 3 : at + 5], "little"))


def _graphics_long(buf: bytes, at: int, have: int) -> _Measured:
    if have >= 3 and buf[at + 2] != 0x4C:
        return 0, 2
    return None if have < 7 else (3, 7 + int.from_bytes(buf[at + 3 : at + 7], "little"))


def _downloaded_image(buf: bytes, at: int, have: int) -> _Measured:
    return None if have < 4 else (2, 4 + buf[at + 2] * buf[at + 3] * 8)


def _cut(buf: bytes, at: int, have: int) -> _Measured:
    return None if have < 3 else (2, 4 if buf[at + 2] in (65, 66, 97, 98, 103, 104) else 3)


def _barcode(buf: bytes, at: int, have: int) -> _Measured:
    if have < 4:
        return None
    if buf[at + 2] >= 65:
        return 2, 4 + buf[at + 3]
    end = buf.find(b"\0", at + 3, at + 3 + 256)
    if end >= 0:
        return 2, end + 1 - at
    return (2, 3 + 255) if have >= 3 + 256 else None  # no symbology of this form is longer


def _variable_size_image(buf: bytes, at: int, have: int) -> _Measured:
    """``GS Q 0 m xL xH yL yH``: columns of y bytes."""
    if have >= 3 and buf[at + 2] != 0x30:
        return 0, 2
    if have < 8:
        return None
    return 3, 8 + int.from_bytes(buf[at + 4 : at + 6], "little") * int.from_bytes(buf[at + 6 : at + 8], "little")


def _user_memory(buf: bytes, at: int, have: int) -> _Measured:
    """``FS g 1`` writes nL nH bytes, ``FS g 2`` reads; both name a place of four bytes."""
    if have < 3:
        return None
    if buf[at + 2] not in (0x31, 0x32):
        return 0, 2
    if have < 10:
        return None
    return 3, 10 + (int.from_bytes(buf[at + 8 : at + 10], "little") if buf[at + 2] == 0x31 else 0)


def _counter(buf: bytes, at: int, have: int) -> _Measured:
    """``GS C 0`` and ``GS C 2`` take two operands, ``GS C 1`` six [K]."""
    if have < 3:
        return None
    if buf[at + 2] in (0x3B,):
        end = buf.find(b";", at + 3, at + 3 + 40)
        for _ in range(4):
            end = buf.find(b";", end + 1, at + 3 + 40) if end >= 0 else -1
        return (2, end + 1 - at) if end >= 0 else (2, 3) if have >= 43 else None
    return {0x30: (2, 5), 0x31: (2, 9), 0x32: (2, 5)}.get(buf[at + 2], (0, 2))


def _ejector(buf: bytes, at: int, have: int) -> _Measured:
    """``GS e``: only function 3, present, has an operand [D: KPM manuals]."""
    return None if have < 3 else (2, 4 if buf[at + 2] == 3 else 3)


def _raster(buf: bytes, at: int, have: int) -> _Measured:
    if have >= 3 and buf[at + 2] != 0x30:
        return 0, 2
    if have < 8:
        return None
    return 3, 8 + int.from_bytes(buf[at + 4 : at + 6], "little") * int.from_bytes(buf[at + 6 : at + 8], "little")


_VARIABLE: Final[dict[bytes, Callable[[bytes, int, int], _Measured]]] = {
    b"\x10\x04": _real_time, b"\x10\x05": _real_time, b"\x10\x14": _real_time,
    b"\x1b*": _column_image, b"\x1bD": _tabs, b"\x1b(": _counted, b"\x1c(": _counted, b"\x1d(": _counted,
    b"\x1d8": _graphics_long, b"\x1d*": _downloaded_image, b"\x1dV": _cut, b"\x1dk": _barcode, b"\x1dv": _raster,
    b"\x1dQ": _variable_size_image, b"\x1cg": _user_memory, b"\x1dC": _counter,
}  # fmt: skip


_SIMPLE: Final = _simple_tokens(_FIXED)
_SIMPLE_CUSTOM: Final = _simple_tokens({**_FIXED, **CUSTOM})


class Framer:
    """The stream cut into tokens. Keeps at most one unfinished command, :data:`STORED_LIMIT` bytes of it."""

    def __init__(self, *, custom: bool = False) -> None:
        """``custom`` adds the commands of Custom's dialect."""
        self._fixed = {**_FIXED, **CUSTOM} if custom else _FIXED
        self._simple = _SIMPLE_CUSTOM if custom else _SIMPLE
        self._variable = {**_VARIABLE, b"\x1de": _ejector} if custom else _VARIABLE
        self._pending = b""
        self._raster_left = 0
        self._skip_left = 0
        self._chain: tuple[int, int] | None = None
        """Blocks still to come and, for ``ESC &``, bytes per column (0: the four-byte heads of ``FS q``)."""

    @property
    def inside_command(self) -> bool:
        """Whether the next byte belongs to a command already begun."""
        return bool(self._pending or self._raster_left or self._skip_left or self._chain)

    @property
    def inside_image(self) -> bool:
        """Whether the next byte is a dot of an image."""
        return bool(self._raster_left)

    @property
    def pending(self) -> bytes:
        """The unfinished command that is held."""
        return self._pending

    @property
    def pending_bytes(self) -> int:
        """How many bytes of an unfinished command are held."""
        return len(self._pending)

    def feed(self, data: bytes) -> list[Token]:
        """Return the tokens that ``data`` completes."""
        buf = self._pending + data if self._pending else data
        tokens: list[Token] = []
        at, end = 0, len(buf)
        while at < end:
            if self._raster_left or self._skip_left:
                at = self._pass_body(buf, at, tokens)
                continue
            if self._chain is None:
                at = self._pass_simple(buf, at, tokens)
                if at == end:
                    break
            step = self._chained(buf, at, tokens) if self._chain else self._measured(buf, at, tokens)
            if not step:
                break
            at += step
        self._pending = buf[at:]
        return tokens

    def _pass_simple(self, buf: bytes, at: int, tokens: list[Token]) -> int:
        """Append the text and the commands of fixed length that stand from ``at`` on, and return where they end."""
        for match in self._simple.finditer(buf, at):
            start, end = match.span()
            if start != at:
                break  # something else begins here
            data, at = match[0], end
            kind = match.lastindex
            tokens.append(Text(data) if kind == _TEXT else _command(data) if kind == _COMPLETE else Control(data[0]))
        return at

    def _pass_body(self, buf: bytes, at: int, tokens: list[Token]) -> int:
        if self._raster_left:
            piece = buf[at : at + self._raster_left]
            self._raster_left -= len(piece)
            tokens.append(RasterData(piece, not self._raster_left))
            return at + len(piece)
        step = min(self._skip_left, len(buf) - at)
        self._skip_left -= step
        tokens.append(SkippedData(step))
        return at + step

    def _chained(self, buf: bytes, at: int, tokens: list[Token]) -> int:
        """Step over the head of one stored glyph or image and begin to skip its dots; 0 when the head is not here yet."""
        assert self._chain is not None
        blocks, column_bytes = self._chain
        head = 1 if column_bytes else 4
        if len(buf) - at < head:
            return 0
        if column_bytes:
            self._skip_left = buf[at] * column_bytes
        else:
            width, height = int.from_bytes(buf[at : at + 2], "little"), int.from_bytes(buf[at + 2 : at + 4], "little")
            self._skip_left = width * height * 8
        self._chain = (blocks - 1, column_bytes) if blocks > 1 else None
        tokens.append(SkippedData(head))
        return head

    def _measured(self, buf: bytes, at: int, tokens: list[Token]) -> int:
        """Append the command at ``at``, whose length is to be measured, and return its bytes; 0 when it is not complete."""
        have = len(buf) - at
        code = buf[at : at + 2]
        if have < 2 or code in self._fixed:
            return 0
        if code in (b"\x1b&", b"\x1cq"):
            return self._stored(code, buf, at, have, tokens)
        measure = self._variable.get(code)
        if measure is None:
            tokens.append(Unknown(code))
            return 2
        measured = measure(buf, at, have)
        if measured is None:
            return 0
        code_length, length = measured
        if not code_length:
            tokens.append(Unknown(code))
            return length
        return self._complete(buf[at : at + code_length], length, buf, at, have, tokens)

    def _complete(self, code: bytes, length: int, buf: bytes, at: int, have: int, tokens: list[Token]) -> int:
        head = self._raster_head(code, length, buf, at, have)
        if head is None:
            return 0
        if head:
            tokens.append(RasterHead(code, buf[at + 3 : at + head]))
            self._raster_left = length - head
            if not self._raster_left:
                tokens.append(RasterData(b"", last=True))
            return head
        if length > (STORED_LIMIT if code in _STORING else WHOLE_LIMIT):
            tokens.append(Skipped(code))
            self._skip_left = length - len(code)
            return len(code)
        if have < length:
            return 0
        tokens.append(Command(code, buf[at + len(code) : at + length]))
        return length

    @staticmethod
    def _raster_head(code: bytes, length: int, buf: bytes, at: int, have: int) -> int | None:
        """Return the bytes before a raster's dots, 0 if this is none, None while that cannot be told."""
        if code == RASTER:
            return 8
        if code not in (GRAPHICS_SHORT, GRAPHICS_LONG):
            return 0
        body = 5 if code == GRAPHICS_SHORT else 7
        if length < body + 10:
            return 0
        if have < body + 2:
            return None
        if buf[at + body + 1] != 112:  # only function 112, store raster, carries dots that we print
            return 0
        return body + 10 if have >= body + 10 else None

    @staticmethod
    def _stored_length(code: bytes, buf: bytes, at: int, have: int) -> int | None:
        """Return the bytes of a list of glyphs or images, 0 when it is too long to keep, None while it is not all here."""
        if code == b"\x1b&":
            columns, first, last = buf[at + 2], buf[at + 3], buf[at + 4]
            blocks, length, head = (last - first + 1 if columns and last >= first else 0), 5, 1
        else:
            columns, blocks, length, head = 0, buf[at + 2], 3, 4
        for _ in range(blocks):
            if have < length + head:
                return None
            place = at + length
            if columns:
                body = buf[place] * columns
            else:
                x, y = int.from_bytes(buf[place : place + 2], "little"), int.from_bytes(buf[place + 2 : place + 4], "little")
                body = x * y * 8
            length += head + body
            if length > (WHOLE_LIMIT if columns else STORED_LIMIT):
                return 0
        return length if have >= length else None

    def _stored(self, code: bytes, buf: bytes, at: int, have: int, tokens: list[Token]) -> int:
        head = 5 if code == b"\x1b&" else 3
        if have < head:
            return 0
        whole = self._stored_length(code, buf, at, have)
        if whole is None:
            return 0
        if whole:
            tokens.append(Command(code, buf[at + 2 : at + whole]))
            return whole
        tokens += (Skipped(code), SkippedData(head - len(code)))
        if code == b"\x1b&":
            columns, first, last = buf[at + 2], buf[at + 3], buf[at + 4]
            self._chain = (last - first + 1, columns) if columns and last >= first else None
        else:
            self._chain = (buf[at + 2], 0) if buf[at + 2] else None
        return head
