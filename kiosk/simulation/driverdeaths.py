"""Hears of drivers that died of a bug: they say so in the log, and go on as a device that does not answer."""

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog


@contextmanager
def driver_deaths(tell: Callable[[str], None]) -> Iterator[None]:
    """Call ``tell`` for each while the block lasts. Other lines of the log are thrown away."""

    def hear(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if line.get("event") == "driver_died":
            tell(f"{line.get('device')}: {line.get('exception', '')}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, hear],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
