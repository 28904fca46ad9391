"""Staff: nobody without a PIN, not for ever with one, and what they do with money."""

import asyncio
from pathlib import Path

import pytest

from kiosk.config import KioskConfig, load_config
from kiosk.ledger import accounts
from kiosk.ledger.audit import audit_journal
from kiosk.ledger.entry import Kind
from kiosk.screenmodel import Screen, Touch
from kiosk.secrets import Secrets, SecretsInMemory
from kiosk.shell import DeskShell
from kiosk.simulation.attendant import PINS, QUICK
from kiosk.simulation.oracle import at_rest
from kiosk.simulation.world import World
from kiosk.staffdesk import StaffDesk
from kiosk.stafflogin import IDLE, LOCKED
from kiosk.staffpins import StaffPins
from kiosk.topup.simulator.faults import Fault
from tests.kiosk.whole.test_desk import desk
from tests.kiosk.whole.visits import choose, in_world, pay_with, walk_off

WRONG = "850317"
CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def cash_config() -> KioskConfig:
    """A kiosk whose change lies in hoppers, which do not count."""
    return load_config(CONFIG, CONFIG / "benches" / "cash-virtual.toml")


async def door(world: World, pins: StaffPins | None = None) -> DeskShell:
    """The desk with nobody at it."""
    if pins is None:
        pins = StaffPins(SecretsInMemory(), QUICK)
        for name, pin in PINS.items():
            pins.set(name, pin)
    shell = DeskShell(world.bench, StaffDesk(world.till, pins))
    await shell.start()
    return shell


async def log_in(shell: DeskShell, name: str, pin: str = "") -> str:
    await shell.answer(f"staff login {name}")
    assert shell.asks_secret
    return await shell.answer(pin or PINS[name])


def staff_rows(world: World) -> list[tuple[str, str]]:
    return [(row.body["what"], row.body["who"]) for row in world.journal.rows() if row.kind == Kind.STAFF]


# --- the door -----------------------------------------------------------------------------------------------------------


def test_a_kiosk_without_any_pin_keeps_its_staff_functions_shut_and_says_how_to_open_them(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world, StaffPins(SecretsInMemory(), QUICK))
        for word in ("staff money", "staff x", "staff z"):
            assert "kiosk staff-pin set NAME" in await shell.answer(word)
        assert "kiosk staff-pin set NAME" in await log_in(shell, "aoki")

    in_world(config, story)


