"""Staff's names and PINs: argon2id hashes in one file of the kiosk's secrets, never a PIN.

Six digits are guessed in a day by whoever holds the hashes, whatever the hash; the file's mode and the lock after five wrong
tries (:mod:`kiosk.stafflogin`) are what protects them. A check takes about as long for a name that there is not as for one that
there is, and is short enough (see :data:`COST`) to be done between two polls of a device.
"""

import json
import re
from collections.abc import Mapping
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.secrets import SecretError, Secrets

FILE = "staff.json"
NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
PIN = re.compile(r"[0-9]{6,12}")
MOST_STAFF = 100

COST = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id [S]: 19 MiB, two passes, one lane."""


class PinRefused(ValueError):
    """A name or PIN that cannot be; the text says why and never repeats what was typed."""


class StaffPins:
    """The PINs of one kiosk's staff, read anew at each check, so that one that was set just now holds."""

    def __init__(self, secrets: Secrets, hasher: PasswordHasher = COST) -> None:
        self._secrets = secrets
        self._hasher = hasher
        self._nobody = hasher.hash("no PIN has letters")

    def names(self) -> list[str]:
        """Return who has a PIN. Raises SecretError."""
        return sorted(self._read())

    def set(self, name: str, pin: str) -> None:
        """Give somebody a PIN, or another one. Raises PinRefused, SecretError."""
        if not NAME.fullmatch(name):
            raise PinRefused("a name is small letters, digits and dashes, a letter first, 20 at most")
        if not PIN.fullmatch(pin):
            raise PinRefused("a PIN is 6 to 12 digits")
        if _is_obvious(pin):
            raise PinRefused("the first one a thief would try: choose digits that neither repeat nor run up or down")
        hashes = {**self._read(), name: self._hasher.hash(pin)}
        if len(hashes) > MOST_STAFF:
            raise PinRefused(f"{MOST_STAFF} persons have a PIN already")
        self._write(hashes)

    def remove(self, name: str) -> None:
        """Take somebody's PIN away. Raises PinRefused when there is none, SecretError."""
        hashes = dict(self._read())
        if hashes.pop(name, None) is None:
            raise PinRefused("nobody of that name has a PIN")
        self._write(hashes)

    def fits(self, name: str, pin: str) -> bool:
        """Tell whether it is that person's PIN. Raises SecretError."""
        hashes = self._read()
        try:
            return self._hasher.verify(hashes.get(name, self._nobody), pin) and name in hashes
        except InvalidHashError as error:
            raise SecretError(f"{self._secrets.folder / FILE}: damaged: set that person's PIN again") from error
        except VerificationError:
            return False

    def _read(self) -> Mapping[str, str]:
        content = self._secrets.read(FILE)
        if content is None:
            return {}
        try:
            hashes = json.loads(content)
        except ValueError as error:
            raise SecretError(f"{self._secrets.folder / FILE}: damaged; remove it and set every PIN again") from error
        if not isinstance(hashes, dict) or not all(isinstance(text, str) for text in hashes.values()):
            raise SecretError(f"{self._secrets.folder / FILE}: damaged; remove it and set every PIN again")
        return hashes

    def _write(self, hashes: Mapping[str, str]) -> None:
        self._secrets.write(FILE, json.dumps(hashes, indent=1, sort_keys=True).encode())


def _is_obvious(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}
