"""The socket to the till: one JSON object a line, read without waiting, believed only after a look.

The main loop waits for this socket itself (``select``), so a model is drawn as soon as it has come, with no thread.
"""

import json
import logging
import select
import socket
from dataclasses import fields
from pathlib import Path
from typing import Any

from kiosk.languages import TAGS
from kiosk.screenmodel import CarrierCard, EntryField, PlanCard, ScreenModel, Step

_log = logging.getLogger(__name__)

LONGEST_LINE = 1 << 20
"""A line longer than this is thrown away: whatever is at the other end, it cannot fill the screen's memory."""

_PLAIN: dict[Any, type] = {str: str, int: int, bool: bool}


def _check(what: Any) -> None:
    """Raise TypeError when a plain field of a dataclass holds something of another type: JSON promises nothing."""
    for field in fields(what):
        wanted = _PLAIN.get(field.type)
        value = getattr(what, field.name)
        if wanted is not None and not (isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))):
            raise TypeError(f"{type(what).__name__}.{field.name}: found {value!r}, expected {wanted.__name__}")


def read_model(line: str) -> ScreenModel:
    """Return the model in ``line``, checked so far that drawing it cannot fail. Raises ValueError for anything else."""
    try:
        model = ScreenModel.from_json(line)
        _check(model)
        parts: tuple[CarrierCard | PlanCard | EntryField | Step, ...] = (*model.carriers, *model.plans, *model.steps)
        for part in (*parts, *(one for one in (model.plan, model.entry) if one is not None)):
            _check(part)
        if not all(isinstance(yen, int) for yen in model.accepted_yen) or not all(isinstance(b, str) for b in model.buttons):
            raise TypeError("accepted_yen or buttons: wrong type in the list")
        if model.language not in TAGS:
            raise ValueError(f"language: found {model.language!r}, expected one of {', '.join(TAGS)}")
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a screen model: {error!r}") from error
    return model


def read_control(line: str) -> dict[str, Any] | None:
    """Return the object in ``line`` when it is a control line, else None. Raises ValueError when it is no JSON object."""
    try:
        raw = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    return raw if "control" in raw else None


class Wire:
    """One end of the socket, never blocking."""

    def __init__(self, path: Path) -> None:
        """Connect. Raises OSError when nobody listens at ``path``."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._socket.setblocking(False)
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._skipping = False
        self.ended = False
        """Whether the other end has gone."""

    def wait(self, timeout_s: float) -> None:
        """Sleep until something has come, or ``timeout_s`` is over; send meanwhile what had to wait."""
        writing = [self._socket] if self._outgoing else []
        _, writable, _ = select.select([self._socket], writing, [], timeout_s)
        if writable:
            self._flush()

    def lines(self) -> list[str]:
        """Return the whole lines that have come; bytes that are no UTF-8 and lines too long are logged and left out."""
        self._receive()
        lines: list[str] = []
        while (end := self._incoming.find(b"\n")) >= 0:
            line = bytes(self._incoming[:end])
            del self._incoming[: end + 1]
            if self._skipping:
                self._skipping = False
                continue
            try:
                lines.append(line.decode("utf-8"))
            except UnicodeDecodeError as error:
                _log.warning("line from the till ignored: not UTF-8 at byte %d", error.start)
        if len(self._incoming) > LONGEST_LINE:
            _log.warning("line from the till ignored: longer than %d bytes", LONGEST_LINE)
            self._incoming.clear()
            self._skipping = True
        return lines

    def _receive(self) -> None:
        while not self.ended and len(self._incoming) <= LONGEST_LINE:
            try:
                data = self._socket.recv(65536)
            except BlockingIOError:
                return
            except ConnectionError as error:
                _log.warning("till lost: %s", error)
                data = b""
            if not data:
                self.ended = True
                return
            self._incoming += data

    def send(self, line: str) -> None:
        """Queue one line and send what can be sent at once."""
        self._outgoing += line.encode("utf-8") + b"\n"
        self._flush()

    def _flush(self) -> None:
        try:
            while self._outgoing:
                del self._outgoing[: self._socket.send(self._outgoing)]
        except BlockingIOError:
            return
        except ConnectionError as error:
            _log.warning("till lost: %s", error)
            self.ended = True

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
