"""What a bill acceptor does all day: come up, take, give back, refuse, wait."""

import pytest

from hardware.bills.acceptor import AcceptorStatus, NoteInEscrow, NoteRefused, NoteReturned, NoteStacked
from hardware.errors import SequenceError
from hardware.testing.billrig import REST_S, BillRig
from hardware.testing.notrun import NotRun
from hardware.vocabulary import DeviceState, PowerState, RefuseReason

FLAWS = [reason for reason in RefuseReason if reason not in (RefuseReason.INHIBITED, RefuseReason.UNKNOWN)]


async def test_a_unit_that_gets_power_becomes_ready(bill_acceptor: BillRig) -> None:
    """Whatever the unit says at power-up, the driver initialises it and then tells ready, idle, on line, no fault.
    Ready is what a kiosk waits for before it lets anybody pay."""
    rig = await bill_acceptor.ready(enabled=False)
    await rig.until(lambda: rig.status.state is DeviceState.IDLE, "idle")
    assert rig.status.power is PowerState.ONLINE
    assert rig.status.faults == frozenset()
    assert rig.stories == []


async def test_the_denominations_are_those_of_the_units_own_table(bill_acceptor: BillRig) -> None:
    """After ready the driver offers the values that the unit has, all positive, and each of them can be paid with.
    A table made up in the driver would credit the wrong amount on a unit with another one."""
    rig = await bill_acceptor.ready()
    assert rig.denominations
    assert rig.denominations[0] > 0
    rig.on_escrow = rig.stack
    for yen in rig.denominations:
        since = len(rig.told)
        await rig.insert(yen)
        await rig.until_told(NoteStacked(yen), since=since)
        await rig.pause(REST_S)
    assert rig.stories == [event for yen in rig.denominations for event in (NoteInEscrow(yen), NoteStacked(yen))]
    await rig.check_books()


async def test_a_disabled_unit_takes_no_note_and_an_enabled_one_does(bill_acceptor: BillRig) -> None:
    """Before ``enable`` and after ``disable`` no note reaches escrow. Money must not come in while nobody sells."""
    rig = await bill_acceptor.ready(enabled=False)
    await rig.offer(rig.note)
    await rig.pause(8.0)
    assert not [event for event in rig.told if isinstance(event, NoteInEscrow)]
    await rig.come_to_rest()
    rig.enable(frozenset(rig.denominations))
    await rig.pause(1.0)
    await rig.insert(rig.note)
    await rig.until_told(NoteStacked(rig.note))
    await rig.come_to_rest()
    since = len(rig.told)
    rig.acceptor.disable()
    await rig.pause(2.0)
    await rig.offer(rig.note)
    await rig.pause(8.0)
    assert not [event for event in rig.told[since:] if isinstance(event, NoteInEscrow)]
    rig.enable(frozenset(rig.denominations))
    await rig.conclude()


async def test_only_the_enabled_denominations_are_taken(bill_acceptor: BillRig) -> None:
    """With some values enabled, another one never reaches escrow: a customer can be kept from paying with what there is
    no change for."""
    rig = await bill_acceptor.ready(enabled=False)
    if len(rig.denominations) < 2:
        raise NotRun("the unit knows one denomination only")
    refused, taken = rig.denominations[0], rig.denominations[-1]
    rig.enable(frozenset({taken}))
    await rig.pause(2.0)
    await rig.offer(refused)
    await rig.pause(8.0)
    assert NoteInEscrow(refused) not in rig.told
    assert all(
        event.reason in (RefuseReason.INHIBITED, RefuseReason.UNKNOWN) for event in rig.told if isinstance(event, NoteRefused)
    )
    await rig.come_to_rest()
    await rig.insert(taken)
    await rig.until_told(NoteStacked(taken))
    await rig.come_to_rest()
    await rig.check_books()


async def test_a_note_waits_in_escrow_and_is_credited_only_when_stacked(bill_acceptor: BillRig) -> None:
    """NoteInEscrow first, and no credit until the note was ordered into the box and lies there or past the point of no
    return. A driver that credits at escrow pays for notes that are then given back."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    await rig.pause(2.0)
    assert rig.stories == [NoteInEscrow(rig.note)]
    rig.stack()
    await rig.until_told(NoteStacked(rig.note))
    await rig.pause(REST_S)
    assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)]
    await rig.conclude()


async def test_a_returned_note_is_back_with_the_customer_and_not_credited(bill_acceptor: BillRig) -> None:
    """``return_`` ends in NoteReturned, once, and the customer has the note."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.return_()
    await rig.until_told(NoteReturned(rig.note))
    await rig.pause(REST_S)
    assert rig.stories == [NoteInEscrow(rig.note), NoteReturned(rig.note)]
    await rig.conclude()


async def test_an_order_without_a_note_is_the_callers_mistake(bill_acceptor: BillRig) -> None:
    """``stack``, ``return_`` and ``hold`` with no undecided note raise SequenceError and change nothing."""
    rig = await bill_acceptor.ready()
    for order in (rig.acceptor.stack, rig.acceptor.return_, rig.acceptor.hold):
        with pytest.raises(SequenceError):
            order()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.stack()
    with pytest.raises(SequenceError):
        rig.return_()
    await rig.until_told(NoteStacked(rig.note))
    await rig.conclude()


