"""The audit explains a real journal to a person: stories, ways of money, days, and what is still to be seen to."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import apsw
import pytest

from hardware.clock import run_virtual
from kiosk.config import KioskConfig, load_config
from kiosk.ledger.audit import audit
from kiosk.ledger.excerpt import audit_day, audit_visit
from kiosk.ledger.journal import Journal
from kiosk.ledger.report import render
from kiosk.ledger.trouble import JournalError
from kiosk.screenmodel import Screen, Touch
from kiosk.simulation.attendant import AttendedShell
from kiosk.simulation.world import World
from kiosk.topup.simulator.faults import Fault
from kiosk.topup.simulator.store import Store
from tests.kiosk.whole.visits import choose, everything_is_there, pay_with

CONFIG = Path(__file__).parents[3] / "config"
TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)


async def troubled_morning(config: KioskConfig, path: Path) -> None:
    """Four customers on a bench of hoppers: one served, one owed ten yen, one who cancels, one under investigation."""
    with Journal.open(path, config.kiosk_id) as journal:
        world = await World.open(config, Random(1), journal, Store(None))
        await everything_is_there(world)
        staff = AttendedShell(world)
        await staff.start()
        for number in range(1, 5):
            if number == 2:
                await world.hand_at("hopper-10", "empty")
                await world.hand_at("hopper-10", "fill 1")
            if number == 4:
                world.faults.script("commit", Fault.UNKNOWN)
                world.faults.delay_s = 36_000.0
            await choose(world, plan="docomo-data-5gb")
            await pay_with(world, *((500, 5000), (5000,), (500,), (500, 5000))[number - 1])
            if number == 3:
                world.touch(Touch.CANCEL)
            else:
                await world.until(Screen.RESULT, Screen.UNKNOWN, timeout_s=300)
            await world.until(Screen.ATTRACT, timeout_s=300)
        await staff.answer("staff collect CASHBOX 5000x2 seal K-881")
        await asyncio.sleep(20)
        await staff.answer("staff z")
        await asyncio.sleep(20)
        await staff.answer("staff pay KONBINI1-2 10")
        await asyncio.sleep(20)
        await world.close()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "journal.sqlite"
    config = load_config(CONFIG, CONFIG / "benches" / "cash-virtual.toml")
    run_virtual(troubled_morning(config, path))
    return path


def in_order(text: str, *sentences: str) -> Iterator[str]:
    """Yield the sentences that do not stand in ``text`` behind the one before."""
    place = 0
    for sentence in sentences:
        found = text.find(sentence, place)
        if found < 0:
            yield sentence
        else:
            place = found


def test_every_visit_is_a_short_story_with_the_way_of_every_yen(book: Path) -> None:
    text = render(audit(book))
    assert not [
        *in_order(
            text,
            "Visit 1, ",
            "They want docomo データ 5GB for 3,480 yen, on 090-****-2345.",
            "1 x 500 yen from the customer into the coin box.",
            "A 5,000 yen note goes from the customer into escrow.",
            "The 5,000 yen note falls from escrow into the note box.",
            "docomo データ 5GB is sold for 3,480 yen.",
            "4 x 500 yen from hopper-500 to the customer.",
            "2 x 10 yen from hopper-10 to the customer.",
            "The receipt is printed.",
            "Visit 2, ",
            "10 yen stay owed to the customer, on a slip.",
            "aoki and sato honour the slip.",
            "10 yen from the shop's own till to the customer: the slip is settled.",
            "Visit 3, ",
            "The customer touches cancel.",
            "1 x 500 yen from hopper-500 to the customer.",
            "Visit 4, ",
            'The customer leaves with an "under investigation" slip',
            "Open questions",
        )
    ]


def test_the_open_questions_say_what_to_do(book: Path) -> None:
    report = audit(book)
    assert [(question.text, question.visit) for question in report.questions] == [
        ("KONBINI1-4: 3,480 yen are in, and the carrier has not said whether it delivered", "4"),
        ("KONBINI1-4: 20 yen are owed to the customer", "4"),
        ("Collection 1: 1 x 5,000 yen fewer in the note box than the books had", ""),
    ]
    assert "staff pay KONBINI1-4 20" in report.questions[1].do


def test_a_visit_is_told_alone(book: Path) -> None:
    report = audit_visit(book, "2")
    assert report.ok
    assert [story.visit for story in report.visits] == ["2"]
    assert report.visits[0].sentences == audit(book).visits[1].sentences
    assert "This part of the books is in order." in render(report)
    with pytest.raises(JournalError, match="no visit 9"):
        audit_visit(book, "9")


def test_a_day_is_told_with_what_staff_did_and_with_whom_it_had_to_do(book: Path) -> None:
    today, tomorrow = audit_day(book, TODAY), audit_day(book, TOMORROW)
    assert [story.visit for story in today.visits] == ["1", "2", "3", "4"]
    assert any("Collection 1 by aoki and sato, seal K-881: the note box, 2 x 5,000 yen" in line for line in today.diary)
    assert any("is closed by sato: Z 1, 6,960 yen sold" in line for line in today.diary)
    assert [story.visit for story in tomorrow.visits] == ["2"]
    assert tomorrow.balances == {name: yen for name, yen in audit(book).balances.items() if name in tomorrow.balances}
    with pytest.raises(JournalError, match="no business day 2026-11-30"):
        audit_day(book, date(2026, 11, 30))


def vandalise(book: Path, copy: Path, statement: str) -> Path:
    """Change a copy of the journal as somebody who knows SQLite would: without its triggers, which are put back."""
    copy.write_bytes(book.read_bytes())
    db = apsw.Connection(str(copy))
    guards = list(db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"))
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(statement)
    for _, sql in guards:
        db.execute(sql)
    db.close()
    return copy


def test_a_report_that_does_not_say_what_its_day_says_is_found_with_and_without_the_rest(book: Path) -> None:
    lie = "UPDATE journal SET body = replace(body, '\"cash_in\":16500', '\"cash_in\":15500') WHERE kind = 'day_closed'"
    changed = vandalise(book, book.with_name("changed.sqlite"), lie)
    for report in (audit(changed), audit_day(changed, TODAY)):
        texts = [problem.text for problem in report.problems]
        assert "Z 1 says cash_in 15500, and its day's rows say 16500" in texts
        assert "was changed after it was written: its hash does not fit" in texts


def test_a_day_that_begins_with_more_than_the_one_before_left_is_found(book: Path) -> None:
    figures = "'\"grand_total_yen\":6960', '\"grand_total_yen\":960'"
    lie = f"UPDATE journal SET body = replace(body, {figures}) WHERE kind = 'day_opened'"
    changed = vandalise(book, book.with_name("changed.sqlite"), lie)
    assert "a business day begins with grand_total_yen 960" in " ".join(problem.text for problem in audit(changed).problems)


def test_a_row_missing_from_a_day_is_found_without_reading_the_rest(book: Path) -> None:
    changed = vandalise(book, book.with_name("changed.sqlite"), "DELETE FROM journal WHERE kind = 'sold' AND visit = '2'")
    assert any("does not follow the row before it" in problem.text for problem in audit_day(changed, TODAY).problems)
