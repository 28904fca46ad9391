"""Every line with a story does what ``config/simulator.toml`` says."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hardware.errors import ConfigError
from kiosk.topup.answers import Lost, Quote, Refused, Topup, TopupState
from kiosk.topup.simulator.registry import load_registry
from kiosk.topup.subscriber import LineStatus, Subscriber
from kiosk.topup.target import Target
from tests.kiosk.topup.gatewaybench import AIRTIME, CONFIG, DATA, REF, REGISTRY, GatewayBench, at_the_gateway, docomo

S = TopupState


async def looked_up(bench: GatewayBench, ending: str) -> Subscriber:
    line = await bench.gateway.lookup(docomo(ending), "1")
    assert isinstance(line, Subscriber), line
    return line


async def committed(bench: GatewayBench, ending: str) -> Topup | Refused | Lost:
    topup = await bench.reserved(docomo(ending))
    return await bench.gateway.commit(topup.id, REF, topup.amount_yen, "CASH")


async def found(bench: GatewayBench) -> TopupState:
    topup = await bench.gateway.find(REF)
    assert isinstance(topup, Topup), topup
    return topup.state


async def new_line(bench: GatewayBench) -> None:
    assert (await looked_up(bench, "9001")).is_new
    quote = await bench.gateway.quote(docomo("9001"), DATA, "2")
    assert isinstance(quote, Quote)
    assert (quote.price_yen, quote.discount_yen) == (0, 2000)


async def runs_out_today(bench: GatewayBench) -> None:
    assert (await looked_up(bench, "9002")).valid_until == bench.calendar.now().date()
    quote = await bench.gateway.quote(docomo("9002"), "docomo-data-10gb", "2")
    assert isinstance(quote, Quote)
    assert quote.discount_yen == 1000


async def ran_out(bench: GatewayBench) -> None:
    assert (await looked_up(bench, "9003")).status is LineStatus.EXPIRED_GRACE
    quote = await bench.gateway.quote(docomo("9003"), "docomo-data-10gb", "2")
    assert isinstance(quote, Quote)
    assert quote.discount_yen == 0


async def meets_the_cap(bench: GatewayBench) -> None:
    quote = await bench.gateway.quote(docomo("9004"), AIRTIME, "2")
    assert isinstance(quote, Quote)
    assert quote.valid_until.date() == bench.calendar.now().date() + timedelta(days=360)


def not_for_sale(ending: str, status: LineStatus, code: str) -> Callable[[GatewayBench], Awaitable[None]]:
    async def story(bench: GatewayBench) -> None:
        line = await looked_up(bench, ending)
        assert (line.status, line.can_top_up, line.balance_yen) == (status, False, None)
        refused = await bench.gateway.quote(docomo(ending), DATA, "2")
        assert isinstance(refused, Refused)
        assert (refused.code, refused.is_final) == (code, True)

    return story


async def ported(bench: GatewayBench) -> None:
    assert (await looked_up(bench, "9015")).carrier == "softbank"
    refused = await bench.gateway.quote(docomo("9015"), DATA, "2")
    assert isinstance(refused, Refused)
    assert refused.code == "NOT_SERVED_BY_CARRIER"
    assert isinstance(await bench.gateway.quote(docomo("9015"), "softbank-data-3gb", "3"), Quote)


def limited(ending: str, code: str) -> Callable[[GatewayBench], Awaitable[None]]:
    async def story(bench: GatewayBench) -> None:
        refused = await bench.gateway.quote(docomo(ending), AIRTIME, "2")
        assert isinstance(refused, Refused)
        assert refused.code == code
        assert isinstance(await bench.gateway.quote(docomo(ending), DATA, "3"), Quote)

    return story


async def declined(bench: GatewayBench) -> None:
    answer = await committed(bench, "9031")
    assert isinstance(answer, Topup)
    assert (answer.state, answer.decline_code) == (S.DECLINED, "CARRIER_DECLINED")
    assert bench.row().effects == 0


def lost_after_effect(ending: str) -> Callable[[GatewayBench], Awaitable[None]]:
    async def story(bench: GatewayBench) -> None:
        assert isinstance(await committed(bench, ending), Lost)
        assert await found(bench) is S.COMPLETED
        again = await bench.gateway.commit(bench.row().id, REF, 2000, "CASH")
        assert isinstance(again, Topup)
        assert again.state is S.COMPLETED
        assert bench.row().effects == 1

    return story


async def lost_before_effect(bench: GatewayBench) -> None:
    assert isinstance(await committed(bench, "9033"), Lost)
    assert isinstance(await bench.gateway.commit(bench.row().id, REF, 2000, "CASH"), Lost)
    assert await found(bench) is S.RESERVED
    await asyncio.sleep(900)
    assert await found(bench) is S.EXPIRED
    assert bench.row().effects == 0


def later(ending: str, first: TopupState, after_s: float, last: TopupState) -> Callable[[GatewayBench], Awaitable[None]]:
    async def story(bench: GatewayBench) -> None:
        answer = await committed(bench, ending)
        assert isinstance(answer, Topup)
        assert answer.state is first
        assert not answer.state.is_final
        await asyncio.sleep(after_s - 1)
        assert await found(bench) is first
        assert bench.row().effects == 0
        await asyncio.sleep(1)
        assert await found(bench) is last
        assert bench.row().effects == (1 if last is S.COMPLETED else 0)

    return story


async def unknown_and_reversible(bench: GatewayBench) -> None:
    await later("9038", S.UNKNOWN, 21_600, S.COMPLETED)(bench)
    topup = await bench.completed(docomo("9038"), ref="KIOSK001-2")
    undone = await bench.gateway.reverse(topup.id, "KIOSK001-2", "TIMEOUT")
    assert isinstance(undone, Topup)
    assert undone.state is S.REVERSED
    await asyncio.sleep(30_000)
    assert bench.row("KIOSK001-2").state == S.REVERSED
    assert bench.row("KIOSK001-2").effects == 0


async def down(bench: GatewayBench) -> None:
    for answer in (await bench.gateway.lookup(docomo("9041"), "1"), await bench.gateway.quote(docomo("9041"), DATA, "2")):
        assert isinstance(answer, Lost)
        assert answer.code == "CARRIER_DOWN"


def reversal_pending(ending: str, last: TopupState) -> Callable[[GatewayBench], Awaitable[None]]:
    async def story(bench: GatewayBench) -> None:
        await committed(bench, ending)
        pending = await bench.gateway.reverse(bench.row().id, REF, "TIMEOUT")
        assert isinstance(pending, Topup)
        assert pending.state is S.REVERSAL_PENDING
        await asyncio.sleep(10)
        assert await found(bench) is last

    return story


async def reversal_refused(bench: GatewayBench) -> None:
    await committed(bench, "9052")
    refused = await bench.gateway.reverse(bench.row().id, REF, "TIMEOUT")
    assert isinstance(refused, Refused)
    assert refused.code == "REVERSAL_NOT_POSSIBLE"
    assert await found(bench) is S.UNKNOWN


STORIES: dict[str, Callable[[GatewayBench], Awaitable[None]]] = {
    "9001": new_line,
    "9002": runs_out_today,
    "9003": ran_out,
    "9004": meets_the_cap,
    "9011": not_for_sale("9011", LineStatus.KYC_REQUIRED, "KYC_REQUIRED"),
    "9012": not_for_sale("9012", LineStatus.NOT_PREPAID, "INVALID_TARGET"),
    "9013": not_for_sale("9013", LineStatus.SUSPENDED, "INVALID_TARGET"),
    "9014": not_for_sale("9014", LineStatus.UNKNOWN, "INVALID_TARGET"),
    "9015": ported,
    "9021": limited("9021", "BALANCE_CAP"),
    "9022": limited("9022", "DAILY_LIMIT"),
    "9031": declined,
    "9032": lost_after_effect("9032"),
    "9033": lost_before_effect,
    "9034": later("9034", S.UNKNOWN, 10, S.COMPLETED),
    "9035": later("9035", S.UNKNOWN, 10, S.DECLINED),
    "9036": later("9036", S.SUBMITTED, 5, S.COMPLETED),
    "9037": lost_after_effect("9037"),
    "9038": unknown_and_reversible,
    "9041": down,
    "9051": reversal_pending("9051", S.REVERSED),
    "9052": reversal_refused,
    "9053": reversal_pending("9053", S.REVERSAL_FAILED),
}


@pytest.mark.parametrize("ending", list(REGISTRY.stories))
def test_each_line_lives_its_story(ending: str) -> None:
    at_the_gateway(STORIES[ending])


@pytest.mark.parametrize("start", ["+81900", "+81700", "+81600"])
@pytest.mark.parametrize(
    ("digit", "carrier"), [("1", "docomo"), ("2", "softbank"), ("3", "kddi"), ("0", "docomo"), ("9", "docomo")]
)
def test_the_digit_after_the_unassigned_block_names_the_carrier(start: str, digit: str, carrier: str) -> None:
    assert REGISTRY.carrier(Target("phone", f"{start}{digit}001234")) == carrier


@pytest.mark.parametrize(("card", "carrier"), [("8981991000000000010", "docomo"), ("8981992000000000018", "softbank")])
def test_the_digit_after_8981_99_names_the_carrier_of_a_card(card: str, carrier: str) -> None:
    assert REGISTRY.carrier(Target("iccid", card)) == carrier


def test_a_cards_story_stands_before_its_check_digit() -> None:
    assert REGISTRY.line(Target("iccid", "8981991000000090110")).status is LineStatus.KYC_REQUIRED
    assert REGISTRY.line(Target("iccid", "8981991000000009011")).status is LineStatus.ACTIVE


def test_a_line_ported_away_is_served_by_the_next_carrier() -> None:
    assert REGISTRY.carrier(Target("phone", "+819003009015")) == "docomo"


GOOD = (CONFIG / "simulator.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('otherwise = "docomo"', 'otherwise = "dokomo"', "carriers.otherwise: found 'dokomo', expected one of"),
        ("3 = ", "x = ", "carriers.digit.x: unknown key"),
        ('ending = "9001"', "ending = 9001", "line[0].ending: found 9001, expected a text in quotes"),
        ('ending = "9001"', 'ending = "901"', "line[0].ending: found '901', expected four digits in quotes"),
        ('ending = "9002"', 'ending = "9001"', "line[1].ending: found '9001', expected an ending that no other line has"),
        ("new = true", "new = true\nvalid_for_days = 3", "line[0].valid_for_days: found 3, expected nothing"),
        ('commit = "DECLINED"', 'commit = "NO"', "expected one of COMPLETED, DECLINED"),
        ("settles_after_s = 5\n", "", "settles_after_s: found nothing, expected a whole number"),
        ("quote_s = 600", "quote_s = 0", "clock.quote_s: found 0, expected a whole number from 1"),
    ],
)
def test_every_mistake_in_the_file_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    path = tmp_path / "simulator.toml"
    path.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as mistake:
        load_registry(path, ["docomo", "softbank", "kddi"])
    assert str(mistake.value).startswith(f"{path}: ")
    assert said in str(mistake.value)
