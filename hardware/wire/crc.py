"""Cyclic redundancy checks that more than one protocol uses."""

from binascii import crc_hqx

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in reverse order."""


def crc16_kermit(data: bytes) -> int:
    """Return the CRC-16/KERMIT of ``data``: ID-003 and CCNET send it low byte first, over sync byte to last data byte.

    Reflected polynomial 0x8408, initial value 0, no final xor; ``crc16_kermit(b"123456789") == 0x2189``. Source: the
    reference, [2] two independent implementations agree and live frames were recomputed.

    The standard library has the same polynomial unreflected (``crc_hqx``, CRC-16/XMODEM) in C. Mirroring the bits going in
    and coming out makes it ours, several times faster than a table in Python: a simulation checks millions of frames.
    """
    mirrored = crc_hqx(data.translate(_MIRRORED), 0)
    return _MIRRORED[mirrored >> 8] | _MIRRORED[mirrored & 0xFF] << 8


def crc16_xmodem(data: bytes) -> int:
    """Return the CRC-16/XMODEM of ``data``: ccTalk's CRC mode splits it around the frame, low byte in the sender's place.

    Polynomial 0x1021, not reflected, initial value 0, no final xor; ``crc16_xmodem(b"123456789") == 0x31C3``. Source: the
    reference, and its frames were recomputed.
    """
    return crc_hqx(data, 0)


def _cms_step(high: int) -> int:
    """Return what the top byte of the register turns into after eight shifts under polynomial 0x8005."""
    crc = high << 8
    for _ in range(8):
        crc = (crc << 1 ^ 0x8005) if crc & 0x8000 else crc << 1
    return crc & 0xFFFF


_CMS = tuple(_cms_step(byte) for byte in range(256))


def crc16_cms(data: bytes) -> int:
    """Return the CRC-16/CMS of ``data``: SSP sends it low byte first, over SEQ/ID, LEN and DATA, before byte stuffing.

    Polynomial 0x8005, not reflected, initial value 0xFFFF, no final xor; ``crc16_cms(b"123456789") == 0xAEE7``. Source: the
    reference, [V] the maker's manual and [R] live frames. The standard library has nothing with this polynomial; a table of
    256 makes it eight times faster than bit by bit, and what is said again and again is cached above this.
    """
    crc = 0xFFFF
    for byte in data:
        crc = (crc & 0xFF) << 8 ^ _CMS[crc >> 8 ^ byte]
    return crc
