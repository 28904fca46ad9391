"""No number of a line, SIM, card or PIN, and no key, is in anything that the kiosk writes, whatever goes wrong."""

import asyncio
import base64
import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import httpx
import pytest
import structlog
from argon2 import PasswordHasher

from hardware.clock import run_virtual
from kiosk.config import KioskConfig
from kiosk.ledger.journal import Journal
from kiosk.logbook import open_log
from kiosk.receiptfile import write_receipt
from kiosk.screenmodel import Screen, Touch
from kiosk.secrets import Secrets
from kiosk.shell import DeskShell
from kiosk.simulation.world import World
from kiosk.staffdesk import StaffDesk
from kiosk.staffpins import StaffPins
from kiosk.topup.simulator.faults import Fault
from kiosk.topup.simulator.store import Store
from kiosk.wiretrace import WireTrace
from tests.kiosk.whole.scanner import files_in, forms, leaks
from tests.kiosk.whole.terminal import Terminal
from tests.kiosk.whole.test_pin import buy_pin, pins
from tests.kiosk.whole.visits import buy, enter, everything_is_there, pay_with, walk_off

NUMBER = "09001086427"
UNSURE = "09001089034"
DECLINED = "09001089031"
NOT_SERVED = "09002086428"
NOT_A_NUMBER = "09001086"
STAFF_PIN, WRONG_PIN = "86427531", "75318642"
CARD = "4929137598246081"
"""No card terminal is built in yet; a carrier's text may speak of one all the same."""


def luhn(digits: str) -> str:
    """Return ``digits`` with the check digit behind."""
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


LINE_OF_SIM = luhn("898199108642135790")

Story = Callable[[World], Awaitable[None]]


class Gossip(httpx.AsyncBaseTransport):
    """A gateway that repeats in its errors everything it was told, and more."""

    def __init__(self, inner: httpx.AsyncBaseTransport, kind: str) -> None:
        self._inner = inner
        self._kind = kind

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        told = request.content.decode() + f" +81{NUMBER[1:]} {NUMBER} card {CARD} SIM {LINE_OF_SIM}"
        if self._kind == "exception":
            raise httpx.ReadError(f"while sending {told}")
        if self._kind == "500":
            return httpx.Response(500, json={"title": told, "code": NUMBER, "retry": "AFTER_QUERY"})
        if self._kind == "refusal":
            return httpx.Response(422, json={"title": told, "code": "INVALID_TARGET", "retry": "NEVER"})
        if self._kind == "code":
            return httpx.Response(422, json={"title": "no", "code": NUMBER, "retry": NUMBER})
        if self._kind == "fields":
            return httpx.Response(200, json={"carrier": NUMBER, "status": NUMBER, "id": NUMBER})
        if self._kind == "carrier":
            return httpx.Response(200, json={"carrier": NUMBER, "status": "ACTIVE", "brand": CARD})
        return httpx.Response(200, content=told.encode())


async def bought(world: World) -> None:
    await buy(world, NUMBER)
    await walk_off(world)


async def bought_by_iccid(world: World) -> None:
    await world.until(Screen.ATTRACT)
    world.touch(Touch.START)
    world.touch(Touch.LANGUAGE, "en")
    world.touch(Touch.CARRIER, "docomo")
    world.touch(Touch.KIND, "iccid")
    for digit in LINE_OF_SIM:
        world.touch(Touch.KEY, digit)
    world.touch(Touch.NEXT)
    world.touch(Touch.NEXT)
    await world.until(Screen.PLAN)
    world.touch(Touch.PLAN, world.shown.plans[0].id)
    await world.until(Screen.CONFIRM)
    world.touch(Touch.AGREE)
    world.touch(Touch.NEXT)
    await world.until(Screen.CASH)
    await pay_with(world, 1000, 1000, 1000, 1000)
    await world.until(Screen.ATTRACT, timeout_s=900)


async def declined(world: World) -> None:
    await buy(world, DECLINED)
    await walk_off(world)


