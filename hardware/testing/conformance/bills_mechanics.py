"""Hands and machinery: pull-back, string, jams, the cash box, a worn motor, notes that nobody takes."""

import pytest

from hardware.bills.acceptor import FraudSuspected, NoteInEscrow, NoteReturned, NoteStacked
from hardware.errors import SequenceError
from hardware.testing.billrig import REST_S, BillRig, Moment
from hardware.testing.notrun import NotRun
from hardware.vocabulary import Fault, FullStatus

ON_THE_WAY = [Moment.IDLE, Moment.ACCEPTING, Moment.ESCROW, Moment.STACK_ORDERED, Moment.STACKING, Moment.RETURNING]


def at_each(*moments: Moment) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("moment", moments, ids=lambda moment: moment.value)


@at_each(Moment.ACCEPTING, Moment.ESCROW, Moment.STACK_ORDERED, Moment.RETURNING)
async def test_a_note_pulled_back_is_never_credited(bill_acceptor: BillRig, moment: Moment) -> None:
    """The customer pulls the note out while fingers can still get hold of it. It is with the customer, so it is not
    credited; if it was told as in escrow, its story ends."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    answer = await rig.person.do("pull-back", "pull the note out again", at_an_instant=moment is not Moment.ESCROW)
    if moment is Moment.ESCROW:
        try:
            rig.stack()  # too late
        except SequenceError:
            pass
    await rig.pause(8.0)
    if answer["ok"]:
        assert NoteStacked(rig.note) not in rig.told
    await rig.conclude()


@at_each(Moment.STACK_ORDERED, Moment.STACKING)
async def test_a_note_pulled_out_on_a_string_is_suspected_and_not_credited(bill_acceptor: BillRig, moment: Moment) -> None:
    """The anti-cheat sensors see the string: FraudSuspected, or the fault CHEATED. The note is gone, so no credit stands."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.person.do("cheat", "pull the note out on its string", at_an_instant=True)
    await rig.until(
        lambda: Fault.CHEATED in rig.status.faults or any(isinstance(event, FraudSuspected) for event in rig.told),
        "the string suspected",
        30.0,
    )
    await rig.pause(REST_S)
    assert NoteStacked(rig.note) not in rig.told
    if Fault.CHEATED in rig.status.faults:
        await rig.pause(10.0)  # a driver may reset it by itself
    if not rig.status.ready:
        await rig.person.do("clear", "clear its note path")
    await rig.conclude()


@at_each(*ON_THE_WAY)
@pytest.mark.parametrize("place", ["acceptor", "stacker"])
async def test_a_jam_is_told_and_the_note_in_it_is_accounted_for(bill_acceptor: BillRig, place: str, moment: Moment) -> None:
    """Something blocks the path in this place at this moment. A fault is told and the unit is not ready; after the repair,
    in which staff keep a note they find, the driver is back and the note's story has an end that fits."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.person.do(f"jam {place}", f"block its {place}", at_an_instant=moment is not Moment.IDLE)
    await rig.until(lambda: bool(rig.status.faults), "a fault told", 30.0)
    if Fault.NO_ANSWER not in rig.status.faults:
        assert rig.status.faults & {Fault.JAM_IN_ACCEPTOR, Fault.JAM_IN_STACKER, Fault.JAM, Fault.DEVICE_FAILURE}
    assert not rig.status.ready
    await rig.pause(5.0)
    await rig.person.do("clear", "clear the jam and keep the note you find")
    await rig.until_ready()
    await rig.conclude()


@at_each(*ON_THE_WAY)
async def test_a_motor_that_breaks_is_told_and_the_note_in_it_is_accounted_for(bill_acceptor: BillRig, moment: Moment) -> None:
    """As with a jam, but the motor is broken until staff repair it. It need not be told before a note comes that needs it."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.person.do("fail motor", "break its motor", unasked=True)
    if moment is Moment.IDLE:
        await rig.pause(5.0)
        if not rig.status.faults:  # some protocols have no word for a motor that nobody needs just now
            await rig.offer(rig.note)
            await rig.pause(8.0)
            assert NoteStacked(rig.note) not in rig.told
    else:
        await rig.until(lambda: bool(rig.status.faults), "a fault told", 30.0)
        assert not rig.status.ready
    await rig.pause(5.0)
    await rig.person.do("clear", "repair it")
    await rig.until_ready()
    await rig.conclude()


