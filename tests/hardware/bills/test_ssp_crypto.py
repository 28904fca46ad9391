"""eSSP: key exchange and the AES layer, against the reference's figures and against the cipher's own standard."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.ssp.crypto import (
    DEFAULT_FIXED_KEY,
    MAX_SEALED,
    AesLayer,
    Opened,
    aes_key,
    decode_key,
    encode_key,
    exchanged_key,
    intermediate_key,
    is_prime,
    is_sealed,
    pick_primes,
    pick_secret,
)
from hardware.wire.crc import crc16_cms

KEY = aes_key(DEFAULT_FIXED_KEY, 0x1122334455667788)


def test_the_aes_key_is_the_fixed_key_then_the_exchanged_one_little_endian() -> None:
    assert KEY.hex(" ").upper() == "67 45 23 01 67 45 23 01 88 77 66 55 44 33 22 11"
    assert encode_key(0x0102) == bytes.fromhex("02 01 00 00 00 00 00 00")
    assert decode_key(bytes.fromhex("02 01 00 00 00 00 00 00")) == 0x0102


def test_the_cipher_is_aes_128_of_the_standard() -> None:
    # FIPS 197, appendix C.1. The block is no eSSP message, so it is looked at from the other end: sealing a message under the
    # same key, then comparing with the cipher's own words for that very plain text.
    key = bytes(range(16))
    sealed = AesLayer(key).seal(b"\xf0", 1, Random(1))
    plain = _decrypted(key, sealed[1:])
    assert plain[:6] == bytes.fromhex("01 01 00 00 00 F0")
    assert _decrypted(key, bytes.fromhex("69C4E0D86A7B0430D8CDB78070B4C55A")).hex() == "00112233445566778899aabbccddeeff"


def _decrypted(key: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def test_sealed_data_is_length_count_data_packing_and_crc() -> None:
    sealed = AesLayer(KEY).seal(bytes.fromhex("F0 EE 01 CC"), 0x01020304, Random(7))
    assert sealed[0] == 0x7E
    assert len(sealed) == 17
    plain = _decrypted(KEY, sealed[1:])
    assert plain[:9].hex(" ").upper() == "04 04 03 02 01 F0 EE 01 CC"
    assert plain[-2:] == crc16_cms(plain[:-2]).to_bytes(2, "little")


@pytest.mark.parametrize(("inner", "outer"), [(0, 17), (1, 17), (9, 17), (10, 33), (25, 33), (26, 49), (MAX_SEALED, 241)])
def test_sealed_data_comes_in_blocks_of_16_behind_one_byte(inner: int, outer: int) -> None:
    layer = AesLayer(KEY)
    sealed = layer.seal(bytes(inner), 5, Random(2))
    assert len(sealed) == outer
    assert is_sealed(sealed)
    assert layer.open(sealed) == Opened(5, bytes(inner))


def test_packing_differs_so_that_two_polls_never_look_alike() -> None:
    layer, random = AesLayer(KEY), Random(3)
    assert layer.seal(b"\x07", 4, random) != layer.seal(b"\x07", 4, random)
    assert layer.seal(b"\x07", 4, Random(9)) == layer.seal(b"\x07", 4, Random(9)), "the same seed makes the same run"


def test_more_than_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="233"):
        AesLayer(KEY).seal(bytes(MAX_SEALED + 1), 0, Random(1))


@given(st.binary(max_size=MAX_SEALED), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_what_was_sealed_opens_with_the_same_key_and_with_no_other(data: bytes, count: int, exchanged: int) -> None:
    layer = AesLayer(aes_key(DEFAULT_FIXED_KEY, exchanged))
    sealed = layer.seal(data, count, Random(4))
    assert layer.open(sealed) == Opened(count, data)
    if exchanged != 0x1122334455667788:
        assert AesLayer(KEY).open(sealed) != Opened(count, data)


@given(st.binary(max_size=80), st.binary(min_size=32, max_size=32))
def test_opening_never_raises(noise: bytes, blocks: bytes) -> None:
    for data in (noise, b"\x7e" + noise, b"\x7e" + blocks):
        opened = AesLayer(KEY).open(data)
        assert opened is None or is_sealed(data)


@pytest.mark.parametrize("bits", [16, 32, 64])
def test_both_sides_come_to_the_same_key(bits: int) -> None:
    random = Random(bits)
    generator, modulus = pick_primes(random, bits)
    assert is_prime(generator)
    assert is_prime(modulus)
    assert generator > modulus
    assert generator.bit_length() == modulus.bit_length() == bits
    a, b = pick_secret(random, modulus), pick_secret(random, modulus)
    to_device, to_host = intermediate_key(generator, modulus, a), intermediate_key(generator, modulus, b)
    assert exchanged_key(to_host, modulus, a) == exchanged_key(to_device, modulus, b)


def test_the_exchange_with_small_numbers_is_what_paper_says() -> None:
    assert (intermediate_key(5, 23, 6), intermediate_key(5, 23, 15)) == (8, 19)
    assert exchanged_key(19, 23, 6) == exchanged_key(8, 23, 15) == 2
    assert [pick_secret(Random(1), small) for small in (2, 3)] == [1, 1]


def test_primes_are_told_from_what_looks_like_primes() -> None:
    small = [n for n in range(2, 2000) if all(n % d for d in range(2, int(n**0.5) + 1))]
    assert [n for n in range(-3, 2000) if is_prime(n)] == small
    assert is_prime(2**61 - 1)
    assert is_prime(2**64 - 59)
    for composite in (561, 3215031751, 3825123056546413051, 4294967297, 2**64 - 1):
        assert not is_prime(composite)
