"""What is kept of a journal away from its file: the key of its chain, and where it ended when that was last noted.

Whoever can write the journal and this place can write what they like; so this place is the folder of secrets, or farther away.
"""

import os
from typing import Protocol

from kiosk.ledger.chain import KEY_BYTES, LEAST_KEY_BYTES, Head
from kiosk.ledger.trouble import JournalError
from kiosk.secrets import SecretError, Secrets

KEY = "journal.key"
HEAD = "journal.head"


class Custody(Protocol):
    """Keeps key and end. Every method raises JournalError when the place cannot be used."""

    def existing_key(self) -> bytes | None:
        """Return the key, None when none was made yet."""

    def make_key(self) -> bytes:
        """Make the key, keep it, and return it. Called for a journal without keyed rows only."""

    def noted(self) -> Head | None:
        """Return the end of the journal as it was last noted, None when it never was."""

    def note(self, head: Head) -> None:
        """Note the end, durably. What it says is on the disk already: the note may be older than the journal, never newer."""

    def __str__(self) -> str:
        """Where this place is, for people."""


class InSecrets:
    """In the kiosk's folder of secrets: :data:`KEY`, random bytes, and :data:`HEAD`, one line."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def existing_key(self) -> bytes | None:
        """See :class:`Custody`. Raises JournalError also for a key that others can read, or that is none."""
        key = self._read(KEY)
        if key is not None and len(key) < LEAST_KEY_BYTES:
            raise JournalError(f"{self._secrets.folder / KEY}: {len(key)} bytes are no key; put the right file back")
        return key

    def make_key(self) -> bytes:
        """See :class:`Custody`. A key that is there already is used."""
        if (key := self.existing_key()) is not None:
            return key
        key = os.urandom(KEY_BYTES)
        try:
            self._secrets.create(KEY, key)
        except SecretError as error:
            raise JournalError(str(error)) from error
        return key

    def noted(self) -> Head | None:
        """See :class:`Custody`. Raises JournalError also for a note that says nothing."""
        content = self._read(HEAD)
        try:
            return None if content is None else Head.parse(content.decode())
        except ValueError as error:
            raise JournalError(f"{self._secrets.folder / HEAD}: damaged: {error}") from error

    def note(self, head: Head) -> None:
        """See :class:`Custody`."""
        try:
            self._secrets.write(HEAD, f"{head}\n".encode())
        except SecretError as error:
            raise JournalError(f"the end of the journal cannot be noted: {error}") from error

    def _read(self, name: str) -> bytes | None:
        try:
            return self._secrets.read(name)
        except SecretError as error:
            raise JournalError(str(error)) from error

    def __str__(self) -> str:
        return str(self._secrets.folder)


class InMemory:
    """For a journal that is not on a real disk, and has nothing to hide: the same key each time."""

    def __init__(self) -> None:
        self._head: Head | None = None

    def existing_key(self) -> bytes:
        """See :class:`Custody`."""
        return b"nobody has to hide this key"

    make_key = existing_key

    def noted(self) -> Head | None:
        """See :class:`Custody`."""
        return self._head

    def note(self, head: Head) -> None:
        """See :class:`Custody`."""
        self._head = head

    def __str__(self) -> str:
        return "memory"
