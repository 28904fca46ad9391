"""Finds frames in a stream of bytes cut anywhere, for protocols whose frames begin with a fixed byte and carry a length."""

from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F")


class FrameSplitter(Generic[F]):
    """Splits a stream into frames; noise between them is dropped.

    A frame is believed for its length and its check together, never for the first byte alone: that may stand in data and in
    noise. The leftmost complete frame wins; when the leftmost start still waits for bytes but a complete frame stands behind
    it, that frame wins, so one valid frame is all it takes to recover after garbage.
    """

    def __init__(self, start: int, end_of: Callable[[bytes, int], int], whole: Callable[[bytes], F | None]) -> None:
        """``start`` is the first byte of every frame. ``end_of(buffer, at)`` returns where the frame that seems to begin at
        ``at`` would end, or ``at`` when none can begin there; it must cap the length: a forged one would make us sit and
        swallow the good frames behind it. ``whole`` returns the frame that these bytes are from first to last, or None."""
        self._start = start
        self._end_of = end_of
        self._whole = whole
        self._buffer = b""

    def feed(self, data: bytes) -> list[F]:
        """Take what arrived and return the frames that are now complete, in order."""
        whole = self._whole
        if not self._buffer:
            frame = whole(data)
            if frame is not None:
                return [frame]
        buffer = self._buffer + data
        frames: list[F] = []
        consumed = 0  # everything before it is a frame delivered, or noise
        waiting = -1  # the first start byte after ``consumed`` whose frame is not all here yet
        at = buffer.find(self._start)
        while at >= 0:
            end = self._end_of(buffer, at)
            if end > len(buffer):
                waiting = at if waiting < 0 else waiting
            elif end > at:
                frame = whole(buffer[at:end])
                if frame is not None:
                    frames.append(frame)
                    consumed, waiting = end, -1
                    at = buffer.find(self._start, end)
                    continue
            at = buffer.find(self._start, at + 1)
        self._buffer = buffer[max(waiting, consumed) :] if waiting >= 0 else b""
        return frames

    def reset(self) -> None:
        """Drop a frame that never became whole; to be called when the gap between two bytes was too long."""
        self._buffer = b""

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are kept."""
        return len(self._buffer)
