"""The command ``kiosk``: run, simulate, audit, receipt."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from hardware.errors import DeviceError
from kiosk.config import KioskConfig, default_folder, load_config
from kiosk.ledger.journal import JournalError
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


@app.command()
def simulate(
    journeys: Annotated[int, typer.Option(min=1, help="how many customers")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same journal hash")],
    config: Config = None,
    bench: BenchFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Play customers against the whole kiosk in virtual time: one process, no sockets, no ptys."""
    from kiosk.simulation.report import as_text
    from kiosk.simulation.simulate import simulate as play

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = config or default_folder()
    result = play(_load(folder, bench or folder / "benches" / "change-virtual.toml"), journeys, seed)
    print(json.dumps(result.as_json()) if as_json else as_text(result))
    sys.exit(1 if result.violations else 0)


@app.command()
def audit(
    journal: Annotated[Path, typer.Argument(help="a journal file")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Check a journal: hash chain, double entry, open intents. Exit status 0 only when all hold."""
    from kiosk.ledger.audit import audit as examine
    from kiosk.ledger.report import render

    try:
        report = examine(journal)
    except JournalError as error:
        sys.exit(f"kiosk: {error}")
    print(json.dumps(report.as_json(), ensure_ascii=False) if as_json else render(report))
    sys.exit(0 if report.ok else 1)


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
        file = (out / "kiosk.log").open("a", encoding="utf-8", buffering=1)
    except OSError as error:
        sys.exit(f"kiosk: --out {out}: cannot be written to ({error.strerror})")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
    )


def main() -> None:
    """Entry point ``kiosk``."""
    app()
