"""The kit finds bugs: drivers with one planted each fail the checks that are about it, and an honest one passes them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hardware.testing.project import Project


@dataclass(frozen=True)
class Trial:
    """Drivers of one class of device, and which of them each check has to find."""

    model: str
    link: str
    emulator: str
    deviants: Mapping[str, str]
    checks: Mapping[str, set[str]]


BILLS = Trial(
    "jcm-id003-jpy",
    "memory",
    "hardware.bills.id003.emulator:Id003Emulator",
    {
        "honest": "Honest",
        "at-escrow": "CreditsAtEscrow",
        "twice": "CreditsEveryCreditMessage",
        "never-again": "NeverEnablesAgain",
        "forgets": "ForgetsNotes",
    },
    {
        "a note waits in escrow and is credited only when stacked": {"at-escrow"},
        "a returned note is back with the customer and not credited": {"at-escrow"},
        "a credit message that is repeated credits once": {"twice"},
        "a credit whose acknowledgement is lost is told once": {"twice", "never-again"},
        "a unit that is restarted is enabled again": {"never-again"},
        "a jam is told and the note in it is accounted for": {"at-escrow", "forgets", "never-again"},
        "the books agree with the box after any spell of misfortune": {"at-escrow", "never-again", "forgets"},
        "a unit that gets power becomes ready": set(),
    },
)
NEAR_FULL = Trial(
    "jcm-id003-jpy",
    "memory",
    "hardware.bills.id003.emulator:Id003Emulator",
    {"counts": "CountsItsBox", "never": "NeverNearFull"},
    {"a nearly full box is told while notes still fit": {"never"}},
)
COINS = Trial(
    "cctalk-coin-jpy",
    "memory",
    "hardware.coins.cctalk.acceptor_emulator:CcTalkCoinEmulator",
    {"honest": "HonestCoins", "forgets-mark": "ForgetsItsMark", "twice": "CreditsCoinsTwice"},
    {
        "each denomination is credited once with its value": {"twice"},
        "a host killed at any moment resumes from its journals mark": {"twice", "forgets-mark"},
        "a device that gets power becomes ready": set(),
    },
)
PAYOUTS = Trial(
    "upos-changer-jpy",
    "simulated",
    "",
    {"honest": "HonestChanger", "pays-twice": "PaysLargeOrdersTwice", "guesses": "GuessesAtPayouts"},
    {
        "an order pays exactly what was ordered": {"pays-twice"},
        "a host killed in a payout asks by its mark": {"pays-twice"},
        "an order that was never given is told as nothing": {"guesses"},
        "only one order at a time": {"pays-twice"},
        "a value that it does not have is the callers mistake": set(),
    },
)
TRIALS = {"bills": BILLS, "near-full": NEAR_FULL, "coins": COINS, "payouts": PAYOUTS}


@pytest.fixture(scope="module", params=TRIALS)
def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, dict[str, set[str]]]:
    """A trial, and the devices on which each check failed."""
    tried = TRIALS[request.param]
    project = Project(tmp_path_factory.mktemp("deviants"))
    project.register({name: f"tests.hardware.testing.deviants:{cls}" for name, cls in tried.deviants.items()}, tried.emulator)
    for name in tried.deviants:
        project.add_model(name, name, tried.model)
    project.write_bench({name: name for name in tried.deviants}, tried.link)
    chosen = " or ".join(check.replace(" ", "_") for check in tried.checks)
    run = project.pytest("--bench", "bench.toml", "--bench-report", "report", "-k", chosen, "--tb=no")
    assert run.returncode == 1, run.stdout + run.stderr
    checks = project.report()["checks"]
    assert {check["device"] for check in checks} == set(tried.deviants)
    assert all(check["result"] != "not run" for check in checks)
    found: dict[str, set[str]] = {name: set() for name in tried.checks}
    for check in checks:
        if check["result"] == "failed":
            found[check["sentence"]].add(check["device"])
    return tried, found


def test_each_check_fails_for_the_drivers_that_it_is_about_and_for_no_other(trial: tuple[Trial, dict[str, set[str]]]) -> None:
    tried, found = trial
    assert found == tried.checks


def test_a_driver_that_no_package_brings_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add_model("unknown", "nobody-speaks-this")
    project.write_bench({"validator": "unknown"})
    run = project.pytest("--bench", "bench.toml", "-k", "becomes_ready")
    assert run.returncode == 1
    assert "found 'nobody-speaks-this' in no konbini" in run.stdout
