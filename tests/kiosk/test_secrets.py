"""Secrets: files that only the kiosk's own user can read, or that are refused."""

import os
import stat
from pathlib import Path

import pytest

from kiosk.secrets import FOLDER_VARIABLE, MOST_BYTES, SecretError, Secrets


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "data" / "secrets")


def test_a_secret_comes_back_byte_by_byte(secrets: Secrets) -> None:
    secrets.write("journal.key", bytes(range(256)))
    assert secrets.read("journal.key") == bytes(range(256))


def test_a_secret_that_was_never_written_is_not_there(secrets: Secrets) -> None:
    assert secrets.read("journal.key") is None
    assert not secrets.folder.exists()


def test_nobody_else_can_read_folder_or_file_whatever_the_umask(secrets: Secrets) -> None:
    before = os.umask(0)
    try:
        secrets.write("staff.json", b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE(secrets.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((secrets.folder / "staff.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_read_or_write_is_refused(secrets: Secrets, mode: int) -> None:
    secrets.write("journal.key", b"k")
    (secrets.folder / "journal.key").chmod(mode)
    with pytest.raises(SecretError, match=r"others can read or write it.*chmod 600"):
        secrets.read("journal.key")


def test_a_folder_that_others_can_look_into_is_refused(secrets: Secrets) -> None:
    secrets.write("journal.key", b"k")
    secrets.folder.chmod(0o755)
    with pytest.raises(SecretError, match="chmod 700"):
        secrets.read("journal.key")
    with pytest.raises(SecretError, match="chmod 700"):
        secrets.write("journal.key", b"new")


def test_a_link_is_not_followed(secrets: Secrets, tmp_path: Path) -> None:
    secrets.write("journal.key", b"k")
    (secrets.folder / "other").symlink_to(secrets.folder / "journal.key")
    with pytest.raises(SecretError):
        secrets.read("other")


def test_a_pipe_in_its_place_does_not_keep_the_kiosk_waiting(secrets: Secrets) -> None:
    secrets.write("a", b"k")
    os.mkfifo(secrets.folder / "b", 0o600)
    with pytest.raises(SecretError, match="plain file"):
        secrets.read("b")


def test_a_file_of_another_size_altogether_is_refused(secrets: Secrets) -> None:
    secrets.write("a", b"0" * (MOST_BYTES + 1))
    with pytest.raises(SecretError, match="longer"):
        secrets.read("a")


def test_writing_puts_the_new_in_the_place_of_the_old_and_leaves_nothing_beside_it(secrets: Secrets) -> None:
    secrets.write("a", b"old")
    secrets.write("a", b"new")
    assert secrets.read("a") == b"new"
    assert [path.name for path in secrets.folder.iterdir()] == ["a"]


def test_what_a_power_cut_left_half_written_is_in_nobodys_way(secrets: Secrets) -> None:
    secrets.write("a", b"old")
    (secrets.folder / ".a.new").write_bytes(b"ha")
    secrets.write("a", b"new")
    assert secrets.read("a") == b"new"


def test_a_key_is_created_once(secrets: Secrets) -> None:
    secrets.create("journal.key", b"first")
    with pytest.raises(SecretError, match="never written over"):
        secrets.create("journal.key", b"second")
    assert secrets.read("journal.key") == b"first"


def test_the_folder_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Secrets.beside(tmp_path).folder == tmp_path / "secrets"
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "elsewhere"))
    assert Secrets.beside(tmp_path).folder == tmp_path / "elsewhere"


@pytest.mark.parametrize("name", ["", "../journal.key", "a/b", ".hidden"])
def test_a_name_cannot_lead_out_of_the_folder(secrets: Secrets, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        secrets.read(name)
