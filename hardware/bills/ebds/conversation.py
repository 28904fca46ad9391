"""The toggling acknowledgement bit, as the EBDS host keeps it.

Every new message toggles the bit; a message whose answer was lost is said again, the same, with the same bit, and the unit
repeats its answer without moving on. So no event is lost with a reply, and none is told twice.

XOR is a weak check: two flips of one bit position cancel out. An answer that tells of money, or contradicts itself, is
therefore asked for once more with the same bit; only what came twice alike is believed.
"""

from collections.abc import Callable
from functools import lru_cache

from hardware.bills.ebds.extended import read_extended_reply
from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.standard import EVENTS, DeviceStatus, State, read_status
from hardware.wire.exchange import Exchange

CONFIRM_TRIES = 4
"""Answers that are compared until two are alike."""


def status_of(frame: Frame) -> DeviceStatus | None:
    """Return the status that an answer holds; None for an auxiliary answer, which holds none."""
    if frame.kind == Kind.DEVICE:
        return read_status(frame.data)
    reply = read_extended_reply(frame)
    return None if reply is None else reply.status


class Conversation:
    """Puts one message at a time on the line."""

    def __init__(self, exchange: Exchange[Frame]) -> None:
        self._exchange = exchange
        self._ack = 0
        self._pending: Frame | None = None
        """Said, but not answered yet: to be said again before anything else."""
        self._joined = False
        """Whether the unit and we are in step. The first answer may be the repetition of one to a host before us, to whatever
        that host had asked."""
        self._orders: tuple[Frame, Frame]
        self._quiet = b""

    async def say(self, build: Callable[[int], Frame]) -> Frame | None:
        """Say the pending message, or else ``build(bit)``; return the answer, None when none came.

        The answer is that of the message on the line: the caller looks whether it is the one that it wants.
        """
        message = self._pending or build(self._ack)
        self._pending = message
        answer = await self._exchange.ask(message.encode(), self._answers)
        if answer is not None and _is_about_money(answer):
            answer = await self._confirmed(message, answer)
        if answer is not None:
            self._done()
        return answer

    async def _confirmed(self, message: Frame, first: Frame) -> Frame | None:
        heard = {first}
        for _ in range(CONFIRM_TRIES):
            again = await self._exchange.ask(message.encode(), self._answers)
            if again in heard:
                return again
            if again is not None:
                heard.add(again)
        return None

    def forget(self) -> None:
        """Drop what was not answered: orders of a time before the line was lost. The bit stays, so that a unit which has
        heard them repeats its answer."""
        self._pending = None
        self._joined = False

    def tell(self, build: Callable[[int], Frame]) -> None:
        """Say what has no answer."""
        self._exchange.tell(build(self._ack).encode())
        self._done()

    def _done(self) -> None:
        self._pending = None
        self._joined = True
        self._ack ^= 1

    def _answers(self, frame: Frame) -> bool:
        message = self._pending
        if message is None or frame.ack != message.ack or frame == message:
            return False
        if frame.kind == Kind.AUXILIARY:
            return message.kind == Kind.AUXILIARY or not self._joined
        return _is_sound(frame.kind, frame.data)

    # -- a line at rest (hardware.wire.exchange.Watch) -----------------------------------------------------------------

    async def watch(self, orders: Callable[[int], Frame], quiet: bytes, first_s: float, interval_s: float) -> Frame | None:
        """Say ``orders`` again and again until an answer holds other data than ``quiet``; None when it is better to ask."""
        self._orders, self._quiet = (orders(0), orders(1)), quiet
        answer = await self._exchange.watch(self, first_s, interval_s)
        if answer is not None and _is_about_money(answer):
            return None  # not done: asked for again with the same bit, and confirmed
        if answer is not None:
            self._done()
        return answer

    def question(self) -> bytes:
        self._pending = self._pending or self._orders[self._ack]
        return self._pending.encode()

    def answers(self, frame: Frame) -> bool:
        return self._answers(frame)

    def is_quiet(self, frame: Frame) -> bool:
        if frame.kind != Kind.DEVICE or frame.data != self._quiet:
            return False
        self._done()
        return True


def _is_about_money(frame: Frame) -> bool:
    status = status_of(frame)
    return status is not None and bool(int(status.state) & _MONEY)


@lru_cache(maxsize=64)
def _is_sound(kind: int, data: bytes) -> bool:
    """Tell whether an answer holds a status that can be true: of the states, one at most."""
    status = status_of(Frame(kind, data))
    return status is not None and int(status.lasting) & (int(status.lasting) - 1) == 0


_MONEY = int(EVENTS | State.ESCROWED)
