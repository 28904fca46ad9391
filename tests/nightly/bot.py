"""A customer without a script: does what the screen invites to, and goes on doing so whatever was killed meanwhile.

``python -m tests.nightly.bot --out DIR --bench FILE --seed N --visits V`` is ``kiosk run`` with such customers, one after the
other; it ends when the last of them has left and nothing is asked of anybody any more.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from random import Random

from hardware.emulator import BadCommand
from hardware.errors import DeviceError
from kiosk.config import load_config
from kiosk.customer import Customer, Hand, ScriptStep
from kiosk.logbook import open_log
from kiosk.run import RunOptions, run
from kiosk.screenlink import ScreenLink
from kiosk.screenmodel import PlanCard, Screen, ScreenModel, Touch
from tests.kiosk.whole.terminal import ROOT

HERE = "the customer is here"
LEFT = "the customer has left"
ANSWER_S = 60.0
QUIET_S = 3.0
"""How long the first screen stands before the next one comes."""
AT_REST_S = 8.0
"""How long it stands after the last one: by then the till has compared books and devices."""
MOST_PRICE_YEN = 4000


class Bot(Customer):
    """One person after the other."""

    def __init__(self, link: ScreenLink, hand: Hand, out_dir: Path, dice: Random, visits: int) -> None:
        super().__init__(link, hand, out_dir)
        link.on_another_screen = lambda model: None
        self._dice = dice
        self._visits = visits

    async def play(self, steps: list[ScriptStep]) -> None:
        """Live until the last visit is over. Raises what a kiosk's end raises."""
        print(HERE, flush=True)
        await self._rest()  # whoever a former life left standing goes on first
        for number in range(self._visits):
            await self._try("touch", Touch.START)
            await self._rest(cancels=self._dice.random() < 0.15)
            print(f"{LEFT} ({number + 1})", flush=True)
        if self._visits:
            await self._rest(quiet_s=AT_REST_S)

    async def _rest(self, *, cancels: bool = False, quiet_s: float = QUIET_S) -> None:
        """Act until the first screen has stood for a while."""
        stood_s = 0.0
        while stood_s < quiet_s:
            pause_s = self._dice.uniform(0.05, 0.5)
            await asyncio.sleep(pause_s)
            model = self._link.shown
            if model is None or not self._link.ready.is_set():
                continue
            stood_s = stood_s + pause_s if model.screen is Screen.ATTRACT else 0.0
            if stood_s:
                await self._take_what_sticks_out()
            await self._act(model, cancels=cancels)

    async def _act(self, model: ScreenModel, *, cancels: bool) -> None:
        if model.more_time_s:
            await self._try("touch", Touch.MORE_TIME)
        elif cancels and model.screen is Screen.CASH and model.inserted_yen and self._dice.random() < 0.5:
            await self._try("touch", Touch.CANCEL)
        elif model.screen is Screen.LANGUAGE:
            await self._try("touch", Touch.LANGUAGE, "en")
        elif model.screen is Screen.CARRIER:
            await self._try("touch", Touch.CARRIER, self._dice.choice(model.carriers).id)
        elif model.screen is Screen.IDENTIFY:
            await self._type(model)
        elif model.screen is Screen.PLAN:
            await self._choose(model.plans)
        elif model.screen is Screen.CONFIRM and not model.agreed:
            await self._try("touch", Touch.AGREE)
        elif model.screen is Screen.CASH:
            await self._pay(model)
        elif "next" in model.buttons:
            await self._try("touch", Touch.NEXT)

    async def _type(self, model: ScreenModel) -> None:
        if model.entry is not None and model.entry.complete:
            await self._try("touch", Touch.NEXT)
            return
        typed = len(model.entry.digits) if model.entry is not None else 0
        if (model.entry is not None and model.entry.problem) or typed >= 11:
            await self._try("touch", Touch.KEY, "clear")
        else:
            await self._try("touch", Touch.KEY, "09001012345"[typed])

    async def _choose(self, plans: tuple[PlanCard, ...]) -> None:
        cheap = [plan for plan in plans if 0 < plan.price_yen <= MOST_PRICE_YEN]
        if cheap:
            await self._try("touch", Touch.PLAN, self._dice.choice(cheap).id)
        else:
            await self._try("touch", Touch.CANCEL)

    async def _pay(self, model: ScreenModel) -> None:
        await self._take_what_sticks_out()
        if model.escrow_yen or not model.accepted_yen or not model.remaining_yen:
            return
        fitting = [
            yen for yen in model.accepted_yen if max(100, model.remaining_yen // 8) <= yen <= max(model.remaining_yen * 2, 500)
        ]
        if fitting:
            await self._try("insert", str(self._dice.choice(fitting)))
            await asyncio.sleep(self._dice.uniform(0.2, 1.2))

    async def _take_what_sticks_out(self) -> None:
        """A note that is not drawn in is the customer's; it would hold up one that is inside."""
        try:
            if (await self._hand("validator state"))["mouth"] is not None:
                await self._hand("validator pull-back")
        except (BadCommand, DeviceError) as error:
            print(f"the customer: looks at the validator: {error!r}", flush=True)

    async def _try(self, *words: str) -> None:
        """Do it, or find that somebody was killed: a person looks at the screen and tries again."""
        try:
            if words[0] == "touch":
                await self._link.control(timeout_s=ANSWER_S, control="tap", touch=words[1], value="".join(words[2:]))
            else:
                await self._hand(" ".join(words))
        except (TimeoutError, ConnectionError, BadCommand, DeviceError) as error:
            print(f"the customer: {' '.join(words)}: {error!r}", flush=True)


def main() -> None:
    """Serve bots until the last one has left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--visits", type=int, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    open_log(given.out / "kiosk.log")
    options = RunOptions(load_config(ROOT / "config", given.bench), given.out, windowed=True, customer=[])
    dice = Random(given.seed)
    asyncio.run(run(options, lambda line: print(line, flush=True), lambda *parts: Bot(*parts, dice, given.visits)))


if __name__ == "__main__":
    sys.exit(main())
