"""Standard input and output of the package's commands: lines in, one JSON object a line out, on the event loop."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_LINE = 1000
"""Bytes of one line of input that are kept: no command is longer, and a line without an end must not fill the memory."""
READ_SIZE = 65536
PAUSE_S = 0.02
"""Wait between looks at whether the lines read so far have been taken."""


class LineInput:
    """Lines of standard input on the loop: a terminal, a pipe, or a file, which no loop can wait for.

    No more is read while lines wait in the queue, so endless input costs no memory.
    """

    def __init__(self, on_line: "asyncio.Queue[str | None]") -> None:
        self._queue = on_line
        self._rest = b""
        self._fd = -1

    def start(self) -> None:
        """Begin to read. ``None`` in the queue is the end of input. A line that is too long ends in an ellipsis."""
        if sys.stdin is None:  # python's sign for a closed descriptor, whose number something else has by now
            self._queue.put_nowait(None)
            return
        self._fd = sys.stdin.fileno()
        self._listen()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._queue.empty():
            loop.call_later(PAUSE_S, self._listen)
            return
        try:
            loop.add_reader(self._fd, self._readable)
        except PermissionError:  # epoll's answer for a file or /dev/null: it never makes anyone wait
            loop.call_soon(self._readable)

    def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            loop.call_later(PAUSE_S, self._listen)
            return
        except OSError:
            data = b""  # the terminal hung up
        if data:
            self._take(data)
            loop.call_soon(self._listen)
            return
        if self._rest:
            self._take(b"\n")
        self._queue.put_nowait(None)

    def _take(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: LONGEST_LINE + 1]
        for line in lines:
            text = line[:LONGEST_LINE].decode("utf-8", "replace").strip()
            self._queue.put_nowait(text + "…" if len(line) > LONGEST_LINE else text)


class Output:
    """Standard output. It may be closed at any time; then ``on_gone`` is called once and nothing more is written."""

    def __init__(self, on_gone: Callable[[], None] = lambda: None) -> None:
        self._on_gone = on_gone
        self.failure: str | None = None
        """Why nothing can be written any more, for people."""
        if sys.stdout is None:
            self.failure = "standard output is closed"

    def say(self, message: Mapping[str, Any]) -> None:
        """Write one JSON object as a line, at once."""
        self.line(json.dumps(message, ensure_ascii=False))

    def line(self, text: str) -> None:
        """Write one line, at once."""
        data = text.encode("utf-8", "replace") + b"\n"
        while data and self.failure is None:
            try:
                data = data[os.write(1, data) :]
            except OSError as error:
                self.failure = f"standard output: {error.strerror}"
                self._on_gone()
