"""The cable, the power and the host's program, each gone at every moment of a note's way (reference cash.md 3, Power)."""

import pytest

from hardware.bills.acceptor import NoteInEscrow, NoteStacked
from hardware.testing.billrig import BillRig, Moment
from hardware.testing.notrun import NotRun
from hardware.vocabulary import PowerState

every_moment = pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.value)


@every_moment
@pytest.mark.parametrize("away_s", [0.3, 5.0])
async def test_the_cable_pulled_and_put_back_at_any_moment_costs_no_note(
    bill_acceptor: BillRig, moment: Moment, away_s: float
) -> None:
    """The host's end of the line dies, with one OfflineError, and comes back. The unit lives on meanwhile; what it did with
    the note is found out or declared."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    rig.link.unplug()
    rig.faults.off()
    await rig.pause(away_s)
    rig.link.replug()
    await rig.until_ready()
    await rig.conclude()


@every_moment
@pytest.mark.parametrize("away_s", [0.3, 5.0])
async def test_a_power_cut_of_the_unit_at_any_moment_neither_loses_nor_doubles_a_note(
    bill_acceptor: BillRig, moment: Moment, away_s: float
) -> None:
    """The unit loses power with the note wherever it is, and forgets what it was doing. After power-up the note is credited
    if and only if the unit says so; else it is declared. The settings are made again by the driver itself."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.power(on=False)
    rig.faults.off()
    await rig.pause(away_s)
    await rig.power(on=True)
    await rig.until_ready()
    await rig.conclude()


@every_moment
@pytest.mark.parametrize("away_s", [0.1, 5.0])
async def test_a_host_killed_at_any_moment_learns_what_became_of_the_note(
    bill_acceptor: BillRig, moment: Moment, away_s: float
) -> None:
    """The host's program dies without a goodbye and another one starts on the same line. A note inside is offered to it
    again or declared; nothing is credited twice, and the new host's first ``ready`` comes when all is told."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.kill_host()
    rig.faults.off()
    await rig.pause(away_s)
    await rig.start_driver()
    await rig.until_ready()
    await rig.conclude()


@every_moment
async def test_host_and_unit_without_power_at_any_moment_neither_lose_nor_double_a_note(
    bill_acceptor: BillRig, moment: Moment
) -> None:
    """A power cut of the whole kiosk."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    await rig.power(on=False)
    await rig.kill_host()
    rig.faults.off()
    await rig.pause(2.0)
    await rig.power(on=True)
    await rig.start_driver()
    await rig.until_ready()
    await rig.conclude()


async def test_a_unit_that_is_restarted_is_enabled_again(bill_acceptor: BillRig) -> None:
    """``enable`` was said once. After a power cut of the unit the driver says it again by itself, and a note is taken."""
    rig = await bill_acceptor.ready()
    await rig.person.do("power off", "switch its power off")
    await rig.until(lambda: not rig.status.ready, "no longer ready")
    await rig.person.do("power on", "switch its power on again")
    await rig.until_ready()
    await rig.pause(2.0)
    rig.on_escrow = rig.stack
    since = len(rig.told)
    await rig.insert(rig.note)
    await rig.until_told(NoteStacked(rig.note), since=since)
    await rig.conclude()


async def test_a_unit_that_is_restarted_unseen_is_set_up_again(bill_acceptor: BillRig) -> None:
    """A power cut shorter than the driver needs to miss an answer: it sees a power-up in mid-session and copes."""
    rig = await bill_acceptor.ready()
    await rig.power(on=False)
    await rig.power(on=True)
    await rig.pause(5.0)
    await rig.until_ready()
    await rig.pause(2.0)
    await rig.conclude()


async def test_a_port_that_comes_back_under_another_name_is_used_again(bill_acceptor: BillRig) -> None:
    """USB: the port vanishes and comes back, perhaps as another tty, behind the same stable path. The driver opens that path
    again by itself."""
    rig = await bill_acceptor.ready()
    await rig.person.do("line unplug", "pull its USB plug")
    await rig.until(lambda: rig.status.power is PowerState.OFFLINE, "off line", 30.0)
    assert not rig.status.ready
    await rig.person.do("line replug", "plug it in again, into another socket if the path is a stable one")
    await rig.until_ready()
    await rig.conclude()


async def test_a_unit_that_is_not_there_yet_is_waited_for(bill_acceptor: BillRig) -> None:
    """The driver starts before the unit has power, and needs no help when it gets some."""
    rig = bill_acceptor
    await rig.person.do("power off", "switch its power off")
    await rig.start_driver()
    await rig.pause(15.0)
    assert not rig.status.ready
    assert rig.stories == []
    await rig.person.do("power on", "switch its power on")
    await rig.until_ready()
    rig.enable(frozenset(rig.denominations))
    await rig.conclude()


@pytest.mark.parametrize("moment", [Moment.ESCROW, Moment.STACK_ORDERED, Moment.STACKING], ids=lambda moment: moment.value)
async def test_a_host_that_dies_again_and_again_loses_no_note(bill_acceptor: BillRig, moment: Moment) -> None:
    """Five hosts, each killed half a second after it was started, then one that lives."""
    rig = await bill_acceptor.ready()
    await rig.reach(moment)
    for _ in range(5):
        await rig.kill_host()
        await rig.start_driver()
        await rig.pause(0.5)
    await rig.until_ready()
    await rig.conclude()


async def test_a_note_held_through_the_hosts_death_is_offered_to_the_next_or_returned(bill_acceptor: BillRig) -> None:
    """The note was in escrow and held when the host died. The next host gets it as NoteInEscrow, or it is with the customer
    and declared; it does not go into the box by itself."""
    rig = await bill_acceptor.ready()
    await rig.reach(Moment.ESCROW)
    rig.acceptor.hold()
    await rig.pause(2.0)
    await rig.kill_host()
    await rig.pause(1.0)
    since = len(rig.told)
    await rig.start_driver()
    await rig.until_ready()
    await rig.pause(2.0)
    if rig.person.is_asked:
        raise NotRun("where the note is can be seen at an emulator only")
    state = await rig.person.state()
    assert state is not None
    assert not state["cashbox"], "it went into the box by itself"
    if state["inside"] is not None:
        await rig.until(lambda: NoteInEscrow(rig.note) in rig.told[since:] or state["at_customer"], "offered again", 60.0)
    await rig.conclude()
