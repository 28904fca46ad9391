"""ccTalk as bytes: frames in all three modes, and the splitter that both ends of the line share. Pure; times are handed in.

The line is 9600 8N1 and one single wire: whoever sends hears its own bytes [2]. Three modes, each device in one of them and
silent to the others:

* sum8: ``DEST | N | SRC | HEADER | DATA(N) | SUM``, all bytes add to 0 modulo 256;
* crc16: ``DEST | N | CRC low | HEADER | DATA(N) | CRC high``, CRC-16/XMODEM over DEST, N, HEADER and DATA. The frame has no
  source: replies go to address 1;
* bnv: a crc16 frame with everything behind N scrambled under six digits (:mod:`hardware.cctalk.bnv`).

So DEST and N stand in the same place and in clear in all three, and every frame is 5 + N bytes long: devices in different
modes share a line by skipping each other's frames.

TRAP: sum8 and length alone cannot tell where a frame begins. A stream is brought back into step by silence on the line, never
by search.

Source: the reference on ccTalk; [2] two or more independent implementations agree, [R] for bnv.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from hardware.cctalk.bnv import DEFAULT_CODE, BnvCipher
from hardware.wire.crc import crc16_xmodem

BROADCAST = 0
HOST = 1
OVERHEAD = 5
"""Bytes of a frame that are not data."""
MAX_DATA = 252
"""No frame of the protocol carries more [U]; what claims to is noise, and ends with the next silence as any other."""
BYTE_GAP_S = 0.05
"""A frame that pauses longer than this between two bytes is dropped [U]; senders keep to 10 ms."""


class Mode(Enum):
    """How frames are protected."""

    SUM8 = "sum8"
    CRC16 = "crc16"
    BNV = "bnv"


class Frame(NamedTuple):
    """One message in either direction."""

    to: int
    """Address of whom it is for: 0 everybody, 1 the host."""
    header: int
    """A :class:`~hardware.cctalk.headers.Header`; 0 in a reply."""
    data: bytes = b""
    source: int = HOST
    """Address of who says it. The crc16 and bnv modes do not send it: a frame read there has HOST."""


class Codec:
    """Writes and reads whole frames in one mode."""

    def __init__(self, mode: Mode, code: str = DEFAULT_CODE) -> None:
        """``code`` are the six digits of bnv, unused in the other modes. Raises ValueError when they are not."""
        self.mode = mode
        self._cipher = BnvCipher(code) if mode is Mode.BNV else None
        # A line says the same few frames over and over: a poll costs look-ups, not checksums.
        self._written = lru_cache(maxsize=256)(self._write)
        self._read = lru_cache(maxsize=256)(self._parse)

    def encode(self, frame: Frame) -> bytes:
        """Return ``frame`` as it goes over the line. Raises ValueError when its data does not fit."""
        if len(frame.data) > MAX_DATA:
            raise ValueError(f"ccTalk data of {len(frame.data)} bytes, {MAX_DATA} fit")
        return self._written(frame)

    def decode(self, raw: bytes) -> Frame | None:
        """Return the frame that ``raw`` is from first byte to last, or None: wrong check, other mode, other code, noise."""
        return self._read(raw)

    def _write(self, frame: Frame) -> bytes:
        head = bytes((frame.to, len(frame.data)))
        if self.mode is Mode.SUM8:
            body = head + bytes((frame.source, frame.header)) + frame.data
            return body + bytes((-sum(body) & 0xFF,))
        content = bytes((frame.header,)) + frame.data
        crc = crc16_xmodem(head + content)
        block = bytes((crc & 0xFF,)) + content + bytes((crc >> 8,))
        return head + (self._cipher.encrypt(block) if self._cipher else block)

    def _parse(self, raw: bytes) -> Frame | None:
        if not OVERHEAD <= len(raw) <= OVERHEAD + MAX_DATA or len(raw) != OVERHEAD + raw[1]:
            return None
        if self.mode is Mode.SUM8:
            return None if sum(raw) & 0xFF else Frame(raw[0], raw[3], raw[4:-1], raw[2])
        block = self._cipher.decrypt(raw[2:]) if self._cipher else raw[2:]
        if crc16_xmodem(raw[:2] + block[1:-1]) != block[0] | block[-1] << 8:
            return None
        return Frame(raw[0], block[1], block[2:-1])


def is_whole(raw: bytes) -> bool:
    """Tell whether ``raw`` is as long as the one frame that it begins with claims to be, right or wrong."""
    length = len(raw)
    return length >= OVERHEAD and length == OVERHEAD + raw[1]


class Splitter:
    """Cuts a stream into frames by their length alone, from one silence to the next.

    A frame that is complete and wrong (a flipped bit, another mode, another code) is left out as a whole and the next one
    begins behind it. When a length was garbled nothing fits any more until the line has been silent for ``gap_s``.
    """

    def __init__(self, codec: Codec, gap_s: float = BYTE_GAP_S) -> None:
        self.codec = codec
        self._gap_s = gap_s
        self._buffer = b""
        self._last_byte_s = 0.0

    def feed(self, data: bytes, now_s: float | None = None) -> list[Frame]:
        """Take what arrived at ``now_s`` and return the frames that are now complete, in order.

        Without a time nothing is known of silence: then whoever asks calls :meth:`reset` before each question.
        """
        if now_s is not None:
            if self._buffer and now_s - self._last_byte_s > self._gap_s:
                self._buffer = b""
            self._last_byte_s = now_s
        buffer = self._buffer + data
        frames: list[Frame] = []
        begin = 0
        while len(buffer) - begin >= 2:
            end = begin + OVERHEAD + buffer[begin + 1]
            if end > len(buffer):
                break
            frame = self.codec.decode(buffer[begin:end])
            if frame is not None:
                frames.append(frame)
            begin = end
        self._buffer = buffer[begin:]
        return frames

    def reset(self) -> None:
        """Drop a frame that never became whole, as silence does."""
        self._buffer = b""

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are kept: never more than 259."""
        return len(self._buffer)
