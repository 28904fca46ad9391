"""HTTPS over real sockets: only the pinned authority is believed, and a kiosk that is not let in says why."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
import uvicorn

from hardware.clock import RealCalendar
from hardware.configfile import ConfigFile
from hardware.errors import ConfigError
from kiosk.gatewayline import CLIENT_KEY, SIGNING_KEY, GatewayAddress, client, own_key, read_address, signing_key, trust
from kiosk.secrets import SecretError, Secrets
from kiosk.topup.answers import Health, Lost, Refused
from kiosk.topup.gateway import Gateway
from kiosk.topup.settlement import SettlementEnd
from kiosk.topup.signing import Verifier
from kiosk.topup.simulator.app import create_app
from kiosk.topup.simulator.certificates import Authority, Pair, server_context
from kiosk.topup.simulator.door import Door
from kiosk.topup.simulator.faults import Faults
from kiosk.topup.simulator.store import Store
from tests.kiosk.topup.gatewaybench import CATALOGUE, KIOSK, REGISTRY
from tests.kiosk.topup.test_simulator_server import serve, stop

NOW = RealCalendar().now()
CA = Authority(NOW)
STRANGER = Authority(NOW, "somebody else")


@dataclass
class Place:
    """Where a test's files are."""

    config: Path
    secrets: Secrets

    def pin(self, authority: Authority) -> Path:
        path = self.config / "ca.pem"
        path.write_bytes(authority.certificate)
        return path

    def show(self, pair: Pair) -> Path:
        path = self.config / "kiosk.pem"
        path.write_bytes(pair.certificate)
        self.secrets.write(CLIENT_KEY, pair.key)
        return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path / "config", Secrets(tmp_path / "secrets"))
    found.config.mkdir()
    own_key(found.secrets)
    return found


