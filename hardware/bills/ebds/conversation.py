"""The toggling acknowledgement bit, as the EBDS host keeps it.

Every new message toggles the bit; a message whose answer was lost is said again, the same, with the same bit, and the unit
repeats its answer without moving on. So no event is lost with a reply, and none is told twice.

XOR is a weak check: two flips of one bit position cancel out, and may make a note out of nothing or take the bit STACKED away.
An answer that says anything else than the last one is therefore asked for once more with the same bit; only what came twice
alike is believed. One that contradicts itself even twice is no news, but the bit toggles: the unit would repeat it for ever.
"""

from collections.abc import Callable
from functools import lru_cache

from hardware.bills.ebds.extended import read_extended_reply
from hardware.bills.ebds.frames import Frame, Kind
from hardware.bills.ebds.standard import DeviceStatus, read_status
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

    def __init__(self, exchange: Exchange[Frame], *, repeats: bool = True) -> None:
        """``repeats`` is False for a deviant unit that does not repeat its answer: then nothing is heard twice."""
        self._exchange = exchange
        self._repeats = repeats
        self._ack = 0
        self._pending: Frame | None = None
        """Said, but not answered yet: to be said again before anything else."""
        self._joined = False
        """Whether the unit and we are in step. The first answer may be the repetition of one to a host before us, to whatever
        that host had asked."""
        self._believed: Frame | None = None
        """The last answer that was believed; the same again needs no second hearing."""
        self._heard_once: Frame | None = None
        """An answer to the pending message that would have to come a second time."""
        self._orders: tuple[Frame, Frame]
        self._orders_bytes: tuple[bytes, bytes]
        self._quiet = b""

    async def say(self, build: Callable[[int], Frame]) -> Frame | None:
        """Say the pending message, or else ``build(bit)``; return the answer, None when none came.

        The answer is that of the message on the line: the caller looks whether it is the one that it wants. None also for
        an answer that cannot be true.
        """
        message = self._pending or build(self._ack)
        self._pending = message
        answer = await self._exchange.ask(message.encode(), self._answers)
        if answer is not None and self._repeats and not self._says_the_same(answer):
            answer = await self._confirmed(message, answer)
        if answer is None:
            return None
        self._believed = answer
        self._done()
        return answer if answer.kind == Kind.AUXILIARY or _is_sound(answer.kind, answer.data) else None

    def _says_the_same(self, answer: Frame) -> bool:
        before = self._believed
        return before is not None and answer.data == before.data and answer.kind == before.kind

    async def _confirmed(self, message: Frame, first: Frame) -> Frame | None:
        if first == self._heard_once:
            return first
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
        self._pending = self._believed = self._heard_once = None
        self._joined = False

    @property
    def owes(self) -> bool:
        """Whether a message is still to be answered, and so would be said instead of a new one."""
        return self._pending is not None

    def _done(self) -> None:
        self._pending = self._heard_once = None
        self._joined = True
        self._ack ^= 1

    def _answers(self, frame: Frame) -> bool:
        message = self._pending
        if message is None or frame.ack != message.ack or frame == message:
            return False
        if frame.kind == Kind.AUXILIARY:
            return message.kind == Kind.AUXILIARY or not self._joined
        return status_of(frame) is not None

    # -- a line at rest (hardware.wire.exchange.Watch) -----------------------------------------------------------------

    async def watch(self, orders: Callable[[int], Frame], quiet: Frame, first_s: float, interval_s: float) -> Frame | None:
        """Say ``orders`` again and again until an answer says something else than ``quiet``; None when it is better to ask."""
        self._orders, self._quiet, self._believed = (orders(0), orders(1)), quiet.data, quiet
        self._orders_bytes = (self._orders[0].encode(), self._orders[1].encode())
        self._heard_once = await self._exchange.watch(self, first_s, interval_s)
        return None  # what is new is not done with: it is asked for again with the same bit

    def question(self) -> bytes:
        ack = self._ack
        if self._pending is not None:
            return self._pending.encode()
        self._pending = self._orders[ack]
        return self._orders_bytes[ack]

    def answers(self, frame: Frame) -> bool:
        if frame.kind == Kind.DEVICE and frame.data == self._quiet:
            return frame.ack == self._ack
        return self._answers(frame)

    def is_quiet(self, frame: Frame) -> bool:
        if frame.kind != Kind.DEVICE or frame.data != self._quiet:
            return False
        self._pending = None
        self._ack ^= 1
        return True


@lru_cache(maxsize=64)
def _is_sound(kind: int, data: bytes) -> bool:
    """Tell whether an answer holds a status that can be true: of the states, one at most."""
    status = status_of(Frame(kind, data))
    return status is not None and int(status.lasting) & (int(status.lasting) - 1) == 0
