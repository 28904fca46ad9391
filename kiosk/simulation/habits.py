"""How customers are: what each sort of them may do besides what the screen asks for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Habit:
    """One sort of customer."""

    name: str
    weight: int
    deeds: tuple[str, ...] = ()
    """What somebody like that does now and then; see :data:`DEEDS`."""
    percent: int = 60
    """How likely the next quirk is."""
    most: int = 3
    within: int = 14
    """Moves of an ordinary visit in which it happens."""
    coins: tuple[int, int] = (0, 60)
    """Between which percentages a coin is preferred to a note."""
    stays: bool = True


DEEDS = {
    "cancel": "touches cancel",
    "back": "touches back",
    "leave": "walks away",
    "double-tap": "taps twice",
    "language": "changes the language",
    "mistype": "mistypes the number",
    "note-first": "puts a note in before anything else",
    "counterfeit": "pays with a counterfeit note",
    "large-note": "pays with a 10,000-yen note",
    "odd-note": "pays with a 2,000-yen note, which is not taken",
    "pull-back": "pulls the note back",
    "string": "holds the note on a string and pulls",
    "second-note": "feeds a second note while the first is inside",
    "handful": "throws a handful of coins in",
    "bad-coin": "puts a false coin in",
    "odd-coin": "puts a 5-yen coin in, which is not taken",
    "slow-coin": "puts a coin in that rolls too slowly over the sensor",
    "coin-string": "has a coin on a string",
    "lever": "pulls the return lever",
    "wait": "does nothing for two minutes",
}
"""What a quirk is called, and what the customer does."""

HABITS = (
    Habit("passes by", 1, stays=False),
    Habit("careful", 330),
    Habit("money first", 80, ("note-first",), percent=100, most=1, within=0),
    Habit("changes their mind", 90, ("cancel", "back", "note-first")),
    Habit("small change", 80, ("handful", "bad-coin", "odd-coin", "lever"), coins=(60, 100)),
    Habit("walks away", 80, ("leave", "wait"), percent=100, most=1, within=20),
    Habit("only has a 10,000", 60, ("large-note",), percent=80),
    Habit("bad notes", 50, ("counterfeit", "odd-note", "pull-back")),
    Habit("two at once", 50, ("second-note", "pull-back", "handful"), percent=80),
    Habit("pulls notes back", 50, ("pull-back",), percent=80),
    Habit("fumbles", 80, ("mistype", "double-tap", "back"), percent=80, most=4),
    Habit("polyglot", 40, ("language",), percent=80, most=4),
    Habit("on a string", 25, ("string", "coin-string"), percent=80, most=2),
    Habit("tinkerer", 25, ("slow-coin", "bad-coin", "lever", "second-note", "wait", "string", "double-tap", "cancel"), most=5),
)
"""The first is nobody: what is left when a story is cut short."""
