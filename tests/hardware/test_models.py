"""Device models: every file that is shipped can be used, and a wrong one never gets further than a ConfigError."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware import models
from hardware.bills.acceptor import BillAcceptor
from hardware.changer.changer import CashChanger
from hardware.coins.acceptor import CoinAcceptor
from hardware.configfile import ConfigFile
from hardware.dispenser import CashDispenser
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.links.nowire import NoWire
from hardware.links.port import SerialSettings
from hardware.models import DeviceModel, find_model, load_model, load_models, models_folder
from hardware.printers.printer import ReceiptPrinter
from hardware.protocols import make_driver, make_emulator

SHIPPED = load_models(models_folder())
WIRED = {name: model for name, model in SHIPPED.items() if model.has_wire}
WIRELESS = {name: model for name, model in SHIPPED.items() if not model.has_wire}


def test_models_are_found_by_name_and_by_path() -> None:
    assert list(SHIPPED) == sorted(path.stem for path in models_folder().glob("*.toml"))
    for name, model in SHIPPED.items():
        assert find_model(name) == model
        assert find_model(str(model.path)) == model


@pytest.mark.parametrize("model", WIRED.values(), ids=WIRED)
def test_every_shipped_model_has_a_driver_of_its_class_an_emulator_and_a_line(model: DeviceModel) -> None:
    contracts = {"bill": BillAcceptor, "coin": CoinAcceptor, "hopper": CashDispenser, "printer": ReceiptPrinter}
    contract = contracts[model.device_class]
    assert isinstance(make_driver(model, memory_line(model.name)[0]), contract)
    emulator = make_emulator(model)
    assert emulator.model is model
    assert emulator.commands()
    assert SerialSettings.from_config(ConfigFile(model.path, model.settings).table("serial")).baud >= 9600
    assert model.description
    assert model.confidence


@pytest.mark.parametrize("model", WIRELESS.values(), ids=WIRELESS)
def test_a_shipped_model_without_a_wire_is_driven_without_one_and_emulated_by_nobody(model: DeviceModel) -> None:
    assert isinstance(make_driver(model, NoWire(model.name)), CashChanger)
    with pytest.raises(ConfigError, match="has no wire to emulate"):
        make_emulator(model)
    with pytest.raises(ConfigError, match="claims no wire"):
        make_driver(model, memory_line("x")[0])
    assert model.description
    assert model.confidence


def test_an_installed_package_has_the_shipped_models_and_a_project_with_its_own_has_those(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SHIPPED["jcm-id003-jpy"].path.read_text()
    monkeypatch.chdir(tmp_path)
    packaged = Path(models.__file__).parent / "devices"  # package data in pyproject.toml: what a wheel takes along
    assert models_folder() == packaged.resolve()
    assert sorted(path.stem for path in packaged.glob("*.toml")) == list(SHIPPED)
    own = tmp_path / "config" / "devices"
    own.mkdir(parents=True)
    (own / "unit.toml").write_text(text)
    assert list(load_models(models_folder())) == ["unit"]


def test_a_model_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no model 'no-such', expected one of .*jcm-id003-jpy, .*tm-t88iii-ja, tm-t88v-ja"):
        find_model("no-such")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (
            'class = "bill"',
            'class = "bills"',
            "class: found 'bills', expected one of bill, coin, hopper, changer, printer, card",
        ),
        ('protocol = "id003"', "", "protocol: found nothing, expected a text in quotes"),
        (
            "unknown_replies = [",
            "unknown_replies = [5, ",
            "conformance.unknown_replies: found [5, 'FC 05 5A F0 AA', 'FC 06 5B 01 10 10'], "
            "expected a list of replies in hexadecimal",
        ),
        (
            "unknown_replies",
            "unknown_reply",
            "conformance.unknown_reply: unknown key, expected one of credits_at_lever, unknown_replies",
        ),
        ("confidence = ", "confidenec = ", "confidence: found nothing, expected a text in quotes"),
    ],
)
def test_a_wrong_head_or_word_to_the_kit_is_named(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    path = tmp_path / "unit.toml"
    path.write_text(SHIPPED["jcm-id003-jpy"].path.read_text().replace(was, becomes, 1))
    with pytest.raises(ConfigError) as error:
        load_model(path)
    assert str(error.value) == f"{path}: {says}"


def test_a_protocol_that_no_package_brings_is_named_with_those_that_are_there() -> None:
    stranger = replace(SHIPPED["jcm-id003-jpy"], protocol="morse")
    with pytest.raises(ConfigError, match=r"protocol: found 'morse' in no konbini.drivers, expected .*id003"):
        make_driver(stranger, memory_line("x")[0])
    with pytest.raises(ConfigError, match=r"protocol: found 'morse' in no konbini.emulators, expected .*id003"):
        make_emulator(stranger)


@pytest.mark.parametrize("target", ["no_such_package.driver:Driver", "hardware.errors:NoSuchDriver"])
def test_a_package_whose_driver_does_not_load_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    installed = tmp_path / "morse-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: morse\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(f"[konbini.drivers]\nmorse = {target}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=r"protocol: 'morse' of konbini.drivers cannot be loaded: "):
        make_driver(replace(SHIPPED["jcm-id003-jpy"], protocol="morse"), memory_line("x")[0])


def _keys(data: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
        yield (*way, key)
        if isinstance(value, dict | list):
            yield from _keys(value, (*way, key))


@pytest.mark.parametrize("wrong", ["text", -1, 10**30, float("nan"), [], {}, None], ids=repr)
@pytest.mark.parametrize("model", WIRED.values(), ids=WIRED)
def test_a_wrong_value_anywhere_is_a_config_error_or_harmless(model: DeviceModel, wrong: object) -> None:
    refusals = []
    for way in _keys(model.settings):
        settings: Any = copy.deepcopy(dict(model.settings))
        table = settings
        for key in way[:-1]:
            table = table[key]
        if wrong is None:
            del table[way[-1]]
        else:
            table[way[-1]] = wrong
        spoilt = replace(model, settings=settings)
        try:
            make_emulator(spoilt)
            make_driver(spoilt, memory_line("x")[0])
        except ConfigError as error:
            refusals.append(str(error))
    assert refusals
    assert [line for line in refusals if "\n" in line or not line.startswith(f"{model.path}: ")] == []
