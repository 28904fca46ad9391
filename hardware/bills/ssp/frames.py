"""SSP as bytes: packets with their sequence flag, and the splitter that both ends of the line share. Pure; keeps no time.

A packet is ``7F | SEQ/ID | LEN | DATA | CRC low | CRC high``, everything after the first byte stuffed
(:mod:`~hardware.bills.ssp.stuffing`). Bit 7 of SEQ/ID is the sequence flag, bits 0 to 6 the device's address. LEN counts DATA
only, before stuffing. The CRC is CRC-16/CMS over SEQ/ID, LEN and DATA. 9600 baud, 8 data bits, no parity, 2 stop bits [V].

The sequence flag is how a lost reply is survived [V, R]: the host flips it for every new packet and repeats it when it repeats
a packet; the device answers with the same SEQ/ID byte. A packet whose flag equals the last one is not executed, the last reply
is sent again. SYNC resets this: after it the next new packet carries flag 0. Hosts send SYNC itself with either flag.

Time [V]: no answer within 1 s means the same packet again with the same flag, 20 times, then give up; a poll every 200 to
1000 ms; a validator disables itself after 10 s without any command.

Source: the reference on SSP, [V] the maker's manual and [R] live exchanges unless something else is said.
"""

from dataclasses import dataclass
from functools import lru_cache

from hardware.bills.ssp.stuffing import STX, stuff, unstuff
from hardware.wire.crc import crc16_cms

FLAG = 0x80
"""The sequence flag in SEQ/ID."""
HIGHEST_ADDRESS = 0x7D
ADDRESS_VALIDATOR = 0x00
ADDRESS_HOPPER = 0x10
MAX_DATA = 0xFF
_AROUND_DATA = 4
"""SEQ/ID, LEN and two of CRC."""
_LONGEST = 1 + 2 * (MAX_DATA + _AROUND_DATA)
"""Bytes on the wire when every one of a packet has to be stuffed; what is longer is not kept in any cache."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet in either direction."""

    data: bytes
    """From the host a command and its parameters; from the device a generic reply and what goes with it; or 7E and what
    :mod:`~hardware.bills.ssp.crypto` makes of either."""
    flag: bool = False
    """The sequence flag."""
    address: int = ADDRESS_VALIDATOR
    """Of the device, in both directions."""

    @property
    def seq_id(self) -> int:
        """The SEQ/ID byte."""
        return self.address | FLAG if self.flag else self.address

    def encode(self) -> bytes:
        """Return the packet as it goes over the wire. Raises ValueError when no packet could carry this."""
        if not 1 <= len(self.data) <= MAX_DATA:
            raise ValueError(f"SSP packet with {len(self.data)} bytes of data, 1 to {MAX_DATA} fit")
        if not 0 <= self.address <= HIGHEST_ADDRESS:
            raise ValueError(f"SSP address {self.address}, 0 to {HIGHEST_ADDRESS} exist")
        return _encoded(bytes((self.seq_id, len(self.data))) + self.data)


# A line says the same few packets over and over: a poll costs look-ups, not CRCs.
@lru_cache(maxsize=256)
def _encoded(body: bytes) -> bytes:
    return bytes((STX,)) + stuff(body + crc16_cms(body).to_bytes(2, "little"))


@lru_cache(maxsize=256)
def _whole(raw: bytes) -> Packet | None:
    """Return the packet that ``raw`` is from first byte to last, as it stands on the wire, or None."""
    if len(raw) <= _AROUND_DATA or raw[0] != STX or raw[1] == STX:
        return None
    body = unstuff(raw[1:])
    if body is None or len(body) <= _AROUND_DATA or len(body) != body[1] + _AROUND_DATA:
        return None
    return _checked(body)


def _checked(body: bytes) -> Packet | None:
    """Return the packet of these bytes from SEQ/ID to CRC, unstuffed and as many as LEN says; None for a wrong CRC."""
    if body[0] & ~FLAG > HIGHEST_ADDRESS or crc16_cms(body[:-2]) != int.from_bytes(body[-2:], "little"):
        return None
    return Packet(body[2:-2], bool(body[0] & FLAG), body[0] & ~FLAG)


class Splitter:
    """Finds SSP packets in a stream of bytes cut anywhere; noise between them is dropped.

    A lone 7F begins a packet and ends whatever was going on. Two in a row are one byte of data to a packet that is under way;
    but when that packet is noise, the second may be the start of a good one. So both readings are followed, and the first
    that becomes whole with a right CRC wins: one good packet is all it takes to recover after garbage. What is followed is
    bounded: a reading ends after the at most 259 bytes that LEN allows.
    """

    def __init__(self) -> None:
        self._readings: list[bytearray] = []  # unstuffed, from SEQ/ID on; oldest first
        self._after_stx = 0  # how many 7F in a row were the last bytes

    def feed(self, data: bytes) -> list[Packet]:
        """Take what arrived and return the packets that are now complete, in order."""
        if not self._readings and not self._after_stx and len(data) <= _LONGEST:
            packet = _whole(data)
            if packet is not None:
                return [packet]
        packets: list[Packet] = []
        for byte in data:
            packet = self._take(byte)
            if packet is not None:
                packets.append(packet)
                self.reset()
        return packets

    def _take(self, byte: int) -> Packet | None:
        if byte == STX:
            self._after_stx += 1
            return None if self._after_stx % 2 else self._grow(STX)
        if self._after_stx:
            if self._after_stx % 2:
                self._readings.clear()  # that 7F was a lone one
            self._after_stx = 0
            packet = self._grow(byte)
            if packet is None and byte & ~FLAG <= HIGHEST_ADDRESS:
                self._readings.append(bytearray((byte,)))
            return packet
        return self._grow(byte)

    def _grow(self, byte: int) -> Packet | None:
        """Add one byte of data to every reading; return the packet that one of them now is."""
        if not self._readings:
            return None
        going_on: list[bytearray] = []
        for reading in self._readings:
            reading.append(byte)
            if reading[1] == 0:
                continue  # no packet is empty
            if len(reading) < reading[1] + _AROUND_DATA:
                going_on.append(reading)
                continue
            packet = _checked(bytes(reading))
            if packet is not None:
                return packet
        self._readings = going_on
        return None

    def reset(self) -> None:
        """Drop a packet that never became whole; to be called when the gap between two bytes was too long."""
        self._readings = []
        self._after_stx = 0

    @property
    def pending(self) -> int:
        """How many bytes of unfinished packets are kept."""
        return sum(map(len, self._readings))
