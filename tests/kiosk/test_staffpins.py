"""PINs: kept as hashes, read by nobody else, and never a thief's first guess."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.secrets import SecretError, Secrets
from kiosk.simulation.attendant import QUICK
from kiosk.staffpins import COST, FILE, MOST_STAFF, PinRefused, StaffPins

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pins(tmp_path: Path) -> StaffPins:
    return StaffPins(Secrets(tmp_path / "secrets"), QUICK)


def test_a_pin_fits_whom_it_was_given_and_nobody_else(pins: StaffPins) -> None:
    pins.set("aoki", "271828")
    pins.set("sato", "314159")
    assert pins.fits("aoki", "271828")
    assert not pins.fits("aoki", "314159")
    assert not pins.fits("mallory", "271828")
    assert not pins.fits("", "")
    assert pins.names() == ["aoki", "sato"]


def test_a_new_pin_takes_the_place_of_the_old(pins: StaffPins) -> None:
    pins.set("aoki", "271828")
    pins.set("aoki", "161803")
    assert not pins.fits("aoki", "271828")
    assert pins.fits("aoki", "161803")


def test_a_person_who_left_is_let_in_no_more(pins: StaffPins) -> None:
    pins.set("aoki", "271828")
    pins.remove("aoki")
    assert not pins.fits("aoki", "271828")
    with pytest.raises(PinRefused, match="nobody of that name"):
        pins.remove("aoki")


def test_what_is_kept_is_an_argon2id_hash_of_the_cost_that_is_promised(tmp_path: Path) -> None:
    StaffPins(Secrets(tmp_path / "secrets"), COST).set("aoki", "271828")
    path = tmp_path / "secrets" / FILE
    (kept,) = json.loads(path.read_text()).values()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "271828" not in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "pin", ["", "12345", "1" * 13, "27182a", "２７１８２８", "000000", "777777", "123456", "987654", "890123"]
)
def test_a_pin_that_is_none_or_that_everybody_tries_first_is_refused_without_being_repeated(pins: StaffPins, pin: str) -> None:
    with pytest.raises(PinRefused) as refused:
        pins.set("aoki", pin)
    assert not pin or pin not in str(refused.value)
    assert pins.names() == []


@pytest.mark.parametrize("name", ["", "Aoki", "1a", "a" * 21, "a b", "../x", "\x1b[2J"])
def test_a_name_is_plain(pins: StaffPins, name: str) -> None:
    with pytest.raises(PinRefused, match="a name is"):
        pins.set(name, "271828")


def test_there_is_an_end_to_staff(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets")
    secrets.write(FILE, json.dumps({f"a{n}": "x" for n in range(MOST_STAFF)}).encode())
    with pytest.raises(PinRefused, match="have a PIN already"):
        StaffPins(secrets, QUICK).set("aoki", "271828")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"aoki": 5}', b"\xff"])
def test_a_damaged_file_lets_nobody_in_and_says_so(tmp_path: Path, content: bytes) -> None:
    secrets = Secrets(tmp_path / "secrets")
    secrets.write(FILE, content)
    with pytest.raises(SecretError, match="damaged"):
        StaffPins(secrets, QUICK).fits("aoki", "271828")


def test_a_hash_that_is_none_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "secrets")
    secrets.write(FILE, b'{"aoki": "271828"}')
    with pytest.raises(SecretError, match="damaged"):
        StaffPins(secrets, QUICK).fits("aoki", "271828")


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "kiosk", "staff-pin", *words, "--out", str(folder)]


def test_a_pin_is_typed_at_a_terminal_twice_and_never_shown(tmp_path: Path) -> None:
    near, far = pty.openpty()
    process = subprocess.Popen(
        command(tmp_path, "set", "aoki"), cwd=ROOT, stdin=far, stdout=far, stderr=far, start_new_session=True, close_fds=True
    )
    os.close(far)
    shown = ""
    for prompt in ("PIN for aoki: ", "The same again: "):
        while prompt not in shown:
            shown += os.read(near, 1000).decode()
        os.write(near, b"271828\n")
    assert process.wait(30) == 0
    try:
        while more := os.read(near, 1000):
            shown += more.decode()
    except OSError:  # how a pty says that its other end was closed
        pass
    os.close(near)
    assert "aoki has a PIN now" in shown
    assert "271828" not in shown
    assert StaffPins(Secrets(tmp_path / "secrets")).fits("aoki", "271828")


def test_a_pin_is_not_taken_from_a_file(tmp_path: Path) -> None:
    run = subprocess.run(command(tmp_path, "set", "aoki"), cwd=ROOT, input="271828\n271828\n", capture_output=True, text=True)
    assert run.returncode == 1
    assert "at a terminal" in run.stderr
    assert not (tmp_path / "secrets").exists()


def test_names_are_listed_and_words_without_sense_refused(tmp_path: Path) -> None:
    assert subprocess.run(command(tmp_path, "list"), cwd=ROOT, capture_output=True, text=True).stdout == "nobody has a PIN\n"
    StaffPins(Secrets(tmp_path / "secrets"), QUICK).set("aoki", "271828")
    assert subprocess.run(command(tmp_path, "list"), cwd=ROOT, capture_output=True, text=True).stdout == "aoki\n"
    assert subprocess.run(command(tmp_path, "set"), cwd=ROOT, capture_output=True).returncode == 2