async def unknown(world: World) -> None:
    await buy(world, UNSURE)
    world.faults.script("commit", Fault.UNKNOWN)
    world.faults.delay_s = 7200.0
    await world.until(Screen.ATTRACT, timeout_s=900)
    await buy(world, NUMBER)
    await world.until(Screen.ATTRACT, timeout_s=900)
    for device in world.bench.devices.values():
        await device.driver.close()
    await asyncio.sleep(30 * 3600)


async def killed_while_paying(world: World) -> None:
    await enter(world, NUMBER)
    world.touch(Touch.NEXT)
    await world.until(Screen.PLAN)
    world.touch(Touch.PLAN, world.shown.plans[0].id)
    await world.until(Screen.CONFIRM)
    world.touch(Touch.AGREE)
    world.touch(Touch.NEXT)
    await world.until(Screen.CASH)
    await world.insert(1000)
    await asyncio.sleep(4)
    await world.restart_kiosk()
    await world.until(Screen.ATTRACT, timeout_s=900)


async def typed_wrongly(world: World) -> None:
    for number in (NOT_A_NUMBER, "08001086427"):
        await enter(world, number)
        world.touch(Touch.NEXT)
        await asyncio.sleep(1)
        await world.until(Screen.ATTRACT, timeout_s=900)
    await enter(world, NOT_SERVED)
    world.touch(Touch.NEXT)
    await world.until(Screen.CARRIER)
    await world.until(Screen.ATTRACT, timeout_s=900)


async def noted_before_number(world: World) -> None:
    await world.until(Screen.ATTRACT)
    await world.insert(1000)
    await asyncio.sleep(4)
    world.touch(Touch.LANGUAGE, "ja")
    world.touch(Touch.CARRIER, "docomo")
    for digit in NUMBER:
        world.touch(Touch.KEY, digit)
    await world.restart_kiosk()
    await world.until(Screen.ATTRACT, timeout_s=900)


async def bought_a_pin(world: World) -> None:
    await buy_pin(world)
    await walk_off(world)


def gossip(kind: str) -> Story:
    async def story(world: World) -> None:
        line = world.till.around.errands._gateway._http
        inner = line._transport
        line._transport = Gossip(inner, kind)
        await enter(world, NUMBER)
        world.touch(Touch.NEXT)
        await asyncio.sleep(1)
        await world.until(Screen.ATTRACT, timeout_s=900)
        line._transport = inner
        await enter(world, NUMBER)
        world.touch(Touch.NEXT)
        await world.until(Screen.PLAN)
        world.touch(Touch.PLAN, world.shown.plans[0].id)
        await world.until(Screen.CONFIRM)
        world.touch(Touch.AGREE)
        world.touch(Touch.NEXT)
        await world.until(Screen.CASH)
        line._transport = Gossip(inner, kind)
        await pay_with(world, *[1000] * 5)
        await world.until(Screen.ATTRACT, timeout_s=900)
        for device in world.bench.devices.values():
            await device.driver.close()
        await asyncio.sleep(20 * 3600)
        line._transport = inner
        await asyncio.sleep(8 * 3600)

    return story


async def staff_at_the_desk(world: World) -> None:
    """Staff log in, mistype, and put the PIN where the name belongs; what the desk answers is written down too."""
    folder = world.journal.path.parent if world.journal.path is not None else Path()
    secrets = StaffPins(Secrets(folder / "secrets"), PasswordHasher(1, 8, 1))
    secrets.set("hanako", STAFF_PIN)
    shell = DeskShell(world.bench, StaffDesk(world.till, secrets))
    await shell.start()
    typed = ["staff login hanako", WRONG_PIN, "staff login hanako", STAFF_PIN, "staff money", "staff logout"]
    typed += [f"staff login {STAFF_PIN}", STAFF_PIN, f"staff {STAFF_PIN}", "staff login hanako", f" {STAFF_PIN} "]
    answers = [await shell.answer(line) for line in typed]
    (folder / "desk.txt").write_text("\n".join(answers), encoding="utf-8")
    assert "hanako" in answers[3]


