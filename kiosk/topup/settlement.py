"""A carrier's settlement file, as it is read: line by line, in bounded memory, and not believed before its last line is there.

NDJSON: an object a line for each top-up that was committed on the day (the carrier's date, in Japan), and a last one,
``{"business_date": "2026-11-22", "lines": 41, "amount_jpy": 93000}``, which makes a cut file different from a short one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.topup.answers import TopupState
from kiosk.topup.fields import Json, Unbelievable, identifier, json_object, member, whole, word

LONGEST_LINE_BYTES = 4096
"""A line of ours has 200: more would be somebody trying to fill our memory."""

MOST_LINES = 1_000_000
"""More than a kiosk sells in a century."""


@dataclass(frozen=True)
class SettlementLine:
    """What the carrier says of one commit."""

    client_ref: str
    id: str
    carrier: str
    amount_yen: int
    state: TopupState


@dataclass(frozen=True)
class SettlementEnd:
    """The file was read to its end, and its end agrees with it."""

    business_date: str
    lines: int
    amount_yen: int


class SettlementReader:
    """Takes the bytes of one file as they come and yields its lines. Raises Unbelievable; then all of it must be forgotten."""

    def __init__(self, business_date: str) -> None:
        self._business_date = business_date
        self._rest = b""
        self._lines = 0
        self._yen = 0
        self._end: SettlementEnd | None = None

    def feed(self, data: bytes) -> Iterator[SettlementLine]:
        """Yield the lines that are whole by now."""
        *whole_lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:
            raise Unbelievable("a line that does not end")
        for raw in whole_lines:
            if self._end is not None:
                raise Unbelievable("something stands after the end")
            fact = _object(raw)
            if "business_date" in fact:
                self._end = self._believe_end(fact)
            else:
                yield self._line(fact)

    def end(self) -> SettlementEnd:
        """Return the end of the file, now that no more bytes come."""
        if self._end is None or self._rest:
            raise Unbelievable(f"the file is cut off after line {self._lines}")
        return self._end

    def _line(self, fact: Json) -> SettlementLine:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise Unbelievable(f"more than {MOST_LINES:,} lines")
        line = SettlementLine(
            client_ref=word(fact, "client_ref"),
            id=identifier(fact),
            carrier=word(fact, "carrier"),
            amount_yen=whole(fact, "amount_jpy"),
            state=member(TopupState, fact, "state"),
        )
        self._yen += line.amount_yen
        return line

    def _believe_end(self, fact: Json) -> SettlementEnd:
        end = SettlementEnd(word(fact, "business_date"), whole(fact, "lines"), whole(fact, "amount_jpy"))
        if end.business_date != self._business_date:
            raise Unbelievable(f"the file is of {end.business_date[:10]!r}, not of {self._business_date}")
        if (end.lines, end.amount_yen) != (self._lines, self._yen):
            raise Unbelievable(f"its end tells of {end.lines} lines and {end.amount_yen} yen: not what stands before it")
        return end


def _object(raw: bytes) -> Json:
    if len(raw) > LONGEST_LINE_BYTES:
        raise Unbelievable(f"a line of {len(raw)} bytes")
    return json_object(raw, "a line that is ")
