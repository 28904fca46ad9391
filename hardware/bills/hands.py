"""What hands do at a bill acceptor, as lines of text: the customer's, and those of staff."""

from collections.abc import Mapping

from hardware.benchcommand import Answer, BenchCommand, no_words, on_or_off, slowness
from hardware.bills.mechanism import BillMechanism
from hardware.bills.notes import Note, Place
from hardware.emulator import BadCommand
from hardware.vocabulary import Fault, RefuseReason

HIGHEST_YEN = 1_000_000
COMMON_FLAWS: Mapping[str, RefuseReason] = {
    "counterfeit": RefuseReason.NOT_GENUINE,
    **{reason.value: reason for reason in RefuseReason if reason is not RefuseReason.INHIBITED},
}
"""Flaws a note can be given with any protocol; being inhibited is no property of a note."""


class Hands:
    """The commands that reach the mechanism alone; faces add those that concern their line."""

    def __init__(self, mechanism: BillMechanism, flaws: Mapping[str, RefuseReason]) -> None:
        """``flaws`` are words that ``insert`` takes besides :data:`COMMON_FLAWS`: the protocol's own reasons."""
        self._mechanism = mechanism
        self._flaws = {**flaws, **COMMON_FLAWS}

    def commands(self) -> dict[str, BenchCommand]:
        """Return the commands by their first word."""
        flaws = ", ".join(sorted(self._flaws))
        return {
            "insert": BenchCommand("insert YEN [FLAW]", f"put a note to the mouth; FLAW is one of {flaws}", self._insert),
            "pull-back": BenchCommand("pull-back", "the customer pulls the note out with their fingers", self._pull_back),
            "leave": BenchCommand("leave on|off", "whether the customer leaves notes given back sticking out", self._leave),
            "take": BenchCommand("take", "the customer takes the note that sticks out", self._take),
            "slow": BenchCommand("slow FACTOR", "a worn motor: every motion takes so many times as long; 1 is new", self._slow),
            "cheat": BenchCommand("cheat", "the customer pulls the note out with a string", self._cheat),
            "jam": BenchCommand("jam [acceptor|stacker]", "block the path; a note inside sticks where it is", self._jam),
            "clear": BenchCommand("clear", "staff repair every fault and keep the note they find inside", self._clear),
            "open": BenchCommand("open", "staff take the cash box out", self._open),
            "close": BenchCommand("close", "staff put the cash box back", self._close),
            "full": BenchCommand("full", "press the full-box sensor until the box is emptied", self._full),
            "empty": BenchCommand("empty", "staff take all notes from the cash box", self._empty),
        }

    def _insert(self, words: list[str], now_s: float) -> Answer:
        if not words or len(words) > 2 or not _is_yen(words[0]):
            raise BadCommand("insert takes a value in yen and at most one flaw: insert 1000, insert 1000 counterfeit")
        detail = words[1] if len(words) == 2 else ""
        if detail and detail not in self._flaws:
            raise BadCommand(f"insert: no flaw {detail!r}, expected one of {', '.join(sorted(self._flaws))}")
        note = self._mechanism.insert(int(words[0]), now_s, self._flaws.get(detail), detail)
        if note is None:
            return {"ok": False, "note": "another note sticks in the mouth; the customer keeps this one"}
        if self._mechanism.where(note) is not Place.MOUTH:
            return {"ok": True, "note": "drawn in"}
        return {"ok": True, "note": f"left at the mouth: {self._why_not_drawn()}"}

    def _why_not_drawn(self) -> str:
        mechanism = self._mechanism
        if not mechanism.powered:
            return "the unit has no power"
        if mechanism.paused:
            return "another note is inside, the unit pauses"
        if mechanism.faults:
            return "the unit is at fault (" + ", ".join(sorted(fault.value for fault in mechanism.faults)) + ")"
        if not mechanism.box.fitted:
            return "the cash box is out"
        return "the cash box is full" if mechanism.box.full else "the unit is not ready to draw it in"

    def _pull_back(self, words: list[str], now_s: float) -> Answer:
        no_words("pull-back", words)
        return _came_out(self._mechanism.pull_back(now_s), "there is no note that fingers could get hold of")

    def _leave(self, words: list[str], now_s: float) -> Answer:
        self._mechanism.notes_are_taken = not on_or_off("leave", words)
        return {"ok": True, "note": "notes given back are " + ("taken" if self._mechanism.notes_are_taken else "left")}

    def _take(self, words: list[str], now_s: float) -> Answer:
        no_words("take", words)
        return _came_out(self._mechanism.take(now_s), "no note sticks out")

    def _slow(self, words: list[str], now_s: float) -> Answer:
        self._mechanism.slowness = factor = slowness(words)
        return {"ok": True, "note": f"motions begun from now on take {factor:g} times as long"}

    def _cheat(self, words: list[str], now_s: float) -> Answer:
        no_words("cheat", words)
        return {**_came_out(self._mechanism.cheat(now_s), "there was no note on the string, but it was seen"), "ok": True}

    def _jam(self, words: list[str], now_s: float) -> Answer:
        where = {"acceptor": Fault.JAM_IN_ACCEPTOR, "stacker": Fault.JAM_IN_STACKER}
        word = words[0] if words else "acceptor"
        if len(words) > 1 or word not in where:
            raise BadCommand("jam takes acceptor or stacker: jam stacker")
        self._mechanism.fail(where[word], now_s)
        return {"ok": True, "note": "a note is stuck" if self._mechanism.inside else "something blocks the path, no note"}

    def _clear(self, words: list[str], now_s: float) -> Answer:
        no_words("clear", words)
        taken = [note.yen for note in self._mechanism.clear(now_s)]
        return {"ok": True, "note": "repaired; staff keep a note" if taken else "repaired", "yen": sum(taken)}

    def _open(self, words: list[str], now_s: float) -> Answer:
        no_words("open", words)
        was_fitted = self._mechanism.box.fitted
        self._mechanism.open_box(now_s)
        return {"ok": was_fitted, "note": "the cash box is out" if was_fitted else "it was out already"}

    def _close(self, words: list[str], now_s: float) -> Answer:
        no_words("close", words)
        was_fitted = self._mechanism.box.fitted
        self._mechanism.close_box(now_s)
        return {"ok": not was_fitted, "note": "it was in already" if was_fitted else "the cash box is in"}

    def _full(self, words: list[str], now_s: float) -> Answer:
        no_words("full", words)
        self._mechanism.fill_box(now_s)
        return {"ok": True, "note": "the unit takes the box for full"}

    def _empty(self, words: list[str], now_s: float) -> Answer:
        no_words("empty", words)
        taken = self._mechanism.empty_box(now_s)
        return {"ok": True, "note": "staff have the notes", "notes": {str(yen): n for yen, n in sorted(taken.items())}}


def _is_yen(word: str) -> bool:
    return word.isdecimal() and len(word) < 10 and 1 <= int(word) <= HIGHEST_YEN


def _came_out(note: Note | None, otherwise: str) -> Answer:
    if note is None:
        return {"ok": False, "note": otherwise}
    return {"ok": True, "note": "the customer has it again", "yen": note.yen}
