"""Driver against emulator: two programs written apart, one line between them, and the matter inside as the judge."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hardware.bills.acceptor import (
    AcceptorStatus,
    BillEvent,
    FraudSuspected,
    NoteInEscrow,
    NoteRefused,
    NoteReturned,
    NoteStacked,
    NoteUnaccounted,
)
from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.emulator import Id003Emulator
from hardware.configfile import ConfigFile
from hardware.emulator import EmulatorRunner, Happening
from hardware.links.link import Link
from hardware.links.memory import memory_line
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.pty import PtyDevice
from hardware.models import find_model
from hardware.vocabulary import Belief, Fault, PowerState, RefuseReason
from tests.hardware.virtualtime import in_virtual_time

MODEL = find_model("jcm-id003-jpy")
ALL_YEN = frozenset({1000, 2000, 5000, 10000})


class World:
    """A validator with its cable, and the host program that can be killed and started again."""

    def __init__(self, host: Link, device: Link) -> None:
        self.host = host
        self.happened: list[Happening] = []
        self.unit = EmulatorRunner(Id003Emulator(MODEL), device, self.happened.append)
        self.told: list[BillEvent] = []
        self.births: list[int] = []
        self.on_escrow: Callable[[], None] = lambda: None
        self.driver = Id003Driver(MODEL, host)

    def _listen(self, event: BillEvent) -> None:
        self.told.append(event)
        if isinstance(event, NoteInEscrow):
            self.on_escrow()

    async def plug_in(self) -> "World":
        await self.unit.start()
        await self.driver.start(self._listen)
        self.driver.enable(ALL_YEN)
        await self.until(lambda: self.driver.status.ready)
        await asyncio.sleep(0.5)
        return self

    async def restart_host(self, after_s: float) -> None:
        """Kill the host program, without a goodbye, and start it again later."""
        assert self.driver._task is not None
        self.driver._task.cancel()
        await asyncio.gather(self.driver._task, return_exceptions=True)
        self.host.close()
        await asyncio.sleep(after_s)
        self.births.append(len(self.told))
        self.driver = Id003Driver(MODEL, self.host)
        await self.driver.start(self._listen)
        self.driver.enable(ALL_YEN)

    async def until(self, condition: Callable[[], bool], within_s: float = 60.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.05)

    def hand(self, line: str) -> dict[str, Any]:
        return self.unit.command(line)

    @property
    def stories(self) -> list[BillEvent]:
        return _stories(self.told)

    @property
    def lives(self) -> list[list[BillEvent]]:
        """What each host program that lived was told about notes."""
        return [_stories(self.told[a:b]) for a, b in pairwise([0, *self.births, len(self.told)])]

    @property
    def box(self) -> Counter[int]:
        emulator = self.unit.emulator
        assert isinstance(emulator, Id003Emulator)
        return emulator.mechanism.cashbox

    @property
    def customer(self) -> Counter[int]:
        emulator = self.unit.emulator
        assert isinstance(emulator, Id003Emulator)
        return emulator.mechanism.at_customer


def _stories(told: list[BillEvent]) -> list[BillEvent]:
    return [event for event in told if not isinstance(event, AcceptorStatus)]


def assert_each_note_is_one_story(stories: list[BillEvent]) -> None:
    """Escrow, then exactly one end; refusals and notes of a former life stand alone, between stories."""
    in_escrow: int | None = None
    for event in stories:
        match event:
            case NoteInEscrow(yen):
                assert in_escrow is None, stories
                in_escrow = yen
            case NoteStacked(yen) | NoteReturned(yen):
                assert in_escrow == yen, stories
                in_escrow = None
            case NoteUnaccounted(yen):
                assert in_escrow == yen, stories
                in_escrow = None
            case NoteRefused():
                assert in_escrow is None, stories


async def world() -> World:
    return await World(*memory_line("validator")).plug_in()


@in_virtual_time
async def test_the_unit_comes_up_and_offers_the_notes_of_its_own_table() -> None:
    w = await world()
    assert w.driver.denominations == ALL_YEN
    assert w.driver.firmware == "i(JPN)100-SS ID003-05V280-42 01AUG17 964D"
    assert w.hand("state")["status"] == "IDLING[0x11]"
    assert w.stories == []


@pytest.mark.parametrize("yen", sorted(ALL_YEN))
@in_virtual_time
async def test_a_stacked_note_is_in_the_box_and_in_the_books(yen: int) -> None:
    w = await world()
    w.on_escrow = lambda: w.driver.stack()
    w.hand(f"insert {yen}")
    await w.until(lambda: NoteStacked(yen) in w.told)
    assert w.stories == [NoteInEscrow(yen), NoteStacked(yen)]
    assert w.box == {yen: 1}


@in_virtual_time
async def test_a_note_given_back_is_with_the_customer_and_not_in_the_books() -> None:
    w = await world()
    w.on_escrow = lambda: w.driver.return_()
    w.hand("insert 5000")
    await w.until(lambda: NoteReturned(5000) in w.told)
    assert w.stories == [NoteInEscrow(5000), NoteReturned(5000)]
    assert w.customer == {5000: 1}
    assert not w.box


@in_virtual_time
async def test_an_undecided_note_goes_back_by_itself_and_a_held_one_does_not() -> None:
    w = await world()
    w.hand("insert 1000")
    await asyncio.sleep(15)
    assert w.stories == [NoteInEscrow(1000), NoteReturned(1000)]
    w.on_escrow = lambda: w.driver.hold()
    w.hand("insert 1000")
    await asyncio.sleep(120)
    assert w.stories[2:] == [NoteInEscrow(1000)]
    w.driver.stack()
    await asyncio.sleep(5)
    assert w.stories[2:] == [NoteInEscrow(1000), NoteStacked(1000)]
    assert w.box == {1000: 1}


@in_virtual_time
async def test_a_held_note_stays_through_disable_and_is_then_still_returnable() -> None:
    w = await world()
    w.on_escrow = lambda: w.driver.hold()
    w.hand("insert 1000")
    await asyncio.sleep(3)
    w.driver.disable()
    await asyncio.sleep(30)
    assert w.stories == [NoteInEscrow(1000)]
    w.driver.return_()
    await asyncio.sleep(5)
    assert w.stories == [NoteInEscrow(1000), NoteReturned(1000)]
    assert w.hand("state")["status"] == "DISABLE[0x1A]"


@in_virtual_time
async def test_a_pulled_back_note_is_never_credited() -> None:
    w = await world()
    w.hand("insert 1000")
    await w.until(lambda: NoteInEscrow(1000) in w.told)
    w.hand("pull-back")
    w.driver.stack()
    await asyncio.sleep(5)
    assert w.stories == [NoteInEscrow(1000), NoteReturned(1000)]
    assert not w.box


@in_virtual_time
async def test_bad_and_unwanted_notes_are_refused_with_the_units_own_reason() -> None:
    w = await world()
    w.hand("insert 1000 length")
    await asyncio.sleep(5)
    w.driver.enable(frozenset({1000}))
    await asyncio.sleep(0.5)
    w.hand("insert 10000")
    await asyncio.sleep(5)
    assert w.stories == [
        NoteRefused(RefuseReason.LENGTH, "LENGTH[0x7D]"),
        NoteRefused(RefuseReason.INHIBITED, "INHIBITED[0x79]"),
    ]


@in_virtual_time
async def test_a_second_note_at_the_mouth_waits_for_its_turn() -> None:
    w = await world()
    w.on_escrow = lambda: w.driver.stack()
    w.hand("insert 1000")
    await asyncio.sleep(0.5)
    w.hand("insert 5000")
    await asyncio.sleep(5)
    w.hand("pull-back")
    await asyncio.sleep(5)
    w.hand("insert 5000")
    await asyncio.sleep(5)
    assert w.stories == [NoteInEscrow(1000), NoteStacked(1000), NoteInEscrow(5000), NoteStacked(5000)]


@in_virtual_time
async def test_a_string_is_suspected_and_nothing_is_credited() -> None:
    w = await world()
    w.on_escrow = lambda: w.driver.stack()
    w.hand("insert 10000")
    await w.until(lambda: w.hand("state")["status"] == "STACKING[0x14]")
    w.hand("cheat")
    await w.until(lambda: Fault.CHEATED in w.driver.status.faults)
    await w.until(lambda: w.driver.status.ready)
    assert w.stories == [
        NoteInEscrow(10000),
        FraudSuspected("CHEATED[0x48]"),
        NoteUnaccounted(10000, Belief.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("harm", "repair", "fault"),
    [
        ("jam acceptor", "clear", Fault.JAM_IN_ACCEPTOR),
        ("jam stacker", "clear", Fault.JAM_IN_STACKER),
        ("open", "close", Fault.STACKER_OPEN),
        ("full", "empty", Fault.STACKER_FULL),
        ("fail A5", "clear", Fault.MOTOR_FAILURE),
    ],
)
@in_virtual_time
async def test_a_fault_is_named_and_gone_after_the_repair(harm: str, repair: str, fault: Fault) -> None:
    w = await world()
    w.hand(harm)
    await asyncio.sleep(20)
    assert w.driver.status.faults == {fault}
    assert not w.driver.status.ready
    w.hand(repair)
    await w.until(lambda: w.driver.status.ready, within_s=20)
    w.on_escrow = lambda: w.driver.stack()
    await asyncio.sleep(1)
    w.hand("insert 1000")
    await asyncio.sleep(5)
    assert w.stories == [NoteInEscrow(1000), NoteStacked(1000)]


TENTHS = [n / 10 for n in range(1, 45, 2)]


@pytest.mark.parametrize("cut_s", TENTHS)
@pytest.mark.parametrize("decision", ["stack", "return_", "hold"])
@in_virtual_time
async def test_a_power_cut_of_the_unit_at_any_moment_neither_loses_nor_doubles_a_note(decision: str, cut_s: float) -> None:
    w = await world()
    w.on_escrow = lambda: getattr(w.driver, decision)()
    w.hand("insert 1000")
    await asyncio.sleep(cut_s)
    w.hand("power off")
    await asyncio.sleep(3)
    w.hand("power on")
    await w.until(lambda: w.driver.status.ready)
    await asyncio.sleep(20)
    credited = w.stories.count(NoteStacked(1000))
    assert credited == w.box[1000], w.stories
    assert w.box[1000] + w.customer[1000] + (decision == "hold") >= 1
    assert w.driver.status.ready


@pytest.mark.parametrize("kill_s", TENTHS)
@pytest.mark.parametrize("decision", ["stack", "return_", "hold"])
@in_virtual_time
async def test_a_host_killed_at_any_moment_learns_what_became_of_the_note(decision: str, kill_s: float) -> None:
    w = await world()
    w.on_escrow = lambda: getattr(w.driver, decision)()
    w.hand("insert 1000")
    await asyncio.sleep(kill_s)
    first = len(w.told)
    await w.restart_host(after_s=1.0)
    await asyncio.sleep(40)
    assert w.driver.status.ready
    credited = w.stories.count(NoteStacked(1000))
    former_life = [e for e in w.told[first:] if isinstance(e, NoteUnaccounted)]
    if w.box[1000]:
        assert credited + len(former_life) == 1
        assert all(e == NoteUnaccounted(None, Belief.STACKED) for e in former_life)
    else:
        assert credited == 0
        assert all(e == NoteUnaccounted(None, Belief.RETURNED) for e in former_life)


@in_virtual_time
async def test_silence_and_noise_on_the_line_are_survived() -> None:
    w = await world()
    w.hand("silence on")
    await w.until(lambda: w.driver.status.power is PowerState.OFFLINE, within_s=3)
    w.hand("silence off")
    await w.until(lambda: w.driver.status.ready)
    w.on_escrow = lambda: w.driver.stack()
    await asyncio.sleep(1)
    w.hand("insert 1000")
    for _ in range(100):
        w.hand("garbage")
        await asyncio.sleep(0.09)
    await asyncio.sleep(5)
    assert w.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@pytest.mark.parametrize("seed", range(30))
@in_virtual_time
async def test_the_books_agree_with_the_box_after_any_hour_of_misfortune(seed: int) -> None:
    dice = Random(seed)
    host, device = memory_line("validator")
    w = await World(host, device).plug_in()
    decisions = ["stack", "stack", "stack", "return_", "hold"]

    def decide() -> None:
        getattr(w.driver, dice.choice(decisions))()

    def decide_held() -> None:
        note = w.driver._service.notes.note
        if note is not None and note.undecided:
            decide()

    w.on_escrow = decide
    hands = ["insert 1000", "insert 10000", "insert 5000", "insert 1000 magnetic", "pull-back", "garbage"]
    for _ in range(60):
        await asyncio.sleep(dice.uniform(0.1, 6.0))
        decide_held()
        w.hand(dice.choice(hands))
        await asyncio.sleep(dice.uniform(0.0, 4.0))
        match dice.randrange(14):
            case 0:
                w.hand("power off")
                await asyncio.sleep(dice.uniform(0.1, 5))
                w.hand("power on")
            case 1:
                w.hand("silence on")
                await asyncio.sleep(dice.uniform(0.1, 3))
                w.hand("silence off")
            case 2:
                await w.restart_host(dice.uniform(0.1, 5))
            case 3:
                host.unplug()
                await asyncio.sleep(dice.uniform(0.1, 5))
                host.replug()
                await device.open()
            case 4:
                w.hand(dice.choice(["jam acceptor", "jam stacker", "fail A6"]))
                await asyncio.sleep(dice.uniform(0.1, 5))
                w.hand("clear")
            case 5:
                w.hand("open")
                await asyncio.sleep(dice.uniform(0.1, 5))
                w.hand("close")
            case 6:
                w.hand("cheat")
    w.hand("pull-back")  # nobody leaves a note stuck in the mouth for ever
    for _ in range(4):
        await asyncio.sleep(20)
        decide_held()
    await w.until(lambda: w.driver.status.ready)
    credited = Counter(event.yen for event in w.stories if isinstance(event, NoteStacked))
    assert credited <= w.box, "never more in the books than in the box"
    uncredited = w.box - credited
    declared = [event for event in w.stories if isinstance(event, NoteUnaccounted)]
    surely = sum(event.believed is Belief.STACKED for event in declared)
    perhaps = sum(event.believed is Belief.UNKNOWN for event in declared)
    assert surely <= uncredited.total() <= surely + perhaps, "what is in the box and not credited was declared"
    for life in w.lives:
        assert_each_note_is_one_story(life)


def test_the_same_over_a_real_pty_in_real_time(tmp_path: Path) -> None:
    async def one_note() -> None:
        path = tmp_path / "validator"
        serial = SerialSettings.from_config(ConfigFile(MODEL.path, MODEL.settings).table("serial"))
        w = World(SerialPort(str(path), serial), PtyDevice(path))
        w.on_escrow = lambda: w.driver.stack()
        await w.plug_in()
        w.hand("insert 2000")
        await w.until(lambda: NoteStacked(2000) in w.told, within_s=10)
        assert w.stories == [NoteInEscrow(2000), NoteStacked(2000)]
        assert w.box == {2000: 1}
        w.unit.stop()
        await w.until(lambda: w.driver.status.power is PowerState.OFFLINE, within_s=5)
        await w.driver.close()

    asyncio.run(one_note())
