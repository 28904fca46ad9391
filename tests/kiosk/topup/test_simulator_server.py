"""The simulator as a process of its own, over a real socket."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import httpx

from kiosk.topup.answers import Health, Quote, Topup, TopupState
from kiosk.topup.gateway import Gateway
from tests.kiosk.topup.gatewaybench import DATA, KIOSK, REF, docomo


def serve(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """Start the simulator on a free port and wait for the line that says which."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.topup.simulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["event"] == "listening"
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


def test_a_folder_without_carriers_is_told_and_nothing_is_served(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk.topup.simulator", "--port", "0", "--config", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "expected one file for each carrier" in ended.stderr
