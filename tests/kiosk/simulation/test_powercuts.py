"""Power cuts at sampled instants of some journeys, what is not played and why, and what whole runs have found at its instant.

All instants of all journeys: ``kiosk power-cuts``.
"""

import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kiosk.simulation.choices import Anywhere
from kiosk.simulation.crossroads import Ending, only
from kiosk.simulation.journeys import journeys
from kiosk.simulation.powercuts import DiskWithEar, rehearse, travel
from tests.kiosk.whole.conftest import CONFIG

SAMPLES = (
    ("change:jcm-id003-jpy", "--kind", "write", "--kind", "state", "--step", "40"),
    ("changer", "--kind", "disk", "--kind", "event", "--step", "30"),
    ("notes:mei-ebds-jpy", "--kind", "byte", "--step", "150"),
    ("notes:nv200-essp-jpy", "--kind", "byte", "--cut", "program", "--step", "30", "--leaves"),
    ("money back from a drum", "--kind", "event", "--kind", "write", "--step", "40"),
    ("pin", "--kind", "state", "--kind", "disk", "--step", "60", "--leaves"),
)
HASTY_TILL = """
import asyncio
from pathlib import Path
from hardware.bills.acceptor import NoteStacked
from kiosk.notetaker import NoteTaker
from kiosk.session.events import NoteGivenBack
from kiosk.simulation.cutcommand import CutOrder, run
from kiosk.simulation.journeys import journeys

def said(taker, event, before=NoteTaker._said):
    if isinstance(event, NoteStacked):
        asyncio.get_running_loop().call_later(0.02, before, taker, event)
    else:
        before(taker, event)

def gone(taker):
    if taker._desk.state.escrow is not None and not taker._met_in_escrow:
        taker._desk.handle(NoteGivenBack(taker._desk.state.escrow.yen))

NoteTaker._said, NoteTaker._note_of_a_former_life = said, gone
journey = journeys(Path("config"))["notes:jcm-id003-interrupt-jpy"]
raise SystemExit(run(CutOrder(Path("config"), [journey], ("byte",), ("program",), 1, 1, False, None, 0)))
"""
"""A till that writes a note down a moment after its driver may acknowledge it, and takes a lost one for one returned."""
ROOT = Path(__file__).parents[3]
JOURNEYS = journeys(CONFIG)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "power-cuts", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def cut(journey: str, place: str, what: str) -> Ending:
    told = JOURNEYS[journey]
    story = partial(travel, CONFIG, told, choice=Anywhere(place.partition("-")[0]), operations=rehearse(CONFIG, told))
    return replace(only(story, place, what), story="")


@pytest.mark.parametrize("words", SAMPLES, ids=lambda words: words[0])
def test_no_yen_is_lost_wherever_power_is_cut(words: tuple[str, ...]) -> None:
    done = command(*words, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 wrong" in done.stdout
    assert count(done.stdout, "played") > 0


def count(told: str, column: str) -> int:
    """Return what a report says of all kinds of places together."""
    titles, total = (re.findall(rf"^  {word} .*$", told, re.MULTILINE)[0].split() for word in ("kind", "all"))
    return int(total[titles.index(column)])


def test_what_is_not_played_ends_as_what_stands_for_it() -> None:
    done = command("notes:jcm-id003-interrupt-jpy", "--kind", "byte", "--cut", "validator", "--workers", "1", "--proof", "40")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 of 40 covered ones told another story" in done.stdout
    assert count(done.stdout, "left") == 0
    assert 0 < count(done.stdout, "played") < count(done.stdout, "between")


def test_a_note_that_is_acknowledged_before_it_is_written_down_is_found_among_what_is_played() -> None:
    """The window is a few bytes wide, in an exchange that looks like many others."""
    done = subprocess.run(
        [sys.executable, "-c", HASTY_TILL], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "customers lost 1000 yen" in done.stdout
    assert "screen cash, 0 yen in" in done.stdout
    assert "screen cash, 1000 yen in" in done.stdout


def test_a_run_that_was_stopped_goes_on_from_what_is_kept(tmp_path: Path) -> None:
    words = ("changer", "--kind", "event", "--cut", "program", "--keep", str(tmp_path))
    first = command(*words)
    file = tmp_path / "changer.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3]) + lines[3][:20])
    second = command(*words)
    assert count(second.stdout, "played") == count(first.stdout, "played") == len(lines) - 1
    assert sorted(file.read_text().splitlines()) == sorted(line.rstrip() for line in lines)
    assert second.returncode == 0


def test_one_cut_can_be_looked_at_alone_with_every_byte() -> None:
    done = command("notes:jcm-id003-jpy", "--cut", "validator", "--at", "event-validator-4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " power-device: validator power off" in done.stdout
    assert done.stdout.splitlines()[-1] == "=== delivered"


@pytest.mark.parametrize("words", [["nothing"], ["--kind", "nothing"], ["--at", "write-1-after"]])
def test_what_there_is_not_is_refused(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("kiosk: ")


def test_a_disk_that_never_syncs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskWithEar, "sync", lambda disk, name: None)
    found = cut("notes:jcm-id003-jpy", "write-6-after", "terminal").mistakes
    assert any("the journal has lost" in mistake for mistake in found)


def test_a_coin_that_falls_in_as_the_program_dies_is_found_even_if_it_is_the_first_of_all() -> None:
    assert cut("coins", "disk-3-4", "program") == Ending("delivered, paid out", ())


@pytest.mark.parametrize("model", ["jcm-id003-jpy", "cctalk-bill-jpy"])
def test_a_note_still_in_escrow_after_a_restart_is_stacked_and_not_declared_missing(model: str) -> None:
    assert cut(f"change:{model}", "write-4-after", "program") == Ending("delivered, paid out", ())


def test_a_coin_that_an_acceptor_forgot_with_its_power_is_declared_even_if_it_was_its_first() -> None:
    assert cut("coins", "disk-3-4", "terminal") == Ending("paid out, counted by staff", ())
