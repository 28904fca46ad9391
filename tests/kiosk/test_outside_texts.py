"""Texts from outside, hostile ones, at every sink: answers, screen model, log, terminal, journal, paper."""

import json
import logging
import unicodedata
from dataclasses import astuple, is_dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import SIMULATION_EPOCH, run_virtual
from hardware.printers.printer import Columns, Cut, Document, Text
from kiosk.ledger.entry import Entry, Kind
from kiosk.ledger.journal import Journal
from kiosk.logbook import fit, open_log, quiet_tracebacks
from kiosk.plaintext import MOST_CHARACTERS, discreet, plain
from kiosk.screenmodel import Screen, ScreenModel
from kiosk.topup.answers import Lost
from kiosk.topup.gateway import Gateway
from tests.hardware.printers.printerworld import World, play
from tests.kiosk.topup.gatewaybench import KIOSK, REF, docomo

NASTY = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x1b@\x1dV\x00\x1bp\x00\x19\xfa",
    "\u202e000,1¥\u202c",
    "a\nb\r\nc\u2028d\u2029e\x85f",
    "[color=ff0000][ref=x]paid[/ref][/color]",
    "\ud800\udfff\ud83d",
    "\x00\x7f\x9b31m\ufeff\u200b\ufffe",
    "x" * 10_000,
    "\u0301" * 300,
    "%s %(x)s {0} {x.__class__}",
    "../../etc/passwd\x00.png",
    "',\"); DROP TABLE journal;--",
)

hostile = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(codec=None), max_size=400),
    st.text(st.sampled_from("\x1b\x1d\x9b\u202e\ud800[]\n\r\x000J;"), max_size=60),
)


def harmless(text: str) -> bool:
    """Whether a text can do nothing to a terminal, a line of text or a file."""
    return len(text) <= 12 * MOST_CHARACTERS and not any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\u200c\u200d" for c in text
    )


@given(hostile)
def test_a_plain_text_is_harmless_and_is_not_changed_again(text: str) -> None:
    assert harmless(plain(text))
    plain(text).encode()
    assert plain(plain(text), 10**6) == plain(text)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=MOST_CHARACTERS))
def test_a_text_for_people_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("call +819001012345 now", "call […45] now"),
        ("090-0101-2345", "[…45]"),
        ("898199 0000 0000 0001 3", "[…13]"),
        ("4929 1375 9824 6081", "[…81]"),
        ("at 2026-11-25 16:00:01", "at 2026-11-25 16:00:01"),
        ("KONBINI1-12: 2,000 yen", "KONBINI1-12: 2,000 yen"),
    ],
)
def test_numbers_of_people_are_left_out_and_others_stay(text: str, told: str) -> None:
    assert discreet(text) == told


