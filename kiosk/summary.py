"""What a scripted run says at its end: what was paid, what was delivered, and whether books and world agree."""

from pathlib import Path

from kiosk.gatewayline import SIMULATOR
from kiosk.ledger.audit import audit
from kiosk.memory import MemoryWitness
from kiosk.run import RunOptions
from kiosk.topup.answers import TopupState
from kiosk.topup.simulator.store import Store


def summary(options: RunOptions) -> tuple[str, bool]:
    """Return the text, and whether everything holds: the audit is clean and the carrier delivered what the books sold."""
    report = audit(options.journal, witness=MemoryWitness())
    delivered = _delivered(options.out_dir / "carrier.sqlite") if options.config.gateway.url == SIMULATOR else None
    ok = report.ok and (delivered is None or sum(yen for _, _, yen in delivered) == report.totals.sold)
    lines = ["", "What happened"]
    lines += [f"  {story}" for story in report.visits[-1:]]
    if delivered:
        reference, state, yen = delivered[-1]
        lines.append(f"  carrier: {reference} {state}, {yen:,} yen")
    lines += ["", "Books of this journal"]
    totals = report.totals
    for name, yen in (
        ("inserted", totals.inserted),
        ("sold", totals.sold),
        ("change", totals.change),
        ("returned", totals.returned),
        ("owed", totals.owed),
    ):
        lines.append(f"  {name:<10} {yen:>10,} yen")
    lines.append(f"  {'audit':<10} {'in order' if report.ok else 'PROBLEMS: ' + '; '.join(str(p) for p in report.problems)}")
    lines += ["", f"In {options.out_dir}/"]
    lines += [f"  {path.name}" for path in sorted(options.out_dir.iterdir()) if path.is_file() and not _is_inner(path)]
    return "\n".join(lines), ok


def _is_inner(path: Path) -> bool:
    return path.name.endswith(("-wal", "-shm"))


def _delivered(path: Path) -> list[tuple[str, str, int]]:
    """Return what the carrier's own books say it completed: reference, state, yen."""
    store = Store(path)
    try:
        return [(t.client_ref, t.state, t.amount_yen) for t in store.topups.all() if t.state == TopupState.COMPLETED]
    finally:
        store.close()
