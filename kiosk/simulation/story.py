"""A plan told in words, and as a test to paste."""

from pprint import pformat

from kiosk.simulation.chapter import ChapterResult
from kiosk.simulation.faults import BY_NAME
from kiosk.simulation.habits import DEEDS
from kiosk.simulation.plan import Plan, Trouble, Visit

_LINE = 110


def in_words(plan: Plan, result: ChapterResult) -> str:
    """Return the story of a plan and what was wrong at its end."""
    lines = [f"On the bench {plan.bench}:"]
    for number, visit in enumerate(plan.visits[: result.journeys], 1):
        lines.append(f"{number}. {_customer(visit)}")
        lines += [f"   {_trouble(trouble)}" for trouble in visit.troubles]
    lines += [f"Then, {violation}" for violation in result.violations]
    return "\n".join(lines)


def _customer(visit: Visit) -> str:
    if not visit.quirks and visit == Visit(visit.habit):
        return "A customer who does what the screen says."
    head = f"A customer ({visit.habit}) tops up {visit.number} at {visit.carrier} in {visit.language}, plan {visit.plan}"
    quirks = [f"after {quirk.after} moves {DEEDS[quirk.deed]}" for quirk in visit.quirks]
    return ", ".join([head, *quirks]) + "."


def _trouble(trouble: Trouble) -> str:
    when = {
        "s": f"{trouble.n} s after the first touch",
        "write": f"{'just before' if trouble.before else 'right after'} the visit's write {trouble.n} to the journal",
        "device": f"when thing {trouble.n} of the visit has happened in a device",
    }[trouble.clock]
    where = f" at {trouble.device}" if trouble.device else ""
    return (
        f"{when.capitalize()}: {BY_NAME[trouble.fault].help}{where} ({trouble.fault}: {trouble.deed}), for {trouble.lasts_s} s."
    )


def as_test(plan: Plan, seed: int, story: str) -> str:
    """Return a test that plays the plan and wants nothing to be wrong."""
    told = "\n    ".join(story.splitlines())
    written = pformat(plan, width=_LINE).replace("\n", "\n    ")
    return (
        "from kiosk.simulation.chapter import play\n"
        "from kiosk.simulation.plan import Plan, Quirk, Trouble, Visit\n"
        "from tests.kiosk.whole.conftest import CONFIG\n\n\n"
        f"def test_the_story_of_seed_{seed}() -> None:\n"
        f'    """{told}\n    """\n'
        f"    plan = {written}\n"
        "    assert play(CONFIG, plan).violations == ()\n"
    )
