"""The command ``kiosk``: run, simulate, audit, receipt."""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hardware.errors import DeviceError
from kiosk.config import KioskConfig, default_folder, load_config
from kiosk.ledger.journal import JournalError
from kiosk.logbook import open_log, quiet_tracebacks
from kiosk.secrets import SecretError

app = typer.Typer(help="A kiosk that tops up Japanese SIMs.", no_args_is_help=True, add_completion=False)

Config = Annotated[Path | None, typer.Option("--config", metavar="DIR", help="config folder (default: config)")]
BenchFile = Annotated[Path | None, typer.Option("--bench", metavar="FILE", help="bench file instead of the configured one")]


def _load(config: Path | None, bench: Path | None) -> KioskConfig:
    try:
        return load_config(config or default_folder(), bench)
    except DeviceError as error:
        sys.exit(f"kiosk: {error}")


@app.command()
def run(
    config: Config = None,
    bench: BenchFile = None,
    windowed: Annotated[bool, typer.Option("--windowed", help="a small window instead of the full screen")] = False,
    customer: Annotated[Path | None, typer.Option(metavar="SCRIPT", help="let a scripted customer play, then end")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="journal, wire trace, pictures, receipts")] = Path("out"),
) -> None:
    """Start the terminal. Without a display and without --customer, one whole top-up is played and shown in --out."""
    from kiosk.customer import CustomerLost, load_script
    from kiosk.run import RunOptions, has_display
    from kiosk.run import run as serve
    from kiosk.summary import summary

    _log_to(out)
    loaded = _load(config, bench)
    script = customer
    if script is None and not has_display():
        script = loaded.folder / "customers" / "first-topup.txt"
        print("kiosk: no display here, so a scripted customer plays one top-up on an offscreen one")
    try:
        options = RunOptions(loaded, out, windowed, load_script(script) if script else None)
        asyncio.run(serve(options, lambda line: print(line, flush=True)))
    except (DeviceError, JournalError, CustomerLost, SecretError) as error:
        sys.exit(f"kiosk: {error}")
    except OSError as error:
        if error.filename is None:
            raise  # no file of an installer's: a bug, and its place must be seen
        sys.exit(f"kiosk: {error.filename}: {error.strerror}")
    if options.customer is not None:
        text, ok = summary(options)
        print(text)
        sys.exit(0 if ok else 1)


def _faults(words: str) -> str:
    """Check ``--faults`` while the command line is read; its ``help`` ends the command."""
    from kiosk.simulation.faults import UnknownFault, chosen, listing

    if words == "help":
        print(listing())
        raise typer.Exit
    try:
        chosen(words)
    except UnknownFault as error:
        sys.exit(f"kiosk: {error}")
    return words


@app.command()
def simulate(
    journeys: Annotated[int, typer.Option(min=1, help="how many customers")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same journal hash")],
    faults: Annotated[
        str,
        typer.Option(metavar="NAMES", callback=_faults, is_eager=True, help="all, none, names between commas; help lists them"),
    ] = "all",
    config: Config = None,
    bench: BenchFile = None,
    workers: Annotated[int, typer.Option(min=1, help="processes side by side; the result is the same for any number")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    failures: Annotated[int, typer.Option(min=1, help="end after so many chapters with violations")] = 5,
    keep: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write what came of each chapter there, and go on from it")
    ] = None,
    shrink: Annotated[bool, typer.Option(help="look for the shortest story of the first failure")] = True,
    out: Annotated[Path, typer.Option(metavar="DIR", help="story, trace and test of a failure")] = Path("out/simulation"),
) -> None:
    """Play customers against the whole kiosk in virtual time, while everything goes wrong: no sockets, no ptys."""
    from kiosk.simulation.command import run as play
    from kiosk.simulation.faults import chosen
    from kiosk.simulation.simulate import Order

    folder = config or default_folder()
    _load(folder, bench)
    order = Order(folder, journeys, seed, chosen(faults), bench, workers, failures, keep)
    sys.exit(play(order, faults, out, as_json=as_json, shrink=shrink))


@app.command(name="power-cuts")
def power_cuts(
    names: Annotated[list[str] | None, typer.Argument(metavar="[JOURNEY]...", help="default: all; --list names them")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="of instants: write, disk, state, event, byte; default: all")] = None,
    cut: Annotated[list[str] | None, typer.Option(metavar="WHAT", help="program, terminal, or a device; default: each")] = None,
    step: Annotated[int, typer.Option(min=1, help="play only every so many-th of the cuts that have to be played")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="processes at a time")] = 2,
    leaves: Annotated[bool, typer.Option("--leaves", help="the customer walks off when it happens")] = False,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="write what came of each cut there, and go on from it")
    ] = None,
    proof: Annotated[int, typer.Option(min=0, help="play so many known cuts a journey to the end too: is it the same?")] = 0,
    at: Annotated[str, typer.Option(metavar="PLACE", help="only here, told with every byte; takes one --cut")] = "",
    listing: Annotated[bool, typer.Option("--list", help="name the journeys")] = False,
    config: Config = None,
) -> None:
    """Cut the power at every write, every change and every byte of a customer's journey, and see that no yen is lost.

    Of the cuts found some are played. The rest is proven to be the same as one of these, or lies between two that are like it
    and told the same story: these two are covered. What is neither is left. A journey takes one to four minutes of a core;
    with --keep a run that was stopped goes on where it was, as long as program and config/ are the same.
    """
    from kiosk.simulation.cutcommand import CutOrder, tell
    from kiosk.simulation.cutcommand import run as cut_all
    from kiosk.simulation.journeys import journeys
    from kiosk.simulation.powercuts import KINDS

    folder = config or default_folder()
    known = journeys(folder)
    if listing:
        print("\n".join(f"{name:<36} {journey.told}" for name, journey in known.items()))
        return
    for word, words, what in [*((n, known, "journey") for n in names or ()), *((k, KINDS, "kind") for k in kind or ())]:
        if word not in words:
            sys.exit(f"kiosk: no {what} {word!r}, expected one of {', '.join(words)}")
    chosen = [known[name] for name in names or known]
    if at:
        if len(chosen) != 1 or len(cut or ()) != 1:
            sys.exit("kiosk: --at: takes one journey and one --cut")
        sys.exit(tell(folder, chosen[0], at, (cut or [""])[0], leaves=leaves))
    sys.exit(cut_all(CutOrder(folder, chosen, kind or KINDS, cut or (), step, workers, leaves, keep, proof)))


