"""What the simulation has found, told again in short: none of it may come back."""

import asyncio
from datetime import UTC, datetime
from random import Random

from hardware.bills.notes import Place
from kiosk.config import KioskConfig
from kiosk.ledger import accounts
from kiosk.ledger.entry import Entry
from kiosk.ledger.journal import Journal, JournalError
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.chapter import play
from kiosk.simulation.disk import SimulatedDisk
from kiosk.simulation.diskvfs import JOURNAL, DiskVfs
from kiosk.simulation.plan import Plan, Quirk, Trouble, Visit
from kiosk.simulation.world import World
from tests.kiosk.whole.conftest import CONFIG
from tests.kiosk.whole.visits import books, choose, in_world, settled, walk_off

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_rows_written_after_a_failed_sync_and_a_restart_outlive_a_power_cut() -> None:
    """Seed 490664347387: a sync failed, the program started again on the same disk, and a power cut took 261 rows."""
    for seed in range(20):
        disk = SimulatedDisk()
        vfs = DiskVfs(disk)
        journal = Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name)
        journal.append(NOON, Entry("before", "", {}))
        disk.fail("sync")
        try:
            journal.append(NOON, Entry("not acknowledged", "", {}))
        except JournalError:
            disk.program_killed()
        journal.close()
        disk.heal()
        journal = Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name)
        acknowledged = journal.append(NOON, Entry("after", "", {}))[0]
        disk.power_cut(Random(seed))
        journal.close()
        with Journal.open(JOURNAL, "KONBINI1", vfs=vfs.name) as found:
            assert found.head.seq == acknowledged, f"seed {seed}"


def test_what_a_failed_sync_gave_up_does_not_come_back_over_what_was_saved_later() -> None:
    """Seed 198095745877421: the simulated disk itself laid old sectors over a log that had begun again."""
    for seed in range(20):
        disk = SimulatedDisk()
        disk.open("log", create=True)
        disk.write("log", 0, b"first" * 200)
        disk.fail("sync")
        try:
            disk.sync("log")
        except OSError:
            disk.truncate("log", 0)
        disk.write("log", 0, b"later" * 100)
        disk.sync("log")
        disk.power_cut(Random(seed))
        assert disk.read("log", 0, 2000) == b"later" * 100, f"seed {seed}"


def test_a_note_that_reached_escrow_while_the_kiosk_was_dead_is_credited_and_not_declared_missing(
    change_config: KioskConfig,
) -> None:
    """Seed 85346184857844: the new life met the note, ordered it in, and in the same instant took it for one long gone."""

    async def story(world: World) -> None:
        await choose(world)
        await world.insert(1000)
        while not world.validator.mechanism.piles.size(Place.ESCROW):
            await asyncio.sleep(0.001)
        await world.restart_kiosk()
        await world.until(Screen.CASH)
        await settled(world)
        assert world.shown.inserted_yen == 1000
        assert world.journal.balance(accounts.UNACCOUNTED) == 0
        world.touch(Touch.CANCEL)
        await walk_off(world)
        assert books(world)[3] == 0

    in_world(change_config, story)


def test_a_note_held_over_a_power_cut_is_met_again_and_not_declared_missing() -> None:
    """Seed 279105172164194: the books knew of the note, the new life met it in escrow and ordered it in."""
    trouble = Trouble("power-kiosk", "power", "", "write", 1, 20)
    visit = Visit("money first", plan=1, quirks=(Quirk("note-first", 0),), troubles=(trouble,))
    assert play(CONFIG, Plan("change-virtual", (visit,))).violations == ()


def test_coins_that_a_hopper_tells_of_after_the_visit_are_no_loss_of_the_next_customer() -> None:
    """Seed 237037465804153: the oracle's mistake. The line was dead over a payout, and the hopper's word came in the gap."""
    dead_line = Trouble("line-unplug", "unplug", "hopper-100", "device", 10, 200)
    stuck = Trouble("line-stuck", "line stuck FF", "printer", "s", 14, 30)
    visits = (Visit("careful", plan=4, troubles=(dead_line, stuck), gap_s=53), Visit("careful", plan=1, gap_s=27))
    assert play(CONFIG, Plan("cash-virtual+nv200-ssp-jpy", visits)).violations == ()


