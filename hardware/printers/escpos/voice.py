"""What the interpreter needs of the printer around it."""

from typing import Protocol


class Voice(Protocol):
    """The line to the host, and everything of a printer that is not print."""

    def say(self, data: bytes, t: float) -> None:
        """Put a reply on the line."""
        ...

    def enable_automatic_status(self, items: int, t: float) -> None:
        """Obey ``GS a``."""
        ...

    def paper_in_sequence(self) -> int:
        """Return the answer to ``GS r 1`` of this moment."""
        ...

    def drawer_in_sequence(self) -> int:
        """Return the answer to ``GS r 2`` of this moment."""
        ...

    def drawer_pulse(self, pin: int, on_ms: int, t: float) -> None:
        """Put a pulse on the drawer connector."""
        ...

    def enable_feed_button(self, on: bool) -> None:
        """Obey ``ESC c 5``."""
        ...

    def enable_offline_response(self, kind: int) -> None:
        """Obey ``GS ( H`` 49."""
        ...

    def dump(self, on: bool, t: float) -> None:
        """Begin or end the hexadecimal dump."""
        ...

    def restart(self, t: float) -> None:
        """Reset the printer, at the end of user setting mode."""
        ...