@asynccontextmanager
async def serving(place: Place, context: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve the carriers behind their door, on a socket of the loopback."""
    app = create_app(Store(), RealCalendar(), CATALOGUE, REGISTRY, Faults(Random(1)))
    door = Door(app, Verifier({KIOSK: signing_key(place.secrets)}, RealCalendar().now))
    config = uvicorn.Config(door, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    config.load()
    config.ssl = context
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server._serve(sockets=[listening]))
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    await task


def greet(
    place: Place, pair: Pair, ca: Path | None, host: str = "127.0.0.1", shown: Path | None = None, wanted: bytes | None = None
) -> tuple[Health | Refused | Lost, str]:
    """Say hello once; return the answer, and what staff are told."""

    async def main() -> tuple[Health | Refused | Lost, str]:
        async with serving(place, server_context(pair, wanted)) as port:
            address = GatewayAddress(f"https://{host}:{port}/v1", ca=ca, certificate=shown, signed=True)
            async with client(address, KIOSK, place.secrets, RealCalendar().now, Random(1)) as http:
                gateway = Gateway(http, KIOSK)
                told = [""]
                gateway.on_distrust = told.append
                return await gateway.health(), told[-1]

    return asyncio.run(main())


def test_the_pinned_authoritys_gateway_is_believed(place: Place) -> None:
    answer, told = greet(place, CA.issue(), place.pin(CA))
    assert isinstance(answer, Health)
    assert told == ""


REFUSED: dict[str, tuple[Callable[[], Pair], Authority, str]] = {
    "another authority": (STRANGER.issue, CA, "unable to get local issuer certificate"),
    "expired": (lambda: CA.issue(until=NOW - timedelta(days=1)), CA, "certificate has expired"),
    "another host": (lambda: CA.issue("carrier.example"), CA, "IP address mismatch"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_certificate_that_is_not_right_is_refused_with_words_for_staff(place: Place, case: str) -> None:
    issue, pinned, words = REFUSED[case]
    answer, told = greet(place, issue(), place.pin(pinned))
    assert isinstance(answer, Lost)
    assert answer.code == "NOT_TRUSTED"
    assert words in told
    assert told.startswith("the gateway's certificate is refused")


def test_a_name_that_is_not_the_certificates_is_refused(place: Place) -> None:
    answer, told = greet(place, CA.issue("carrier.example"), place.pin(CA), host="localhost")
    assert isinstance(answer, Lost)
    assert "Hostname mismatch" in told


def test_without_a_pin_the_systems_store_is_asked_and_does_not_know_it(place: Place) -> None:
    answer, told = greet(place, CA.issue(), None)
    assert isinstance(answer, Lost)
    assert "certificate is refused" in told


def test_a_pin_shuts_the_systems_store_out(place: Place) -> None:
    address = GatewayAddress("https://gateway.invalid/v1", ca=place.pin(CA))
    context = trust(address, place.secrets)
    assert isinstance(context, ssl.SSLContext)
    assert len(context.get_ca_certs()) == 1


def test_a_gateway_that_wants_a_certificate_gets_the_kiosks(place: Place) -> None:
    shown = place.show(CA.issue("kiosk"))
    answer, _ = greet(place, CA.issue(), place.pin(CA), shown=shown, wanted=CA.certificate)
    assert isinstance(answer, Health)


@pytest.mark.parametrize("shows", [None, STRANGER])
def test_a_kiosk_without_the_right_certificate_gets_no_answer_and_does_not_crash(place: Place, shows: Authority | None) -> None:
    shown = place.show(shows.issue("kiosk")) if shows is not None else None
    answer, _ = greet(place, CA.issue(), place.pin(CA), shown=shown, wanted=CA.certificate)
    assert isinstance(answer, Lost)


def test_plain_http_to_an_https_port_is_lost_and_no_crash(place: Place) -> None:
    async def main() -> Health | Refused | Lost:
        async with serving(place, server_context(CA.issue())) as port:
            address = GatewayAddress(f"http://127.0.0.1:{port}/v1")
            async with client(address, KIOSK, place.secrets, RealCalendar().now, Random(1)) as http:
                return await Gateway(http, KIOSK).health()

    assert isinstance(asyncio.run(main()), Lost)


def test_the_simulator_as_a_process_brings_its_authority_and_lets_only_its_kiosk_in(place: Place) -> None:
    facts: dict[str, str] = {}
    process, port = serve("--tls", "--key", f"{KIOSK}={place.secrets.folder / SIGNING_KEY}", facts=facts)
    try:

        async def ask(kiosk: str, secrets: Secrets) -> Health | Refused | Lost:
            address = GatewayAddress(f"https://127.0.0.1:{port}/v1", signed=True)
            async with client(address, kiosk, secrets, RealCalendar().now, Random(1), facts["ca"]) as http:
                return await Gateway(http, kiosk).health()

        stranger = Secrets(place.config / "secrets")
        own_key(stranger)

        async def settle() -> tuple[object, object]:
            address = GatewayAddress(f"https://127.0.0.1:{port}/v1", signed=True)
            async with client(address, KIOSK, place.secrets, RealCalendar().now, Random(7), facts["ca"]) as http:
                gateway = Gateway(http, KIOSK)
                return await gateway.settlement(NOW.date(), print), await gateway.settlement(date(2020, 1, 1), print)

        today, long_ago = asyncio.run(settle())
        assert isinstance(today, Refused)
        assert long_ago == SettlementEnd("2020-01-01", 0, 0)
        assert isinstance(asyncio.run(ask(KIOSK, place.secrets)), Health)
        assert isinstance(asyncio.run(ask("KIOSK002", place.secrets)), Lost)
        assert isinstance(asyncio.run(ask(KIOSK, stranger)), Lost)
    finally:
        stop(process)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('url = "http://gateway.example/v1"', "http only to this machine"),
        ('url = "ftp://gateway.example"', "http only to this machine"),
        ('url = "https://g/v1"\nca = "none.pem"', "a file of certificates"),
        ('url = "https://g/v1"\nca = "rubbish.pem"', "a file of certificates"),
        ('url = "simulator"\nsigned = false', "brings its own"),
    ],
)
def test_a_gateway_that_cannot_be_trusted_is_refused_at_the_start(place: Place, lines: str, why: str) -> None:
    (place.config / "rubbish.pem").write_text("rubbish")
    path = place.config / "terminal.toml"
    path.write_text(f"[gateway]\n{lines}\ntimeout_s = 8.0\n")
    with pytest.raises(ConfigError, match=why):
        read_address(ConfigFile.read(path).table("gateway"), place.config)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "is missing"), (b"xyz", "not hexadecimal"), (b"\xff", "not hexadecimal"), (b"00" * 8, "8 bytes")],
)
def test_a_signing_key_that_is_none_is_told(tmp_path: Path, content: bytes | None, why: str) -> None:
    secrets = Secrets(tmp_path / "secrets")
    if content is not None:
        secrets.write(SIGNING_KEY, content)
    with pytest.raises(SecretError, match=why):
        signing_key(secrets)


def test_a_certificate_without_its_key_is_told(place: Place) -> None:
    shown = place.show(CA.issue("kiosk"))
    (place.secrets.folder / CLIENT_KEY).unlink()
    address = GatewayAddress("https://g/v1", ca=place.pin(CA), certificate=shown)
    with pytest.raises(SecretError, match="is missing"):
        client(address, KIOSK, place.secrets, RealCalendar().now, Random(1))
    (place.secrets.folder / CLIENT_KEY).touch(0o600)
    with pytest.raises(ConfigError, match="not a certificate that can be used"):
        client(address, KIOSK, place.secrets, RealCalendar().now, Random(1))


def test_the_key_shared_with_the_simulator_is_made_once(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets")
    first = own_key(secrets).read_bytes()
    assert own_key(secrets).read_bytes() == first
    assert len(signing_key(secrets)) == 32
