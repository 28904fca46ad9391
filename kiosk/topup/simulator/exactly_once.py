"""Between HTTP and the gateway's operations: a request has its effect once, however often it arrives and whatever gets lost.

A reply is kept under its Idempotency-Key together with a hash of the request, in the same transaction as the effect. The same
key and request get the kept reply; the same key with another request, IDEMPOTENCY_MISMATCH; the same key while the first is
still under way, IN_PROGRESS. A "no" that may become a "yes" (``retry`` other than NEVER) is not kept.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from uuid import UUID

from fastapi import Response

from hardware.clock import Calendar
from kiosk.topup.simulator.faults import Fault, Faults, Operation
from kiosk.topup.simulator.operations import Reply, RequestLost
from kiosk.topup.simulator.problems import Code, Problem, day_not_closed
from kiosk.topup.simulator.settlement import Line, cut, settlement_lines
from kiosk.topup.simulator.store import ReplyRow, Store

PROBLEM_JSON = "application/problem+json"
_ASK_AGAIN = {"Retry-After": "2"}
_REPLAYED = {"Idempotency-Replayed": "true"}
LATE = "carrier's late effect"
"""Name of the tasks that go on at the carrier although the kiosk hung up, or died."""
_CROSSED = {"id": "T99999999", "client_ref": "XXXXXXXX-999999"}

Act = Callable[[Fault | None], Reply]
"""Has the effect; is told the request's fault because a commit's outcome depends on it."""


def answer(status: int, body: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer; from 400 on it is a problem document, and 202 says when to ask again."""
    media_type = PROBLEM_JSON if status >= 400 else "application/json"
    return Response(body, status, {**(headers or {}), **(_ASK_AGAIN if status == 202 else {})}, media_type)


def as_json(body: Mapping[str, object]) -> str:
    """Return ``body`` as one line."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def problem_answer(problem: Problem) -> Response:
    """Return a "no"."""
    return answer(problem.status, as_json(problem.body()))


class ExactlyOnce:
    """Every request passes through here, and meets its fault here."""

    def __init__(self, store: Store, calendar: Calendar, faults: Faults) -> None:
        self._store = store
        self._calendar = calendar
        self._faults = faults
        self._under_way: set[str] = set()
        self._late: set[asyncio.Task[Response]] = set()

    async def post(self, operation: Operation, key: UUID, path: str, body: Mapping[str, object], act: Act) -> Response:
        """Answer a request that has an effect."""
        request_hash = hashlib.sha256(f"{path}\n{json.dumps(body, sort_keys=True)}".encode()).hexdigest()
        return await self._meet(
            self._faults.draw(operation), lambda fault: self._effect(str(key), request_hash, act, fault), str(key)
        )

    async def get(self, operation: Operation, act: Callable[[], Reply]) -> Response:
        """Answer a question."""

        def look(_: Fault | None) -> tuple[Response, Fault | None]:
            try:
                with self._store.transaction():
                    reply = act()
            except Problem as problem:
                return problem_answer(problem), None
            return answer(reply.status, as_json(reply.body)), None

        return await self._meet(self._faults.draw(operation), look, "")

    async def file(self, act: Callable[[], list[Line]], business_date: str) -> Response:
        """Answer with a day's settlement file. A day that is not closed yet has no file that a fault could meet."""
        try:
            with self._store.transaction():
                lines = act()
        except Problem as problem:
            return problem_answer(problem)
        drawn = self._faults.draw("settlement")

        def look(_: Fault | None) -> tuple[Response, Fault | None]:
            if drawn is Fault.SETTLEMENT_LATE:
                return problem_answer(day_not_closed()), None
            text = "".join(as_json(line) + "\n" for line in settlement_lines(lines, business_date, drawn))
            text = cut(text) if drawn is Fault.SETTLEMENT_CUT else text
            return Response(text, media_type="application/x-ndjson"), None

        return await self._meet(drawn, look, "")

    async def _meet(
        self, fault: Fault | None, act: Callable[[Fault | None], tuple[Response, Fault | None]], key: str
    ) -> Response:
        if key and key in self._under_way:
            return problem_answer(Problem(Code.IN_PROGRESS))
        if fault is Fault.DOWN:
            return problem_answer(Problem(Code.CARRIER_DOWN))
        if fault is Fault.DROP_BEFORE_EFFECT:
            return await self._silence()
        if fault is Fault.DELAYED_EFFECT:
            # A task of its own: a server goes on with what it received although the client hung up.
            late = asyncio.create_task(self._later(act, key), name=LATE)
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            return await asyncio.shield(late)
        try:
            response, fate = act(fault)
            if fault is Fault.DUPLICATE_REPLY:
                response, fate = act(None)
        except RequestLost:
            return await self._silence()
        if self._faults.late_s:
            await asyncio.sleep(self._faults.late_s)
        match fault or fate:
            case Fault.DROP_AFTER_EFFECT:
                return await self._silence()
            case Fault.DELAYED_REPLY:
                await asyncio.sleep(self._faults.delay_s)
            case Fault.HTTP_500_AFTER_EFFECT:
                return problem_answer(Problem(Code.INTERNAL))
            case Fault.GARBAGE_REPLY:
                return Response("<html><body>Bad gateway</body></html>", 200, media_type="text/html")
            case Fault.CROSSED_REPLY if response.media_type == "application/json":
                said = json.loads(bytes(response.body))
                if "client_ref" in said:
                    return answer(response.status_code, as_json({**said, **_CROSSED}))
        return response

    async def _later(self, act: Callable[[Fault | None], tuple[Response, Fault | None]], key: str) -> Response:
        self._under_way.add(key)
        try:
            await asyncio.sleep(self._faults.delay_s)
            return act(None)[0]
        except RequestLost:
            return await self._silence()
        finally:
            self._under_way.discard(key)

    def _effect(self, key: str, request_hash: str, act: Act, fault: Fault | None) -> tuple[Response, Fault | None]:
        """Act and keep the reply, or repeat the kept one. The fault of the line's story strikes only the first time."""
        kept = self._store.replies.get(key)
        if kept is not None:
            if kept.request_hash != request_hash:
                return problem_answer(Problem(Code.IDEMPOTENCY_MISMATCH)), None
            return answer(kept.status, kept.body, _REPLAYED), None
        with self._store.transaction():
            try:
                reply = act(fault)
            except Problem as problem:
                if problem.retry != "NEVER":
                    return problem_answer(problem), None
                reply = Reply(problem.status, problem.body())
            body = as_json(reply.body)
            self._store.replies.put(ReplyRow(key, request_hash, reply.status, body, self._calendar.now().isoformat()))
        return answer(reply.status, body), reply.fate

    async def _silence(self) -> Response:
        """Keep the connection open and say nothing, as a lost reply looks from the other end."""
        await asyncio.sleep(self._faults.silence_s)
        return answer(504, as_json(Problem(Code.INTERNAL, "No answer from the carrier", status=504).body()))
