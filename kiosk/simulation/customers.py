"""Customers with habits. Each knows only what the screen shows, and has only hands."""

from dataclasses import dataclass
from random import Random

from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.world import World

CARRIER_DIGIT = {"docomo": "1", "softbank": "2", "kddi": "3"}
STORIES = ("9001", "9002", "9003", "9011", "9012", "9031", "9032", "9034", "9035", "9036", "9037", "9038", "9041")
"""Endings of numbers with a story at the carrier simulator: new line, KYC, declines, replies lost after the effect ..."""

FINISHED = (Screen.ATTRACT, Screen.OUT_OF_SERVICE)


@dataclass(frozen=True)
class Habit:
    """How a customer is. Chances are per opportunity."""

    name: str
    weight: int
    note_first: bool = False
    cancels: float = 0.0
    leaves: float = 0.0
    overpays: float = 0.0
    counterfeits: float = 0.0
    pulls_back: float = 0.0
    mistypes: float = 0.0
    switches_language: float = 0.0
    double_taps: float = 0.0
    coins: float = 0.0
    """How readily coins are taken out of the purse, where the kiosk takes them."""
    handfuls: float = 0.0
    """How often one more coin of the same kind is put in at once, wanted or not."""


HABITS = (
    Habit("careful", 8, coins=0.3),
    Habit("money first", 2, note_first=True),
    Habit("changes mind", 2, cancels=0.12, coins=0.4),
    Habit("small change", 2, coins=0.9, handfuls=0.3),
    Habit("walks away", 2, leaves=0.08),
    Habit("only has a 10,000", 1, overpays=0.7),
    Habit("bad notes", 1, counterfeits=0.3),
    Habit("pulls notes back", 1, pulls_back=0.3),
    Habit("fumbles", 2, mistypes=0.3, double_taps=0.3),
    Habit("polyglot", 1, switches_language=0.3),
)


class Gone(Exception):
    """The customer has left, whatever the kiosk shows."""


class SimulatedCustomer:
    """One person at the kiosk, from the first touch to walking off."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self.habit = rng.choices(HABITS, [habit.weight for habit in HABITS])[0]
        self._language = rng.choice(world.config.shop.languages)
        self._carrier = rng.choice(sorted(CARRIER_DIGIT))
        story = rng.choice(STORIES) if rng.random() < 0.2 else f"{rng.randrange(1, 8000):04d}"
        block = rng.choice(("090", "070", "060"))
        self._number = f"{block}0{CARRIER_DIGIT[self._carrier]}{rng.randrange(100):02d}{story}"
        self._put_money_first = self.habit.note_first
        self._warned = False

    async def visit(self) -> None:
        """Live the visit. Returns when the customer leaves, in whatever state that leaves the kiosk."""
        try:
            while True:
                await self._world.think()
                await self._act()
        except Gone:
            return

    async def _act(self) -> None:
        """Do the next thing that the screen invites to."""
        world, rng, habit = self._world, self._rng, self.habit
        screen = world.shown.screen
        if rng.random() < habit.leaves:
            raise Gone
        if "cancel" in world.shown.buttons and rng.random() < habit.cancels:
            world.touch(Touch.CANCEL)
            return
        if screen is not Screen.ATTRACT and rng.random() < habit.switches_language:
            world.touch(Touch.LANGUAGE, rng.choice(world.config.shop.languages))
        if world.has("bill") and world.validator.mechanism.mouth is not None:
            await world.hand("bill", "pull-back")  # a note that sticks out and is not drawn in: take it again
        if world.shown.more_time_s:
            world.touch(Touch.MORE_TIME)
            return
        match screen:
            case Screen.ATTRACT:
                await self._begin()
            case Screen.OUT_OF_SERVICE:
                raise Gone
            case Screen.LANGUAGE:
                world.touch(Touch.LANGUAGE, self._language)
            case Screen.CARRIER:
                if world.shown.notice and self._warned:
                    world.touch(Touch.CANCEL)
                self._warned = bool(world.shown.notice)
                world.touch(Touch.CARRIER, self._carrier)
            case Screen.IDENTIFY:
                await self._type()
            case Screen.PLAN:
                if world.shown.notice and self._warned:
                    world.touch(Touch.CANCEL)
                    return
                self._warned = bool(world.shown.notice)
                world.touch(Touch.PLAN, rng.choice(world.shown.plans).id)
            case Screen.CONFIRM:
                if not world.shown.agreed:
                    world.touch(Touch.AGREE)
                self._press_next()
            case Screen.CASH:
                await self._pay()
            case Screen.LOOKING_UP | Screen.PROCESSING | Screen.CHANGE | Screen.RETURNING:
                if "next" in world.shown.buttons:
                    world.touch(Touch.NEXT)
                else:
                    await world.next_picture(120)
            case Screen.TAKE | Screen.SORRY | Screen.DECLINED | Screen.UNKNOWN | Screen.RESULT:
                self._press_next()
                if world.shown.screen in FINISHED:
                    raise Gone
            case Screen.NUMBER_CHECK | Screen.NO_PRINTER:
                self._press_next()
        if world.shown.screen in FINISHED and screen not in FINISHED:
            raise Gone

    async def _begin(self) -> None:
        if self._put_money_first:
            self._put_money_first = False
            if self._world.has("bill"):
                await self._world.insert(1000)
            await self._world.next_picture(10)
            return
        self._world.touch(Touch.START)

    def _press_next(self) -> None:
        self._world.touch(Touch.NEXT)
        if self._rng.random() < self.habit.double_taps:
            self._world.touch(Touch.NEXT)

    async def _type(self) -> None:
        world, rng = self._world, self._rng
        world.touch(Touch.KEY, "clear")
        for digit in self._number:
            if rng.random() < self.habit.mistypes / 5:
                world.touch(Touch.KEY, rng.choice("0123456789"))
            world.touch(Touch.KEY, digit)
            await world.think(0.1, 0.4)
        if "next" in world.shown.buttons:
            self._press_next()

    async def _pay(self) -> None:
        world, rng, habit = self._world, self._rng, self.habit
        if not world.shown.accepted_yen or world.shown.escrow_yen:
            await world.next_picture(30)
            return
        if rng.random() < habit.counterfeits:
            await world.insert(1000, "counterfeit")
        elif rng.random() < habit.overpays:
            await world.insert(10000)
        else:
            yen = self._piece()
            for _ in range(2 if yen < 1000 and rng.random() < habit.handfuls else 1):
                await world.insert(yen)
        if world.has("bill") and rng.random() < habit.pulls_back:
            await world.think(0.1, 2.0)
            await world.hand("bill", "pull-back")
        await world.next_picture(8)

    def _piece(self) -> int:
        """Choose what to put in next: out of the purse, or a note that may well be more than is asked for."""
        shown, rng = self._world.shown, self._rng
        coins = [yen for yen in shown.accepted_yen if yen < 1000]
        notes = [yen for yen in shown.accepted_yen if yen >= 1000]
        if not notes or (coins and (rng.random() < self.habit.coins or shown.remaining_yen < 300)):
            fitting = [yen for yen in coins if yen <= shown.remaining_yen]
            return max(fitting) if fitting and rng.random() < 0.7 else rng.choice(coins)
        return rng.choice(notes)
