"""The line to the carriers' gateway: HTTPS with a pinned authority, every request signed.

With a pinned authority the system's trust store is not asked: whoever can put a certificate there could otherwise answer for
the carrier. A client certificate is shown where the carrier wants one (mutual TLS); its key is a secret of the kiosk.
"""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from secrets import token_hex

import httpx

from hardware.configfile import ConfigFile
from hardware.errors import ConfigError
from kiosk.secrets import SecretError, Secrets
from kiosk.topup.signing import SHORTEST_KEY_BYTES, Signer

SIMULATOR = "simulator"
"""In place of an address: the carrier simulator is started."""

SIGNING_KEY = "gateway.key"
"""The secret that signs requests: at least 64 hexadecimal digits, as the carrier gave them."""

CLIENT_KEY = "gateway-client.pem"
"""The secret key of the client certificate, PEM."""


@dataclass(frozen=True)
class GatewayAddress:
    """Where the gateway is, and how it is known."""

    url: str
    """Base address, or ``simulator``."""
    timeout_s: float = 8.0
    ca: Path | None = None
    """The authority that is pinned; None asks the system's trust store."""
    certificate: Path | None = None
    """What this kiosk shows; None shows nothing."""
    signed: bool = False
    """Whether requests are signed. The simulator's always are."""


def read_address(table: ConfigFile, folder: Path) -> GatewayAddress:
    """Read ``[gateway]`` of ``terminal.toml``. Raises ConfigError."""
    table.only("url", "timeout_s", "ca", "certificate", "signed")
    url = table.text("url")
    if url != SIMULATOR and not re.fullmatch(
        r"https://[^\s/]+(/\S*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?", url
    ):
        raise table.wrong("url", '"simulator", or an address such as "https://gateway.example/v1" (http only to this machine)')
    address = GatewayAddress(
        url=url,
        timeout_s=table.number("timeout_s", low=0.1),
        ca=_file(table, "ca", folder),
        certificate=_file(table, "certificate", folder),
        signed=table.flag("signed", url == SIMULATOR),
    )
    if url == SIMULATOR and (address.ca or address.certificate or not address.signed):
        raise table.wrong("url", "the address of a gateway beside ca, certificate and signed: the simulator brings its own")
    return address


def _file(table: ConfigFile, key: str, folder: Path) -> Path | None:
    if key not in table.data:
        return None
    path = folder / table.text(key)
    try:
        ssl.create_default_context(cafile=str(path))
    except (ssl.SSLError, OSError) as error:
        raise table.wrong(key, f"a file of certificates, PEM, in {folder} ({error})") from error
    return path


def trust(address: GatewayAddress, secrets: Secrets, ca_pem: str = "") -> ssl.SSLContext | bool:
    """Return whom the kiosk believes; ``ca_pem`` is pinned instead of the configured file. Raises ConfigError, SecretError."""
    if not ca_pem and not address.url.startswith("https:"):
        return False
    try:
        if ca_pem:
            context = ssl.create_default_context(cadata=ca_pem)
        else:
            context = ssl.create_default_context(cafile=str(address.ca) if address.ca is not None else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if address.certificate is not None:
            if secrets.read(CLIENT_KEY) is None:
                raise SecretError(f"{secrets.folder / CLIENT_KEY}: is missing: the key of {address.certificate}")
            context.load_cert_chain(address.certificate, secrets.folder / CLIENT_KEY)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(f"{address.certificate or address.ca}: not a certificate that can be used ({error})") from error
    return context


def own_key(secrets: Secrets) -> Path:
    """Return where the key lies that the kiosk and its own simulator share; made at the first start. Raises SecretError."""
    if secrets.read(SIGNING_KEY) is None:
        secrets.create(SIGNING_KEY, token_hex(SHORTEST_KEY_BYTES).encode())
    return secrets.folder / SIGNING_KEY


def signing_key(secrets: Secrets, name: str = SIGNING_KEY) -> bytes:
    """Return the key that signs requests. Raises SecretError when there is none, or it is no key."""
    raw = secrets.read(name)
    path = secrets.folder / name
    if raw is None:
        raise SecretError(f"{path}: is missing: the key that the carrier gave this kiosk, in hexadecimal")
    try:
        key = bytes.fromhex(raw.decode("ascii").strip())
    except ValueError as error:
        raise SecretError(f"{path}: is not hexadecimal") from error
    if len(key) < SHORTEST_KEY_BYTES:
        raise SecretError(f"{path}: holds {len(key)} bytes, expected {SHORTEST_KEY_BYTES} or more")
    return key


def client(
    address: GatewayAddress, kiosk_id: str, secrets: Secrets, now: Callable[[], datetime], rng: Random, ca_pem: str = ""
) -> httpx.AsyncClient:
    """Return the client for a gateway. ``rng`` makes nonces. Raises ConfigError, SecretError."""
    signer = Signer(kiosk_id, signing_key(secrets), now, rng) if address.signed else None
    return httpx.AsyncClient(base_url=address.url, trust_env=False, verify=trust(address, secrets, ca_pem), auth=signer)
