"""The macro: ``GS :`` begins and ends its definition, ``GS ^`` plays it.

What is defined is obeyed at once, too [D]. It holds 2 KB [D: T88III]; a longer definition is given up. [K]: the waits between
repetitions and for the FEED button are not modelled, and a macro does not play itself.
"""

from typing import Final

from hardware.printers.escpos.tokens import Command, RasterData, RasterHead, Token, token_bytes

MACRO_BYTES: Final = 2048
DEFINE: Final = b"\x1d:"
PLAY: Final = b"\x1d^"


class Macro:
    """One macro, kept until it is defined anew or the power goes."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """The power is gone."""
        self._tokens: list[Token] = []
        self._bytes = 0
        self.recording = False
        """Whether a definition is open."""
        self.stop()

    def stop(self) -> None:
        """Play no further."""
        self._left: list[Token] = []
        self._times = 0
        self._at = 0

    def toggle(self) -> None:
        """Begin a definition, or end it."""
        self.recording = not self.recording
        if self.recording:
            self._tokens, self._bytes = [], 0

    def note(self, token: Token) -> None:
        """Take down a token that is being obeyed, while a definition is open."""
        if isinstance(token, Command) and token.code in (DEFINE, PLAY):
            return
        self._bytes += token_bytes(token)
        if self._bytes > MACRO_BYTES or isinstance(token, RasterHead | RasterData):
            self._tokens, self.recording = [], False
        else:
            self._tokens.append(token)

    def play(self, times: int) -> bool:
        """Play it ``times`` times from now on; False when there is none, or one is open or playing."""
        if self.recording or self._times or not self._tokens or not times:
            return False
        self._left, self._times, self._at = self._tokens, times, 0
        return True

    def next(self) -> Token | None:
        """Return the next token to obey, or None when nothing plays."""
        if not self._times:
            return None
        token = self._left[self._at]
        self._at += 1
        if self._at == len(self._left):
            self._at, self._times = 0, self._times - 1
        return token
