"""What hands do at a coin acceptor and at a hopper, as lines of text: the customer's, and those of staff."""

import re
from collections.abc import Mapping

from hardware.benchcommand import Answer, BenchCommand, no_words, slowness, whole_number
from hardware.coins.coins import Flaw, Trick
from hardware.coins.hopper import HopperMechanism
from hardware.coins.mechanism import CoinMechanism, JamPlace
from hardware.emulator import BadCommand
from hardware.vocabulary import RefuseReason

COMMON_FLAWS: Mapping[str, Flaw] = {
    "counterfeit": RefuseReason.NOT_GENUINE,
    **{reason.value: reason for reason in RefuseReason if reason is not RefuseReason.INHIBITED},
    **{trick.value: trick for trick in Trick},
}
"""Flaws a coin can be given with any protocol; being inhibited is no property of a coin."""

_COIN = re.compile(r"([1-9][0-9]{0,3})([a-z]?)", re.ASCII)


def coin_kind(word: str) -> tuple[str, int] | None:
    """Return kind and yen of a coin as people write it: ``500`` is JP500A, ``500b`` the new JP500B; None for no coin."""
    match = _COIN.fullmatch(word.lower())
    if match is None:
        return None
    yen, issue = int(match[1]), match[2] or "a"
    return f"JP{yen:03d}{issue.upper()}", yen


class CoinHands:
    """The commands that reach a coin acceptor's mechanism alone; faces add those that concern their line."""

    def __init__(self, mechanism: CoinMechanism, flaws: Mapping[str, Flaw]) -> None:
        """``flaws`` are words that ``insert`` takes besides :data:`COMMON_FLAWS`: the protocol's own reasons."""
        self._mechanism = mechanism
        self._flaws = {**COMMON_FLAWS, **flaws}

    def commands(self) -> dict[str, BenchCommand]:
        """Return the commands by their first word."""
        flaws = ", ".join(sorted(self._flaws))
        places = "|".join(place.name.lower() for place in JamPlace)
        return {
            "insert": BenchCommand(
                "insert YEN [FLAW]", f"drop a coin in, 500b is the new 500; FLAW is one of {flaws}", self._insert
            ),
            "take": BenchCommand("take", "the customer takes everything out of the return cup", self._take),
            "lever": BenchCommand("lever", "the customer pulls the return lever", self._lever),
            "string": BenchCommand("string", "the customer pulls a coin out of the path with a string", self._string),
            "jam": BenchCommand(
                f"jam [{places}]", "put something in the way; the next coin that comes there sticks", self._jam
            ),
            "clear": BenchCommand("clear", "staff repair every fault and keep the coins that were stuck", self._clear),
            "empty": BenchCommand("empty", "staff take all coins out of the box", self._empty),
        }

    def _insert(self, words: list[str], now_s: float) -> Answer:
        coin = coin_kind(words[0]) if 1 <= len(words) <= 2 else None
        if coin is None:
            raise BadCommand("insert takes a coin in yen and at most one flaw: insert 100, insert 500b, insert 100 slow")
        detail = words[1] if len(words) == 2 else ""
        if detail and detail not in self._flaws:
            raise BadCommand(f"insert: no flaw {detail!r}, expected one of {', '.join(sorted(self._flaws))}")
        self._mechanism.insert(*coin, now_s, self._flaws.get(detail), detail)
        return {"ok": True, "note": "rolling" if self._mechanism.powered else "rolling, and the unit has no power"}

    def _take(self, words: list[str], now_s: float) -> Answer:
        no_words("take", words)
        taken = self._mechanism.take(now_s)
        note = "the customer has them" if taken else "the cup is empty"
        return {"ok": bool(taken), "note": note, "yen": sum(coin.yen for coin in taken)}

    def _lever(self, words: list[str], now_s: float) -> Answer:
        no_words("lever", words)
        freed = self._mechanism.pull_lever(now_s)
        return {"ok": True, "note": "coins fall into the cup" if freed else "nothing lay there", "coins": len(freed)}

    def _string(self, words: list[str], now_s: float) -> Answer:
        no_words("string", words)
        coin = self._mechanism.pull_string(now_s)
        if coin is None:
            return {"ok": True, "note": "no coin came, but it was seen"}
        return {"ok": True, "note": "the customer has it again", "yen": coin.yen}

    def _jam(self, words: list[str], now_s: float) -> Answer:
        places = {place.name.lower(): place for place in JamPlace}
        word = words[0] if words else "entry"
        if len(words) > 1 or word not in places:
            raise BadCommand(f"jam takes one of {', '.join(places)}: jam sorter")
        self._mechanism.jam(places[word], now_s)
        return {"ok": True, "note": f"the next coin sticks: {word}"}

    def _clear(self, words: list[str], now_s: float) -> Answer:
        no_words("clear", words)
        taken = self._mechanism.clear(now_s)
        note = "repaired; staff keep what was stuck" if taken else "repaired"
        return {"ok": True, "note": note, "yen": sum(coin.yen for coin in taken)}

    def _empty(self, words: list[str], now_s: float) -> Answer:
        no_words("empty", words)
        taken = self._mechanism.empty_box(now_s)
        return {"ok": True, "note": "staff have the coins", "coins": {str(yen): n for yen, n in sorted(taken.items())}}


