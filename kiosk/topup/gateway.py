"""The kiosk's side of the carrier gateway.

Nothing that a network or a carrier does is an exception: every method returns a value of :mod:`kiosk.topup.answers`. What the
caller must keep to, from the reference's kiosk rules:

* write the intent to the journal before every call but ``find`` and ``health``;
* after :class:`~kiosk.topup.answers.Lost` ask :meth:`Gateway.find` by our own reference, which needs nothing the carrier said;
  :class:`~kiosk.topup.answers.NotFound` allows the same ``reserve`` again, a RESERVED top-up the same ``commit``;
* a step repeated is the same step: its Idempotency-Key is derived from what it is, never rolled, so a kiosk that restarted
  sends the same key again and the carrier answers what it answered before. A repeated answer is as old as the first one;
  ``find`` tells the present state.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from datetime import date
from typing import Literal, TypeVar
from uuid import UUID, uuid5

import httpx

from kiosk.plaintext import discreet, plain
from kiosk.topup.answers import (
    Health,
    Lost,
    NotFound,
    Quote,
    Refused,
    Topup,
    health_from,
    quote_from,
    refused_from,
    subscriber_from,
    topup_from,
)
from kiosk.topup.fields import Json, Unbelievable, json_object
from kiosk.topup.settlement import SettlementEnd, SettlementLine, SettlementReader
from kiosk.topup.subscriber import Subscriber
from kiosk.topup.target import Target

Tender = Literal["CASH", "CARD"]
ReversalReason = Literal["TIMEOUT", "CUSTOMER_CANCEL", "PAYMENT_FAILED", "DUPLICATE", "OPERATOR"]

CLIENT_REF = re.compile(r"[A-Z0-9]{8}-[0-9]{1,12}")
"""Kiosk id and sequence number in its journal: the business identity of a top-up."""

_KEYS = UUID("6b1f6a52-5a0e-5d0c-9f0e-2f6f1c0a7d11")
"""Namespace of our idempotency keys; any constant does, as long as it never changes."""

_LONGEST_ANSWER_BYTES = 64 * 1024

SETTLEMENT_S = 300.0
"""How long fetching a settlement file may take as a whole."""

A = TypeVar("A")


def client_ref(kiosk_id: str, sequence: int) -> str:
    """Return the reference of a top-up. Raises ValueError for a kiosk id that is not eight of A-Z and 0-9."""
    reference = f"{kiosk_id}-{sequence}"
    if not CLIENT_REF.fullmatch(reference):
        raise ValueError(f"not a client reference: {reference!r}")
    return reference


class Gateway:
    """Talks to the carrier gateway for one kiosk.

    ``http`` brings the base address (``http://127.0.0.1:8080/v1``) and, in simulation, the in-process transport.
    ``timeout_s`` bounds every call as a whole, in the loop's time. Wrong references raise ValueError: the caller's mistake.
    """

    def __init__(self, http: httpx.AsyncClient, kiosk_id: str, timeout_s: float = 8.0) -> None:
        client_ref(kiosk_id, 0)
        self._http = http
        self._kiosk_id = kiosk_id
        self._timeout_s = timeout_s
        self.on_distrust: Callable[[str], None] = lambda why_not: None
        """Told, with every answer, why it cannot be trusted that this is the gateway; with an empty text when it can."""

    async def lookup(self, target: Target, occasion: str) -> Subscriber | Refused | Lost:
        """Ask who serves a line and in which state it is.

        ``occasion`` names this asking (the intent's journal reference): the carrier keeps replies for a month, and without it
        next week's customer would be answered with this week's line.
        """
        return await self._post("/lookups", f"lookup|{occasion}", target.to_api(), subscriber_from)

    async def quote(self, target: Target, product_id: str, occasion: str) -> Quote | Refused | Lost:
        """Ask for a price that holds for some minutes. ``occasion`` as for :meth:`lookup`; a fresh quote needs a fresh one."""
        body = {"target": target.to_api(), "product_id": product_id}
        return await self._post("/quotes", f"quote|{occasion}", body, quote_from)

    async def reserve(self, reference: str, quote_id: str) -> Topup | Refused | Lost:
        """Reserve the top-up. No money moves; the carrier lets it expire by itself."""
        self._check(reference)
        body = {"client_ref": reference, "quote_id": quote_id}
        return await self._post("/topups", f"reserve|{reference}", body, lambda raw: _same(topup_from(raw), reference))

    async def commit(self, topup_id: str, reference: str, amount_yen: int, tender: Tender) -> Topup | Refused | Lost:
        """Deliver: only after the money is secured. A 202 comes back as SUBMITTED or UNKNOWN: poll with :meth:`find`."""
        self._check(reference)

        def read(raw: Json) -> Topup:
            topup = _same(topup_from(raw), reference, topup_id)
            if topup.amount_yen != amount_yen:
                raise Unbelievable(f"the answer is about {topup.amount_yen} yen, not {amount_yen}")
            return topup

        body = {"amount_jpy": amount_yen, "tender": tender}
        return await self._post(f"/topups/{topup_id}/commit", f"commit|{reference}", body, read)

    async def cancel(self, topup_id: str, reference: str) -> Topup | Refused | Lost:
        """Release a reservation; only before commit."""
        self._check(reference)
        return await self._post(
            f"/topups/{topup_id}/cancel", f"cancel|{reference}", None, lambda raw: _same(topup_from(raw), reference, topup_id)
        )

    async def reverse(self, topup_id: str, reference: str, reason: ReversalReason) -> Topup | Refused | Lost:
        """Undo a commit that is COMPLETED or UNKNOWN, inside the carrier's window. Only REVERSED means it is undone."""
        self._check(reference)
        return await self._post(
            f"/topups/{topup_id}/reverse",
            f"reverse|{reference}|{reason}",
            {"reason": reason},
            lambda raw: _same(topup_from(raw), reference, topup_id),
        )

    async def find(self, reference: str) -> Topup | NotFound | Refused | Lost:
        """Ask what became of a top-up, by our own reference: the answer to every lost reply."""
        self._check(reference)
        request = self._http.build_request("GET", "/topups", params={"client_ref": reference}, timeout=None)

        def read(raw: Json) -> Topup | NotFound:
            return _same(topup_from(raw), reference)

        return await self._ask(request, read, missing=NotFound(reference))

    async def settlement(self, business_date: date, hear: Callable[[SettlementLine], None]) -> SettlementEnd | Refused | Lost:
        """Read the carriers' own list of what was committed on a day, line by line, however long it is.

        ``hear`` gets this kiosk's lines as they come. Whatever is returned but a :class:`SettlementEnd` means that they must be
        forgotten. A day that is not closed yet is a Refused with ``retry`` SAME_KEY.
        """
        request = self._http.build_request("GET", f"/settlements/{business_date.isoformat()}", timeout=None)
        try:
            async with asyncio.timeout(SETTLEMENT_S):
                response = await self._http.send(request, stream=True)
                try:
                    if response.status_code != 200:
                        return await self._no_settlement(response)
                    return await self._read_settlement(response, SettlementReader(business_date.isoformat()), hear)
                finally:
                    await response.aclose()
        except TimeoutError:
            return Lost(f"no settlement file within {SETTLEMENT_S:g} s")
        except httpx.HTTPError as error:
            return self._failed(error)

    async def _read_settlement(
        self, response: httpx.Response, reader: SettlementReader, hear: Callable[[SettlementLine], None]
    ) -> SettlementEnd | Lost:
        wrong: Unbelievable | None = None
        async for data in response.aiter_bytes():  # to its end, also when it is no good: httpx leaves loose ends otherwise
            if wrong is not None:
                continue
            try:
                for line in reader.feed(data):
                    if line.client_ref.startswith(f"{self._kiosk_id}-"):
                        hear(line)
            except Unbelievable as error:
                wrong = error
        try:
            return reader.end() if wrong is None else Lost(f"settlement file: {wrong}")
        except Unbelievable as error:
            return Lost(f"settlement file: {error}")

    async def _no_settlement(self, response: httpx.Response) -> Refused | Lost:
        content = b""
        async for data in response.aiter_bytes():
            content = (content + data)[: _LONGEST_ANSWER_BYTES + 1]
        answer = self._believe(response.status_code, content, lambda raw: None, None)
        return answer if answer is not None else Lost(f"HTTP {response.status_code}: not a settlement file")

    async def health(self) -> Health | Refused | Lost:
        """Ask whether the gateway lives and which carriers it reaches."""
        request = self._http.build_request("GET", "/health", timeout=None)
        return await self._ask(request, health_from)

    def _check(self, reference: str) -> None:
        if not CLIENT_REF.fullmatch(reference) or not reference.startswith(f"{self._kiosk_id}-"):
            raise ValueError(f"{reference!r} is not a client reference of kiosk {self._kiosk_id}")

    async def _post(self, path: str, step: str, body: object, read: Callable[[Json], A]) -> A | Refused | Lost:
        key = str(uuid5(_KEYS, f"{self._kiosk_id}|{step}"))
        request = self._http.build_request("POST", path, json=body, headers={"Idempotency-Key": key}, timeout=None)
        return await self._ask(request, read)

    async def _ask(self, request: httpx.Request, read: Callable[[Json], A], missing: A | None = None) -> A | Refused | Lost:
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._http.send(request)
        except TimeoutError:
            return Lost(f"no answer within {self._timeout_s:g} s")
        except httpx.HTTPError as error:
            return self._failed(error)
        return self._believe(response.status_code, response.content, read, missing)

    def _failed(self, error: httpx.HTTPError) -> Lost:
        """Refused connection, reset, half an answer: some of these mean "not received", but none proves it."""
        if (tls := _tls_trouble(error)) is not None:
            self.on_distrust(tls)
            return Lost(tls, "NOT_TRUSTED")
        return Lost(discreet(plain(f"{type(error).__name__}: {error}")))

    def _believe(self, status: int, content: bytes, read: Callable[[Json], A], missing: A | None) -> A | Refused | Lost:
        try:
            raw = _object(content)
            if 200 <= status < 300:
                self.on_distrust("")
                return read(raw)
            problem = refused_from(raw)
        except Unbelievable as error:
            return Lost(f"HTTP {status}: {error}")
        if status == 401:
            why_not = f"the gateway does not take this kiosk's requests: {problem.title}"
            self.on_distrust(why_not)
            return Lost(why_not, "NOT_TRUSTED")
        self.on_distrust("")
        if status >= 500:
            return Lost(f"HTTP {status}: {problem.title}", problem.code)
        if problem.code == "IN_PROGRESS":
            return Lost("an earlier sending of this request is still under way", problem.code)
        if status == 404 and missing is not None:
            return missing
        if 400 <= status < 500:
            return problem
        return Lost(f"HTTP {status}: not an answer of this gateway")


def _tls_trouble(error: BaseException) -> str | None:
    """Return in words why a connection could not be trusted; None when it failed for another reason."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the gateway's certificate is refused: {plain(cause.verify_message)}"
    if isinstance(cause, ssl.SSLError):
        return f"no trusted line to the gateway: {plain(cause.reason or str(cause))}"
    return None


def _object(content: bytes) -> Json:
    if len(content) > _LONGEST_ANSWER_BYTES:
        raise Unbelievable(f"{len(content)} bytes, more than any answer has")
    return json_object(content)


def _same(topup: Topup, reference: str, topup_id: str | None = None) -> Topup:
    """Refuse an answer that is about something else: crossed replies happen."""
    if topup.client_ref != reference:
        raise Unbelievable(f"the answer is about {topup.client_ref[:40]!r}, not {reference!r}")
    if topup_id is not None and topup.id != topup_id:
        raise Unbelievable(f"the answer is about top-up {topup.id[:40]!r}, not {topup_id!r}")
    return topup
