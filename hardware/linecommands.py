"""The bench commands ``line ...``: what goes wrong on the line of an emulated device, as lines of text."""

from collections.abc import Callable
from typing import Any

from hardware.links.faults import LineFaults, Toward

Answer = dict[str, Any]
LONGEST_S = 3600.0

HELP = {
    "line drop [N] [host]": "the next N replies are lost; with `host`, the host's frames (this word works after every step)",
    "line duplicate [N]": "the next N replies come twice",
    "line corrupt [BITS] [N]": "flip BITS bits (1 or 2, by the dice) in each of the next N replies",
    "line flip BIT...": "flip these bits of the next reply; 0 is the lowest bit of its first byte",
    "line truncate N": "only the first N bytes of the next reply pass",
    "line insert HEX|garbage": "bytes right before the next reply, such as 00 or FF",
    "line replace HEX": "these bytes in place of the next reply",
    "line join": "the next two replies come in one piece",
    "line delay S": "every reply comes S seconds later; 0 ends it",
    "line split S|off": "replies come byte by byte, S seconds between two",
    "line mute on|off": "every reply is lost",
    "line stale on|off": "every reply is the one to the request before",
    "line echo on|off": "the host hears its own bytes",
    "line parity wrong|bit7|right": "all bytes are lost; or a 7E1 device is read at 8N1; or all is well",
    "line baud wrong|right": "both ends hear other bytes than were sent",
    "line stuck HEX|off": "the line streams one byte without end",
    "line off": "end all of these",
}
"""Every command with one line of help."""


class LineCommands:
    """Obeys the commands. Every mistake raises ValueError with a text for people."""

    def __init__(self, faults: LineFaults) -> None:
        self._faults = faults
        self._deeds: dict[str, Callable[[list[str], Toward, float], None]] = {
            "drop": lambda words, toward, t: self._faults.drop(_count(words), toward),
            "duplicate": lambda words, toward, t: self._faults.duplicate(_count(words), toward),
            "corrupt": self._corrupt,
            "flip": lambda words, toward, t: self._faults.flip([_whole(word) for word in _some(words)], toward),
            "truncate": lambda words, toward, t: self._faults.truncate(_whole(_one(words)), toward),
            "insert": self._insert,
            "replace": lambda words, toward, t: self._faults.replace([_hex(words)], toward),
            "join": self._join,
            "delay": lambda words, toward, t: self._faults.delay(_seconds(_one(words)), toward),
            "split": lambda words, toward, t: self._faults.split(None if words == ["off"] else _seconds(_one(words)), toward),
            "mute": lambda words, toward, t: self._faults.mute(_on(words), toward),
            "stale": lambda words, toward, t: self._faults.stale(_on(words), toward),
            "echo": lambda words, toward, t: self._faults.echo(_on(words)),
            "parity": self._parity,
            "baud": lambda words, toward, t: self._faults.wrong_baud(_choice(words, "wrong", "right") == "wrong"),
            "stuck": lambda words, toward, t: self._faults.stuck(None if words == ["off"] else _hex(words)[0], t),
            "off": self._off,
        }

    def obey(self, words: list[str], now_s: float) -> Answer:
        """Do what stands behind ``line``. Returns facts for JSON."""
        name, *rest = words or [""]
        deed = self._deeds.get(name)
        if deed is None:
            raise ValueError(f"line takes one of {', '.join(self._deeds)}")
        toward = Toward.DEVICE if rest[-1:] == ["host"] else Toward.HOST
        try:
            deed(rest[:-1] if toward is Toward.DEVICE else rest, toward, now_s)
        except ValueError as error:
            usage = next(usage for usage in HELP if usage.split()[1] == name)
            raise ValueError(f"{usage}: {error}") from error
        return {"ok": True, "note": "the line is as it should be" if self._faults.idle else f"the line: {' '.join(words)}"}

    def _join(self, words: list[str], toward: Toward, t: float) -> None:
        _none(words)
        self._faults.join(toward)

    def _off(self, words: list[str], toward: Toward, t: float) -> None:
        _none(words)
        self._faults.off()

    def _corrupt(self, words: list[str], toward: Toward, t: float) -> None:
        if len(words) > 2:
            raise ValueError("takes the number of bits and of replies")
        bits, messages = [_whole(word) for word in words] + [1, 1][len(words) :]
        if bits not in (1, 2):
            raise ValueError("takes 1 or 2 bits")
        self._faults.corrupt(bits, messages, toward)

    def _insert(self, words: list[str], toward: Toward, t: float) -> None:
        if words == ["garbage"]:
            self._faults.insert_garbage(toward)
        else:
            self._faults.insert(_hex(words), toward)

    def _parity(self, words: list[str], toward: Toward, t: float) -> None:
        word = _choice(words, "wrong", "bit7", "right")
        self._faults.parity(wrong=word == "wrong", as_bit_7=word == "bit7")


def _some(words: list[str]) -> list[str]:
    if not words:
        raise ValueError("takes at least one number")
    return words


def _none(words: list[str]) -> None:
    if words:
        raise ValueError("takes nothing after it")


def _one(words: list[str]) -> str:
    if len(words) != 1:
        raise ValueError("takes one number")
    return words[0]


def _whole(word: str) -> int:
    if not word.isdecimal() or len(word) > 6:
        raise ValueError(f"found {word!r}, expected a whole number")
    return int(word)


def _count(words: list[str]) -> int:
    return _whole(_one(words)) if words else 1


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(f"found {word!r}, expected seconds from 0 to {LONGEST_S:.0f}")
    return seconds


def _hex(words: list[str]) -> bytes:
    try:
        data = bytes.fromhex("".join(words))
    except ValueError:
        data = b""
    if not data:
        raise ValueError("takes bytes in hexadecimal: 00 FF")
    return data


def _choice(words: list[str], *allowed: str) -> str:
    if len(words) != 1 or words[0] not in allowed:
        raise ValueError(f"takes one of {', '.join(allowed)}")
    return words[0]


def _on(words: list[str]) -> bool:
    return _choice(words, "on", "off") == "on"
