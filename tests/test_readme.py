"""What the README says is there."""

import re
from pathlib import Path

from hardware.models import load_models, models_folder
from hardware.protocols import DRIVERS, EMULATORS, registered

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
DEVICES = README.split("## The devices")[1].split("## The conformance kit")[0]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in DEVICES.splitlines() if line.startswith("| **")]


def test_every_shipped_model_stands_in_the_device_table_and_no_other() -> None:
    told = {name for row in ROWS for name in re.findall(r"`([a-z0-9-]+)`", row[1])}
    assert told == set(load_models(models_folder()))


def test_a_row_says_driver_and_emulator_only_where_one_is_registered() -> None:
    models = load_models(models_folder())
    for row in ROWS:
        for name in re.findall(r"`([a-z0-9-]+)`", row[1]):
            assert (row[2] == "yes") == (models[name].protocol in registered(DRIVERS)), name
            assert (row[3] == "yes") == (models[name].protocol in registered(EMULATORS)), name


def test_every_make_target_the_readme_names_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


def test_every_file_the_readme_points_to_is_there() -> None:
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
