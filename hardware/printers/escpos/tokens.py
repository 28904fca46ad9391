"""What the stream from the host is cut into: text, commands, dots of images, and what is stepped over."""

from typing import Final, NamedTuple


class Text(NamedTuple):
    """Bytes 20-FF as they came, at most one line of them: an LF may end it. Two may share a two-byte character."""

    data: bytes


class Control(NamedTuple):
    """One control byte other than LF that is a command by itself."""

    byte: int


class Command(NamedTuple):
    """A complete command: ``code`` is what selects it (``1D 21``, ``1D 28 6B``), ``args`` what follows the code."""

    code: bytes
    args: bytes


class Unknown(NamedTuple):
    """Bytes no manual of ours names, swallowed by the rule."""

    data: bytes


class RasterHead(NamedTuple):
    """A raster begins; its dots follow in :class:`RasterData`."""

    code: bytes
    args: bytes
    """Operands before the dots."""


class RasterData(NamedTuple):
    """Some bytes of dots."""

    data: bytes
    last: bool


class Raw(NamedTuple):
    """Bytes that are to be dumped, whatever they say."""

    data: bytes


class Skipped(NamedTuple):
    """A command too long to keep, or one that this printer only steps over: its body is swallowed."""

    code: bytes


class SkippedData(NamedTuple):
    """Bytes of a body that is swallowed."""

    length: int


Token = Text | Control | Command | Unknown | RasterHead | RasterData | Skipped | SkippedData | Raw
_COMMANDS: Final = (Command, RasterHead)


def token_bytes(token: Token) -> int:
    """Return how many bytes of the stream a token stands for."""
    if isinstance(token, Text):
        return len(token.data)
    if isinstance(token, _COMMANDS):
        return len(token.code) + len(token.args)
    if isinstance(token, RasterData | Unknown | Raw):
        return len(token.data)
    if isinstance(token, SkippedData):
        return token.length
    return len(token.code) if isinstance(token, Skipped) else 1
