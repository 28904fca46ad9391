"""A kiosk's start on the journal of a year: opening the file and reading out of it where to go on."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from hardware.clock import SIMULATION_EPOCH
from kiosk.ledger import accounts
from kiosk.ledger.custody import InMemory
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.memory import CHECKPOINT_ROWS, checkpoint_if_due
from kiosk.record import event_to_json
from kiosk.recovery import recover
from kiosk.session import events as ev
from kiosk.session.shop import Shop
from tests.benchmarks.table import Row

ROWS = 1_000_000
"""About 100 visits a day of 27 rows each."""

TIMES = 5
AIM_S = 2.0
_BUILD = Path("build")


def _visit(number: int) -> Iterator[Entry]:
    """What a till writes of a customer who pays with three notes and a coin, and gets change and a receipt."""
    visit = str(number)

    def act(intent: int, action: str, outcome: str, legs: accounts.Postings = ()) -> Iterator[Entry]:
        yield Entry(Kind.INTENT, visit, {"intent": f"{visit}.{intent}", "action": action, "number": "090****2345"})
        yield Entry(Kind.RESULT, visit, {"intent": f"{visit}.{intent}", "outcome": outcome}, legs)

    yield Entry(Kind.VISIT, visit, {"reference": f"KONBINI1-{visit}"})
    yield Entry(Kind.SNAPSHOT, visit, {"state": {"phase": "reserving", "language": "ja", "padding": "x" * 300}})
    yield from act(1, "reserve", "reserved")
    for n in range(3):
        yield Entry(Kind.EVENT, visit, event_to_json(ev.NoteEscrowed(1000)), accounts.note_in_escrow(1000))
        yield from act(2 + n, "stack", "NoteCredited")
        yield Entry(Kind.EVENT, visit, event_to_json(ev.NoteCredited(1000)), accounts.note_stacked(1000))
    coin = {"type": "CoinCredited", "device": "changer", "yen": 500, "mark": visit}
    yield Entry(Kind.EVENT, visit, coin, accounts.coin_in("COINBOX:500", 500))
    yield from act(5, "commit", "completed", accounts.sale("docomo", 3300))
    yield Entry(Kind.INTENT, visit, {"intent": f"{visit}.6", "action": "pay_out", "pieces": [[100, 2]]})
    order = {"intent": f"{visit}.6", "device": "hopper-100", "mark": visit, "pieces": [[100, 2]]}
    yield Entry(Kind.ORDER, visit, order)
    paid = {"type": "PaidOut", "device": "hopper-100", "paid": [[100, 2]], "unsure": []}
    yield Entry(Kind.EVENT, visit, paid, accounts.change_paid(200) + accounts.float_paid("hopper-100", 100, 2))
    yield Entry(Kind.RESULT, visit, {"intent": f"{visit}.6", "outcome": "paid"})
    yield from act(7, "print", "printed")
    yield Entry(Kind.ENDED, visit, {})


def _build(path: Path, custody: InMemory) -> None:
    """Write the year a hundred visits a commit, and stop right before another checkpoint is due: the most there is to read."""
    with Journal.open(path, "KONBINI1", custody) as journal:
        journal.append(
            SIMULATION_EPOCH, Entry(Kind.FLOAT, "", {"device": "hopper-100"}, accounts.refilled("hopper-100", 100, 10**8))
        )
        number, at = 0, SIMULATION_EPOCH
        while journal.head.seq < ROWS or journal.rows_since_checkpoint < CHECKPOINT_ROWS - 100:
            entries: list[Entry] = []
            for _ in range(3 if journal.head.seq >= ROWS else 80):
                number += 1
                entries += _visit(number)
            at += timedelta(hours=1)
            journal.append(at, *entries)
            checkpoint_if_due(journal, at)


def measure() -> list[Row]:
    """Return the row; building the file takes a minute and is not in it."""
    _BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_BUILD) as name:
        path, custody = Path(name) / "journal.sqlite", InMemory()
        began_s = perf_counter()
        _build(path, custody)
        built_s = perf_counter() - began_s
        took_s = []
        for _ in range(TIMES):
            began_s = perf_counter()
            with Journal.open(path, "KONBINI1", custody) as journal:
                recovered = recover(Shop({}), journal)
                took_s.append(perf_counter() - began_s)
                rows, read = journal.head.seq, journal.rows_since_checkpoint
        assert recovered.journaled * 27 > ROWS * 0.9
        megabytes = path.stat().st_size / 1e6
    what = f"start on {rows:,} rows ({read:,} after the checkpoint, {megabytes:,.0f} MB, built in {built_s:.0f} s)"
    worst_s = max(took_s)
    return [Row(what, f"{worst_s:.3f} s", f"at most {AIM_S:.0f} s", worst_s / AIM_S, 1.0)]
