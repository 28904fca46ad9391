"""A bad spell: every misfortune of the contract, one after the other and into each other, by the dice of a seed."""

from collections.abc import Callable
from random import Random

import pytest

from hardware.bills.acceptor import NoteInEscrow
from hardware.errors import SequenceError
from hardware.links.faults import Toward
from hardware.testing.billrig import BillRig
from hardware.testing.books import open_story_yen
from hardware.testing.notrun import NotRun

TURNS = 40
"""Things that happen in one."""


@pytest.mark.parametrize("seed", range(6))
async def test_the_books_agree_with_the_box_after_any_spell_of_misfortune(bill_acceptor: BillRig, seed: int) -> None:
    """Customers, staff, line, power and host do as the dice say. Whatever happened: what is credited is in the box, what is in
    the box and not credited was declared, and at the end the unit is ready and takes a note."""
    rig = bill_acceptor
    if rig.spec.link == "serial":
        raise NotRun("no person is asked for a spell of misfortune")
    await rig.ready()
    spell = _Spell(rig, Random(seed))
    for _ in range(TURNS):
        await spell.turn()
    await rig.person.do("power on", "switch it on")
    await rig.person.do("close", "put the cash box back")
    await rig.person.do("clear", "clear its note path")
    await rig.conclude()


class _Spell:
    """What can happen, each by its own chance."""

    def __init__(self, rig: BillRig, dice: Random) -> None:
        self._rig = rig
        self._dice = dice

    def _decide(self) -> None:
        """The host makes up its mind about a note in escrow, or lets it wait."""
        rig = self._rig
        if open_story_yen(rig.lives[-1]) is None:
            return
        order = self._dice.choice([rig.acceptor.stack] * 4 + [rig.acceptor.return_, rig.acceptor.hold])
        try:
            order()
        except SequenceError:
            pass  # decided already, or gone

    async def turn(self) -> None:
        """Let one thing happen, and some time pass around it."""
        rig, dice = self._rig, self._dice
        await rig.pause(dice.uniform(0.05, 5.0))
        self._decide()
        await rig.person.do(f"insert {dice.choice(rig.denominations)}{dice.choice(['', '', '', ' length'])}", "insert a note")
        await rig.pause(dice.choice([0.0, 0.7, dice.uniform(0.0, 4.0)]))
        if any(isinstance(event, NoteInEscrow) for event in rig.told[-3:]):
            self._decide()
        await rig.pause(dice.uniform(0.0, 1.5))
        await dice.choice([self._power, self._host, self._cable, self._jam, self._box, self._line, self._line, self._hands])()

    async def _power(self) -> None:
        await self._rig.power(on=False)
        await self._rig.pause(self._dice.uniform(0.1, 5.0))
        await self._rig.power(on=True)

    async def _host(self) -> None:
        await self._rig.kill_host()
        await self._rig.pause(self._dice.uniform(0.0, 5.0))
        await self._rig.start_driver()

    async def _cable(self) -> None:
        self._rig.link.unplug()
        await self._rig.pause(self._dice.uniform(0.1, 5.0))
        self._rig.link.replug()

    async def _jam(self) -> None:
        await self._rig.person.do(self._dice.choice(["jam acceptor", "jam stacker", "fail motor", "cheat"]), "break it")
        await self._rig.pause(self._dice.uniform(0.1, 5.0))
        await self._rig.person.do("clear", "clear its note path")

    async def _box(self) -> None:
        await self._rig.person.do("open", "take the cash box out")
        await self._rig.pause(self._dice.uniform(0.1, 5.0))
        await self._rig.person.do("close", "put the cash box back")

    async def _hands(self) -> None:
        await self._rig.person.do("pull-back", "pull a note out")

    async def _line(self) -> None:
        rig, dice = self._rig, self._dice
        toward = dice.choice(list(Toward))
        steps: list[Callable[[], None]] = [
            lambda: rig.faults.drop(dice.randint(1, 6), toward),
            lambda: rig.faults.duplicate(3, toward),
            lambda: rig.faults.corrupt(1, 2, toward),
            lambda: rig.faults.truncate(dice.randint(0, 6), toward),
            lambda: rig.faults.insert_garbage(toward),
            lambda: rig.faults.join(toward),
            lambda: rig.faults.delay(dice.choice([0.0, 0.2, 0.4]), toward),
        ]
        for _ in range(dice.randint(1, 8)):
            step = dice.choice(steps)
            step()
            await rig.pause(dice.uniform(0.05, 0.5))
        rig.faults.off()
