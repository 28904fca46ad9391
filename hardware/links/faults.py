"""What goes wrong on a line, for every protocol alike: a pure mechanism with named steps.

:class:`LineFaults` stands between the two ends. It knows no protocol: what it spoils are *messages*, the pieces as they were
written. It serves both ends: :class:`hardware.links.faultylink.FaultyLink` wraps the host's end of any line, that of a real
unit too, and :class:`hardware.emulator.EmulatorRunner` has one at the device's end, worked by the bench commands ``line ...``.

Steps are of two kinds. Some count: the next message is lost, comes twice, is cut short. Some last until they are ended:
delay, echo, a wrong baud rate. Several at once work in the order of :meth:`LineFaults._spoil`.

Not modelled: voltages, a break condition, the time that a byte takes at its baud rate.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from random import Random

STUCK_BYTES = 10
"""A stuck line streams so many bytes ..."""
STUCK_EVERY_S = 0.01
"""... in such a time: about what 9600 baud can carry."""
GARBAGE = 8
"""Bytes of random noise at a time."""


class Toward(Enum):
    """A direction on the line."""

    HOST = "host"
    DEVICE = "device"


@dataclass
class _Lane:
    """One direction: the steps set for it, and what is under way. Mutable: it is the line's own state."""

    drop: int = 0
    duplicate: int = 0
    corrupt: deque[int] = field(default_factory=deque)
    flip: tuple[int, ...] = ()
    truncate: int | None = None
    insert: bytes = b""
    replace: deque[bytes] = field(default_factory=deque)
    join: bool = False
    delay_s: float = 0.0
    split_gap_s: float | None = None
    mute: bool = False
    stale: bool = False
    previous: bytes = b""
    """The last message, while ``stale``: what comes in place of the next."""
    waiting: bytes = b""
    """The first of two messages to be joined."""
    partial: bytearray = field(default_factory=bytearray)
    whole_s: float | None = None
    """When ``partial`` counts as a whole message."""
    queue: deque[tuple[float, bytes]] = field(default_factory=deque)

    @property
    def armed(self) -> bool:
        """Whether the next message would not simply pass."""
        return bool(
            self.drop
            or self.duplicate
            or self.corrupt
            or self.flip
            or self.truncate is not None
            or self.insert
            or self.replace
            or self.join
            or self.delay_s
            or self.split_gap_s is not None
            or self.mute
            or self.stale
            or self.partial
            or self.queue
        )