def test_every_word_wants_a_login_and_a_login_ends_by_itself(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        assert "log in first" in await shell.answer("staff money")
        assert await log_in(shell, "aoki") == "staff: logged in: aoki"
        await asyncio.sleep(IDLE.total_seconds() - 1)
        assert not (await shell.answer("staff money")).startswith("?")
        await asyncio.sleep(IDLE.total_seconds() - 1)
        assert not (await shell.answer("staff money")).startswith("?"), "each word keeps it open"
        await asyncio.sleep(IDLE.total_seconds())
        assert "log in first" in await shell.answer("staff money")
        await log_in(shell, "aoki")
        await shell.answer("staff logout")
        assert "log in first" in await shell.answer("staff money")
        assert staff_rows(world) == [("login", "aoki"), ("logout", "aoki")] * 2

    in_world(config, story)


def test_whoever_was_there_before_is_not_there_with_somebody_who_comes_later(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        await log_in(shell, "aoki")
        await asyncio.sleep(IDLE.total_seconds() + 1)
        assert await log_in(shell, "sato") == "staff: logged in: sato"

    in_world(config, story)


def test_five_wrong_pins_lock_a_name_for_a_quarter_of_an_hour_over_a_restart_and_nobody_else(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        for _ in range(4):
            assert await log_in(shell, "aoki", WRONG) == "? wrong name or PIN"
        assert "locked for 15 minutes" in await log_in(shell, "aoki", WRONG)
        assert "locked" in await log_in(shell, "aoki"), "the right one is of no use now"
        await world.restart_kiosk()
        await world.until(Screen.ATTRACT)
        shell = await door(world)
        assert "locked" in await log_in(shell, "aoki")
        assert await log_in(shell, "sato") == "staff: logged in: sato"
        await asyncio.sleep(LOCKED.total_seconds())
        assert await log_in(shell, "aoki") == "staff: logged in: aoki"
        assert [what for what, who in staff_rows(world) if who == "aoki"] == ["refused"] * 4 + ["locked", "login"]

    in_world(config, story)


def test_a_right_pin_forgets_the_wrong_ones_before_it(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        for _ in range(3):
            for _ in range(4):
                await log_in(shell, "aoki", WRONG)
            assert await log_in(shell, "aoki") == "staff: logged in: aoki"

    in_world(config, story)


def test_names_that_nobody_has_are_locked_together_and_never_written_down(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        for name in ("271828", "mallory", "root", "eve"):
            assert await log_in(shell, name, WRONG) == "? wrong name or PIN"
        assert "locked" in await log_in(shell, "trudy", WRONG)
        assert "locked" in await log_in(shell, "oscar", WRONG)
        assert {who for _, who in staff_rows(world)} == {""}

    in_world(config, story)


def test_no_pin_reaches_the_journal(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        await log_in(shell, "aoki", WRONG)
        await log_in(shell, "aoki")
        await log_in(shell, PINS["sato"], PINS["sato"])
        text = " ".join(f"{row.body_text} {row.visit}" for row in world.journal.rows())
        assert not any(pin in text for pin in (WRONG, *PINS.values()))

    in_world(config, story)


def test_an_empty_line_in_place_of_a_pin_goes_back_and_counts_for_nothing(config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await door(world)
        await shell.answer("staff login aoki")
        assert await shell.answer("") == "staff: nobody logged in"
        assert not shell.asks_secret
        assert staff_rows(world) == []

    in_world(config, story)


def test_hashes_that_others_can_read_keep_everybody_out(config: KioskConfig, tmp_path: Path) -> None:
    async def story(world: World) -> None:
        pins = StaffPins(Secrets(tmp_path / "secrets"), QUICK)
        pins.set("aoki", PINS["aoki"])
        (tmp_path / "secrets" / "staff.json").chmod(0o644)
        shell = await door(world, pins)
        assert "others can read" in await log_in(shell, "aoki")
        assert "others can read" in await shell.answer("staff money")

    in_world(config, story)


# --- money --------------------------------------------------------------------------------------------------------------


async def buy(world: World, *money: int) -> None:
    await choose(world, plan="docomo-data-5gb")
    await pay_with(world, *money)
    await world.until(Screen.RESULT)
    await walk_off(world)


def test_one_person_alone_takes_no_money_out(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world, 10000)
        shell = await door(world)
        await log_in(shell, "aoki")
        await log_in(shell, "aoki")
        assert "log the other one in too" in await shell.answer("staff collect CASHBOX 10000x1 seal A-1")
        assert world.journal.balance(accounts.cashbox(10000)) == 10000
        await log_in(shell, "sato")
        assert "collection 1 booked" in await shell.answer("staff collect CASHBOX 10000x1 seal A-1")
        assert world.journal.balance(accounts.cashbox(10000)) == 0

    in_world(change_config, story)


def test_a_collection_is_counted_blind_and_its_slip_names_the_difference_the_persons_and_the_seal(
    change_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await buy(world, 10000)
        await buy(world, 5000)
        shell = await desk(world)
        refused = await shell.answer("staff collect CASHBOX 5000x1 seal A-1")
        assert "10000x0" in refused
        assert "10000x1" not in refused, "what the books expect is not told"
        await shell.answer("staff collect CASHBOX 10000x0 5000x1 seal A-1")
        await asyncio.sleep(20)
        slip = world.printer.receipts[-1].text
        for line in ("回収票", "00001", "¥5,000", "差-1", "不足", "¥10,000", "A-1", "aoki", "sato"):
            assert line in slip, line
        rows = [row.body for row in world.journal.rows() if row.kind == Kind.COLLECTED]
        assert [(body["place"], body["booked"], body["found"]) for body in rows] == [
            ("CASHBOX:10000", 1, 0),
            ("CASHBOX:5000", 1, 1),
        ]
        assert all(body["by"] == ["aoki", "sato"] and body["seal"] == "A-1" for body in rows)
        assert world.journal.balance(accounts.OVER_SHORT) == 10000
        assert audit_journal(world.journal).ok

    in_world(change_config, story)


def test_a_part_is_taken_out_of_a_float_and_the_rest_stays(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        shell = await desk(world)
        await world.hand_at("hopper-500", "empty")
        await world.hand_at("hopper-500", "fill 60")
        await shell.answer("staff take FLOAT:hopper-500 500x40 seal A-2")
        assert world.journal.balance(accounts.float_of("hopper-500", 500)) == 60 * 500
        assert world.journal.balance(accounts.OVER_SHORT) == 0
        await shell.answer("staff fill hopper-500 500x10")
        await world.hand_at("hopper-500", "fill 10")
        assert world.journal.balance(accounts.float_of("hopper-500", 500)) == 70 * 500
        figures = world.till.days.totals().as_json()["places"]["FLOAT:hopper-500:500"]
        assert (figures["collected"], figures["filled"], figures["now"]) == (-20000, 55000, 35000)
        assert at_rest(world) == []

    in_world(cash_config, story)


async def be_owed(world: World) -> int:
    """A customer whose change is not there gets a slip; return the yen on it."""
    await world.hand_at("hopper-10", "empty")
    await world.hand_at("hopper-10", "fill 1")
    await choose(world, plan="docomo-data-5gb")
    await pay_with(world, 5000)
    await world.until(Screen.RESULT, timeout_s=200)
    await world.until(Screen.ATTRACT)
    return -world.journal.balance(accounts.OWED)


def test_a_slip_is_honoured_once_whole_and_only_for_what_the_books_owe(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        assert await be_owed(world) == 10
        shell = await desk(world)
        before = world.journal.head.seq
        assert "the books owe 10 yen" in await shell.answer("staff pay KONBINI1-1 10000")
        assert "there is no KONBINI1-9" in await shell.answer("staff pay KONBINI1-9 10")
        assert "expected a transaction number" in await shell.answer("staff pay KONBINI2-1 10")
        assert all(row.kind == Kind.STAFF for row in world.journal.rows(after=before))
        assert "pay 10 yen" in await shell.answer("staff pay KONBINI1-1 10")
        assert world.journal.balances("1")[accounts.OWED] == 0
        again = await shell.answer("staff pay KONBINI1-1 10")
        assert "was paid already: 10 yen on 2026-11-22" in again
        assert "by aoki and sato" in again
        await world.restart_kiosk()
        await world.until(Screen.ATTRACT)
        assert "was paid already" in await (await desk(world)).answer("staff pay 1 10")
        totals = audit_journal(world.journal).totals
        assert (totals.owed, totals.refunded) == (0, 10)

    in_world(cash_config, story)


def test_nothing_is_owed_on_a_visit_that_went_well(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await buy(world, 500, 5000)
        assert "nothing is owed" in await (await desk(world)).answer("staff pay 1 3480")

    in_world(change_config, story)


@pytest.mark.parametrize(("word", "sold", "owed"), [("delivered", 3480, 0), ("refused", 0, 3480)])
def test_staff_say_what_the_carriers_settlement_says_of_a_top_up_under_investigation(
    change_config: KioskConfig, word: str, sold: int, owed: int
) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        world.faults.script("commit", Fault.UNKNOWN)
        world.faults.delay_s = 3600.0
        await pay_with(world, 500, 5000)
        await world.until(Screen.UNKNOWN, timeout_s=300)
        await world.until(Screen.ATTRACT, timeout_s=300)
        shell = await desk(world)
        assert world.till.days.totals().as_json()["investigated"] == 3480
        await shell.answer(f"staff resolve KONBINI1-1 {word}")
        totals = audit_journal(world.journal).totals
        assert (totals.sold, totals.owed) == (sold, owed)
        assert "not under investigation" in await shell.answer(f"staff resolve KONBINI1-1 {word}")
        assert audit_journal(world.journal).ok

    in_world(change_config, story)


def test_while_a_customer_is_served_no_day_is_closed_and_no_slip_of_theirs_paid_but_change_may_be_filled_in(
    cash_config: KioskConfig,
) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 500)
        shell = await desk(world)
        for words in ("x", "z", "z 1"):
            assert "being served" in await shell.answer(f"staff {words}")
        assert "not over" in await shell.answer("staff pay 1 500")
        await world.hand_at("hopper-10", "empty")
        await world.hand_at("hopper-10", "fill 5")
        await shell.answer("staff count FLOAT:hopper-10 10x5")
        assert "filling 1 booked" in await shell.answer("staff fill hopper-10 10x15")
        await world.hand_at("hopper-10", "fill 15")
        world.touch(Touch.CANCEL)
        await world.until(Screen.ATTRACT)
        assert at_rest(world) == []

    in_world(cash_config, story)


def test_a_float_is_not_counted_while_change_comes_out_of_it(cash_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        while world.till.state.paying is None:
            await asyncio.sleep(0.05)
        shell = await desk(world)
        assert "on its way out" in await shell.answer("staff count FLOAT:hopper-10 10x100")
        assert "on its way out" in await shell.answer("staff collect FLOAT:hopper-10 10x100 seal 1")
        await world.until(Screen.RESULT)
        await walk_off(world)

    in_world(cash_config, story)


def test_who_counts_while_a_payout_is_in_doubt_is_told_to_count_again(change_config: KioskConfig) -> None:
    async def story(world: World) -> None:
        await choose(world, plan="docomo-data-5gb")
        await pay_with(world, 5000)
        await world.until(Screen.CHANGE)
        await world.hand("changer", "power off")
        await world.until(Screen.ATTRACT, timeout_s=600)
        shell = await desk(world)
        assert "changer has yet to say" in await shell.answer("staff count CASHBOX 5000x1")
        await world.hand("changer", "power on")
        await asyncio.sleep(30)
        assert (await shell.answer("staff count CASHBOX 5000x1")).endswith("counted, +0 yen against the books")

    in_world(change_config, story)
