"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No example fails for the time it took: that says how busy the machine is."""

settings.register_profile("same", _UNTIMED, derandomize=True, database=None)
settings.register_profile("explore", _UNTIMED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
"""The suite tries the same examples each time: whoever changes a line is not told of a fault in another.
``HYPOTHESIS_PROFILE=explore`` looks for new ones."""

WAITING = {
    "test_command_line",
    "test_every_model",
    "test_lasting_memory",
    "test_plugin",
    "test_real_kills",
    "test_run",
    "test_run_on_a_full_disk",
    "test_secrecy",
}
"""Files whose tests mostly wait for real time to pass."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that wait come first: each worker gets a row of tests, so that one waits while the others work."""
    items.sort(key=lambda item: item.path.stem not in WAITING)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command run inside a test sets up its log and closes the file at its end; the next test must not write there."""
    yield
    structlog.reset_defaults()
