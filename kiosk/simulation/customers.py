"""Customers with habits. Each knows only what the screen shows, and has only hands."""

import asyncio
from random import Random

from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.plan import Visit
from kiosk.simulation.world import World

FINISHED = (Screen.ATTRACT, Screen.OUT_OF_SERVICE)
MOST_MOVES = 150
"""Nobody has so much patience: a customer who gets nowhere leaves."""
PATIENCE_S = 150.0
"""How long somebody whose money is inside stays before a kiosk that is dark."""
MOST_VISIT_S = 1500.0

ANYWHERE = ("cancel", "back", "leave", "language", "wait")
NEXT_DEEDS = ("double-tap",)
NUMBER_DEEDS = ("mistype",)
NOTE_DEEDS = {"counterfeit": "1000 counterfeit", "odd-note": "2000", "large-note": "10000"}
COIN_DEEDS = {"bad-coin": "100 counterfeit", "odd-coin": "5", "slow-coin": "100 slow", "coin-string": "100 string"}
INSIDE_DEEDS = ("pull-back", "string", "second-note", "lever")


class Gone(Exception):
    """The customer has left, whatever the kiosk shows."""


class SimulatedCustomer:
    """One person at the kiosk, from the first touch to walking off."""

    def __init__(self, world: World, visit: Visit) -> None:
        self._world = world
        self._visit = visit
        self._rng = Random(visit.pace)
        self._quirks = sorted(visit.quirks, key=lambda quirk: quirk.after)
        self._moves = 0
        self._warned = False
        self._dark_since_s: float | None = None

    async def visit(self) -> None:
        """Live the visit. Returns when the customer leaves, in whatever state that leaves the kiosk."""
        try:
            async with asyncio.timeout(MOST_VISIT_S):
                while self._moves < MOST_MOVES:
                    await self._think()
                    await self._act()
                    self._moves += 1
        except (Gone, TimeoutError):
            return

    async def _think(self, least_s: float = 0.6, most_s: float = 3.5) -> None:
        await asyncio.sleep(self._rng.uniform(least_s, most_s))

    def _due(self, *deeds: str) -> str:
        """Return the first quirk of these whose time has come, and forget it; empty when there is none."""
        for quirk in self._quirks:
            if quirk.deed in deeds and quirk.after <= self._moves:
                self._quirks.remove(quirk)
                return quirk.deed
        return ""

    async def _act(self) -> None:
        """Do the next thing that the screen invites to."""
        world = self._world
        screen = world.shown.screen
        if screen is Screen.OUT_OF_SERVICE:
            await self._in_the_dark()
            return
        self._dark_since_s = None
        if screen is not Screen.ATTRACT and await self._something_else():
            return
        await self._take_what_sticks_out()
        if world.shown.more_time_s:
            world.touch(Touch.MORE_TIME)
            return
        await self._go_on(screen)
        if world.shown.screen is Screen.ATTRACT and screen not in FINISHED:
            raise Gone

    async def _in_the_dark(self) -> None:
        """The kiosk is out of service: leave at once, or wait a while for one's money."""
        now_s = asyncio.get_running_loop().time()
        if self._moves == 0 or self._dark_since_s is None:
            self._dark_since_s = now_s
        if self._moves == 0 or now_s - self._dark_since_s > PATIENCE_S:
            raise Gone
        await self._world.next_picture(PATIENCE_S)

    async def _something_else(self) -> bool:
        """Do what the screen does not ask for, if that is this customer's way; returns whether the move is made."""
        world = self._world
        match self._due(*ANYWHERE):
            case "leave":
                raise Gone
            case "cancel":
                world.touch(Touch.CANCEL)
            case "back":
                world.touch(Touch.BACK)
            case "language":
                world.touch(Touch.LANGUAGE, self._rng.choice(world.config.shop.languages))
            case "wait":
                await asyncio.sleep(120)
            case _:
                return False
        return True

    async def _take_what_sticks_out(self) -> None:
        """A note that sticks out and is not drawn in, or coins in the cup: they are the customer's."""
        world = self._world
        if world.has("bill") and world.validator.mechanism.mouth is not None:
            await world.hand("bill", "pull-back")
        if world.has("coin"):
            await world.hand("coin", "take")

    async def _go_on(self, screen: Screen) -> None:
        world, rng = self._world, self._rng
        match screen:
            case Screen.ATTRACT:
                await self._begin()
            case Screen.LANGUAGE:
                world.touch(Touch.LANGUAGE, self._visit.language)
            case Screen.CARRIER:
                if world.shown.notice and self._warned:
                    world.touch(Touch.CANCEL)
                self._warned = bool(world.shown.notice)
                world.touch(Touch.CARRIER, self._visit.carrier)
            case Screen.IDENTIFY:
                await self._type()
            case Screen.PLAN:
                if (world.shown.notice and self._warned) or not world.shown.plans:
                    world.touch(Touch.CANCEL)
                    return
                self._warned = bool(world.shown.notice)
                self._choose_plan()
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
            case Screen.TAKE if world.shown.receipt == "presented":
                await world.hand("printer", "take")
                await world.next_picture(30)
            case Screen.TAKE | Screen.SORRY | Screen.DECLINED | Screen.UNKNOWN | Screen.RESULT:
                self._press_next()
                await world.next_picture(rng.uniform(1, 8))
            case _:
                self._press_next()

    async def _begin(self) -> None:
        if self._moves > 1:
            raise Gone
        if self._due("note-first") and self._world.has("bill"):
            await self._insert("1000", note=True)
            await self._world.next_picture(10)
            return
        self._world.touch(Touch.START)

    def _press_next(self) -> None:
        self._world.touch(Touch.NEXT)
        if self._due(*NEXT_DEEDS):
            self._world.touch(Touch.NEXT)

    async def _type(self) -> None:
        world = self._world
        world.touch(Touch.KEY, "clear")
        mistyped = self._rng.randrange(11) if self._due(*NUMBER_DEEDS) else -1
        for place, digit in enumerate(self._visit.number):
            world.touch(Touch.KEY, self._rng.choice("0123456789") if place == mistyped else digit)
            await self._think(0.1, 0.4)
        if "next" in world.shown.buttons:
            self._press_next()

    def _choose_plan(self) -> None:
        plans = self._world.shown.plans
        self._world.touch(Touch.PLAN, plans[self._visit.plan % len(plans)].id)

    async def _pay(self) -> None:
        world, rng = self._world, self._rng
        if not world.shown.accepted_yen or world.shown.escrow_yen:
            if self._due("second-note") and world.has("bill"):
                await self._insert("1000", note=True)
            await self._with_a_note_inside()
            await world.next_picture(30)
            return
        deed = self._due(*NOTE_DEEDS, *COIN_DEEDS)
        if deed in NOTE_DEEDS:
            await self._insert(NOTE_DEEDS[deed], note=True)
        elif deed in COIN_DEEDS and (world.has("coin") or deed in ("bad-coin", "odd-coin")):
            await self._insert(COIN_DEEDS[deed], note=False)
        else:
            yen = self._piece()
            await self._insert(str(yen), note=yen >= 1000)
            if yen < 1000 and self._due("handful"):
                for _ in range(rng.randrange(1, 6)):
                    await self._insert(str(yen), note=False)
        await self._with_a_note_inside()
        await world.next_picture(8)

    async def _insert(self, what: str, *, note: bool) -> None:
        """Put a note to the mouth, or a coin into the slot, if this kiosk has one."""
        world = self._world
        if world.has("changer") and (not note or not world.has("bill")):
            if "slow" not in what and "string" not in what:
                await world.hand("changer", f"insert {what}")
        elif world.has("bill" if note else "coin"):
            yen, _, flaw = what.partition(" ")
            await world.insert(int(yen), flaw)

    async def _with_a_note_inside(self) -> None:
        world = self._world
        deed = self._due(*INSIDE_DEEDS)
        if not deed:
            return
        await self._think(0.1, 2.5)
        if deed == "lever":
            if world.has("coin"):
                await world.hand("coin", "lever")
        elif deed == "second-note":
            if world.has("bill"):
                await world.insert(1000)
        elif world.has("bill"):
            await world.hand("bill", {"pull-back": "pull-back", "string": "cheat"}[deed])

    def _piece(self) -> int:
        """Choose what to put in next: out of the purse, or a note that may well be more than is asked for."""
        shown, rng = self._world.shown, self._rng
        coins = [yen for yen in shown.accepted_yen if yen < 1000]
        notes = [yen for yen in shown.accepted_yen if yen >= 1000]
        if not notes or (coins and (rng.randrange(100) < self._visit.coins or shown.remaining_yen < 300)):
            fitting = [yen for yen in coins if yen <= shown.remaining_yen]
            return max(fitting) if fitting and rng.random() < 0.7 else rng.choice(coins)
        return rng.choice(notes)
