"""Serve the carriers: ``python -m kiosk.topup.simulator --port 8080``.

Listens on 127.0.0.1 only. Prints one line of JSON when it does (``{"event": "listening", "port": 8080}``) and stops on SIGTERM
or SIGINT with exit code 0. ``--port 0`` takes a free port. With ``--tls`` it speaks HTTPS with a certificate made on the spot,
and its line says of which authority (``"ca": "-----BEGIN CERTIFICATE..."``).
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

import uvicorn
from starlette.types import ASGIApp

from hardware.clock import RealCalendar
from hardware.errors import ConfigError
from kiosk.gatewayline import signing_key
from kiosk.logbook import quiet_tracebacks
from kiosk.secrets import SecretError, Secrets
from kiosk.topup.catalogue import load_catalogue
from kiosk.topup.signing import Verifier
from kiosk.topup.simulator.app import create_app
from kiosk.topup.simulator.door import Door
from kiosk.topup.simulator.faults import Fault, Faults
from kiosk.topup.simulator.registry import load_registry
from kiosk.topup.simulator.store import Store

CONFIG = Path(__file__).parents[3] / "config"


class _AnnouncingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, *, attached: bool, facts: Mapping[str, str]) -> None:
        super().__init__(config)
        self._attached = attached
        self._facts = facts

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._attached:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._hear)
        for listening in sockets or ():
            print(json.dumps({"event": "listening", "port": listening.getsockname()[1], **self._facts}), flush=True)

    def _hear(self) -> None:
        """Whoever started us holds the other end of our input: when it is gone, killed or not, so are we."""
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.should_exit = True


def _fault(text: str) -> tuple[Fault, float]:
    name, _, rate = text.partition("=")
    return Fault(name), float(rate)


def _key(text: str) -> tuple[str, Path]:
    kiosk, _, path = text.partition("=")
    return kiosk, Path(path)


def _show_certificate(config: uvicorn.Config) -> dict[str, str]:
    # here, for it costs a tenth of a second that plain HTTP can do without
    from kiosk.topup.simulator.certificates import Authority, server_context

    authority = Authority(RealCalendar().now())
    config.load()
    config.ssl = server_context(authority.issue())
    return {"ca": authority.certificate.decode("ascii")}


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop. Returns the exit code: 0, or 2 when a file, an option or the port cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.topup.simulator", description="Serve the simulated carriers.")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (default: 8080)")
    parser.add_argument("--store", type=Path, help="file that keeps the carriers' books (default: in memory)")
    parser.add_argument("--config", type=Path, default=CONFIG, help="folder with carriers/ and simulator.toml")
    parser.add_argument("--seed", type=int, default=1, help="of the faults that --fault rolls")
    parser.add_argument("--attached", action="store_true", help="stop when standard input (a pipe) ends")
    parser.add_argument("--tls", action="store_true", help="HTTPS, with a certificate that is thrown away at the end")
    parser.add_argument("--key", type=_key, metavar="KIOSK=FILE", help="let in only what this kiosk signed with that key")
    names = ", ".join(Fault)
    parser.add_argument("--fault", type=_fault, action="append", default=[], metavar="NAME=RATE", help=f"one of {names}")
    chosen = parser.parse_args(arguments)
    try:
        catalogue = load_catalogue(chosen.config / "carriers")
        registry = load_registry(chosen.config / "simulator.toml", [c.id for c in catalogue.carriers])
        faults = Faults(Random(chosen.seed), dict(chosen.fault))
        listening = socket.create_server(("127.0.0.1", chosen.port))
        door = signing_key(Secrets(chosen.key[1].parent), chosen.key[1].name) if chosen.key else None
    except (ConfigError, SecretError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    store = Store(chosen.store, door)
    app: ASGIApp = create_app(store, RealCalendar(), catalogue, registry, faults)
    if door is not None:
        app = Door(app, Verifier({chosen.key[0]: door}, RealCalendar().now))
    # A swallowed request would hold the stop back for two minutes: one second of grace is enough here.
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="off")
    facts = _show_certificate(config) if chosen.tls else {}
    # uvicorn raises the signal again when it has stopped; without a handler of ours that would kill the process.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    try:
        _AnnouncingServer(config, attached=chosen.attached, facts=facts).run(sockets=[listening])
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    with quiet_tracebacks():
        sys.exit(main())
