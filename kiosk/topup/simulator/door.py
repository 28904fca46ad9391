"""The carriers' front door: lets in what a known kiosk has signed, and answers everything else with 401."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.topup.signing import Verifier
from kiosk.topup.simulator.exactly_once import problem_answer
from kiosk.topup.simulator.problems import Code, Problem

LONGEST_BODY_BYTES = 64 * 1024


class Door:
    """An application that passes signed requests on to another one."""

    def __init__(self, app: ASGIApp, verifier: Verifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body = (body + message.get("body", b""))[: LONGEST_BODY_BYTES + 1]
            more = message.get("more_body", False)
        too_long = len(body) > LONGEST_BODY_BYTES
        target = scope["raw_path"].decode("ascii", "replace")
        if query := scope["query_string"].decode("ascii", "replace"):
            target += f"?{query}"
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        objection = self._verifier.objection(scope["method"], target, headers, body)
        if objection or too_long:
            await problem_answer(Problem(Code.NOT_SIGNED, objection or "the request is too long"))(scope, receive, send)
            return
        read = False

        async def again() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)
