"""Certificates that a demonstration or a test throws away: an authority made on the spot, and what it issues.

A shop's kiosk pins the authority that its carrier names; nobody's system store is asked.
"""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=30)
"""A demonstration that runs for longer is started anew."""

EARLY = timedelta(hours=1)
"""A certificate is good from a little before it was made: clocks differ."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """Issues certificates. Lives in memory; its key is never written down."""

    def __init__(self, now: datetime, name: str = "Konbini demonstration authority") -> None:
        self._key = generate_private_key(SECP256R1())
        self._name = _named(name)
        self._now = now
        usage = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(self._name, self._name, self._key, now - EARLY, now + LIFE).add_extension(usage, critical=True)
        self.certificate = builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
        """What a kiosk pins, PEM."""

    def issue(self, host: str = "127.0.0.1", until: datetime | None = None) -> Pair:
        """Issue a certificate for a host's address or name, good ``until`` a moment; one that is past gives an expired one."""
        key = generate_private_key(SECP256R1())
        ends = until or self._now + LIFE
        builder = _builder(_named(host), self._name, key, min(self._now, ends) - EARLY, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        certificate = builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)
        return Pair(certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def server_context(pair: Pair, client_ca: bytes | None = None) -> ssl.SSLContext:
    """Return what a server needs to show ``pair``, and to ask clients for a certificate of ``client_ca`` if there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory(prefix="konbini-") as folder:  # the ssl module reads keys from files only
        path = Path(folder) / "pair.pem"
        path.touch(0o600)
        path.write_bytes(pair.certificate + pair.key)
        context.load_cert_chain(path)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca.decode("ascii"))
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
