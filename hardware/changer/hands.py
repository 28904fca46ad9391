"""What hands do at a change machine, as lines of text: the customer's, and those of staff."""

from collections.abc import Mapping

from hardware.benchcommand import Answer, BenchCommand, no_words, on_or_off, slowness
from hardware.changer.mechanism import ChangerMechanism
from hardware.changer.units import MOST_PIECES, Place
from hardware.emulator import BadCommand
from hardware.vocabulary import Fault, RefuseReason

FLAWS = {"counterfeit": RefuseReason.NOT_GENUINE} | {
    reason.value: reason for reason in RefuseReason if reason is not RefuseReason.INHIBITED
}
"""Words of ``insert``; being inhibited is no property of a piece."""
FAULTS: Mapping[str, Fault] = {
    "coins": Fault.COIN_JAM,
    "notes": Fault.JAM_IN_ACCEPTOR,
    "payout": Fault.PAYOUT_JAM,
    "motor": Fault.MOTOR_FAILURE,
    "sensor": Fault.DEVICE_FAILURE,
}
"""Words of ``fail``."""
HIGHEST_YEN = 1_000_000
MOST_AT_ONCE = 100
"""Pieces in one ``insert``: a handful."""


class Hands:
    """The bench commands of one machine."""

    def __init__(self, mechanism: ChangerMechanism) -> None:
        self._mechanism = mechanism

    def commands(self) -> dict[str, BenchCommand]:
        """Return the commands by their first word."""
        flaws, faults = ", ".join(sorted(FLAWS)), ", ".join(FAULTS)
        return {
            "insert": BenchCommand("insert YEN [COUNT] [FLAW]", f"put coins or notes in; FLAW is one of {flaws}", self._insert),
            "leave": BenchCommand("leave on|off", "whether the customer leaves what comes out in the exit", self._leave),
            "take": BenchCommand("take", "the customer takes what lies in the exit", self._take),
            "fail": BenchCommand("fail WHAT", f"a jam or a failure: {faults}; stops everything", self._fail),
            "clear": BenchCommand("clear", "staff repair every fault and keep what they find on the belts", self._clear),
            "load": BenchCommand("load YEN COUNT", "staff put pieces into a unit without telling the machine", self._load),
            "unload": BenchCommand("unload YEN COUNT", "staff take pieces out of a unit without telling it", self._unload),
            "collect": BenchCommand("collect", "staff empty the overflow box", self._collect),
            "slow": BenchCommand("slow FACTOR", "every motion begun from now on takes so many times as long", self._slow),
            "power": BenchCommand("power on|off", "switch the machine", self._power),
            "state": BenchCommand("state", "tell where every piece is", self._state),
        }

    def _insert(self, words: list[str], now_s: float) -> Answer:
        flaw = FLAWS.get(words[-1]) if len(words) > 1 else None
        figures = words[:-1] if flaw is not None else words
        if len(figures) not in (1, 2):
            raise BadCommand("insert takes a value in yen, then how many, then a flaw: insert 100, insert 100 3 counterfeit")
        yen = _whole(figures[0], HIGHEST_YEN, "insert")
        count = _whole(figures[1], MOST_AT_ONCE, "insert") if len(figures) == 2 else 1
        went_in = sum(self._mechanism.insert(yen, now_s, flaw) for _ in range(count))
        if not went_in:
            return {"ok": False, "note": "the entry is shut; the customer keeps it"}
        return {"ok": True, "note": f"{went_in} in the entry"}

    def _leave(self, words: list[str], now_s: float) -> Answer:
        self._mechanism.cash_is_taken = not on_or_off("leave", words)
        return {"ok": True, "note": "what comes out is " + ("taken" if self._mechanism.cash_is_taken else "left")}

    def _take(self, words: list[str], now_s: float) -> Answer:
        no_words("take", words)
        taken = self._mechanism.take(now_s)
        return {"ok": bool(taken), "note": "the customer has it" if taken else "the exits are empty", "pieces": _as_json(taken)}

    def _fail(self, words: list[str], now_s: float) -> Answer:
        if len(words) != 1 or words[0] not in FAULTS:
            raise BadCommand(f"fail takes one of {', '.join(FAULTS)}")
        self._mechanism.fail(FAULTS[words[0]], now_s)
        return {"ok": True, "note": f"broken: {words[0]}"}

    def _clear(self, words: list[str], now_s: float) -> Answer:
        no_words("clear", words)
        return {"ok": True, "note": "repaired", "kept": _as_json(self._mechanism.clear(now_s))}

    def _load(self, words: list[str], now_s: float) -> Answer:
        yen, count = self._unit(words, "load")
        self._mechanism.load(yen, count, now_s)
        return {"ok": True, "note": f"{count} more than the machine knows"}

    def _unload(self, words: list[str], now_s: float) -> Answer:
        yen, count = self._unit(words, "unload")
        taken = self._mechanism.unload(yen, count, now_s)
        return {"ok": taken == count, "note": f"{taken} fewer than the machine knows"}

    def _unit(self, words: list[str], name: str) -> tuple[int, int]:
        if len(words) != 2:
            raise BadCommand(f"{name} takes a value and how many: {name} 100 20")
        yen, count = _whole(words[0], HIGHEST_YEN, name), _whole(words[1], MOST_PIECES, name)
        unit = self._mechanism.units.get(yen)
        if unit is None or not unit.pays:
            known = sorted(one.yen for one in self._mechanism.units.values() if one.pays)
            raise BadCommand(f"{name}: no unit of {yen} yen, expected one of {', '.join(map(str, known))}")
        return yen, count

    def _collect(self, words: list[str], now_s: float) -> Answer:
        no_words("collect", words)
        return {"ok": True, "note": "staff have it", "pieces": _as_json(self._mechanism.collect(now_s))}

    def _slow(self, words: list[str], now_s: float) -> Answer:
        self._mechanism.slowness = factor = slowness(words)
        return {"ok": True, "note": f"motions begun from now on take {factor:g} times as long"}

    def _power(self, words: list[str], now_s: float) -> Answer:
        wanted, had = on_or_off("power", words), self._mechanism.powered
        (self._mechanism.power_on if wanted else self._mechanism.power_off)(now_s)
        return {"ok": wanted != had, "note": f"power is {words[0]}" + (" already" if wanted == had else "")}

    def _state(self, words: list[str], now_s: float) -> Answer:
        no_words("state", words)
        mechanism = self._mechanism
        return {
            "ok": True,
            "powered": mechanism.powered,
            "ready": mechanism.ready,
            "deposit": mechanism.deposit.value,
            "paying": mechanism.paying,
            "faults": sorted(fault.value for fault in mechanism.faults),
            "counts": _as_json(mechanism.counts),
            "discrepancy": mechanism.discrepancy,
            **{place.value: _as_json(mechanism.piles.at(place)) for place in Place},
        }


def _whole(word: str, highest: int, name: str) -> int:
    if not word.isdecimal() or len(word) > 9 or not 1 <= int(word) <= highest:
        raise BadCommand(f"{name}: found {word!r}, expected a whole number from 1 to {highest}")
    return int(word)


def _as_json(pieces: Mapping[int, int]) -> dict[str, int]:
    return {str(yen): count for yen, count in sorted(pieces.items())}
