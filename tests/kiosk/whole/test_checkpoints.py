"""A start that reads from a checkpoint on knows what one that reads every row knows, wherever the checkpoint stands."""

import asyncio
from collections.abc import Iterable
from random import Random

import pytest

from hardware.clock import run_virtual
from kiosk import memory
from kiosk.config import KioskConfig
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Entry, Kind, Row
from kiosk.ledger.journal import Journal
from kiosk.memory import Memory, MemoryWitness, remember
from kiosk.recovery import recover
from kiosk.screenmodel import Screen
from kiosk.simulation.world import World
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.test_recovery import CHANGE_STORIES, STORIES, Story, live
from tests.kiosk.whole.visits import in_world

ALL_STORIES = STORIES | CHANGE_STORIES | {"under investigation": Story("09001009038", pieces=(5000,))}


def lived(config: KioskConfig, *names: str) -> list[Row]:
    """The rows of a kiosk that lived through these stories."""

    async def main() -> list[Row]:
        journal = Journal.open(None, config.kiosk_id)
        world = await World.open(config, Random(1), journal, Store(None))
        for name in names:
            await live(world, ALL_STORIES[name])
            await asyncio.sleep(20)
        await world.close()
        return list(journal.rows())

    return run_virtual(main())


def written_again(rows: Iterable[Row], kiosk_id: str, checkpoint_before: int) -> Journal:
    journal = Journal.open(None, kiosk_id)
    for row in rows:
        if row.seq == checkpoint_before:
            journal.append_checkpoint(row.at, remember(journal).as_json())
        journal.append(row.at, Entry(row.kind, row.visit, row.body, row.postings))
    return journal


@pytest.mark.parametrize(
    "names",
    [
        ("paid", "commit's reply lost"),
        ("change for a note and a coin", "paid back after cancelling", "under investigation"),
    ],
    ids=["notes", "change"],
)
def test_what_is_recovered_does_not_depend_on_where_the_checkpoint_stands(
    config: KioskConfig, change_config: KioskConfig, names: tuple[str, ...]
) -> None:
    used = change_config if names[0] in CHANGE_STORIES else config
    rows = lived(used, *names)
    assert len(rows) > 40
    kinds = {row.kind for row in rows}
    assert used is config or {Kind.ORDER, Kind.PARKED, Kind.FLOAT} <= kinds
    for cut in range(1, len(rows) + 1, 3):
        plain = written_again(rows[:cut], used.kiosk_id, 0)
        expected = recover(used.shop, plain)
        for place in {1, cut // 4 + 1, cut // 2 + 1, cut - 3, cut - 1, cut} & set(range(1, cut + 1)):
            journal = written_again(rows[:cut], used.kiosk_id, place)
            assert recover(used.shop, journal) == expected
            assert audit_journal(journal, witness=MemoryWitness()).problems == audit_journal(plain).problems
            journal.close()
        plain.close()


def test_a_checkpoint_whose_memory_lies_is_found_by_the_audit(config: KioskConfig) -> None:
    rows = lived(config, "paid")
    journal = written_again(rows, config.kiosk_id, 0)
    lie = remember(journal)
    lie.last += 1
    journal.append_checkpoint(rows[-1].at, lie.as_json())
    (problem,) = audit_journal(journal, witness=MemoryWitness()).problems
    assert (problem.seq, "memory is not what" in problem.text) == (journal.head.seq, True)


def test_a_checkpoint_of_another_version_is_passed_over(config: KioskConfig) -> None:
    rows = lived(config, "paid")
    journal = written_again(rows, config.kiosk_id, 0)
    expected = remember(journal).as_json()
    journal.append_checkpoint(rows[-1].at, Memory(last=99).as_json() | {"version": memory.VERSION + 1})
    assert remember(journal).as_json() == expected
    assert audit_journal(journal, witness=MemoryWitness()).ok


def test_a_till_writes_a_checkpoint_when_it_is_due_and_nobody_is_there(
    config: KioskConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "CHECKPOINT_ROWS", 30)

    async def story(world: World) -> None:
        while world.journal.checkpoint is None:
            await live(world, STORIES["paid"])
            await asyncio.sleep(20)
        before = world.journal.checkpoint
        assert 1 < before.seq < 90
        await world.restart_kiosk()
        await world.until(Screen.ATTRACT)
        assert audit_journal(world.journal, witness=MemoryWitness()).problems == ()

    in_world(config, story)
