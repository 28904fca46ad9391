"""Signed requests: the carrier knows that a request is this kiosk's, is as the kiosk sent it, and was not sent before.

Four headers go with every request::

    Konbini-Kiosk: KONBINI1                 who signs
    Konbini-Time: 1795593600                when, in whole seconds since 1970 UTC
    Konbini-Nonce: 5f0c...                  32 hexadecimal digits, never the same twice
    Konbini-Signature: v1=9b1d...           64 hexadecimal digits

The signature is HMAC-SHA256, under the key that kiosk and carrier share, over these eight lines in UTF-8, joined by one line
feed, without one at the end::

    konbini-signature-v1
    POST                                    method in capitals
    /v1/topups?client_ref=KONBINI1-1        path and query as sent
    KONBINI1                                Konbini-Kiosk
    1795593600                              Konbini-Time
    5f0c...                                 Konbini-Nonce
    0b6e...                                 Idempotency-Key, empty without one
    e3b0...                                 SHA-256 of the body, 64 hexadecimal digits

A carrier refuses with 401 what is not signed, signed otherwise, older or newer than five minutes, or bears a nonce that it has
seen in that time. The answer is not signed: TLS brings it, from the authority that the kiosk pins.
"""

import hashlib
import hmac
from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from random import Random

import httpx

KIOSK, TIME, NONCE, SIGNATURE = "konbini-kiosk", "konbini-time", "konbini-nonce", "konbini-signature"

WINDOW_S = 300
"""How old or new a request may be."""

MOST_NONCES = 10_000
"""Remembered at once; more in one window is a flood, and is refused."""

SHORTEST_KEY_BYTES = 32


def signature(key: bytes, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return what stands in ``Konbini-Signature`` for a request whose other headers are in place."""
    lines = (
        "konbini-signature-v1",
        method.upper(),
        target,
        headers.get(KIOSK, ""),
        headers.get(TIME, ""),
        headers.get(NONCE, ""),
        headers.get("idempotency-key", ""),
        hashlib.sha256(body).hexdigest(),
    )
    return "v1=" + hmac.digest(key, "\n".join(lines).encode(), "sha256").hex()


class Signer(httpx.Auth):
    """Signs every request of a client. Raises ValueError for a key that is too short."""

    requires_request_body = True

    def __init__(self, kiosk_id: str, key: bytes, now: Callable[[], datetime], rng: Random) -> None:
        """``rng`` makes the nonces: the system's at a shop, a seeded one in virtual time."""
        if len(key) < SHORTEST_KEY_BYTES:
            raise ValueError(f"a key of {len(key)} bytes, expected {SHORTEST_KEY_BYTES} or more")
        self._kiosk_id = kiosk_id
        self._key = key
        self._now = now
        self._rng = rng

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign ``request``."""
        request.headers[KIOSK] = self._kiosk_id
        request.headers[TIME] = str(int(self._now().timestamp()))
        request.headers[NONCE] = f"{self._rng.getrandbits(128):032x}"
        target = request.url.raw_path.decode("ascii")
        request.headers[SIGNATURE] = signature(self._key, request.method, target, request.headers, request.content)
        yield request


class Verifier:
    """The carrier's side. Remembers the nonces of one window."""

    def __init__(self, keys: Mapping[str, bytes], now: Callable[[], datetime]) -> None:
        """``keys`` by kiosk."""
        self._keys = keys
        self._now = now
        self._seen: dict[str, float] = {}

    def objection(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
        """Return why a request is refused, empty when it is good. Header names are in small letters."""
        key = self._keys.get(headers.get(KIOSK, ""))
        if key is None or SIGNATURE not in headers:
            return "the request is not signed by a kiosk known here"
        if not hmac.compare_digest(signature(key, method, target, headers, body).encode(), headers[SIGNATURE].encode()):
            return "the signature does not fit the request"
        now_s = self._now().timestamp()
        sent = headers.get(TIME, "")
        if not (sent.isascii() and sent.isdecimal() and len(sent) < 12 and abs(now_s - int(sent)) <= WINDOW_S):
            return "the request is too old, or a clock is wrong"
        return self._remember(headers.get(NONCE, ""), now_s)

    def _remember(self, nonce: str, now_s: float) -> str:
        while self._seen and self._seen[oldest := next(iter(self._seen))] < now_s:
            del self._seen[oldest]
        if nonce in self._seen:
            return "the request was sent before"
        if len(self._seen) >= MOST_NONCES:
            return "too many requests"
        self._seen[nonce] = now_s + 2 * WINDOW_S
        return ""
