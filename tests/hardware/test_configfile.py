"""Files that installers edit: whatever is wrong is named with file, key, what was found and what was expected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.configfile import ConfigFile
from hardware.errors import ConfigError


def file(tmp_path: Path, text: str) -> ConfigFile:
    path = tmp_path / "unit.toml"
    path.write_text(text, encoding="utf-8")
    return ConfigFile.read(path)


GOOD = """
name = "kiosk"
count = 3
speed = 1.5
whole_speed = 2
on = true
colour = "red"
[line]
baud = 9600
[line.deep]
x = 1
[[notes]]
code = 1
[[notes]]
code = 2
"""


def test_what_is_right_is_read_as_what_it_is(tmp_path: Path) -> None:
    config = file(tmp_path, GOOD)
    assert config.text("name") == "kiosk"
    assert config.whole("count", high=3) == 3
    assert (config.number("speed"), config.number("whole_speed")) == (1.5, 2.0)
    assert config.flag("on") is True
    assert config.choice("colour", ("red", "green")) == "red"
    assert config.table("line").whole("baud") == 9600
    assert [note.whole("code") for note in config.tables("notes")] == [1, 2]


def test_what_is_missing_takes_its_default(tmp_path: Path) -> None:
    config = file(tmp_path, "")
    assert config.text("name", "kiosk") == "kiosk"
    assert config.whole("count", 4) == 4
    assert config.number("speed", 2.5) == 2.5
    assert config.flag("on", False) is False
    assert config.choice("colour", ("red", "green"), "green") == "green"
    assert config.table("line", optional=True).data == {}


@pytest.mark.parametrize(
    ("text", "read", "says"),
    [
        ("", lambda c: c.text("name"), "name: found nothing, expected a text in quotes"),
        ('name = ""', lambda c: c.text("name"), "name: found '', expected a text in quotes"),
        ("name = 7", lambda c: c.text("name"), "name: found 7, expected a text in quotes"),
        ("count = 4", lambda c: c.whole("count", low=1, high=3), "count: found 4, expected a whole number from 1 to 3"),
        ("count = 0", lambda c: c.whole("count", low=1, high=3), "count: found 0, expected a whole number from 1 to 3"),
        ("count = true", lambda c: c.whole("count", high=9), "count: found True, expected a whole number from 0 to 9"),
        ("count = 2.0", lambda c: c.whole("count", high=9), "count: found 2.0, expected a whole number from 0 to 9"),
        ("speed = -0.1", lambda c: c.number("speed"), "speed: found -0.1, expected a number, 0.0 or more"),
        ("speed = nan", lambda c: c.number("speed"), "speed: found nan, expected a number, 0.0 or more"),
        ("speed = inf", lambda c: c.number("speed"), "speed: found inf, expected a number, 0.0 or more"),
        ("speed = 1e300", lambda c: c.number("speed"), "speed: found 1e+300, expected a number, 1,000,000,000 at most"),
        ("speed = true", lambda c: c.number("speed"), "speed: found True, expected a number, 0.0 or more"),
        ("on = 1", lambda c: c.flag("on"), "on: found 1, expected true or false"),
        ('colour = "pink"', lambda c: c.choice("colour", ("red", "green")), "colour: found 'pink', expected one of red, green"),
        ("colour = []", lambda c: c.choice("colour", ("red", "green")), "colour: found [], expected one of red, green"),
        ("line = 1", lambda c: c.table("line"), "line: found 1, expected a table [line]"),
        ("line = 1", lambda c: c.table("line", optional=True), "line: found 1, expected a table [line]"),
        ("[a.b]\nx = -1", lambda c: c.table("a").table("b").whole("x", high=9), "a.b.x: found -1, expected a whole number"),
        ("[a]", lambda c: c.table("a").table("b"), "a.b: found nothing, expected a table [a.b]"),
        ("[notes]", lambda c: c.tables("notes"), "notes: found {}, expected one or more tables [[notes]]"),
        ("notes = [1]", lambda c: c.tables("notes"), "notes: found [1], expected one or more tables [[notes]]"),
        ("[[n]]\n[[n]]\nx = 'a'", lambda c: c.tables("n")[1].whole("x", high=9), "n[1].x: found 'a', expected a whole number"),
        ("nmae = 1", lambda c: c.only("name", "count"), "nmae: unknown key, expected one of name, count"),
        ("[a]\nbuad = 1", lambda c: c.table("a").only("baud"), "a.buad: unknown key, expected one of baud"),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, text: str, read: Callable[[ConfigFile], object], says: str) -> None:
    config = file(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read(config)
    assert str(error.value).startswith(f"{tmp_path / 'unit.toml'}: {says}")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = = 1", "not valid TOML: Invalid value (at line 1, column 5)"),
        (b"a = 1\na = 2\n", "not valid TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b"a = '\xff'", "is not UTF-8 at byte 5"),
        (b"a = " + b"[" * 100_000, "not valid TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_said_to_be_none(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "unit.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        ConfigFile.read(path)
    assert str(error.value).startswith(f"{path}: {says}")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_or_a_folder_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone.toml: cannot be read \(No such file or directory\)"):
        ConfigFile.read(tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        ConfigFile.read(tmp_path)


def test_the_mark_that_windows_editors_put_in_front_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "unit.toml").write_bytes(b"\xef\xbb\xbfname = 'kiosk'\r\n")
    assert ConfigFile.read(tmp_path / "unit.toml").text("name") == "kiosk"
