"""What a person at the printer can do, as bench commands: open the cover, change the paper, pull the plug."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hardware.emulator import BadCommand

if TYPE_CHECKING:
    from hardware.printers.escpos.emulator import EscposEmulator

_GARBAGE = bytes.fromhex("00 FF 3F 80 A5 7F 91 E5")
_Act = Callable[[Sequence[str], float], dict[str, Any]]


class Hand:
    """Understands one line at a time; :meth:`help` lists them all."""

    def __init__(self, printer: "EscposEmulator") -> None:
        self._printer = printer
        self._machine = printer.mechanism
        self._acts: dict[str, tuple[_Act, dict[str, str]]] = {
            "paper": (
                self._paper,
                {
                    "paper MM": "let the roll hold MM millimetres; 'paper 0' takes it out at once",
                    "paper new": "put a full roll in; what was printed and not cut leaves with the old paper",
                },
            ),
            "cover": (self._cover, {"cover open|close": "open or close the paper cover"}),
            "jam": (
                self._jam,
                {
                    "jam cutter": "put something into the cutter: the next cut fails",
                    "jam clear": "take it out; the error stays until the host sends DLE ENQ or the power goes off and on",
                },
            ),
            "hot": (self._hot, {"hot on|off": "overheat the head; printing goes on when it has cooled"}),
            "fail": (self._fail, {"fail": "break something that only power off and on clears"}),
            "power": (self._power, {"power on|off": "switch; off loses the buffers, the paper stays"}),
            "silence": (self._silence, {"silence on|off": "cut the line from printer to host; it goes on printing"}),
            "garbage": (self._garbage, {"garbage": "put bytes on the line that mean nothing"}),
            "tear": (self._tear, {"tear": "tear the paper off at the manual cutter"}),
            "state": (self._state, {"state": "tell everything about the machine"}),
            "at": (self._at, {"at ROW COMMAND": "do COMMAND when the head reaches dot row ROW of the current receipt"}),
        }

    def help(self) -> dict[str, str]:
        """Return every form with one line of help."""
        return {form: text for _, forms in self._acts.values() for form, text in forms.items()}

    def do(self, line: str, now_s: float) -> dict[str, Any]:
        """Do what ``line`` says. Raises BadCommand with what would be understood."""
        words = line.split()
        act = self._acts.get(words[0]) if words else None
        if act is None:
            raise BadCommand(f"{line!r} is not understood; there are: {', '.join(self.help())}")
        return act[0](words[1:], now_s)

    def _wrong(self, name: str) -> BadCommand:
        return BadCommand(f"expected: {' or '.join(self._acts[name][1])}")

    def _one_of(self, name: str, words: Sequence[str], *choices: str) -> str:
        if len(words) != 1 or words[0] not in choices:
            raise self._wrong(name)
        return words[0]

    def _paper(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if list(words) == ["new"]:
            self._machine.load_paper(self._printer.roll_mm, now_s)
        else:
            if len(words) != 1 or not words[0].replace(".", "", 1).isdecimal() or float(words[0]) > 1e6:
                raise self._wrong("paper")
            self._machine.set_paper(float(words[0]), now_s)
        return {"paper_mm": round(self._machine.paper_mm, 1)}

    def _cover(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        which = self._one_of("cover", words, "open", "close")
        if which == "open":
            self._machine.open_cover(now_s)
        else:
            self._machine.close_cover(now_s)
        return {"cover": "open" if self._machine.cover_open else "closed"}

    def _jam(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.cutter_blocked = self._one_of("jam", words, "cutter", "clear") == "cutter"
        return {"cutter_blocked": self._machine.cutter_blocked, "cutter_error": self._machine.cutter_error}

    def _hot(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.set_head_hot(self._one_of("hot", words, "on", "off") == "on", now_s)
        return {"head_hot": self._machine.head_hot}

    def _fail(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if words:
            raise self._wrong("fail")
        self._machine.set_failed(now_s)
        return {"failed": True}

    def _power(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        on = self._one_of("power", words, "on", "off") == "on"
        self._printer.power(on, now_s)
        return {"power": on}

    def _silence(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        on = self._one_of("silence", words, "on", "off") == "on"
        self._printer.silence(on)
        return {"silent": on}

    def _garbage(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._printer.say(_GARBAGE, now_s)
        return {"bytes": _GARBAGE.hex(" ").upper()}

    def _tear(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        return {"torn": self._machine.tear(now_s)}

    def _state(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        return self._printer.facts()

    def _at(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if len(words) < 2 or not words[0].isdecimal() or len(words[0]) > 7 or words[1] not in self._acts or words[1] == "at":
            raise self._wrong("at")
        line = " ".join(words[1:])
        self._rehearse(words[1:])
        row = int(words[0])
        self._machine.at_receipt_row(row, lambda t: self._act(line, t))
        return {"at_row": row, "do": line}

    def _act(self, line: str, t: float) -> None:
        self.do(line, t)

    def _rehearse(self, words: Sequence[str]) -> None:
        """Refuse a command now that would only be found wrong at its row."""
        forms = [form.split() for form in self._acts[words[0]][1]]
        if not any(_fits(form, words) for form in forms):
            raise self._wrong(words[0])


def _fits(form: Sequence[str], words: Sequence[str]) -> bool:
    if len(form) != len(words):
        return False
    return all(
        word in pattern.split("|") or (pattern == "MM" and word.replace(".", "", 1).isdecimal())
        for pattern, word in zip(form, words, strict=True)
    )
