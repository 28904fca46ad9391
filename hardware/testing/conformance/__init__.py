"""The packaged contract: every check, by class of device and by what it is about.

``pytest --bench FILE`` collects these modules by itself. To make them part of a suite of your own, name a bench in a test
module and take the checks in::

    BENCH = Path(__file__).parent / "our-bench.toml"
    globals().update(conformance.checks())
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

SUBJECTS = ("bills_line", "bills_mechanics", "bills_misfortune", "bills_power", "bills_service", "coins", "payouts")
"""The modules."""


def checks(*subjects: str) -> dict[str, Callable[..., Any]]:
    """Return the checks of these :data:`SUBJECTS` (all, when none is named) by their names, each of them a pytest test."""
    found: dict[str, Callable[..., Any]] = {}
    for subject in subjects or SUBJECTS:
        module = import_module(f"{__name__}.{subject}")
        for name, check in vars(module).items():
            if name.startswith("test_"):
                assert name not in found, f"two checks are called {name}"
                found[name] = check
    return found
