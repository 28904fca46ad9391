"""The kiosk's log: lines of JSON beside the journal, fit to be read and without anybody's number, whatever is logged.

Care at the place of logging is not enough: what an exception or a carrier says is not ours. So everything passes here last,
also the traceback of a bug, which shows its place and not what was being handled.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

import structlog

from kiosk.logfile import LogFile
from kiosk.plaintext import discreet, plain

MOST_CHARACTERS = 500
_OURS = frozenset({"timestamp", "level"})


def clean(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log event with every text in it made plain and discreet; a processor of structlog's."""
    return {plain(key): value if key in _OURS else _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value if not isinstance(value, int) or abs(value) < 10**8 else discreet(str(value))
    if isinstance(value, Mapping):
        return {fit(str(key)): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner) for inner in value]
    return fit(value if isinstance(value, str) else repr(value))


def fit(text: str) -> str:
    """Return a text as it may stand in a log or on a terminal."""
    return discreet(plain(text, MOST_CHARACTERS))


def open_log(path: Path) -> None:
    """Send the log to a file. Raises OSError when it cannot be opened; a disk that fails later ends nothing."""
    file = LogFile(path)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            clean,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, file)),
    )


@contextmanager
def quiet_tracebacks() -> Iterator[None]:
    """Let what Python itself says of a bug pass here too: the traceback that ends the program, and what libraries log."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet("%(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    try:
        yield
    except Exception as error:
        sys.stderr.write(_lines("".join(traceback.format_exception(error))))
        sys.exit(1)


class _Discreet(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _lines(super().format(record)).rstrip()


def _lines(text: str) -> str:
    return "\n".join(fit(line) for line in text.splitlines()) + "\n"
