"""Whoever does at a machine what a program cannot: the bench's hand at an emulator, or a person, asked at the terminal."""

from collections.abc import Callable
from typing import Any

from hardware.bench import Hand
from hardware.emulator import BadCommand
from hardware.testing.notrun import NotRun

Ask = Callable[[str], None]
"""Shows one request to the person at the terminal, and returns at once."""

PERSON_S = 60.0
"""How long a person has for what was asked."""


class Person:
    """The hand at one device. Every deed has two forms: the bench command, and the words in which a person is asked."""

    def __init__(self, device: str, hand: Hand | None, ask: Ask | None) -> None:
        """``hand`` is there for an emulator; ``ask`` when somebody sits at the terminal."""
        self._device = device
        self._hand = hand
        self._ask = ask

    @property
    def is_asked(self) -> bool:
        """Whether a person of flesh and blood does it, who needs time and can be asked for nothing that needs none."""
        return self._hand is None

    @property
    def patience_s(self) -> float:
        """How much longer than a program anybody may take here; nothing is waited for from nobody."""
        return PERSON_S if self._hand is None and self._ask is not None else 0.0

    async def do(self, command: str, request: str, *, at_an_instant: bool = False, unasked: bool = False) -> dict[str, Any]:
        """Let ``command`` be done, or ask for it: ``request`` completes the sentence "please ...".

        Returns what the machine showed; from a person, only that they were asked. Raises NotRun when there is nobody, when
        the emulator knows no such command, and where a person would have to do what belongs to one instant
        (``at_an_instant``) or what is asked of nobody (``unasked``: to break a machine).
        """
        if self._hand is not None:
            try:
                return await self._hand.command(command)
            except BadCommand as error:
                raise NotRun(f"the emulator of {self._device} has no hand for {command!r}: {error}") from error
        if unasked:
            raise NotRun(f"nobody is asked to {request} ({self._device})")
        if self._ask is None:
            raise NotRun(f"nobody is at the terminal to {request} ({self._device})")
        if at_an_instant:
            raise NotRun(f"no person can {request} ({self._device}) at so exact an instant")
        self._ask(f"{self._device}: please {request}")
        return {"ok": True}

    async def state(self) -> dict[str, Any] | None:
        """Return what lies where in the machine, for the oracle; None at a real unit, which nobody can look into."""
        return None if self._hand is None else await self._hand.command("state")