async def errand_with_a_bug(world: World) -> None:
    """A bug of ours while a number is in hand: the program ends with a traceback."""

    async def look_up(target: object) -> object:
        structlog.get_logger().warning(f"looking up {target!r}", target=target, number=NUMBER, digits=int(NUMBER))
        raise RuntimeError(f"cannot look up {target!r} ({NUMBER})")

    world.till.around.errands.look_up = look_up  # type: ignore[assignment, method-assign]
    await enter(world, NUMBER)
    world.touch(Touch.NEXT)
    await asyncio.sleep(1)
    with pytest.raises(RuntimeError, match="cannot look up") as caught:
        world.till.broken.result()
    structlog.get_logger().error("".join(traceback.format_exception(caught.value)), error=caught.value)


STORIES: dict[str, Story] = {
    "bought": bought,
    "bought by the number of the SIM": bought_by_iccid,
    "declined": declined,
    "unknown for a day": unknown,
    "killed while paying": killed_while_paying,
    "typed wrongly": typed_wrongly,
    "a note before the number, and killed": noted_before_number,
    "a PIN": bought_a_pin,
    "staff": staff_at_the_desk,
    "a bug": errand_with_a_bug,
    **{f"gossip: {kind}": gossip(kind) for kind in ("exception", "500", "refusal", "code", "fields", "carrier", "text")},
}


@pytest.mark.parametrize("story", STORIES)
def test_nothing_written_tells_a_number(config: KioskConfig, tmp_path: Path, story: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    told: list[str] = []
    pins_sold: list[str] = []

    async def main() -> None:
        with (out / "wire.txt").open("w", encoding="utf-8", buffering=1) as wire:
            trace = WireTrace(lambda line: print(line, file=wire), "printer")
            journal = Journal.open(out / "journal.sqlite", config.kiosk_id)
            world = await World.open(config, Random(1), journal, Store(None), trace)
            world.till.papers.on_news = told.append
            await everything_is_there(world)
            await STORIES[story](world)
            pins_sold.extend(pins(world))
            await world.close()
            for visit in sorted({int(row.visit) for row in journal.rows() if row.visit}):
                rows = list(journal.rows(visit=str(visit)))
                if any(row.body.get("action") == "print" for row in rows):
                    write_receipt(config, rows, visit, out)
            journal.close()

    before = structlog.get_config()
    open_log(out / "kiosk.log")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        run_virtual(main())
    finally:
        structlog.configure(**before)
    (out / "said.txt").write_text("\n".join(told), encoding="utf-8")
    assert (out / "kiosk.log").stat().st_size
    if story == "a PIN":
        assert pins_sold
    secrets = [STAFF_PIN, WRONG_PIN, NUMBER, UNSURE, DECLINED, NOT_SERVED, "08001086427", LINE_OF_SIM, CARD, *pins_sold]
    assert leaks(secrets, files_in(out)) == []


SCRIPT = f"""
wait attract
touch start
touch language ja
touch carrier docomo
type {NUMBER}
touch next
wait number_check
touch next
wait plan
touch plan docomo-data-3gb
wait confirm
touch agree
wait confirm agreed=True
touch next
wait cash
insert 1000
wait cash inserted_yen=1000
insert 1000
wait result receipt=printed
touch next
wait take
wait attract
"""


def test_a_real_run_leaves_no_number_and_no_key_behind(tmp_path: Path) -> None:
    out, script = tmp_path / "out", tmp_path / "customer.txt"
    script.write_text(SCRIPT)
    with Terminal(out, "--customer", str(script)) as terminal:
        assert terminal.end(180.0) == 0, terminal.said
        (out / "said.txt").write_text(terminal.said)
        left = files_in(terminal.tmp)
    keys = [path.read_bytes() for path in files_in(out / "secrets") if path.suffix == ".key"]
    assert keys
    assert left == []
    assert leaks([NUMBER], files_in(out)) == []
    for path in files_in(out):
        if path.parent.name == "secrets":
            continue
        content = path.read_bytes()
        assert not any(key in content or key.hex().encode() in content or base64.b64encode(key) in content for key in keys), (
            path
        )


def test_the_scanner_finds_what_is_there(tmp_path: Path) -> None:
    for number, (name, form) in enumerate(forms(NUMBER)):
        (tmp_path / str(number)).write_bytes(b"before" + form + b"after")
        assert leaks([NUMBER], [tmp_path / str(number)]), name
    assert re.search("base64", " ".join(name for name, _ in forms(NUMBER)))
