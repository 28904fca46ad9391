"""How a device reads the inhibit mask of header 231. 1 = accept [2]; the lowest bit of the first byte is position 1.

Two bytes for sixteen positions is what most hosts send [2]. Two public hosts send another number and count on an ACK: one
speaks of the first eight coins only (``FF``) [1], one of twenty-four positions (``FF FF FF``, to a JCM Taiko) [1]. What units
do with it is not known; here a mask is taken at any length: positions it does not reach stay as they are, and bits beyond the
last position say nothing [U].
"""

POSITIONS = 16
_ALL = (1 << POSITIONS) - 1


def set_mask(mask: int, data: bytes) -> int:
    """Return what is accepted once a host has sent ``data``, of which there is a byte at least; ``mask`` is what was before."""
    spoken_of = (1 << 8 * len(data)) - 1
    return (mask & ~spoken_of | int.from_bytes(data, "little")) & _ALL
