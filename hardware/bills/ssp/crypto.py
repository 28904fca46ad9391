"""eSSP: how host and device agree on a key, and the layer of AES that then lies under the packets. Pure.

Key exchange (Diffie-Hellman, all numbers eight bytes little-endian) [R against two independent hosts]::

    host   SET_GENERATOR g, SET_MODULUS m          primes; hosts in the field use 16 to 32 bits and g > m
    host   REQUEST_KEY_EXCHANGE g^a mod m          a is the host's secret
    device OK, g^b mod m                           b is the device's secret
    both   (the other's number)^(own secret) mod m

The AES-128 key is the fixed key, agreed on beforehand, as eight bytes little-endian, then what was exchanged likewise. DATA of
an encrypted packet is 7E, then AES in ECB mode over::

    LEN (1) | COUNT (4, little-endian) | DATA | packing, random | CRC (2, low byte first, over all before it)

padded to blocks of 16: 17, 33, ... bytes of DATA with the 7E. LEN counts the inner DATA, COUNT is 0 after a key exchange: the
host sends n, the device answers n + 1, and both go on from n + 1. A count that does not fit is discarded.

This is what the protocol is, not what we would build: numbers of 64 bits stop nobody who has a computer. What it does stop is
playing a credit back that was once seen on the line.
"""

from dataclasses import dataclass
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hardware.wire.crc import crc16_cms

DEFAULT_FIXED_KEY = 0x0123456701234567
"""What every unit leaves the factory with [V]: ``67 45 23 01 67 45 23 01`` in the AES key."""
STEX = 0x7E
"""First byte of encrypted DATA."""
BLOCK = 16
MAX_BLOCKS = 15
"""As many as fit behind 7E into one packet."""
_AROUND_DATA = 7
"""LEN, COUNT and CRC."""
MAX_SEALED = MAX_BLOCKS * BLOCK - _AROUND_DATA
"""The most bytes of inner DATA that one packet can carry."""
COUNTS = 2**32
"""The count wraps here [U]."""
_WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
"""Enough to decide for every number of 64 bits."""


def is_prime(number: int) -> bool:
    """Return whether ``number``, of at most 64 bits, is prime (Miller and Rabin, exact in this range)."""
    if number < 2:
        return False
    for prime in _WITNESSES:
        if number % prime == 0:
            return number == prime
    odd, halvings = number - 1, 0
    while odd % 2 == 0:
        odd, halvings = odd // 2, halvings + 1
    for witness in _WITNESSES:
        power = pow(witness, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(halvings - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def pick_primes(random: Random, bits: int = 32) -> tuple[int, int]:
    """Return generator and modulus, two primes of ``bits`` bits, the generator being the greater as hosts have it [R]."""
    first = _pick_prime(random, bits)
    second = _pick_prime(random, bits)
    while second == first:
        second = _pick_prime(random, bits)
    return max(first, second), min(first, second)


def _pick_prime(random: Random, bits: int) -> int:
    while True:
        number = random.getrandbits(bits) | 1 << bits - 1 | 1
        if is_prime(number):
            return number


def pick_secret(random: Random, modulus: int) -> int:
    """Return one side's secret: 2 to ``modulus`` - 2, or 1 where there is no such number."""
    return random.randrange(2, modulus - 1) if modulus > 4 else 1


def intermediate_key(generator: int, modulus: int, secret: int) -> int:
    """Return what one side sends to the other. ``modulus`` must not be 0."""
    return pow(generator, secret, modulus)


def exchanged_key(others_intermediate: int, modulus: int, secret: int) -> int:
    """Return the number that both sides come to. ``modulus`` must not be 0."""
    return pow(others_intermediate, secret, modulus)


def encode_key(number: int) -> bytes:
    """Return a number of the exchange as it goes over the wire: eight bytes, little-endian. Raises OverflowError."""
    return number.to_bytes(8, "little")


def decode_key(data: bytes) -> int:
    """Return the number that eight bytes are."""
    return int.from_bytes(data, "little")


def aes_key(fixed: int, exchanged: int) -> bytes:
    """Return the 16 bytes of the AES key."""
    return encode_key(fixed) + encode_key(exchanged)


def is_sealed(data: bytes) -> bool:
    """Return whether a packet's DATA has the shape of encrypted data."""
    return len(data) > BLOCK and data[0] == STEX and len(data) % BLOCK == 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What an encrypted packet held."""

    count: int
    data: bytes


class AesLayer:
    """Encrypts and decrypts DATA under one key. It does not judge the count: that is for each side to do."""

    def __init__(self, key: bytes) -> None:
        """``key`` is 16 bytes, see :func:`aes_key`."""
        cipher = Cipher(algorithms.AES128(key), modes.ECB())  # the protocol's mode, not our choice
        self._encrypt = cipher.encryptor().update  # ECB carries nothing from block to block: one context serves for ever
        self._decrypt = cipher.decryptor().update

    def seal(self, data: bytes, count: int, random: Random) -> bytes:
        """Return the DATA of an encrypted packet. Raises ValueError when ``data`` is longer than :data:`MAX_SEALED`."""
        if len(data) > MAX_SEALED:
            raise ValueError(f"{len(data)} bytes to encrypt, {MAX_SEALED} fit into a packet")
        plain = bytes((len(data),)) + (count % COUNTS).to_bytes(4, "little") + data
        plain += random.randbytes(-(len(plain) + 2) % BLOCK)
        plain += crc16_cms(plain).to_bytes(2, "little")
        return bytes((STEX,)) + self._encrypt(plain)

    def open(self, data: bytes) -> Opened | None:
        """Return what an encrypted packet's DATA holds; None when it was not made with this key, or is no such thing."""
        if not is_sealed(data):
            return None
        plain = self._decrypt(data[1:])
        length = plain[0]
        if length + _AROUND_DATA > len(plain) or crc16_cms(plain[:-2]) != int.from_bytes(plain[-2:], "little"):
            return None
        return Opened(int.from_bytes(plain[1:5], "little"), plain[5 : 5 + length])
