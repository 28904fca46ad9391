"""What a person at the printer can do, as bench commands: open the cover, change the paper, pull the plug."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hardware.emulator import BadCommand
from hardware.printers.paper import Feed
from hardware.printers.presenter import Presenter

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
        machine, presenter = self._machine, self._printer.presenter
        what = self._one_of("jam", words, "cutter", "paper", "presenter", "clear")
        if what == "presenter" and presenter is None:
            raise self._wrong("jam")
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
        return {"taken": self._presenter("take", words).take(now_s)}

    def _pull(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        if self._printer.presenter is not None and self._printer.presenter.occupied:
            return {"taken": self._presenter("pull", words).pull(now_s)}
        if not self._machine.idle:  # a tug at paper that is being printed
            self._machine.jam_paper(now_s)
        return {"taken": False, "jammed": self._machine.jammed}

    def _leave(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        return {"at_mouth": self._presenter("leave", words).at_mouth}

    def _presenter(self, name: str, words: Sequence[str]) -> Presenter:
        if words:
            raise self._wrong(name)
        if self._printer.presenter is None:
            raise BadCommand("this printer has no presenter: what is cut hangs out")
        return self._printer.presenter

    def _feed(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.feed_pressed = self._one_of("feed", words, "press", "release") == "press" and self._printer.feed_enabled
        if self._machine.feed_pressed:
            self._printer.press_feed(now_s)
        if self._machine.feed_pressed and self._machine.idle:
            self._machine.add(Feed(self._machine.geometry.dpi // 6), now_s)
        return {"pressed": self._machine.feed_pressed}

    def _drawer(self, words: Sequence[str], now_s: float) -> dict[str, Any]:
        self._machine.drawer_open = self._one_of("drawer", words, "open", "close") == "open"
        return {"open": self._machine.drawer_open}

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
        by_byte = words[:1] == ["byte"]
        rest = words[1:] if by_byte else words
        if len(rest) < 2 or not rest[0].isdecimal() or len(rest[0]) > 7 or rest[1] not in self._acts or rest[1] == "at":
            raise self._wrong("at")
        line, place = " ".join(rest[1:]), int(rest[0])
        self._rehearse(rest[1:])
        if by_byte:
            self._printer.at_byte(place, line)
            return {"at_byte": place, "do": line}
        self._machine.at_receipt_row(place, lambda t: self._act(line, t))
        return {"at_row": place, "do": line}

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
