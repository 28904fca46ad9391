"""The cipher of encrypted ccTalk bill validators ("BNV"): six digits scramble everything behind the length byte.

It keeps casual listeners out and no one else: a million keys, no nonce. Source: the reference on ccTalk, [R] recomputed from
live exchanges; the vectors stand in the tests.

The block is one number, its first byte on top, so the rotation right through all its bytes is a shift, the feedback taps are
the parity under a mask, and the flips of a round are an exclusive or.
"""

from functools import lru_cache

DEFAULT_CODE = "123456"
"""What units are delivered with [R]."""
_TAPS = (7, 4, 5, 3, 1, 2, 3, 2, 6, 1)
_ROUNDS = 12
_FLIP_MASK = 99
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class BnvCipher:
    """The cipher under one code. Blocks are CRC low byte, header, data and CRC high byte of a frame: 3 to 258 bytes."""

    def __init__(self, code: str = DEFAULT_CODE) -> None:
        """``code`` is six decimal digits. Raises ValueError when it is not."""
        if len(code) != 6 or not (code.isascii() and code.isdecimal()):
            raise ValueError(f"BNV code {code!r}, expected six digits")
        digits = [int(digit) for digit in code]
        self._first_xor = ~(digits[0] << 4 | digits[4]) & 0xFF
        self._first_tap = digits[1]
        self._last_xor = digits[2] << 4 | digits[2]
        self._mirrored_places = tuple(bool(digits[3] >> place & 1) for place in range(4))
        self._flips = digits[5] ^ _FLIP_MASK
        self._masks = lru_cache(maxsize=32)(self._masks_of)

    def _masks_of(self, length: int) -> tuple[int, tuple[int, ...]]:
        """Return the feedback taps of a block, and what each round flips in it."""
        taps, flips = bytearray(length), [bytearray(length) for _ in range(_ROUNDS)]
        for at in range(length):
            taps[at] = 1 << _TAPS[(self._first_tap + at) % len(_TAPS)]
            for turn, flipped in enumerate(flips):
                # The bit that falls out of one byte is flipped on its way into the next; from the last byte none goes on.
                if at + 1 < length and self._flips >> (turn + at) % 8 & 1:
                    flipped[at + 1] = 0x80
        return int.from_bytes(taps, "big"), tuple(int.from_bytes(flipped, "big") for flipped in flips)

    def _mirror(self, block: bytes) -> bytes:
        return bytes(_MIRRORED[byte] if self._mirrored_places[at % 4] else byte for at, byte in enumerate(block))

    def encrypt(self, block: bytes) -> bytes:
        """Return ``block`` as it goes over the line; as long as it was."""
        taps, flips = self._masks(len(block))
        number = int.from_bytes(self._mirror(bytes(byte ^ self._first_xor for byte in block)), "big")
        top = 8 * len(block) - 1
        for flipped in flips:
            fed_back = (number & (taps | 1)).bit_count() & 1  # no tap is bit 0, so the falling bit can be counted along
            number = (number >> 1 | fed_back << top) ^ flipped
        return bytes(byte ^ self._last_xor for byte in number.to_bytes(len(block), "big"))

    def decrypt(self, block: bytes) -> bytes:
        """Return what :meth:`encrypt` made ``block`` of."""
        taps, flips = self._masks(len(block))
        number = int.from_bytes(bytes(byte ^ self._last_xor for byte in block), "big")
        top = 8 * len(block) - 1
        for flipped in reversed(flips):
            number ^= flipped
            fed_back = number >> top
            number = (number & (1 << top) - 1) << 1
            number |= fed_back ^ (number & taps).bit_count() & 1
        return bytes(byte ^ self._first_xor for byte in self._mirror(number.to_bytes(len(block), "big")))
