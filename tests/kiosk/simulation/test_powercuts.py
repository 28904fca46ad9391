"""Power cuts at sampled instants of some journeys, what is not played and why, and what whole runs have found at its instant.

All instants of all journeys: ``kiosk power-cuts``.
"""

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kiosk.cli import power_cuts
from kiosk.simulation.atlas import Cut
from kiosk.simulation.choices import Anywhere
from kiosk.simulation.crossroads import Ending, only
from kiosk.simulation.journeys import journeys
from kiosk.simulation.powercuts import DiskWithEar, rehearse, survey, travel
from tests.kiosk.whole.conftest import CONFIG
from tests.sampling import sampled

SAMPLES = (
    ("change:jcm-id003-jpy", "--kind", "write", "--kind", "state", "--step", "160"),
    ("money back from a drum", "--kind", "event", "--kind", "write", "--step", "80"),
    ("changer", "--kind", "disk", "--kind", "event", "--step", "110", "--leaves"),
    ("pin", "--kind", "state", "--kind", "disk", "--step", "160"),
    ("notes:nv200-essp-jpy", "--kind", "byte", "--step", "160"),
    ("notes:mei-ebds-jpy", "--kind", "byte", "--step", "80", "--leaves"),
)
HASTY_TILL = """
import asyncio
from dataclasses import replace
from pathlib import Path
from hardware.bills.acceptor import NoteStacked
from kiosk.notetaker import NoteTaker
from kiosk.session.events import NoteGivenBack
from kiosk.simulation.cutcommand import CutOrder, run
from kiosk.simulation.journeys import journeys
from kiosk.simulation.powercuts import CutJourney

def said(taker, event, before=NoteTaker._said):
    if isinstance(event, NoteStacked):
        asyncio.get_running_loop().call_later(0.02, before, taker, event)
    else:
        before(taker, event)

def gone(taker):
    if taker._desk.state.escrow is not None and not taker._met_in_escrow:
        taker._desk.handle(NoteGivenBack(taker._desk.state.escrow.yen))

def passes(story, lane, to, data, before=CutJourney._passes):
    return before(story, lane, to, data) if lane.name == "validator" else (data,)

NoteTaker._said, NoteTaker._note_of_a_former_life, CutJourney._passes = said, gone, passes
journey = journeys(Path("config"))["notes:jcm-id003-interrupt-jpy"]
journey = replace(journey, plan="docomo-data-1gb", pieces=(1000,))
raise SystemExit(run(CutOrder(Path("config"), [journey], ("byte",), ("program",), 1, 1, False, None, 0)))
"""
"""A till that writes a note down a moment after its driver may acknowledge it, and takes a lost one for one returned."""
STOPPED_RUN = """
import sys
from pathlib import Path
from kiosk.simulation.cutcommand import CutOrder, run
from kiosk.simulation.journeys import journeys

journey = journeys(Path("config"))["money back from a changer"]
order = CutOrder(Path("config"), [journey], ("event",), ("program",), 1, 1, False, Path(sys.argv[1]), 0)
run(order)
file = Path(sys.argv[1]) / "money-back-from-a-changer.jsonl"
lines = file.read_text().splitlines(keepends=True)
file.write_text("".join(lines[:3]) + lines[3][:20])
print("STOPPED", flush=True)
raise SystemExit(run(order))
"""
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


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def cut(journey: str, place: str, what: str) -> Ending:
    told = JOURNEYS[journey]
    kind = place.partition("-")[0]
    operations = rehearse(CONFIG, told) if kind == "disk" else {}
    story = partial(travel, CONFIG, told, choice=Anywhere(kind), operations=operations)
    return replace(only(story, place, what), story="")


@pytest.mark.parametrize("words", sampled(SAMPLES, 2), ids=lambda words: words[0])
def test_no_yen_is_lost_wherever_power_is_cut(words: tuple[str, ...]) -> None:
    done = command(*words, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 wrong" in done.stdout
    assert count(done.stdout, "played") > 0


def count(told: str, column: str) -> int:
    """Return what a report says of all kinds of places together."""
    titles, total = (re.findall(rf"^  {word} .*$", told, re.MULTILINE)[0].split() for word in ("kind", "all"))
    return int(total[titles.index(column)])


@pytest.mark.parametrize("journey", sampled(["notes:jcm-id003-interrupt-jpy", *JOURNEYS], 1 + len(JOURNEYS)))
def test_cuts_that_are_alike_tell_the_same_story(journey: str) -> None:
    """A few that are covered, each against the one that stands for it, all drawn by dice."""
    told, dice = JOURNEYS[journey], Random(journey)
    atlas = survey(CONFIG, told, ("byte", "state"), (), {})
    stories: dict[Cut, str] = {}

    def play(cut: Cut) -> str:
        place, way = cut
        story = partial(travel, CONFIG, told, choice=Anywhere(place.partition("-")[0]))
        return stories.setdefault(cut, only(story, place, way).story)

    supposed = dict.fromkeys(atlas.due({}), "as if all were alike")
    for cut, model in dice.sample(atlas.covered(supposed), 4):
        like = [other for other in atlas.family(cut) if other in supposed]
        if len({play(other) for other in like}) == 1:
            assert play(cut) == play(model)
    assert len(stories) > 5


def test_a_note_that_is_acknowledged_before_it_is_written_down_is_found_among_what_is_played() -> None:
    """The window is a few bytes wide, in an exchange that looks like many others."""
    done = subprocess.run(
        [sys.executable, "-c", HASTY_TILL], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "customers lost 1000 yen" in done.stdout
    assert "screen cash, 0 yen in" in done.stdout


def test_a_run_that_was_stopped_goes_on_from_what_is_kept(tmp_path: Path) -> None:
    done = python(STOPPED_RUN, str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    whole, rest = done.stdout.split("STOPPED")
    assert count(whole, "played") == count(rest, "played") > 4
    file = tmp_path / "money-back-from-a-changer.jsonl"
    cuts = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    assert len({(cut["place"], cut["way"]) for cut in cuts}) == len(cuts) == count(whole, "played")


def test_one_cut_can_be_looked_at_alone_with_every_byte() -> None:
    done = command("notes:jcm-id003-jpy", "--cut", "validator", "--at", "event-validator-4")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " power-device: validator power off" in done.stdout
    assert done.stdout.splitlines()[-1] == "=== delivered"


@pytest.mark.parametrize("words", [{"names": ["nothing"]}, {"kind": ["nothing"]}, {"at": "write-1-after"}], ids=str)
def test_what_there_is_not_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"^kiosk: "):
        power_cuts(**words, config=CONFIG)


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
