"""Bytes a second through each codec's splitter: what a line says, the same few frames over and over, read in pieces of 64.

The baseline is one CRC in C over the same pieces: what reading could cost at the very least.
"""

from binascii import crc_hqx
from statistics import median
from time import perf_counter

from tests.benchmarks.table import Row
from tests.fuzz.codecs import CODECS, CodecUnderTest

STREAM_BYTES = 300_000
PIECE = 64
ROUNDS = 5


def _pieces(codec: CodecUnderTest) -> list[bytes]:
    traffic = b"".join(codec.sound)
    stream = traffic * (STREAM_BYTES // len(traffic))
    return [stream[at : at + PIECE] for at in range(0, len(stream), PIECE)]


def _ours_s(codec: CodecUnderTest, pieces: list[bytes]) -> float:
    splitter = codec.new_splitter()
    began_s = perf_counter()
    for piece in pieces:
        splitter.feed(piece)
    return perf_counter() - began_s


def _bare_s(pieces: list[bytes]) -> float:
    began_s = perf_counter()
    for piece in pieces:
        crc_hqx(piece, 0)
    return perf_counter() - began_s


def measure() -> list[Row]:
    """Return a row a codec. There is no aim but a line's own speed: 9600 baud bring 960 bytes a second."""
    rows: list[Row] = []
    for name, codec in CODECS.items():
        pieces = _pieces(codec)
        size = sum(map(len, pieces))
        ours = size / median(_ours_s(codec, pieces) for _ in range(ROUNDS))
        bare = size / median(_bare_s(pieces) for _ in range(ROUNDS))
        what, least = f"codec {name}", f"CRC in C {bare / 1e6:.0f} MB/s"
        rows.append(Row(what, f"{ours / 1e6:.2f} MB/s", least, ours / 960, 1000, "x 9600 baud", more_is_better=True))
    return rows
