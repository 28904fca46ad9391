"""Emulated ID-003 units to start a test with."""

import pytest

from tests.hardware.bills.id003_host import IDLING, Host


@pytest.fixture
def host() -> Host:
    """A unit that has just got power."""
    return Host()


@pytest.fixture
def idle() -> Host:
    """A unit that accepts every note."""
    host = Host()
    host.start()
    assert host.poll() == IDLING
    return host