class LineFaults:
    """The line between a host and a device, with everything that can be wrong with it. Pure: times are handed in.

    The owner puts bytes in with :meth:`carry`, takes those that have arrived with :meth:`take`, and asks
    :meth:`next_due_s` when to look again. While :attr:`idle` it may leave the line out altogether.
    """

    def __init__(self, dice: Random, whole_after_s: float = 0.0) -> None:
        """``dice`` chooses bits and noise. ``whole_after_s`` is the silence that ends a message; 0: each piece is whole."""
        self._dice = dice
        self._whole_after_s = whole_after_s
        self._lanes = {toward: _Lane() for toward in Toward}
        self._echo = self._parity_wrong = self._parity_bit = self._baud_wrong = False
        self._stuck: int | None = None
        self._stuck_due_s = 0.0
        self.idle = True
        """Nothing is set and nothing under way: bytes pass as they are."""

    # -- steps that count messages -------------------------------------------------------------------------------------

    def drop(self, messages: int = 1, toward: Toward = Toward.HOST) -> None:
        """Lose the next ``messages``."""
        self._lane(toward).drop = messages

    def duplicate(self, messages: int = 1, toward: Toward = Toward.HOST) -> None:
        """Let the next ``messages`` come twice, one copy behind the other."""
        self._lane(toward).duplicate = messages

    def corrupt(self, bits: int, messages: int = 1, toward: Toward = Toward.HOST) -> None:
        """Flip ``bits`` different bits, chosen by the dice, in each of the next ``messages``."""
        self._lane(toward).corrupt = deque([bits] * messages)

    def flip(self, bits: Iterable[int], toward: Toward = Toward.HOST) -> None:
        """Flip these bits of the next message; bit 0 is the lowest of its first byte. Bits beyond its end are let be."""
        self._lane(toward).flip = tuple(bits)

    def truncate(self, length: int, toward: Toward = Toward.HOST) -> None:
        """Let only the first ``length`` bytes of the next message pass."""
        self._lane(toward).truncate = length

    def insert(self, noise: bytes, toward: Toward = Toward.HOST) -> None:
        """Put ``noise`` right before the next message."""
        self._lane(toward).insert = noise

    def insert_garbage(self, toward: Toward = Toward.HOST) -> None:
        """Put random noise right before the next message."""
        self.insert(self._dice.randbytes(GARBAGE), toward)

    def replace(self, messages: Iterable[bytes], toward: Toward = Toward.HOST) -> None:
        """Let these come in place of the next messages, one for one."""
        self._lane(toward).replace = deque(messages)

    def join(self, toward: Toward = Toward.HOST) -> None:
        """Keep the next message back until the one after it, and let both come in one piece."""
        self._lane(toward).join = True

    # -- steps that last -----------------------------------------------------------------------------------------------

    def delay(self, delay_s: float, toward: Toward = Toward.HOST) -> None:
        """Let every message come so much later; 0 ends it."""
        self._lane(toward).delay_s = delay_s

    def split(self, gap_s: float | None, toward: Toward = Toward.HOST) -> None:
        """Let messages come byte by byte, ``gap_s`` between two; None ends it."""
        self._lane(toward).split_gap_s = gap_s

    def mute(self, on: bool = True, toward: Toward = Toward.HOST) -> None:
        """Lose everything in this direction."""
        self._lane(toward).mute = on

    def stale(self, on: bool = True, toward: Toward = Toward.HOST) -> None:
        """Let each message be the one before it: the answer to the previous request. The first one is lost."""
        lane = self._lane(toward)
        lane.stale, lane.previous = on, b""

    def echo(self, on: bool = True) -> None:
        """Let the host hear its own bytes, as on a single-wire line."""
        self._lane(Toward.HOST)
        self._echo = on

    def parity(self, *, wrong: bool = False, as_bit_7: bool = False) -> None:
        """Spoil the parity. ``wrong``: even against odd, and each end throws every byte away that it hears. ``as_bit_7``: a
        7-bit device with even parity, read by an adapter that was left at 8 bits without: the parity shows as bit 7."""
        self._lane(Toward.HOST)
        self._parity_wrong, self._parity_bit = wrong, as_bit_7

    def wrong_baud(self, on: bool = True) -> None:
        """Let both ends hear other bytes than were sent, and fewer or more of them."""
        self._lane(Toward.HOST)
        self._baud_wrong = on

    def stuck(self, byte: int | None, now_s: float) -> None:
        """Let the line towards the host stream one byte without end, in which every reply is lost; None ends it."""
        self._lane(Toward.HOST)
        self._stuck, self._stuck_due_s = byte, now_s

    def off(self) -> None:
        """End every step. What is under way arrives at its time; messages kept back are lost."""
        for toward, lane in self._lanes.items():
            self._lanes[toward] = _Lane(queue=lane.queue)
        self._echo = self._parity_wrong = self._parity_bit = self._baud_wrong = False
        self._stuck = None
        self._note_idleness()

    def lose_all(self) -> None:
        """The line is dead: what is under way is lost. Steps stay set."""
        for lane in self._lanes.values():
            lane.queue.clear()
            lane.partial.clear()
            lane.waiting, lane.whole_s = b"", None

    def _lane(self, toward: Toward) -> _Lane:
        """Return a lane that a step is about to be set for."""
        self.idle = False
        return self._lanes[toward]

    def _note_idleness(self) -> None:
        lasting = self._echo or self._parity_wrong or self._parity_bit or self._baud_wrong or self._stuck is not None
        self.idle = not lasting and not any(lane.armed for lane in self._lanes.values())

    # -- bytes ---------------------------------------------------------------------------------------------------------

    def carry(self, toward: Toward, data: bytes, now_s: float) -> None:
        """Take bytes that one end has put on the line."""
        if not data:
            return
        if toward is Toward.DEVICE:
            self._collect(self._lanes[Toward.HOST], now_s)  # the host speaks: what the device said before was whole
            if self._echo:
                self._lanes[Toward.HOST].queue.append((now_s, data))
        lane = self._lanes[toward]
        if toward is Toward.DEVICE or not self._whole_after_s:
            self._spoil(lane, toward, data, now_s)
        else:
            lane.partial += data
            lane.whole_s = now_s + self._whole_after_s

    def _collect(self, lane: _Lane, now_s: float) -> None:
        message = bytes(lane.partial)
        lane.partial.clear()
        lane.whole_s = None
        if message:
            self._spoil(lane, Toward.HOST, message, now_s)

    def _spoil(self, lane: _Lane, toward: Toward, message: bytes, now_s: float) -> None:
        """Do to one message what is set, in this order."""
        if lane.stale:
            message, lane.previous = lane.previous, message
        if lane.replace:
            message = lane.replace.popleft()
        if lane.drop:
            lane.drop -= 1
            return
        if lane.mute or not message or self._parity_wrong or (self._stuck is not None and toward is Toward.HOST):
            return
        if lane.flip:
            message, lane.flip = _flipped(message, lane.flip), ()
        if lane.corrupt:
            count = min(lane.corrupt.popleft(), 8 * len(message))
            message = _flipped(message, self._dice.sample(range(8 * len(message)), count))
        if lane.truncate is not None:
            message, lane.truncate = message[: lane.truncate], None
        message, lane.insert = lane.insert + message, b""
        if self._parity_bit and toward is Toward.HOST:
            message = bytes(byte & 0x7F | (byte & 0x7F).bit_count() % 2 << 7 for byte in message)
        if self._baud_wrong:
            message = self._dice.randbytes(self._dice.randint(1, 2 * len(message) + 1))
        if lane.join:
            if not lane.waiting:
                lane.waiting = message
                return
            message, lane.waiting, lane.join = lane.waiting + message, b"", False
        due_s = max(now_s + lane.delay_s, lane.queue[-1][0] if lane.queue else 0.0)
        twice, lane.duplicate = lane.duplicate > 0, max(0, lane.duplicate - 1)
        for _ in range(2 if twice else 1):
            if lane.split_gap_s is None:
                lane.queue.append((due_s, message))
            else:
                for at in range(len(message)):
                    lane.queue.append((due_s, message[at : at + 1]))
                    due_s += lane.split_gap_s

    def take(self, toward: Toward, now_s: float) -> bytes:
        """Return, once, the bytes that have arrived at that end by ``now_s``."""
        lane = self._lanes[toward]
        if lane.whole_s is not None and lane.whole_s <= now_s:
            self._collect(lane, lane.whole_s)
        arrived = b""
        while lane.queue and lane.queue[0][0] <= now_s:
            arrived += lane.queue.popleft()[1]
        if toward is Toward.HOST and self._stuck is not None:
            while self._stuck_due_s <= now_s:
                arrived += bytes((self._stuck,)) * STUCK_BYTES
                self._stuck_due_s += STUCK_EVERY_S
        self._note_idleness()
        return arrived

    def next_due_s(self) -> float | None:
        """Return when bytes will arrive by themselves, or None."""
        due_s = [lane.queue[0][0] for lane in self._lanes.values() if lane.queue]
        due_s += [lane.whole_s for lane in self._lanes.values() if lane.whole_s is not None]
        if self._stuck is not None:
            due_s.append(self._stuck_due_s)
        return min(due_s, default=None)


def _flipped(message: bytes, bits: Iterable[int]) -> bytes:
    spoiled = bytearray(message)
    for bit in bits:
        if bit // 8 < len(spoiled):
            spoiled[bit // 8] ^= 1 << bit % 8
    return bytes(spoiled)
