"""The simulator as a process of its own, over a real socket."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from random import Random

import httpx

from hardware.clock import RealCalendar
from kiosk.topup.answers import Health, Lost, Quote, Topup, TopupState
from kiosk.topup.gateway import Gateway
from kiosk.topup.simulator.app import create_app
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.store import Store
from tests.kiosk.topup.gatewaybench import CATALOGUE, DATA, KIOSK, REF, REGISTRY, docomo


def serve(*arguments: str, facts: dict[str, str] | None = None) -> tuple[subprocess.Popen[str], int]:
    """Start the simulator on a free port and wait for the line that says which; ``facts`` gets the rest of that line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.topup.simulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["event"] == "listening"
    if facts is not None:
        facts |= said
    return process, said["port"]


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (0, "")


async def buy(port: int) -> Topup:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1") as http:
        gateway = Gateway(http, KIOSK)
        assert isinstance(await gateway.health(), Health)
        quote = await gateway.quote(docomo(), DATA, "1")
        assert isinstance(quote, Quote)
        topup = await gateway.reserve(REF, quote.id)
        assert isinstance(topup, Topup)
        done = await gateway.commit(topup.id, REF, topup.amount_yen, "CASH")
        assert isinstance(done, Topup)
        return done


async def ask(port: int) -> object:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1") as http:
        return await Gateway(http, KIOSK).find(REF)


def test_a_purchase_over_a_socket_is_still_known_after_a_restart(tmp_path: Path) -> None:
    process, port = serve("--store", str(tmp_path / "carriers.db"))
    try:
        done = asyncio.run(buy(port))
    finally:
        stop(process)
    assert done.state is TopupState.COMPLETED
    process, port = serve("--store", str(tmp_path / "carriers.db"))
    try:
        assert asyncio.run(ask(port)) == done
    finally:
        stop(process)


def test_a_request_that_was_swallowed_does_not_hold_back_the_stop() -> None:
    async def give_up(port: int) -> object:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1") as http:
            return await Gateway(http, KIOSK, timeout_s=0.3).find(REF)

    process, port = serve("--fault", "drop_before_effect=1")
    try:
        assert isinstance(asyncio.run(give_up(port)), Lost)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def refused(*arguments: str) -> str:
    """Start the simulator with what it cannot use; return what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk.topup.simulator", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


def test_a_folder_without_carriers_is_told_and_nothing_is_served(tmp_path: Path) -> None:
    assert "expected one file for each carrier" in refused("--port", "0", "--config", str(tmp_path))


def test_a_port_already_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "Address already in use" in refused("--port", str(taken.getsockname()[1]))


def test_every_operation_of_the_gateways_description_is_served() -> None:
    app = create_app(Store(), RealCalendar(), CATALOGUE, REGISTRY, Faults(Random(1)))
    served = {(method, path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert served == {
        ("get", "/v1/health"),
        ("post", "/v1/lookups"),
        ("get", "/v1/products"),
        ("post", "/v1/quotes"),
        ("post", "/v1/topups"),
        ("get", "/v1/topups"),
        ("get", "/v1/topups/{topup_id}"),
        ("post", "/v1/topups/{topup_id}/commit"),
        ("post", "/v1/topups/{topup_id}/cancel"),
        ("post", "/v1/topups/{topup_id}/reverse"),
        ("get", "/v1/settlements/{business_date}"),
    }
