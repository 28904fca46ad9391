"""What the buffered credits of a ccTalk coin acceptor say, each once: the counter and the mark decide. Pure.

(coin, path) credits, (0, code) is a status; the counter is 0 only after power-up or reset [2]. What a device has forgotten or
no longer keeps is told as CoinsUnaccounted: each of it was a coin, a refusal or a trouble, and nobody can say which.
"""

from collections.abc import Mapping

from hardware.cctalk.codes import CoinError, coin_error_name
from hardware.cctalk.events import BUFFERED, NOTHING, EventReport, Pair, next_count
from hardware.coins.acceptor import CoinAccepted, CoinCountBegins, CoinEvent, CoinFraudSuspected, CoinRefused, CoinsUnaccounted
from hardware.coins.cctalk.acceptor_meanings import (
    FAULTS,
    FRAUDS,
    REFUSE_REASONS,
    SILENT,
    is_cancelled_credit,
    is_inhibited_coin,
)
from hardware.coins.cctalk.marks import Mark, read_mark
from hardware.vocabulary import Fault, RefuseReason


class CoinTeller:
    """Turns reports into events, and knows up to where they were told."""

    def __init__(self) -> None:
        self.last: Mark | None = None
        """The device's count up to which everything was told; None before the first report."""
        self._resume: str | None = None
        self.restarted = False
        """The last report showed a device that had started anew: its settings are gone."""
        self.new_faults: frozenset[Fault] = frozenset()
        """Troubles that the last report told of."""

    def resume(self, mark: str | None) -> None:
        """Begin where a former life ended."""
        self._resume = mark

    @property
    def unused(self) -> bool:
        """Whether the device has had no event since its power came: if it restarted, its count does not show it."""
        return self.last is not None and self.last.counter == 0

    def forgotten(self) -> CoinsUnaccounted:
        """Return what to tell of such a device that was found without its settings."""
        return CoinsUnaccounted(None, "RESTARTED[0]", str(self.last))

    def see(self, serial: str, report: EventReport, worth_yen: Mapping[int, int]) -> list[CoinEvent]:
        """Take a report and return what is new in it, oldest first. ``worth_yen`` says what coins are worth."""
        now = Mark(serial, report.counter)
        self.restarted, self.new_faults = False, frozenset()
        last, self.last = self.last, now
        if last is None:
            if self._resume is None:
                return [CoinCountBegins(str(now))]
            last = read_mark(self._resume)
            if last is None:
                return [CoinsUnaccounted(None, "MARK_OF_ANOTHER_KIND", str(now))]
        if last.serial != serial:
            self.restarted = True
            return [CoinsUnaccounted(None, f"ANOTHER_DEVICE[{serial}]", str(now))]
        if last.counter == now.counter:
            return []
        if now.counter == 0:
            self.restarted = True
            return [CoinsUnaccounted(None, f"RESTARTED[{last.counter}]", str(now))]
        return self._new(last.counter, serial, report, worth_yen)

    def _new(self, before: int, serial: str, report: EventReport, worth_yen: Mapping[int, int]) -> list[CoinEvent]:
        pairs, lost = report.since(before)
        events: list[CoinEvent] = []
        counter = report.counter
        unused = NOTHING in pairs and counter < BUFFERED  # no event looks so: the buffer was emptied since, and filled anew
        if unused:
            pairs = pairs[-counter:]
        counts = _counts_up_to(counter, len(pairs))
        if lost or unused:
            what = "RESTARTED" if unused else "EVENTS_LOST"
            events.append(CoinsUnaccounted(None if unused else lost, f"{what}[{before}]", str(Mark(serial, counts[0]))))
            self.restarted = True  # perhaps: its settings are made anew
        for pair, count in zip(pairs, counts[1:], strict=True):
            events += self._of(pair, str(Mark(serial, count)), worth_yen)
        return events

    def _of(self, pair: Pair, mark: str, worth_yen: Mapping[int, int]) -> list[CoinEvent]:
        coin, code = pair
        if coin:
            yen = worth_yen.get(coin)
            return [CoinAccepted(yen, mark) if yen is not None else CoinsUnaccounted(1, f"COIN[{coin}]", mark)]
        name = coin_error_name(code)
        if code in FAULTS:
            self.new_faults |= {FAULTS[code]}
            return []
        if code == CoinError.SWALLOWED:
            return [CoinsUnaccounted(1, name, mark)]
        if code in FRAUDS or is_cancelled_credit(code):
            return [CoinFraudSuspected(name)]
        if code in SILENT:
            return []
        if is_inhibited_coin(code):
            return [CoinRefused(RefuseReason.INHIBITED, name)]
        return [CoinRefused(REFUSE_REASONS.get(code, RefuseReason.UNKNOWN), name)]


def _counts_up_to(counter: int, events: int) -> list[int]:
    """Return the counter before the last ``events`` and after each of them."""
    count = counter - events if counter >= events else counter - events + 255
    counts = [count]
    for _ in range(events):
        counts.append(next_count(counts[-1]))
    return counts
