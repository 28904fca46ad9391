"""What is going to happen at one kiosk, as data: who comes, with which habits, and what goes wrong when.

A plan is all there is to a *chapter* of a simulation: one bench, one kiosk with an empty journal, some customers one after the
other. The same plan gives the same journal, byte for byte. It is drawn from :class:`~kiosk.simulation.dice.Dice`, so a seed
makes one, and so can hypothesis' shrinker, to which a smaller number is a simpler story.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kiosk.simulation.dice import Dice, chance, pick, weighted
from kiosk.simulation.faults import BY_NAME, FaultKind
from kiosk.simulation.habits import HABITS, Habit

CARRIER_DIGIT = {"docomo": "1", "softbank": "2", "kddi": "3"}
STORIES = ("9001", "9002", "9003", "9011", "9012", "9031", "9032", "9033", "9034", "9035", "9036", "9037", "9038", "9041")
"""Endings of numbers with a story at the carrier simulator: new line, KYC, declines, replies lost after the effect ..."""

Clock = Literal["s", "write", "device"]
"""What a trouble waits for, counted from the first touch of a visit: seconds, writes of the journal, happenings in devices."""

TROUBLED_PERCENT = 60
"""Visits in which something goes wrong; in as many of these a second thing does, and so on."""
MOST_TROUBLES = 4
LONGEST_WAIT = {"s": 60, "write": 24, "device": 20}


@dataclass(frozen=True)
class Quirk:
    """Something a customer does that a careful one would not."""

    deed: str
    after: int
    """At the first occasion after so many moves."""


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong."""

    fault: str
    deed: str
    """The command; see :mod:`kiosk.simulation.faults`."""
    device: str
    """Name of the device; empty for what is none."""
    clock: Clock
    n: int
    lasts_s: float
    """It is put right after so long, or when the customer has left."""
    before: bool = False
    """Only with a clock of writes and a program that dies: just before that write, instead of right after it."""


@dataclass(frozen=True)
class Visit:
    """One customer."""

    habit: str
    language: str = "ja"
    carrier: str = "docomo"
    number: str = "09001000001"
    plan: int = 0
    """Which of the plans on offer."""
    coins: int = 0
    """In how many of a hundred cases a coin is taken out of the purse, where the kiosk takes them."""
    pace: int = 0
    """Seed of what is too small to tell: how long somebody thinks, which coin is taken."""
    quirks: tuple[Quirk, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    gap_s: int = 5
    """How long nobody stands at the kiosk afterwards."""


@dataclass(frozen=True)
class Plan:
    """One chapter."""

    bench: str
    """Name of a bench of :mod:`kiosk.simulation.benches`, or the path of a bench file."""
    visits: tuple[Visit, ...]
    dice: int = 0
    """Seed of what noise is made of and where a torn write ends."""


Targets = Mapping[str, Sequence[str]]
"""Names of the devices that a kind of fault can strike, by class; ``line`` and ``device`` among them."""


def draw_plan(
    dice: Dice,
    visits: int,
    benches: Sequence[tuple[str, int]],
    targets: Callable[[str], Targets],
    kinds: Sequence[FaultKind],
    languages: Sequence[str],
) -> Plan:
    """Draw a chapter of ``visits`` customers. ``benches`` are names with weights, ``targets`` what stands on each."""
    bench = benches[0][0] if len(benches) == 1 else weighted(dice, benches)
    at = targets(bench)
    possible = [kind for kind in kinds if at.get(kind.where)]
    seed = dice.number(0, 2**32 - 1)
    people = []
    for _ in range(visits):
        with dice.group():
            people.append(_draw_visit(dice, at, possible, languages))
    return Plan(bench, tuple(people), seed)


def _draw_visit(dice: Dice, targets: Targets, kinds: Sequence[FaultKind], languages: Sequence[str]) -> Visit:
    habit = weighted(dice, [(habit, habit.weight) for habit in HABITS])
    if not habit.stays:
        return Visit(habit.name)
    carrier = pick(dice, tuple(CARRIER_DIGIT))
    ending = pick(dice, STORIES) if chance(dice, 20) else f"{dice.number(1, 7999):04d}"
    block = pick(dice, ("090", "070", "060"))
    return Visit(
        habit.name,
        language=pick(dice, languages),
        carrier=carrier,
        number=f"{block}0{CARRIER_DIGIT[carrier]}{dice.number(0, 99):02d}{ending}",
        plan=dice.number(0, 7),
        coins=dice.number(*habit.coins),
        pace=dice.number(0, 9999),
        quirks=_draw_quirks(dice, habit),
        troubles=_draw_troubles(dice, targets, kinds),
        gap_s=dice.number(2, 60),
    )


def _draw_quirks(dice: Dice, habit: Habit) -> tuple[Quirk, ...]:
    quirks: list[Quirk] = []
    while habit.deeds and len(quirks) < habit.most and chance(dice, habit.percent):
        with dice.group():
            quirks.append(Quirk(pick(dice, habit.deeds), dice.number(0, habit.within)))
    return tuple(quirks)


def _draw_troubles(dice: Dice, targets: Targets, kinds: Sequence[FaultKind]) -> tuple[Trouble, ...]:
    troubles: list[Trouble] = []
    while kinds and len(troubles) < MOST_TROUBLES and chance(dice, TROUBLED_PERCENT):
        with dice.group():
            kind = pick(dice, kinds)
            clock = pick(dice, _CLOCKS)
            troubles.append(
                Trouble(
                    kind.name,
                    pick(dice, kind.deeds),
                    pick(dice, targets[kind.where]),
                    clock,
                    dice.number(0, LONGEST_WAIT[clock]),
                    weighted(dice, [(1, 2), (5, 2), (30, 2), (200, 1)]),
                    before=kind.where == "kiosk" and clock == "write" and chance(dice, 50),
                )
            )
    return tuple(troubles)


_CLOCKS: tuple[Clock, ...] = ("s", "write", "device")


def needs_recount(trouble: Trouble) -> bool:
    """Whether staff have to count the device that it struck."""
    return BY_NAME[trouble.fault].recount
