"""What a person at the printer can do, as bench commands: open the cover, change the paper, pull the plug."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hardware.emulator import BadCommand
from hardware.printers.paper import Feed
from hardware.printers.presenter import Presenter

if TYPE_CHECKING:
    from hardware.printers.escpos.emulator import EscposEmulator

_GARBAGE = bytes.fromhex("00 FF 3F 80 A5 7F 91 E5")
_LONGEST_MM = 1e6
_MOST_DIGITS = 7
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
                    "jam paper": "the paper gets stuck on its way, at once",
                    "jam clear": "take it out; a cutter error stays until the host sends DLE ENQ or the power goes off and on",
                },
            ),
            "hot": (self._hot, {"hot on|off": "overheat the head; printing goes on when it has cooled"}),
            "fail": (self._fail, {"fail": "break something that only power off and on clears"}),
            "power": (self._power, {"power on|off": "switch; off loses the buffers, the paper stays"}),
            "silence": (self._silence, {"silence on|off": "cut the line from printer to host; it goes on printing"}),
            "garbage": (self._garbage, {"garbage": "put bytes on the line that mean nothing"}),
            "tear": (self._tear, {"tear": "tear the paper off at the manual cutter"}),
            "pull": (self._pull, {"pull": "pull at the paper whether or not it is offered"}),
            "feed": (
                self._feed,
                {"feed press|release": "the FEED button; a press feeds one line, three end a hexadecimal dump"},
            ),
            "drawer": (self._drawer, {"drawer open|close": "the switch in the drawer"}),
            "state": (self._state, {"state": "tell everything about the machine"}),
            "at": (
                self._at,
                {
                    "at ROW COMMAND": "do COMMAND when the head reaches dot row ROW of the current receipt",
                    "at byte N COMMAND": "do COMMAND when N more bytes have been received",
                },
            ),
        }

        if printer.presenter is not None:
            self._acts["jam"][1]["jam presenter"] = "put something into the presenter's path: the next move jams"
            self._acts["take"] = (self._take, {"take": "take the ticket from the presenter's mouth"})
            self._acts["leave"] = (self._leave, {"leave": "walk away from the ticket at the mouth"})

    def help(self) -> dict[str, str]:
        """Return every form with one line of help."""
        return {form: text for _, forms in self._acts.values() for form, text in forms.items()}

    def do(self, line: str, now_s: float) -> dict[str, Any]:
        """Do what ``line`` says. Raises BadCommand with what would be understood."""
        words = line.split()
        act = self._acts.get(words[0]) if words else None
        if act is None:
            raise BadCommand(f"{line!r} is not understood; there are: {', '.join(self.help())}")
        self._check(words)
        return act[0](words[1:], now_s)

    def _wrong(self, name: str) -> BadCommand:
        return BadCommand(f"expected: {' or '.join(self._acts[name][1])}")

    def _paper(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if words[0] == "new":
            self._machine.load_paper(self._printer.roll_mm, now_s)
        else:
            if float(words[0]) > _LONGEST_MM:
                raise self._wrong("paper")
            self._machine.set_paper(float(words[0]), now_s)
        return {"paper_mm": round(self._machine.paper_mm, 1)}

    def _cover(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if words[0] == "open":
            self._machine.open_cover(now_s)
        else:
            self._machine.close_cover(now_s)
        return {"cover": "open" if self._machine.cover_open else "closed"}

    def _jam(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        machine, presenter = self._machine, self._printer.presenter
        what = words[0]
        if what == "paper":
            machine.jam_paper(now_s)
        elif what == "presenter":
            assert presenter is not None
            presenter.blocked = True
        else:
            machine.cutter_blocked = what == "cutter"
        if what == "clear":
            if presenter is not None:
                presenter.clear_jam(now_s)
            machine.clear_jam(now_s)
        return {"cutter_blocked": machine.cutter_blocked, "cutter_error": machine.cutter_error, "jammed": machine.jammed}

    def _take(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        return {"taken": self._presenter().take(now_s)}

    def _pull(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if self._printer.presenter is not None and self._printer.presenter.occupied:
            return {"taken": self._printer.presenter.pull(now_s)}
        if not self._machine.idle:  # a tug at paper that is being printed
            self._machine.jam_paper(now_s)
        return {"taken": False, "jammed": self._machine.jammed}

    def _leave(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        return {"at_mouth": self._presenter().at_mouth}

    def _presenter(self) -> Presenter:
        assert self._printer.presenter is not None  # else the printer has no such command
        return self._printer.presenter

    def _feed(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.feed_pressed = words[0] == "press" and self._printer.feed_enabled
        if self._machine.feed_pressed:
            self._printer.press_feed(now_s)
        if self._machine.feed_pressed and self._machine.idle:
            self._machine.add(Feed(self._machine.geometry.dpi // 6), now_s)
        return {"pressed": self._machine.feed_pressed}

    def _drawer(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.drawer_open = words[0] == "open"
        return {"open": self._machine.drawer_open}

    def _hot(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.set_head_hot(words[0] == "on", now_s)
        return {"head_hot": self._machine.head_hot}

    def _fail(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.set_failed(now_s)
        return {"failed": True}

    def _power(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        on = words[0] == "on"
        self._printer.power(on, now_s)
        return {"power": on}

    def _silence(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        on = words[0] == "on"
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
        by_byte = words[:1] == ["byte"]
        rest = words[1:] if by_byte else words
        if len(rest) < 2 or rest[1] not in self._acts or rest[1] == "at":
            raise self._wrong("at")
        line, place = " ".join(rest[1:]), int(rest[0])
        self._check(rest[1:])
        if by_byte:
            self._printer.at_byte(place, line)
            return {"at_byte": place, "do": line}
        self._machine.at_receipt_row(place, lambda t: self._act(line, t))
        return {"at_row": place, "do": line}

    def _act(self, line: str, t: float) -> None:
        self.do(line, t)

    def _check(self, words: Sequence[str]) -> None:
        """Refuse a command that none of its forms fits, before anything is done and before the row it waits for."""
        forms = [form.split() for form in self._acts[words[0]][1]]
        if not any(_fits(form, words) for form in forms):
            raise self._wrong(words[0])


def _fits(form: Sequence[str], words: Sequence[str]) -> bool:
    if form[-1] == "COMMAND":  # what is to be done has forms of its own
        form, words = form[:-1], words[: len(form) - 1]
    if len(form) != len(words):
        return False
    return all(
        word in pattern.split("|")
        or (pattern == "MM" and word.replace(".", "", 1).isdecimal())
        or (pattern in ("ROW", "N") and word.isdecimal() and len(word) <= _MOST_DIGITS)
        for pattern, word in zip(form, words, strict=True)
    )