@at_each(*ON_THE_WAY)
async def test_the_cash_box_taken_out_at_any_moment_costs_no_note(bill_acceptor: BillRig, moment: Moment) -> None:
    """Staff take the box out and put it back. STACKER_OPEN is told meanwhile, if the note is not elsewhere just then; a note
    on its way into the box waits for it, or is declared."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.person.do("open", "take the cash box out", at_an_instant=moment not in (Moment.IDLE, Moment.ESCROW))
    if moment is Moment.IDLE:
        await rig.until(lambda: Fault.STACKER_OPEN in rig.status.faults, "STACKER_OPEN told", 30.0)
        assert not rig.status.ready
    await rig.pause(5.0)
    await rig.person.do("close", "put the cash box back")
    await rig.until_ready()
    await rig.conclude()


async def test_a_full_box_is_told_and_takes_nothing_until_it_is_emptied(bill_acceptor: BillRig) -> None:
    """STACKER_FULL, not ready; after emptying ready again."""
    rig = await bill_acceptor.ready()
    await rig.person.do("full", "fill its cash box to the brim")
    await rig.until(lambda: Fault.STACKER_FULL in rig.status.faults, "STACKER_FULL told", 30.0)
    assert not rig.status.ready
    await rig.person.do("empty", "empty the cash box and put it back")
    await rig.until_ready()
    await rig.conclude()


@pytest.mark.bench_model(cashbox={"capacity": 50, "near_full": 2})
async def test_a_nearly_full_box_is_told_while_notes_still_fit(bill_acceptor: BillRig) -> None:
    """NEAR_FULL, no fault, and the unit goes on taking notes: staff are called before the kiosk stops. Only where the
    protocol has a word for it."""
    rig = await bill_acceptor.ready()
    at_first = rig.status.full
    if at_first is FullStatus.UNKNOWN:
        raise NotRun(f"{rig.spec.model.protocol} as this driver uses it has no word for a nearly full box")
    assert at_first is FullStatus.OK
    rig.on_escrow = rig.stack
    for _ in range(3):
        await rig.insert(rig.note)
        await rig.pause(6.0)
    assert rig.status.full is FullStatus.NEAR_FULL
    assert rig.status.ready
    assert rig.stories.count(NoteStacked(rig.note)) == 3
    await rig.check_books()


@pytest.mark.parametrize("factor", [3, 10])
async def test_a_worn_motor_makes_a_note_slow_and_nothing_else(bill_acceptor: BillRig, factor: int) -> None:
    """Every motion takes so many times as long. The note is credited once, or declared by a driver that lost patience."""
    rig = await bill_acceptor.ready()
    await rig.person.do(f"slow {factor}", "wear its motor out", unasked=True)
    rig.on_escrow = rig.stack
    await rig.insert(rig.note)
    await rig.pause(6.0 * factor)
    await rig.person.do("slow 1", "give it a new motor")
    await rig.conclude()


async def test_a_note_left_in_the_mouth_ends_its_story_when_it_is_taken(bill_acceptor: BillRig) -> None:
    """The note is given back and nobody takes it for half a minute. It is not credited and not drawn in again; when it is
    taken, the unit goes on."""
    rig = await bill_acceptor.ready()
    await rig.person.do("leave on", "leave the note that comes back in its mouth, this once")
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.return_()
    await rig.pause(30.0)
    assert NoteStacked(rig.note) not in rig.told
    await rig.person.do("take", "take the note")
    await rig.person.do("leave off", "take notes at once from now on")
    await rig.until_told(NoteReturned(rig.note))
    assert rig.stories == [NoteInEscrow(rig.note), NoteReturned(rig.note)]
    await rig.conclude()


@at_each(Moment.ACCEPTING, Moment.ESCROW, Moment.STACK_ORDERED, Moment.STACKING, Moment.RETURNING)
async def test_a_second_note_in_the_mouth_waits_its_turn(bill_acceptor: BillRig, moment: Moment) -> None:
    """A second note is pushed in while the first is inside. The first has one story and the second, pulled out and put in
    again, has its own; neither is credited twice, nor one for the other."""
    rig = await bill_acceptor.ready()
    second = rig.denominations[-1]
    await rig.reach(moment)
    rig.on_escrow = rig.stack
    await rig.person.do(f"insert {second}", f"push a {second:,}-yen note in behind", at_an_instant=moment is not Moment.ESCROW)
    await rig.pause(6.0)
    await rig.person.do("pull-back", "pull the second note out")
    await rig.come_to_rest()
    await rig.check_books()
    since = len(rig.told)
    await rig.insert(second)
    await rig.until_told(NoteStacked(second), since=since)
    await rig.conclude()


async def test_notes_fed_one_after_the_other_are_all_credited(bill_acceptor: BillRig) -> None:
    """Ten notes, each pushed in as soon as the one before is credited."""
    rig = await bill_acceptor.ready()
    rig.on_escrow = rig.stack
    for _ in range(10):
        since = len(rig.told)
        await rig.insert(rig.note)
        await rig.until(lambda since=since: NoteStacked(rig.note) in rig.told[since:], "the note credited", 30.0)  # type: ignore[misc]
        await rig.pause(1.0)
    assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)] * 10
    await rig.check_books()
