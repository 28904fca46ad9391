"""A bill acceptor on a bad line: whatever arrives, no credit is invented, none is told twice, and the driver comes back."""

import asyncio
from collections.abc import Callable

import pytest

from hardware.bills.acceptor import NoteInEscrow, NoteStacked
from hardware.links.faults import LineFaults, Toward
from hardware.testing.billrig import REST_S, BillRig, Moment
from hardware.testing.notrun import NotRun
from hardware.vocabulary import Fault, PowerState

Step = Callable[[LineFaults, Toward, int], None]

STEPS: dict[str, Step] = {
    "garbage before it": lambda faults, toward, n: faults.insert_garbage(toward),
    "zeros before it": lambda faults, toward, n: faults.insert(bytes(5), toward),
    "FF before it": lambda faults, toward, n: faults.insert(b"\xff" * 5, toward),
    "truncated": lambda faults, toward, n: faults.truncate(n % 6, toward),
    "joined with the next": lambda faults, toward, n: faults.join(toward),
    "one bit flipped": lambda faults, toward, n: faults.corrupt(1, 1, toward),
    "two bits flipped": lambda faults, toward, n: faults.corrupt(2, 1, toward),
    "lost": lambda faults, toward, n: faults.drop(1, toward),
    "twice": lambda faults, toward, n: faults.duplicate(1, toward),
}
"""What happens to one message. The last number counts up, for steps that come in several forms."""

LASTING: dict[str, Callable[[LineFaults, float], None]] = {
    "silence": lambda faults, t: faults.mute(),
    "the host unheard": lambda faults, t: faults.mute(True, Toward.DEVICE),
    "wrong parity": lambda faults, t: faults.parity(wrong=True),
    "parity read as bit 7": lambda faults, t: faults.parity(as_bit_7=True),
    "wrong baud rate": lambda faults, t: faults.wrong_baud(),
    "a stuck line of FF": lambda faults, t: faults.stuck(0xFF, t),
    "a stuck line of 00": lambda faults, t: faults.stuck(0x00, t),
    "echo": lambda faults, t: faults.echo(),
    "every reply is the one before": lambda faults, t: faults.stale(),
    "every reply half a second late": lambda faults, t: faults.delay(0.5),
}
"""What a line can be like for a while."""


def _moments_for(state: str) -> list[Moment]:
    """An echo is a matter of wiring and begins with no note inside: where requests look like statuses (ID-003) a driver would
    have to ask anew, at every status, whether it hears itself."""
    if state == "echo":
        return [Moment.IDLE]
    return [Moment.IDLE, Moment.ACCEPTING, Moment.ESCROW, Moment.STACK_ORDERED, Moment.STACKING]


def _id(value: object) -> str:
    return value.value if isinstance(value, Moment) else str(value)


EVERY_S = 0.45
"""A message is spoiled so often: at a poll of 200 ms about every second one."""


def both_ways() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("toward", Toward, ids=lambda toward: f"to the {toward.value}")


@both_ways()
@pytest.mark.parametrize("step", STEPS)
async def test_a_note_is_served_while_messages_are_spoiled(bill_acceptor: BillRig, step: str, toward: Toward) -> None:
    """While every second message or so is spoiled in this way a note is put in and stacked. Its story is one of the contract,
    the books agree with the box, and with the line right again the driver is back at rest and takes the next note."""
    rig = await bill_acceptor.ready()
    rig.on_escrow = rig.stack

    async def spoil() -> None:
        for n in range(1000):
            STEPS[step](rig.faults, toward, n)
            await asyncio.sleep(EVERY_S)

    spoiling = asyncio.create_task(spoil())
    try:
        await rig.insert(rig.note)
        await rig.pause(12.0)
    finally:
        spoiling.cancel()
    await rig.conclude()


@both_ways()
@pytest.mark.parametrize("gap_s", [0.001, 0.006, 0.06])
async def test_frames_that_come_byte_by_byte_end_in_one_story(bill_acceptor: BillRig, gap_s: float, toward: Toward) -> None:
    """A frame may arrive a byte at a time. Where the gaps are longer than the protocol allows, the frame is lost and asked for
    again; in no case is anything made up."""
    rig = await bill_acceptor.ready()
    rig.on_escrow = rig.stack
    rig.faults.split(gap_s, toward)
    await rig.insert(rig.note)
    await rig.pause(12.0)
    if gap_s == 0.001:
        assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)]
    await rig.conclude()


async def test_the_unit_is_brought_up_on_a_line_that_gives_byte_by_byte(bill_acceptor: BillRig) -> None:
    """Start-up reads longer replies (tables, versions); they too may come a byte at a time."""
    rig = bill_acceptor
    rig.faults.split(0.001)
    await rig.ready()
    await rig.conclude()