def texts_in(value: object) -> list[str]:
    """Return every text in a value."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for field in astuple(value) for text in texts_in(field)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts_in(inner)]
    return []


FIELDS = {
    "lookups": ["carrier", "status", "valid_until", "brand"],
    "quotes": ["id", "valid_until_after", "expires_at", "disclosures"],
    "topups": ["id", "client_ref", "state", "carrier_ref", "valid_until", "decline_code", "voucher"],
    "problem": ["type", "title", "code", "retry"],
}
GOOD: dict[str, dict[str, object]] = {
    "lookups": {"carrier": "docomo", "status": "ACTIVE"},
    "quotes": {
        "id": "Q1",
        "price_jpy": 1,
        "valid_until_after": "2026-11-22T09:00:00+09:00",
        "expires_at": "2026-11-22T09:00:00+09:00",
        "disclosures": [],
    },
    "topups": {"id": "T1", "client_ref": REF, "state": "COMPLETED", "version": 1, "amount_jpy": 1},
    "problem": {"title": "No", "status": 409, "code": "DAILY_LIMIT", "retry": "NEVER"},
}
PLACES = [(kind, field) for kind, fields in FIELDS.items() for field in fields]


@given(st.sampled_from(PLACES), hostile)
def test_whatever_a_gateway_answers_only_harmless_texts_come_in(place: tuple[str, str], text: str) -> None:
    kind, field = place
    value: object = {"pin": text, "serial": text} if field == "voucher" else [text] if field == "disclosures" else text
    content = json.dumps({**GOOD[kind], field: value}).encode()

    async def main() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(409 if kind == "problem" else 200, content=content))
        async with httpx.AsyncClient(transport=transport, base_url="http://x/v1") as http:
            gateway = Gateway(http, KIOSK)
            told: list[str] = []
            gateway.on_distrust = told.append
            answers: list[object] = [
                await gateway.lookup(docomo(), "1"),
                await gateway.quote(docomo(), "p", "1"),
                await gateway.reserve(REF, "Q1"),
                await gateway.find(REF),
                await gateway.health(),
                await gateway.settlement(date(2026, 11, 22), lambda line: told.extend(texts_in(line))),
            ]
            assert all(harmless(found) for found in [*texts_in(answers), *told])

    run_virtual(main())


@given(hostile)
def test_an_error_of_the_line_is_told_harmlessly(text: str) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(text)

    async def main() -> object:
        async with httpx.AsyncClient(transport=httpx.MockTransport(broken), base_url="http://x/v1") as http:
            return await Gateway(http, KIOSK).health()

    answer = run_virtual(main())
    assert isinstance(answer, Lost)
    assert harmless(answer.why)


def test_a_log_line_is_one_line_whatever_is_logged(tmp_path: Path) -> None:
    before = structlog.get_config()
    open_log(tmp_path / "kiosk.log")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        for text in NASTY:
            structlog.get_logger().info(text, text=text, nested={text: [text, (text,)]}, error=ValueError(text))
    finally:
        structlog.configure(**before)
    lines = (tmp_path / "kiosk.log").read_text(encoding="utf-8").split("\n")
    assert len(lines) == len(NASTY) + 1
    for line in lines[:-1]:
        assert all(harmless(line[start : start + MOST_CHARACTERS]) for start in range(0, len(line), MOST_CHARACTERS))
        json.loads(line)


@given(hostile)
def test_what_is_said_at_the_desk_is_harmless(text: str) -> None:
    assert harmless(fit(text))


def test_a_bugs_traceback_is_harmless_and_ends_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    for text in NASTY:
        with pytest.raises(SystemExit) as ended, quiet_tracebacks():
            raise RuntimeError(text + " +819001012345")
        assert ended.value.code == 1
        said = capsys.readouterr().err
        assert "RuntimeError" in said
        assert "9001012345" not in said
        assert all(harmless(line) for line in said.split("\n"))


def whole(text: str) -> str:
    """Return a text with halves of a character put together where they meet, which is what JSON makes of them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


@given(st.lists(hostile, max_size=4))
def test_the_journal_takes_any_text_and_gives_it_back(texts: list[str]) -> None:
    with Journal.open(None, KIOSK) as journal:
        journal.append(SIMULATION_EPOCH, *[Entry(Kind.REMARK, "", {"what": text}) for text in texts])
        assert [row.body["what"] for row in journal.rows()] == [whole(text) for text in texts]


@given(hostile)
def test_a_picture_goes_to_the_screen_whatever_stands_in_it(text: str) -> None:
    model = ScreenModel(Screen.RESULT, reference=text, notice=text)
    line = model.to_json()
    line.encode()
    assert "\n" not in line
    assert json.loads(line)["reference"] == whole(text)


def test_the_printer_gets_no_command_out_of_a_text() -> None:
    async def story(world: World) -> None:
        for number, text in enumerate(NASTY, 1):
            short = text[:600]
            outcome = await world.printer.print(Document([Text(short), Columns(short[:40], "¥1"), Text("end"), Cut()]))
            assert outcome.came_out, repr(text)
            assert len(world.papers) == number
            assert "end" in world.papers[-1]
            world.assert_every_byte_was_understood()

    play("tm-t88v-ja", story)
