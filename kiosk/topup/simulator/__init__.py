"""The carriers behind their gateway, made of software: a real HTTP server with the gateway's whole API.

It keeps its promises the way the gateway's description makes them (idempotency, expiry, state machine, limits), breaks the ways
gateways break (:mod:`~kiosk.topup.simulator.faults`), and knows nothing of the kiosk. Endpoints are ``async`` and use no
thread, so the same application serves uvicorn and, in virtual time, httpx's in-process transport.

Over a socket it can show a certificate, ask for one, and want every request signed (:mod:`~kiosk.topup.signing`).

What it does not model: callbacks (a kiosk polls), entering a PIN, ranged prices, promotion codes,
rate limits.
"""
