"""An installer's mistakes: each is told with file, key, what was found and what was expected, and nothing starts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.errors import ConfigError
from hardware.models import load_models
from kiosk.config import load_config, load_devices
from kiosk.customer import load_script

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path.relative_to(ROOT / "config") for path in (ROOT / "config").rglob("*.toml") if "conformance" not in path.name
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration to make mistakes in."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def read_all(folder: Path, only: Path | None = None) -> None:
    """Read whatever a start of the kiosk, its devices and its carrier simulator reads; ``only`` what one file is part of."""
    room = only.parts[0] if only is not None else ""
    if room not in ("devices", "benches"):
        load_config(folder)
        if only is not None:
            return
    models = load_models(folder / "devices")
    for bench in sorted((folder / "benches").glob("*.toml")):
        # those for the conformance kit have one device each: no kiosk
        if "conformance" not in bench.name and only in (None, bench.relative_to(folder)):
            load_devices(bench, models)
    bench = folder.parent / "each.toml"
    for model in models.values():
        if room == "benches" or only not in (None, model.path.relative_to(folder)):
            continue
        beside = {"jcm-id003-jpy", "tm-t88v-ja"} - {model.name}
        links = {model.name: "memory" if model.has_wire else "simulated", **dict.fromkeys(beside, "memory")}
        bench.write_text("".join(f'[devices.{name}]\nmodel = "{name}"\nlink = "{link}"\n' for name, link in links.items()))
        load_devices(bench, models)


def refused(folder: Path, only: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read_all(folder, only)
    return str(caught.value)


def change(file: Path, pattern: str, replacement: str) -> None:
    text, times = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert times == 1, f"{pattern!r} is not in {file}"
    file.write_text(text, encoding="utf-8")


def test_the_shipped_configuration_is_in_order(folder: Path) -> None:
    read_all(folder)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_syntax_error_is_told_with_file_and_line(folder: Path, file: Path) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").count("\n") + 1
    path.write_text(path.read_text(encoding="utf-8") + "\nthis is = = wrong\n", encoding="utf-8")
    message = refused(folder, file)
    assert message.startswith(f"{path}: not valid TOML")
    assert f"line {lines + 1}" in message


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_that_is_no_utf_8_is_told(folder: Path, file: Path) -> None:
    path = folder / file
    path.write_bytes(b"# \x83R\x83\x93\x83r\x83j\n" + path.read_bytes())
    assert refused(folder, file).startswith(f"{path}: is not UTF-8 at byte 2")


UNKNOWN_KEYS = [file for file in FILES if file.parts[0] != "devices"]


@pytest.mark.parametrize("file", UNKNOWN_KEYS, ids=str)
def test_a_key_that_nothing_reads_is_told(folder: Path, file: Path) -> None:
    path = folder / file
    path.write_text('colour = "red"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    message = refused(folder, file)
    assert message.startswith(f"{path}: ")
    assert "colour: unknown key, expected one of " in message


KEYS = [
    (file, number, line.split("=")[0].strip())
    for file in FILES
    for number, line in enumerate((ROOT / "config" / file).read_text(encoding="utf-8").splitlines())
    if re.match(r"[a-z_]+ *= .*[^\[]$", line) and not line.startswith("unknown_replies")  # that is for the conformance kit
]


@pytest.mark.parametrize(("file", "number", "key"), KEYS, ids=[f"{file}:{number + 1}:{key}" for file, number, key in KEYS])
def test_a_value_of_the_wrong_kind_is_told_with_file_key_found_and_expected(
    folder: Path, file: Path, number: int, key: str
) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[number] = f"{key} = [[1]]"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    message = refused(folder, file)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert "expected" in message


REQUIRED = [
    ("terminal.toml", "id"),
    ("terminal.toml", "bench"),
    ("terminal.toml", "denominations"),
    ("terminal.toml", "chain"),
    ("terminal.toml", "help_line"),
    ("terminal.toml", "url"),
    ("terminal.toml", "allow_unassigned"),
    ("benches/virtual.toml", "model"),
    ("benches/virtual.toml", "link"),
    ("benches/hardware.toml", "port"),
    ("devices/jcm-id003-jpy.toml", "protocol"),
    ("devices/jcm-id003-jpy.toml", "capacity"),
    ("devices/tm-t88v-ja.toml", "class"),
    ("carriers/docomo.toml", "price_yen"),
]


@pytest.mark.parametrize(("file", "key"), REQUIRED)
def test_a_missing_key_is_told(folder: Path, file: str, key: str) -> None:
    change(folder / file, rf"^{key} *=.*$", "")
    message = refused(folder, Path(file))
    assert message.startswith(f"{folder / file}: ")
    assert f"{key}: found nothing, expected" in message


BAD_VALUES = [
    ("terminal.toml", "id", '"konbini1"', "eight of A-Z and 0-9"),
    ("terminal.toml", "bench", '"nowhere"', "a file of"),
    ("terminal.toml", "denominations", "[500]", "a list of some of 1000"),
    ("terminal.toml", "denominations", "[]", "a list of some of 1000"),
    ("terminal.toml", "change_of_day", '"25:00"', "a time of day such as"),
    ("terminal.toml", "change_of_day", "5", "a text in quotes"),
    ("terminal.toml", "closes_by_itself", '"yes"', "true or false"),
    ("terminal.toml", "persons_to_collect", "3", "a whole number from 1 to 2"),
    ("terminal.toml", "coins", "[5]", "a list of some of 10, 50"),
    ("terminal.toml", "coins", "500", "a list of some of 10, 50"),
    ("terminal.toml", "registration", '"123"', "T and 13 digits"),
    ("terminal.toml", "url", '"ftp://carrier"', "simulator"),
    ("terminal.toml", "timeout_s", "0", "a number, 0.1 or more"),
    ("benches/virtual.toml", "model", '"acme"', ", jcm-id003-jpy, "),
    ("benches/virtual.toml", "link", '"usb"', "one of memory, pty, serial"),
    ("devices/jcm-id003-jpy.toml", "class", '"note"', "one of bill"),
    ("devices/jcm-id003-jpy.toml", "parity", '"X"', "one of N, E, O"),
]


@pytest.mark.parametrize(("file", "key", "value", "expected"), BAD_VALUES)
def test_a_value_out_of_bounds_is_told_with_what_would_do(folder: Path, file: str, key: str, value: str, expected: str) -> None:
    change(folder / file, rf"^{key} *=.*$", f"{key} = {value}")
    message = refused(folder, Path(file))
    assert message.startswith(f"{folder / file}: ")
    assert f"{key}: found" in message
    assert expected in message


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ("{ 500 = -1 }", "float.hopper-500.500: found -1, expected a whole number from 0"),
        ("{ 499 = 1 }", "float.hopper-500.499: found 1, expected one of 10, 50"),
        ("30", "float.hopper-500: found 30, expected a table"),
    ],
)
def test_a_float_that_cannot_be_is_told(folder: Path, pieces: str, says: str) -> None:
    change(folder / "terminal.toml", r"^hopper-500 *=.*$", f"hopper-500 = {pieces}")
    assert says in refused(folder)


def test_a_bench_without_an_acceptor_is_told(folder: Path) -> None:
    path = folder / "benches" / "virtual.toml"
    change(path, r"^\[devices\.validator\]\n.*\n.*$", "")
    message = ended(folder, "simulate", "--journeys", "1", "--seed", "1", "--bench", str(path))
    assert "found none that takes money, expected one of class bill, coin or changer" in message


def test_a_text_that_one_language_lacks_is_told(folder: Path) -> None:
    change(folder / "languages" / "en.po", r'^msgid "screen.cash.title"\nmsgstr .*\n', "")
    message = refused(folder)
    assert str(folder / "languages" / "en.po") in message
    assert "screen.cash.title" in message


def test_a_missing_catalogue_is_told(folder: Path) -> None:
    (folder / "languages" / "zh-Hans.po").unlink()
    assert refused(folder).startswith(f"{folder / 'languages' / 'zh-Hans.po'}: cannot be read")


@pytest.mark.parametrize("tag", ["ja", "en", "zh-Hans"])
@pytest.mark.parametrize(
    ("pattern", "replacement", "says"),
    [
        (r'^msgid "notice.cancelled"$', "what is this", "not a gettext catalogue"),
        (r'^(msgid "notice.note_refused"\nmsgstr) .*$', r'\1 ""', "notice.note_refused: found no text"),
        (r'^(msgid "screen.reference"\nmsgstr) .*$', r'\1 "{reference"', "screen.reference: found"),
    ],
)
def test_a_broken_catalogue_is_told(folder: Path, tag: str, pattern: str, replacement: str, says: str) -> None:
    path = folder / "languages" / f"{tag}.po"
    change(path, pattern, replacement)
    message = refused(folder)
    assert message.startswith(f"{path}: ")
    assert says in message


def test_a_fact_that_no_text_gets_is_told(folder: Path) -> None:
    path = folder / "languages" / "en.po"
    change(path, r'^(msgid "screen.reference"\nmsgstr) .*$', r'\1 "No. {number}"')
    assert f"{path}: screen.reference: found {{number}}" in refused(folder)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("wait nowhere", "found screen 'nowhere'"),
        ("touch everything", "found touch 'everything'"),
        ("type", "expected something after it"),
        ("wait cash inserted_yen", "expected field=value"),
        ("wait cash colour=red", "no field 'colour'"),
    ],
)
def test_a_mistake_in_a_customers_script_is_told_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    script = tmp_path / "visit.txt"
    script.write_text(f"# a visit\nwait attract\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_script(script)
    assert str(caught.value).startswith(f"{script}: line 3: ")
    assert says in str(caught.value)


@pytest.mark.parametrize("script", sorted((ROOT / "config" / "customers").glob("*.txt")), ids=lambda path: path.name)
def test_the_shipped_customers_can_be_read(script: Path) -> None:
    assert load_script(script)


def ended(folder: Path, *arguments: str) -> str:
    """Run the command with a broken configuration: it must end at once, with one line and no traceback."""
    command = [sys.executable, "-m", "kiosk", *arguments, "--config", str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("kiosk: ")
    return result.stderr


def test_run_ends_with_the_one_line(folder: Path, tmp_path: Path) -> None:
    change(folder / "terminal.toml", r"^id *=.*$", "id = 7")
    assert "id: found 7, expected a text in quotes" in ended(folder, "run", "--out", str(tmp_path / "out"))


@pytest.mark.parametrize(("file", "key"), [("devices/jcm-id003-jpy.toml", "interval_s"), ("simulator.toml", "quote_s")])
def test_run_ends_with_one_line_also_for_what_a_device_or_the_simulator_reads(
    folder: Path, tmp_path: Path, file: str, key: str
) -> None:
    change(folder / file, rf"^{key} *=.*$", f'{key} = "often"')
    message = ended(folder, "run", "--out", str(tmp_path / "out"))
    assert str(folder / file) in message
    assert key in message
