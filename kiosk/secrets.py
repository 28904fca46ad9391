"""What nobody but the kiosk may read: keys and hashes, one file each, in a folder of its own outside ``config/``.

The folder is ``$KONBINI_SECRETS``, or else ``secrets`` beside the kiosk's journal. It has mode 0700 and its files 0600. A
file that others can read or write is refused instead of quietly mended: whoever could read it may have. It must be made anew.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

FOLDER_VARIABLE = "KONBINI_SECRETS"
MOST_BYTES = 65_536
"""More than any key or hash has; a bigger file is something else."""

_OTHERS = 0o077


class SecretError(Exception):
    """A secret cannot be used: others can read it, it is no plain file, or the disk refuses it. The text is for staff."""


class Secrets:
    """The secrets of one kiosk. Nothing is made before the first :meth:`write` or :meth:`create`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, data: Path) -> "Secrets":
        """Return the secrets that belong to the kiosk whose journal lies in ``data``."""
        named = os.environ.get(FOLDER_VARIABLE)
        return cls(Path(named) if named else data / "secrets")

    def read(self, name: str) -> bytes | None:
        """Return what is in the secret called ``name``, None when there is none. Raises SecretError."""
        path = self._path(name)
        try:
            self._check(self.folder.stat(), self.folder, stat.S_ISDIR, "700")
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretError(f"{error.filename}: {error.strerror}") from error
        with os.fdopen(handle, "rb") as file:
            self._check(os.fstat(file.fileno()), path, stat.S_ISREG, "600")
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SecretError(f"{path}: is longer than {MOST_BYTES:,} bytes, so it is no secret of a kiosk's")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Put ``content`` in the place of what was there; after a power cut it is the old or the new. Raises SecretError."""
        path = self._path(name)
        new = path.with_name(f".{name}.new")
        try:
            new.unlink(missing_ok=True)
            self._put(new, content)
            new.replace(path)
            self._sync_folder()
        except OSError as error:
            raise SecretError(f"{path}: {error.strerror}") from error

    def create(self, name: str, content: bytes) -> None:
        """Write a secret that there must not be yet. Raises SecretError, also when there is one."""
        path = self._path(name)
        if path.exists():
            raise SecretError(f"{path}: is there already and is never written over")
        self.write(name, content)

    def _path(self, name: str) -> Path:
        if not name or name.startswith(".") or "/" in name:
            raise ValueError(f"{name!r} cannot name a secret")
        return self.folder / name

    def _put(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check(self.folder.stat(), self.folder, stat.S_ISDIR, "700")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _sync_folder(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    @staticmethod
    def _check(found: os.stat_result, path: Path, is_kind: Callable[[int], bool], mode: str) -> None:
        if not is_kind(found.st_mode):
            raise SecretError(f"{path}: is not what it should be: a plain file in a plain folder")
        if found.st_uid != os.geteuid():
            raise SecretError(f"{path}: belongs to another user; only the user that runs the kiosk may own it")
        if found.st_mode & _OTHERS:
            raise SecretError(
                f"{path}: others can read or write it (mode {stat.S_IMODE(found.st_mode):o}); "
                f"make what is in it anew, then: chmod {mode} {path}"
            )


class SecretsInMemory(Secrets):
    """For a kiosk that is not on a real disk: nothing is hidden, and nothing outlives it."""

    def __init__(self) -> None:
        super().__init__(Path("memory"))
        self._held: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        """See :meth:`Secrets.read`."""
        return self._held.get(name)

    def write(self, name: str, content: bytes) -> None:
        """See :meth:`Secrets.write`."""
        self._held[name] = content

    def create(self, name: str, content: bytes) -> None:
        """See :meth:`Secrets.create`."""
        if name in self._held:
            raise SecretError(f"{name}: is there already and is never written over")
        self.write(name, content)
