"""One configuration for all tests of the whole kiosk: the one that is shipped, on the bench in memory."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from kiosk.config import KioskConfig, load_config

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="session")
def config() -> KioskConfig:
    return load_config(CONFIG, CONFIG / "benches" / "virtual.toml")


@pytest.fixture(scope="session")
def change_config() -> KioskConfig:
    """A bill acceptor beside a change machine for coins and notes."""
    return load_config(CONFIG, CONFIG / "benches" / "change-virtual.toml")


@pytest.fixture(scope="session")
def changer_config() -> KioskConfig:
    """A change machine for coins and notes, and nothing else that takes money."""
    return load_config(CONFIG, CONFIG / "benches" / "changer-virtual.toml")


@pytest.fixture(autouse=True, scope="package")
def _quiet_log() -> Iterator[None]:
    """Hours of virtual time would fill the report with what devices said."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
