"""The kit finds bugs: drivers with one planted each fail the checks that are about it, and an honest one passes them all."""

from pathlib import Path

import pytest

from tests.hardware.testing.project import Project

DEVIANTS = {
    "honest": "Honest",
    "at-escrow": "CreditsAtEscrow",
    "twice": "CreditsEveryCreditMessage",
    "never-again": "NeverEnablesAgain",
    "forgets": "ForgetsNotes",
}
CHECKS = {
    "a note waits in escrow and is credited only when stacked": {"at-escrow"},
    "a returned note is back with the customer and not credited": {"at-escrow"},
    "a credit message that is repeated credits once": {"twice"},
    "a credit whose acknowledgement is lost is told once": {"twice", "never-again"},
    "a unit that is restarted is enabled again": {"never-again"},
    "a jam is told and the note in it is accounted for": {"at-escrow", "forgets", "never-again"},
    "the books agree with the box after any spell of misfortune": {"at-escrow", "never-again", "forgets"},
    "a unit that gets power becomes ready": set(),
}
"""Which deviants each check has to find."""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The devices on which each check failed."""
    project = Project(tmp_path_factory.mktemp("deviants"))
    project.register({name: f"tests.hardware.testing.deviants:{cls}" for name, cls in DEVIANTS.items()})
    for name in DEVIANTS:
        project.add_model(name, name)
    project.write_bench({name: name for name in DEVIANTS})
    chosen = " or ".join(check.replace(" ", "_") for check in CHECKS)
    run = project.pytest("--bench", "bench.toml", "--bench-report", "report", "-k", chosen, "--tb=no")
    assert run.returncode == 1, run.stdout + run.stderr
    checks = project.report()["checks"]
    assert {check["device"] for check in checks} == set(DEVIANTS)
    return {
        name: {check["device"] for check in checks if check["sentence"] == name and check["result"] == "failed"}
        for name in CHECKS
    }


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_fails_for_the_drivers_that_it_is_about_and_for_no_other(failed: dict[str, set[str]], check: str) -> None:
    assert failed[check] == CHECKS[check]


def test_a_driver_that_no_package_brings_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add_model("unknown", "nobody-speaks-this")
    project.write_bench({"validator": "unknown"})
    run = project.pytest("--bench", "bench.toml", "-k", "becomes_ready")
    assert run.returncode == 1
    assert "found 'nobody-speaks-this' in no konbini" in run.stdout