@pytest.mark.parametrize(("state", "moment"), [(state, moment) for state in LASTING for moment in _moments_for(state)], ids=_id)
async def test_a_line_that_is_bad_for_a_while_invents_nothing(bill_acceptor: BillRig, state: str, moment: Moment) -> None:
    """For eight seconds, beginning at this moment, the line is like this. Nothing is credited that is not in the box; after
    it the driver is back and takes the next note."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    LASTING[state](rig.faults, asyncio.get_running_loop().time())
    rig.link.touch()
    rig.on_escrow = rig.stack
    await rig.pause(8.0)
    await rig.conclude()


async def test_silence_is_told_as_off_line(bill_acceptor: BillRig) -> None:
    """A unit that answers nothing is told as off line and not ready within thirty seconds, and as ready when it answers
    again: the kiosk stops selling for cash, by itself, and goes on by itself."""
    rig = await bill_acceptor.ready()
    rig.faults.mute()
    await rig.until(lambda: rig.status.power is PowerState.OFFLINE, "off line", 30.0)
    assert not rig.status.ready
    assert Fault.NO_ANSWER in rig.status.faults
    rig.faults.off()
    await rig.until_ready()
    await rig.conclude()


async def test_an_echo_alone_is_no_healthy_unit(bill_acceptor: BillRig) -> None:
    """Nobody answers but the host's own echo: in protocols whose requests look like statuses that is an idle unit to a
    careless driver. It must not be told as ready (reference cash.md 2.1, trap)."""
    rig = bill_acceptor
    rig.faults.echo()
    rig.faults.mute(True, Toward.DEVICE)
    await rig.start_driver()
    await rig.pause(30.0)
    assert not rig.status.ready
    assert rig.stories == []
    rig.faults.off()
    await rig.until_ready()
    rig.enable(frozenset(rig.denominations))
    await rig.conclude()


async def test_a_unit_on_a_single_wire_is_used_or_refused_but_never_misread(bill_acceptor: BillRig) -> None:
    """Echo and the unit itself: the driver strips its own bytes and works, or it says LINE_ECHO or no answer."""
    rig = bill_acceptor
    rig.faults.echo()
    await rig.start_driver()
    await rig.pause(20.0)
    if not rig.status.ready:
        assert rig.status.faults & {Fault.LINE_ECHO, Fault.NO_ANSWER}
        rig.faults.off()
        await rig.until_ready()
    rig.enable(frozenset(rig.denominations))
    await rig.pause(1.0)
    rig.on_escrow = rig.stack
    await rig.insert(rig.note)
    await rig.until_told(NoteStacked(rig.note))
    await rig.conclude()


async def test_a_credit_message_that_is_repeated_credits_once(bill_acceptor: BillRig) -> None:
    """From escrow on every reply comes twice: one note, one credit."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.faults.duplicate(100_000)
    rig.stack()
    await rig.until_told(NoteStacked(rig.note))
    await rig.pause(REST_S)
    assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)]
    await rig.conclude()


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
async def test_a_credit_whose_acknowledgement_is_lost_is_told_once(bill_acceptor: BillRig, frames: int) -> None:
    """The host's next frames after the credit are lost, and the unit says its credit again: still one credit."""
    rig = await bill_acceptor.ready()
    rig.on_credit = lambda: rig.faults.drop(frames, Toward.DEVICE)
    rig.on_escrow = rig.stack
    await rig.insert(rig.note)
    await rig.until_told(NoteStacked(rig.note))
    rig.on_credit = None
    await rig.pause(REST_S)
    assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)]
    await rig.conclude()


@both_ways()
async def test_no_single_lost_message_of_stacking_loses_or_doubles_the_credit(bill_acceptor: BillRig, toward: Toward) -> None:
    """Note after note, one message is lost, each time a tenth of a second later after the order to stack: the acknowledgement
    of the order, a state, the credit itself, what follows it. Each note is credited once or declared."""
    rig = await bill_acceptor.ready()
    stack_s = rig.figure("timing", "stack_s") or 1.5
    for tenths in range(round(10 * stack_s) + 8):
        since = len(rig.told)
        await rig.insert(rig.note)
        await rig.until_told(NoteInEscrow(rig.note), since=since)
        if tenths == 0:
            rig.faults.drop(1, toward)  # the order itself, or its answer
        rig.stack()
        await rig.pause(tenths / 10)
        if tenths:
            rig.faults.drop(1, toward)
        await rig.pause(stack_s)
        await rig.come_to_rest()
        rig.on_escrow = None
    assert rig.stories.count(NoteStacked(rig.note)) >= round(10 * stack_s), "lost messages are asked for again"
    await rig.conclude()


async def test_codes_that_nobody_knows_are_survived(bill_acceptor: BillRig) -> None:
    """The unit answers with codes that are in no manual, in valid frames (``[conformance] unknown_replies`` of the model):
    no exception, no note made up, and the next note is taken."""
    rig = await bill_acceptor.ready()
    unknown = rig.spec.model.settings.get("conformance", {}).get("unknown_replies", [])
    if not unknown:
        raise NotRun("the model names no frame with an unknown code ([conformance] unknown_replies)")
    rig.faults.replace([bytes.fromhex(frame) for frame in unknown])
    await rig.pause(8.0)
    assert rig.stories == []
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.faults.replace([bytes.fromhex(frame) for frame in unknown])
    rig.stack()
    await rig.until_told(NoteStacked(rig.note))
    await rig.conclude()