class HopperHands:
    """The commands that reach a hopper's mechanism alone."""

    def __init__(self, mechanism: HopperMechanism) -> None:
        self._mechanism = mechanism

    def commands(self) -> dict[str, BenchCommand]:
        """Return the commands by their first word."""
        return {
            "fill": BenchCommand("fill N", "staff pour N coins in", self._fill),
            "empty": BenchCommand("empty", "staff take all coins out", self._empty),
            "jam": BenchCommand("jam", "wedge a coin: the motor turns and nothing comes", self._jam),
            "block": BenchCommand("block", "cover the exit sensor", self._block),
            "cheat": BenchCommand("cheat", "blind the exit sensor; a coin under way leaves uncounted", self._cheat),
            "slow": BenchCommand("slow FACTOR", "a worn motor: every coin takes so many times as long; 1 is new", self._slow),
            "clear": BenchCommand("clear", "staff repair every fault and keep a coin that was wedged", self._clear),
        }

    def _fill(self, words: list[str], now_s: float) -> Answer:
        coins = whole_number("fill", words, 1, self._mechanism.capacity)
        if self._mechanism.fill(coins, now_s):
            return {"ok": True, "note": "filled in", "level": self._mechanism.level}
        return {"ok": False, "note": f"they do not fit: {self._mechanism.capacity} do", "level": self._mechanism.level}

    def _empty(self, words: list[str], now_s: float) -> Answer:
        no_words("empty", words)
        return {"ok": True, "note": "staff have the coins", "coins": self._mechanism.empty(now_s)}

    def _jam(self, words: list[str], now_s: float) -> Answer:
        no_words("jam", words)
        self._mechanism.jam(now_s)
        return {"ok": True, "note": "a coin is wedged"}

    def _block(self, words: list[str], now_s: float) -> Answer:
        no_words("block", words)
        self._mechanism.block(now_s)
        return {"ok": True, "note": "the exit sensor is covered"}

    def _cheat(self, words: list[str], now_s: float) -> Answer:
        no_words("cheat", words)
        coin = self._mechanism.cheat(now_s)
        note = "the sensor was blinded" + ("; a coin left uncounted" if coin is not None else "")
        return {"ok": True, "note": note, "yen": 0 if coin is None else coin.yen}

    def _slow(self, words: list[str], now_s: float) -> Answer:
        self._mechanism.slowness = factor = slowness(words)
        return {"ok": True, "note": f"coins begun from now on take {factor:g} times as long"}

    def _clear(self, words: list[str], now_s: float) -> Answer:
        no_words("clear", words)
        coin = self._mechanism.clear(now_s)
        note = "repaired; staff keep the coin" if coin is not None else "repaired"
        return {"ok": True, "note": note, "yen": 0 if coin is None else coin.yen}
