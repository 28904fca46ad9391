"""What holds for every test."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command run inside a test sets up its log and closes the file at its end; the next test must not write there."""
    yield
    structlog.reset_defaults()
