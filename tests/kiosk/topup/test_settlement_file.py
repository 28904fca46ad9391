"""The settlement file as the client reads it: whole and agreeing with itself, or not at all."""

import asyncio
import json
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import run_virtual
from kiosk.topup.answers import Lost, Refused, TopupState
from kiosk.topup.fields import Unbelievable
from kiosk.topup.gateway import Gateway
from kiosk.topup.settlement import LONGEST_LINE_BYTES, SettlementEnd, SettlementLine, SettlementReader
from kiosk.topup.simulator.faults import Fault
from tests.kiosk.topup.gatewaybench import KIOSK, REF, GatewayBench, at_the_gateway, docomo

DAY = date(2026, 11, 22)


def line(reference: str = REF, yen: int = 2000, **more: object) -> bytes:
    facts = {"client_ref": reference, "id": "T1", "carrier": "docomo", "amount_jpy": yen, "state": "COMPLETED", **more}
    return json.dumps(facts).encode() + b"\n"


def end(lines: int, yen: int, day: str = "2026-11-22") -> bytes:
    return json.dumps({"business_date": day, "lines": lines, "amount_jpy": yen}).encode() + b"\n"


def read(*pieces: bytes) -> tuple[list[SettlementLine], SettlementEnd]:
    reader = SettlementReader("2026-11-22")
    heard = [found for piece in pieces for found in reader.feed(piece)]
    return heard, reader.end()


@given(st.lists(st.integers(1, 400)))
def test_a_file_says_the_same_however_it_comes_in_pieces(cuts: list[int]) -> None:
    whole = line() + line("KIOSK001-2", 1000) + end(2, 3000)
    pieces, rest = [], whole
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    heard, found = read(*pieces, rest)
    assert [(h.client_ref, h.amount_yen, h.state) for h in heard] == [
        (REF, 2000, TopupState.COMPLETED),
        ("KIOSK001-2", 1000, TopupState.COMPLETED),
    ]
    assert found == SettlementEnd("2026-11-22", 2, 3000)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cut off after line 0"),
        (line(), "cut off after line 1"),
        (line() + end(1, 2000)[:-1], "cut off"),
        (line() + end(2, 2000), "not what stands before it"),
        (line() + end(1, 2001), "not what stands before it"),
        (line() + end(1, 2000, "2026-11-21"), "of '2026-11-21'"),
        (line() + end(1, 2000) + line(), "after the end"),
        (line(state="FINE"), "state is 'FINE'"),
        (line(id="../1"), "id is not"),
        (line(yen=-1), "amount_jpy"),
        (b"<html>\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"x" * (LONGEST_LINE_BYTES + 1), "does not end"),
        (b'"' + b"x" * LONGEST_LINE_BYTES + b'"\n', "bytes"),
    ],
)
def test_a_file_that_is_not_whole_or_contradicts_itself_is_not_believed(content: bytes, why: str) -> None:
    with pytest.raises(Unbelievable, match=why):
        read(content)


def test_the_client_hears_its_own_kiosks_lines_only() -> None:
    content = line() + line("KIOSK002-1", 3000) + end(2, 5000)

    async def main() -> list[SettlementLine]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
        heard: list[SettlementLine] = []
        async with httpx.AsyncClient(transport=transport, base_url="http://x/v1") as http:
            assert await Gateway(http, KIOSK).settlement(DAY, heard.append) == SettlementEnd("2026-11-22", 2, 5000)
        return heard

    assert [h.client_ref for h in run_virtual(main())] == [REF]


def test_a_year_of_lines_passes_through_without_being_kept() -> None:
    async def content() -> object:
        for _ in range(3650):
            yield line() * 10
        yield end(36_500, 73_000_000)

    async def main() -> int:
        count = 0

        def hear(_: SettlementLine) -> None:
            nonlocal count
            count += 1

        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content()))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://x/v1") as http:
            assert isinstance(await Gateway(http, KIOSK).settlement(DAY, hear), SettlementEnd)
        return count

    assert run_virtual(main()) == 36_500


FAULTS = [
    (Fault.SETTLEMENT_LATE, "Refused"),
    (Fault.SETTLEMENT_CUT, "Lost"),
    (Fault.CROSSED_REPLY, "Lost"),
    (Fault.GARBAGE_REPLY, "Lost"),
    (Fault.HTTP_500_AFTER_EFFECT, "Lost"),
    (Fault.DOWN, "Lost"),
    (Fault.DROP_BEFORE_EFFECT, "Lost"),
    (Fault.DELAYED_REPLY, "SettlementEnd"),
    (Fault.DUPLICATE_REPLY, "SettlementEnd"),
    (Fault.LINE_REPEATED, "SettlementEnd"),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_a_file_that_does_not_come_is_asked_for_again_and_then_is_there(fault: Fault, kind: str) -> None:
    async def story(bench: GatewayBench) -> None:
        await bench.completed(docomo())
        await asyncio.sleep(86_400)
        bench.faults.script("settlement", fault)
        heard: list[SettlementLine] = []
        first = await bench.gateway.settlement(DAY, heard.append)
        assert type(first).__name__ == kind
        heard.clear()
        assert isinstance(await bench.gateway.settlement(DAY, heard.append), SettlementEnd)
        assert [h.client_ref for h in heard] == [REF]

    at_the_gateway(story)


def test_a_day_that_is_not_closed_may_be_asked_for_again() -> None:
    async def story(bench: GatewayBench) -> None:
        answer = await bench.gateway.settlement(DAY, lambda _: None)
        assert isinstance(answer, Refused)
        assert not answer.is_final

    at_the_gateway(story)


def test_a_swallowed_file_is_not_waited_for_without_end() -> None:
    async def story(bench: GatewayBench) -> None:
        await asyncio.sleep(86_400)
        bench.faults.silence_s = 10_000.0
        bench.faults.script("settlement", Fault.DROP_AFTER_EFFECT)
        assert isinstance(await bench.gateway.settlement(DAY, lambda _: None), Lost)

    at_the_gateway(story)
