"""The journeys that power is cut in: one for each bill protocol and each way to pay, told as what the customer does.

No device of the product takes cards, so no journey pays with one.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kiosk.screenmodel import Touch
from kiosk.simulation.benches import CASH, CHANGE, CHANGER, NOTES, PRESENTER, bill_models
from kiosk.simulation.customers import Gone, SimulatedCustomer
from kiosk.simulation.plan import Visit
from kiosk.simulation.world import World

CIPHER_HOPPER = "cctalk-hopper-cipher-500-jpy"
RECYCLER = "jcm-id003-recycler-jpy"
_STEP_S = 0.7
_KEY_S = 0.05


@dataclass(frozen=True)
class Journey:
    """One customer at one bench."""

    name: str
    bench: str
    """See :func:`kiosk.simulation.benches.config_of`."""
    told: str
    """In words."""
    number: str = "09001012345"
    plan: str = "docomo-data-5gb"
    carrier: str = "docomo"
    pieces: tuple[int, ...] = (500, 1000, 5000)
    """What is put in, in this order; the customer cancels when there is nothing left and more is asked for."""

    @property
    def visit(self) -> Visit:
        """The same in the words of a plan."""
        return Visit(self.name, number=self.number, carrier=self.carrier, gap_s=0)


def journeys(folder: Path) -> dict[str, Journey]:
    """Return all journeys by name."""
    found = [
        Journey(f"change:{model}", f"{CASH}+{model}", "pays with a coin and two notes, and gets change from the hoppers")
        for model in bill_models(folder)
    ]
    # no party line beside the acceptor: fifteen times fewer bytes, so that all of its own can be gone through
    found += [
        Journey(f"notes:{model}", f"{NOTES}+{model}", "pays to the yen with notes", plan="docomo-data-3gb", pieces=(1000, 1000))
        for model in bill_models(folder)
    ]
    cash = partial(Journey, bench=CASH)
    back = "pays with a coin and a note, thinks better of it and gets it back"
    found += [
        cash("coins", told="pays with coins", plan="docomo-data-1gb", pieces=(500, 50, 500)),
        Journey("cipher", f"{CASH}+{CIPHER_HOPPER}", "gets change from a hopper with a cipher"),
        Journey("changer", CHANGER, "pays at a change machine", pieces=(500, 5000)),
        Journey("note and changer", CHANGE, "pays at a bill acceptor and a change machine", pieces=(500, 5000)),
        Journey("presenter", f"{CASH}+{PRESENTER}", "gets the receipt from a presenter", pieces=(500, 5000)),
        cash("pin", told="buys a number on paper", number="09002001234", plan="softbank-pin-3000", carrier="softbank",
             pieces=(1000, 5000)),
        cash("money back", told=back, pieces=(500, 1000)),
        Journey("money back from a drum", f"{CASH}+{RECYCLER}", back, pieces=(500, 1000)),
        Journey("money back from a changer", CHANGER, back, pieces=(500, 1000)),
        cash("declined", told="is declined at commit, and gets the money back", number="09001009031", pieces=(500, 5000)),
        cash("reply lost", told="is topped up, and the carrier's reply is lost", number="09001009032", pieces=(500, 5000)),
        cash("investigation", told="pays for what the carrier does not know of for six hours", number="09001009038",
             pieces=(500, 5000)),
        cash("free", told="gets the first month free, pays nothing", number="09001009001", plan="docomo-data-3gb", pieces=()),
    ]  # fmt: skip
    return {journey.name: journey for journey in found}


class Traveller(SimulatedCustomer):
    """Somebody who knows what they want, and is quick about it. Leaves when ``leaves`` says so."""

    def __init__(self, world: World, journey: Journey, leaves: Callable[[], bool]) -> None:
        super().__init__(world, journey.visit)
        self._journey = journey
        self._purse = list(journey.pieces)
        self._leaves = leaves
        self._patience = 8

    def memory(self) -> list[object]:
        """Return all that decides what this customer will do before the same screens."""
        return [tuple(self._purse), self._patience, self._warned, self._moves > 1, self._dark_since_s]

    async def _think(self, least_s: float = _STEP_S, most_s: float = 0.0) -> None:
        await asyncio.sleep(min(least_s, _STEP_S) if least_s > 0.5 else _KEY_S)

    async def _act(self) -> None:
        if self._leaves():
            raise Gone
        await super()._act()

    def _choose_plan(self) -> None:
        self._world.touch(Touch.PLAN, self._journey.plan)

    async def _pay(self) -> None:
        world = self._world
        if not world.shown.accepted_yen or world.shown.escrow_yen or world.on_its_way:
            await world.next_picture(30)
        elif not self._purse:
            world.touch(Touch.CANCEL)
            await world.next_picture(8)
        elif self._purse[0] not in world.shown.accepted_yen and self._patience:
            self._patience -= 1  # a device that was away takes its money again in a moment
            await world.next_picture(3)
        else:
            yen = self._purse[0]
            if yen not in world.shown.accepted_yen or await world.insert(yen):
                self._purse.pop(0)
            await world.next_picture(8)