def test_staff_count_only_once_a_kiosk_that_hears_late_of_a_coin_has_come_to_rest_again() -> None:
    """Seed 19724644084019: the acceptor, back on its line, told of a coin, and its payout began in the middle of the rest."""
    unplugged = Trouble("line-unplug", "unplug", "coins", "device", 3, 30)
    handful = (Quirk("handful", 0), Quirk("bad-coin", 0))
    visits = (
        Visit("fumbles", plan=2, quirks=(Quirk("mistype", 0),), gap_s=2),
        Visit("small change", coins=60, pace=2036, quirks=handful, troubles=(unplugged,), gap_s=2),
    )
    assert play(CONFIG, Plan("cash-virtual+cctalk-bill-bnv-jpy", visits)).violations == ()


def test_a_note_held_up_by_one_that_was_left_in_the_mouth_comes_back_with_it() -> None:
    """Seed 122115299559811: a refused note stopped half-way out, since the next one was left sticking behind it."""
    jams = (
        Trouble("note-jam", "jam acceptor", "validator", "s", 0, 1),
        Trouble("note-jam", "jam acceptor", "validator", "write", 0, 5),
    )
    leaves = Visit("walks away", quirks=(Quirk("leave", 9),), troubles=jams, gap_s=2)
    assert play(CONFIG, Plan("change-virtual", (leaves, Visit("careful")))).violations == ()


def test_nobody_counts_the_box_of_a_recycler_that_may_still_say_what_it_has_paid_out() -> None:
    """Seed 159650105750679: staff counted, the recycler then said what lay on its drums, and the books had it twice."""
    left = Trouble("note-left", "leave on", "validator", "write", 6, 200)
    careful = Visit("careful", carrier="kddi", number="09003383342", plan=6, coins=45, pace=6825, troubles=(left,), gap_s=11)
    visits = (careful, Visit("careful", plan=2, pace=3324))
    assert play(CONFIG, Plan("cash-virtual+jcm-id003-recycler-jpy", visits)).violations == ()


def test_a_note_taken_out_of_a_recycler_is_missed_on_its_drum_when_none_was_booked_in_its_box() -> None:
    """Seed 233731476296475: staff counted one note less than none in the box."""
    broken = Trouble("note-broken", "fail sensor", "validator", "device", 10, 30)
    visit = Visit("careful", carrier="kddi", number="06003041632", plan=4, coins=23, pace=3276, troubles=(broken,))
    assert play(CONFIG, Plan("cash-virtual+jcm-id003-recycler-jpy", (visit,))).violations == ()


def test_staff_count_only_once_every_device_is_back_and_has_told_what_it_took() -> None:
    """Seed 192800886415367: the coin acceptor came back ten seconds after its line did, and its coin was booked twice."""
    unplugged = Trouble("line-unplug", "unplug", "hopper-50", "device", 0, 200)
    full = Trouble("disk-full", "write ENOSPC", "", "write", 5, 1)
    visit = Visit(
        "bad notes", "en", "softbank", "07002597343", plan=2, coins=60, pace=8562, troubles=(unplugged, full), gap_s=29
    )
    assert play(CONFIG, Plan("cash-virtual+jcm-id003-recycler-jpy", (visit, Visit("careful")))).violations == ()


def test_the_mains_may_fail_between_two_tries_to_start_from_a_full_disk() -> None:
    """Seed 12259554848006: the simulation's mistake. It had switched the devices on before the first try, and no more."""
    troubles = (
        Trouble("power-killed", "kill", "", "device", 8, 1),
        Trouble("disk-full", "write ENOSPC lasting", "", "device", 11, 30),
        Trouble("power-kiosk", "power", "", "device", 17, 1),
    )
    visit = Visit("only has a 10,000", carrier="kddi", number="09003795002", plan=6, coins=13, pace=2880, troubles=troubles)
    assert play(CONFIG, Plan("cash-virtual+cctalk-bill-crc16-jpy", (visit,))).violations == ()


def test_a_coin_keeps_its_value_when_the_acceptors_line_was_slow_while_its_table_was_read() -> None:
    """Seed 72799375836977: answers 0.4 s late after a power cut; each passed for the next position's, 500 yen for 100."""
    troubles = (
        Trouble("power-kiosk", "power", "", "s", 4, 1),
        Trouble("line-noise", "garbage", "coins", "device", 18, 200),
        Trouble("line-delay", "line delay 0.4", "coins", "device", 12, 30),
    )
    pays_in_coins = Visit("money first", carrier="softbank", number="07002172658", plan=6, coins=25, pace=5495)
    visits = (Visit("small change", coins=71, pace=1623, troubles=troubles), pays_in_coins)
    assert play(CONFIG, Plan("cash-virtual+nv200-ssp-jpy", visits)).violations == ()
