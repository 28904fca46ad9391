"""The ACK and NAK of an emulated CCNET unit: what it said last, and whether the host has understood it.

An answer with data asks for the host's ACK. What the answer told is over only then: until the ACK comes, the same event is told
to every POLL [U: a careful unit; reference]. An ACK counts for the answer just before it, and only for a while.

Pure; times in seconds of one clock.
"""

from hardware.bills.ccnet.frames import Command, Frame


class Conversation:
    """One unit's side of the handshake."""

    def __init__(self, ack_s: float) -> None:
        """``ack_s`` is how long after an answer the host's ACK still counts; later ones acknowledge nothing [U]."""
        self._ack_s = ack_s
        self._last: Frame | None = None
        self._told_until_s: float | None = None

    def reset(self) -> None:
        """Forget everything: power came."""
        self._last = self._told_until_s = None

    def order(self) -> None:
        """The host asks something new: an ACK that comes after this is no ACK for what was said before."""
        self._told_until_s = None

    def says(self, frame: Frame, on_wire_s: float) -> Frame:
        """Remember what is being said; ``on_wire_s`` is when it leaves. Returns it."""
        self._last = frame
        wants_ack = bool(frame.data) or frame.code not in (Command.ACK, Command.NAK)
        self._told_until_s = on_wire_s + self._ack_s if wants_ack else None
        return frame

    def acknowledged(self, now_s: float) -> Frame | None:
        """The host said ACK: return the answer that it has understood, or None when no answer waits for an ACK."""
        understood = self._last if self._told_until_s is not None and now_s <= self._told_until_s else None
        self._told_until_s = None
        return understood

    def again(self, on_wire_s: float) -> Frame | None:
        """The host said NAK: return what was said last, to be said again; None when nothing was."""
        return None if self._last is None else self.says(self._last, on_wire_s)
