"""A bill acceptor set up for a check: brings a note to any moment of its way, and holds the books against the matter."""

import asyncio
from collections.abc import Callable
from enum import Enum
from itertools import pairwise
from typing import Any

from hardware.benchfile import DeviceSpec
from hardware.bills.acceptor import (
    AcceptorStatus,
    BillAcceptor,
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.bills.phases import Phase
from hardware.errors import SequenceError
from hardware.links.faults import Toward
from hardware.testing.acceptorrig import AcceptorRig
from hardware.testing.books import Matter, disagreements, open_story_yen
from hardware.testing.notrun import NotRun
from hardware.testing.person import PERSON_S, Ask
from hardware.vocabulary import DeviceState

REST_S = 2.0
"""So long nothing more is told before a story counts as ended: a repeated credit would come by then."""
COMES_OUT_LOOKS = 50
"""A note on its way out is looked at so often, five times a second."""


class Moment(Enum):
    """A moment in a note's way at which something can happen to host, line or power (reference cash.md 3, Power)."""

    IDLE = "idle"
    ACCEPTING = "accepting"
    ESCROW = "escrow"
    STACK_ORDERED = "stack ordered"
    STACKING = "stacking"
    CREDIT_UNACKNOWLEDGED = "credit told, acknowledgement not sent"
    CREDITED = "credited"
    RETURNING = "returning"


class BillRig(AcceptorRig):
    """What the fixture ``bill_acceptor`` gives."""

    def __init__(self, spec: DeviceSpec, ask: Ask | None = None, seed: int = 0) -> None:
        super().__init__(spec, ask, seed)
        self.told: list[BillEvent] = []
        """Every event, of every host that lived."""
        self.on_escrow: Callable[[], None] | None = None
        """What the host does with a note in escrow; None waits."""
        self.on_credit: Callable[[], None] | None = None
        """Called while NoteStacked is being told, that is before the unit gets its acknowledgement."""
        self._births: list[int] = [0]
        self._at_first: Matter | None = None
        """Where notes lay before the first host started."""
        self._started = self._started_once = False

    @property
    def acceptor(self) -> BillAcceptor:
        """The driver under test; another one after :meth:`kill_host`."""
        driver = self.device.driver
        assert isinstance(driver, BillAcceptor), f"{self.spec.model.protocol} is no bill acceptor"
        return driver

    @property
    def status(self) -> AcceptorStatus:
        """What the driver last told of the device as a whole."""
        return self.acceptor.status

    def _matter(self, state: dict[str, Any]) -> Matter:
        at_lever = bool(self.spec.model.settings.get("conformance", {}).get("credits_at_lever", False))
        return Matter.of_state(state, credits_at_lever=at_lever)

    @property
    def note(self) -> int:
        """The value that checks use when any will do: the lowest."""
        return self.denominations[0]

    @property
    def lives(self) -> list[list[BillEvent]]:
        """What each host that lived was told."""
        return [self.told[begin:end] for begin, end in pairwise([*self._births, len(self.told)])]

    @property
    def stories(self) -> list[BillEvent]:
        """What was told about notes, without the states of the device."""
        return [event for event in self.told if not isinstance(event, AcceptorStatus)]

    # -- the host ------------------------------------------------------------------------------------------------------

    async def start_driver(self) -> None:
        if not self._started_once:
            self._started_once = True
            state = await self.person.state()
            self._at_first = None if state is None else self._matter(state)
        else:
            self._births.append(len(self.told))
        self._started = True
        await self.acceptor.start(self._hear)
        if self._wanted is not None:
            self.acceptor.enable(self._wanted)

    async def close_driver(self) -> None:
        if self._started:
            self._started = False
            await self.acceptor.close()

    def _hear(self, event: BillEvent) -> None:
        if not self._started:
            return  # the last words of a host that is being killed reach nobody
        self.told.append(event)
        self.note_down(f"told: {event}")
        if isinstance(event, NoteInEscrow) and self.on_escrow is not None:
            asyncio.get_running_loop().call_soon(self._decide)
        if isinstance(event, NoteStacked) and self.on_credit is not None:
            self.on_credit()

    def _decide(self) -> None:
        if self.on_escrow is not None:
            try:
                self.on_escrow()
            except SequenceError:
                pass  # the note left before the host had made up its mind

    def stack(self) -> None:
        """Order the note in escrow into the box."""
        self.acceptor.stack()

    def return_(self) -> None:
        """Order the note in escrow back."""
        self.acceptor.return_()

    # -- waiting -------------------------------------------------------------------------------------------------------

    async def until_told(self, event: BillEvent, *, since: int = 0, within_s: float | None = None) -> None:
        """Wait until this very event was told, not counting the first ``since`` of them all."""
        await self.until(lambda: event in self.told[since:], f"{event} told", within_s)

    # -- the customer --------------------------------------------------------------------------------------------------

    async def insert(self, yen: int, flaw: str = "") -> None:
        """Put a note to the mouth; with a person, wait, bounded, until the unit has noticed one."""
        words = f"insert a {yen:,}-yen note" + (f" that is {flaw} (or any other that it must refuse for that)" if flaw else "")
        seen = len(self.told)
        await self.person.do(f"insert {yen} {flaw}".strip(), words)
        if self.person.is_asked:
            try:
                await self.until(lambda: any(_is_of_note(event) for event in self.told[seen:]), "a note noticed", 0.0)
            except AssertionError as error:
                raise NotRun(f"nobody did within {PERSON_S:g} s: {words}") from error

    async def offer(self, yen: int) -> None:
        """Put a note to the mouth that may stay there: nothing is waited for but the time that a hand takes."""
        await self.person.do(f"insert {yen}", f"offer it a {yen:,}-yen note, and keep hold of it if it does not draw")
        await self.pause(PERSON_S / 4 if self.person.is_asked else 0.0)

    async def reach(self, moment: Moment) -> None:
        """Bring one note to ``moment`` of its way; returns at that instant."""
        if moment is Moment.IDLE:
            return None
        if moment is Moment.ACCEPTING and self.person.is_asked:
            raise NotRun("nobody can tell when a real unit is half way through drawing a note in")
        since, inside = len(self.told), len(self.happened)
        await self.insert(self.note)
        if moment is Moment.ACCEPTING:
            return await self.pause((self.figure("timing", "insert_to_escrow_s") or 1.0) / 2)
        await self.until_told(NoteInEscrow(self.note), since=since)
        if moment is Moment.ESCROW:
            return None
        if moment is Moment.RETURNING:
            self.return_()
            return await self.pause((self.figure("timing", "return_s") or 0.8) / 2)
        if moment is Moment.CREDIT_UNACKNOWLEDGED:
            self.on_credit = lambda: self.faults.mute(True, Toward.DEVICE)
        writes = self.link.writes
        self.stack()
        if moment is Moment.STACK_ORDERED:
            return await self.until(lambda: self.link.writes > writes, "the order on the line")
        if moment is Moment.STACKING:
            await self.until_inside("note_stacking", since=inside)
            return await self.pause((self.figure("timing", "lever_s") or 0.5) / 2)
        await self.until_told(NoteStacked(self.note), since=since)
        self.on_credit = None
        return None

    # -- the end of every check ----------------------------------------------------------------------------------------

    async def come_to_rest(self) -> None:
        """Let the line be right again, send a note that still waits into the box, and wait until everything rests."""
        __tracebackhide__ = True
        self.mend_line()
        self.on_escrow, self.on_credit = self.stack, None
        self._decide()
        state = await self.person.state()
        if state is not None and state.get("mouth") is not None:
            await self.person.do("pull-back", "pull the note out of its mouth")
        await self.until(self._at_rest, "at rest: ready, idle, no note inside that was not told")
        await self.pause(REST_S)
        await self.until(self._at_rest, "at rest: ready, idle, no note inside that was not told")
        await self._nothing_comes_out()

    async def _nothing_comes_out(self) -> None:
        """A refused note may still be on its way out when its host has heard the last of it; nobody pushes one against it."""
        for _ in range(COMES_OUT_LOOKS):
            state = await self.person.state()
            if state is None or state.get("phase") not in (Phase.REJECTING.value, Phase.RETURNING.value):
                return
            await self.pause(0.2)

    def _at_rest(self) -> bool:
        return self.status.ready and self.status.state is DeviceState.IDLE and open_story_yen(self.lives[-1]) is None

    async def check_books(self) -> None:
        """Hold what was told against what lies where. Raises AssertionError with every disagreement."""
        __tracebackhide__ = True
        state = await self.person.state()
        matter = None if state is None else self._matter(state)
        if matter is not None and self._at_first is not None:
            matter = matter.since(self._at_first)
        wrong = disagreements(self.lives, matter)
        if wrong:
            raise AssertionError("; ".join(wrong))

    async def conclude(self) -> None:
        """End a check: come to rest, check the books, and show that the next note is taken and credited once.

        A person is not asked for that further note."""
        __tracebackhide__ = True
        await self.come_to_rest()
        await self.check_books()
        if self.person.is_asked:
            return
        since = len(self.told)
        await self.insert(self.note)
        await self.until_told(NoteStacked(self.note), since=since)
        await self.pause(REST_S)
        stories = [event for event in self.told[since:] if not isinstance(event, AcceptorStatus)]
        assert stories == [NoteInEscrow(self.note), NoteStacked(self.note)], f"the next note was told as {stories}"
        await self.check_books()


def _is_of_note(event: BillEvent) -> bool:
    if isinstance(event, AcceptorStatus):
        return event.state is DeviceState.BUSY
    return isinstance(event, NoteInEscrow | NoteStacked | NoteReturned | NoteRefused | NoteUnaccounted | FraudSuspected)
