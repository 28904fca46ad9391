"""The network between kiosk and carriers, with somebody who sees every request."""

from collections.abc import Callable

import httpx
from fastapi import FastAPI


class CarrierLine(httpx.AsyncBaseTransport):
    """Calls the carrier simulator without a socket, as virtual time needs it."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app)
        self.watch: Callable[[httpx.Request], None] = lambda request: None
        """Sees each request as it leaves the kiosk."""

    def client(self) -> httpx.AsyncClient:
        """Return a client whose requests go this way."""
        return httpx.AsyncClient(transport=self, base_url="http://carrier.invalid/v1", trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.watch(request)
        return await self._inner.handle_async_request(request)