def escrow_timeout_s(rig: BillRig) -> float:
    """Return the model's figure. Raises NotRun when it has none."""
    figure = rig.figure("timing", "escrow_timeout_s")
    if figure is None:
        raise NotRun("the model has no figure for its escrow time-out ([timing] escrow_timeout_s)")
    return figure


def needs_hold(rig: BillRig) -> None:
    """Raises NotRun for a protocol that cannot hold a note beyond the unit's own time-out."""
    if not rig.acceptor.holds:
        raise NotRun(f"{rig.spec.model.protocol} cannot hold a note beyond the unit's own time-out")


def must_hold(rig: BillRig) -> None:
    """Raise NotRun for a unit that cannot be made to hold a note, as its driver says."""
    if not rig.acceptor.holds:
        raise NotRun(f"{rig.spec.model.protocol} has no word for keeping a note beyond the unit's own time-out")


async def test_a_held_note_outlasts_the_escrow_timeout(bill_acceptor: BillRig) -> None:
    """``hold`` keeps the note for three times the unit's own time-out, and it can then still be stacked: a customer types a
    phone number meanwhile."""
    rig = await bill_acceptor.ready()
    must_hold(rig)
    needs_hold(rig)
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.acceptor.hold()
    await rig.pause(3 * escrow_timeout_s(rig))
    assert rig.stories == [NoteInEscrow(rig.note)]
    rig.stack()
    await rig.until_told(NoteStacked(rig.note))
    await rig.conclude()


async def test_a_held_note_can_be_given_back(bill_acceptor: BillRig) -> None:
    """Holding decides nothing: the customer who cancels gets the note."""
    rig = await bill_acceptor.ready()
    must_hold(rig)
    needs_hold(rig)
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.acceptor.hold()
    await rig.pause(2 * escrow_timeout_s(rig))
    rig.return_()
    await rig.until_told(NoteReturned(rig.note))
    assert rig.stories == [NoteInEscrow(rig.note), NoteReturned(rig.note)]
    await rig.conclude()


async def test_a_note_in_escrow_stays_the_callers_after_disable(bill_acceptor: BillRig) -> None:
    """Disabling with a note in escrow neither stacks nor credits it, and it can still be given back."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    rig.acceptor.hold()
    rig.acceptor.disable()
    await rig.pause(5.0)
    assert rig.stories == [NoteInEscrow(rig.note)]
    rig.return_()
    await rig.until_told(NoteReturned(rig.note))
    rig.enable(frozenset(rig.denominations))
    await rig.conclude()


async def test_an_undecided_note_is_returned_or_still_there_but_never_credited(bill_acceptor: BillRig) -> None:
    """Nobody decides: the unit's time-out gives the note back, or the driver keeps it; no third thing."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    await rig.pause(2 * escrow_timeout_s(rig))
    assert rig.stories in ([NoteInEscrow(rig.note)], [NoteInEscrow(rig.note), NoteReturned(rig.note)])
    await rig.conclude()


@pytest.mark.parametrize("offset_s", [-1.0, -0.1, 0.0, 0.1, 1.0])
async def test_a_stack_order_around_the_escrow_timeout_ends_in_one_story(bill_acceptor: BillRig, offset_s: float) -> None:
    """The order to stack meets the unit's own time-out T at T-1, T and T+1: a second before, it must still be obeyed; after
    that the note is in the box and credited, or back and not credited, and never both (reference cash.md 3, Escrow)."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note)
    await rig.until_told(NoteInEscrow(rig.note))
    await rig.pause(escrow_timeout_s(rig) + offset_s)
    try:
        rig.stack()
    except SequenceError:  # it was on its way back already
        await rig.until_told(NoteReturned(rig.note))
    await rig.until(lambda: len(rig.stories) >= 2, "an end of the note's story")
    if offset_s == -1.0:
        assert rig.stories == [NoteInEscrow(rig.note), NoteStacked(rig.note)]
    await rig.conclude()


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.value)
async def test_a_bad_note_is_refused_once_with_its_reason(bill_acceptor: BillRig, flaw: RefuseReason) -> None:
    """NoteRefused, once, with the reason that the protocol gives, or UNKNOWN where it has no word for it, and with what the
    unit itself said, printable. Nothing reaches escrow."""
    rig = await bill_acceptor.ready()
    await rig.insert(rig.note, flaw.value)
    await rig.until(lambda: bool(rig.stories), "the refusal told")
    await rig.pause(REST_S)
    refusals = [event for event in rig.stories if isinstance(event, NoteRefused)]
    assert len(refusals) == len(rig.stories) == 1
    assert refusals[0].reason in (flaw, RefuseReason.UNKNOWN)
    assert refusals[0].code
    assert refusals[0].code.isprintable()
    await rig.conclude()


async def test_closing_the_driver_leaves_a_unit_that_takes_nothing(bill_acceptor: BillRig) -> None:
    """``close`` inhibits the unit: a note offered to a kiosk whose program has ended stays with the customer."""
    rig = await bill_acceptor.ready()
    await rig.close_driver()
    assert rig.status == AcceptorStatus()
    inside = len(rig.happened)
    if rig.person.is_asked:
        raise NotRun("whether a real unit took a note can only be seen by its driver, which is closed")
    await rig.pause(1.0)
    await rig.offer(rig.note)
    await rig.pause(5.0)
    assert not [happening for happening in rig.happened[inside:] if happening["event"] in ("note_in_escrow", "note_stacked")]