@app.command()
def audit(
    journal: Annotated[Path, typer.Argument(help="a journal file")],
    visit: Annotated[str, typer.Option(metavar="NUMBER", help="tell one visit only: KONBINI1-7, or 7")] = "",
    day: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="tell one business day only")] = "",
    anchor: Annotated[list[str] | None, typer.Option(metavar="ROW:HASH", help="an end of the journal off a Z report")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Check a journal and tell it: hash chain, double entry, every visit, open questions. Exit status 0 only when all hold.

    With --visit or --day only that part is read and checked, in little time whatever the size of the journal.
    """
    from kiosk.ledger.audit import audit as examine
    from kiosk.ledger.chain import Head
    from kiosk.ledger.excerpt import audit_day, audit_visit
    from kiosk.ledger.report import render
    from kiosk.memory import MemoryWitness

    if bool(visit) + bool(day) + bool(anchor) > 1:
        sys.exit("kiosk: --visit, --day and --anchor: one of them at a time")
    try:
        if visit:
            report = audit_visit(journal, visit.rpartition("-")[2])
        elif day:
            report = audit_day(journal, date.fromisoformat(day))
        else:
            report = examine(journal, [Head.parse(text) for text in anchor or ()], witness=MemoryWitness())
    except ValueError as error:
        sys.exit(f"kiosk: {error}")
    except JournalError as error:
        sys.exit(f"kiosk: {error}")
    print(json.dumps(report.as_json(), ensure_ascii=False) if as_json else render(report))
    sys.exit(0 if report.ok else 1)


@app.command(name="staff-pin")
def staff_pin(
    deed: Annotated[str, typer.Argument(metavar="set|remove|list", help="what to do")],
    name: Annotated[str, typer.Argument(help="whose PIN: small letters, digits and dashes")] = "",
    out: Annotated[Path, typer.Option(metavar="DIR", help="the folder with the kiosk's journal")] = Path("out"),
) -> None:
    """Set, remove or list the PINs of staff. A PIN is asked for at the terminal, twice, and never shown."""
    from kiosk.staffpincommand import carry_out

    sys.exit(carry_out(deed, name, out))


@app.command()
def receipt(
    journal: Annotated[Path, typer.Argument(help="a journal file that no kiosk holds just now")],
    visit: Annotated[int, typer.Argument(min=1, help="number behind the dash of the transaction number")],
    config: Config = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="where to write it")] = Path("out"),
) -> None:
    """Write a visit's receipt or slip again as PNG and as text, marked as electronic."""
    from kiosk.ledger.journal import Journal
    from kiosk.receiptfile import NoReceipt, write_receipt

    loaded = _load(config, None)
    try:
        if not journal.is_file():
            sys.exit(f"kiosk: {journal}: no such file")
        with Journal.open(journal, loaded.kiosk_id) as rows:
            for path in write_receipt(loaded, rows.rows(visit=str(visit)), visit, out):
                print(path)
    except (JournalError, NoReceipt) as error:
        sys.exit(f"kiosk: {error}")
    except OSError as error:
        sys.exit(f"kiosk: {error.filename}: {error.strerror}")


def _log_to(out: Path) -> None:
    """Logs as lines of JSON beside the journal, so the shell stays for people."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        open_log(out / "kiosk.log")
    except OSError as error:
        sys.exit(f"kiosk: --out {out}: cannot be written to ({error.strerror})")


def main() -> None:
    """Entry point ``kiosk``."""
    with quiet_tracebacks():
        app()
