"""The sequence flag and the encryption, as the SSP host keeps them.

Every new packet flips the flag. A packet without an answer is said again, the very same bytes, until it is answered; the unit
then repeats its answer without doing anything twice [V]. So no event is lost with a reply, none is told twice, and, what
matters most here: a poll whose answer might have told of a note in escrow is never followed by a new poll, which would accept
that note. Only when nothing helps is the packet given up and the sequence begun anew with SYNC.

Under eSSP everything but SYNC and the key exchange is encrypted. An answer in plain, or with a count that does not follow
ours, is no answer to an encrypted packet: somebody else says it. The exception is a plain error, such as KEY NOT SET: then the
unit has lost the keys, and they are agreed on anew.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from hardware.bills.ssp.commands import Command, Reply
from hardware.bills.ssp.crypto import AesLayer, is_sealed
from hardware.bills.ssp.frames import Packet
from hardware.wire.exchange import Exchange

TRIES = 20
"""So often the same packet is said before the host gives up [V]."""
SEALED_TRIES = 3
"""The same for an encrypted packet: a unit that cannot read it is silent for ever, SYNC finds out whether it is there."""
POLLS = frozenset({Command.POLL, Command.POLL_WITH_ACK})
_LOWEST_REPLY = 0x80
"""Replies have bit 7; commands, and so our own echo, have not."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the unit answered, and to what."""

    command: int
    """The first byte of the question."""
    code: int
    """The first byte of the answer, a :class:`~hardware.bills.ssp.commands.Reply` if it is one that we know."""
    data: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the unit did what was asked."""
        return self.code == Reply.OK


@dataclass(slots=True)
class _Sent:
    message: bytes
    packet: Packet
    wire: bytes
    count: int | None = None
    """Of an encrypted packet; None for a plain one."""
    tries: int = 0


@lru_cache(maxsize=64)
def _plain(message: bytes, flag: bool, address: int) -> tuple[Packet, bytes]:
    packet = Packet(message, flag, address)
    return packet, packet.encode()


class Conversation:
    """Puts one packet at a time on the line. No method raises for anything that the line can say or fail to say."""

    def __init__(self, exchange: Exchange[Packet], address: int, random: Random) -> None:
        """``random`` packs what is encrypted."""
        self._exchange = exchange
        self._address = address
        self._random = random
        self._flag = True
        """Of the last new packet."""
        self._pending: _Sent | None = None
        """Said, but not answered yet: to be said again before anything else."""
        self._late: Heard | None = None
        self._layer: AesLayer | None = None
        self._count = 0
        self._opened = b""
        self._watched = b""
        self._quiet = b""

    @property
    def is_sealed(self) -> bool:
        """Whether keys are agreed on."""
        return self._layer is not None

    @property
    def waits(self) -> bool:
        """Whether a packet is still to be answered, and it is worth saying it again."""
        sent = self._pending
        return sent is not None and sent.tries < (TRIES if sent.count is None else SEALED_TRIES)

    def use_keys(self, layer: AesLayer | None) -> None:
        """Encrypt from the next packet on, counting from 0; or, with None, no longer."""
        self._layer, self._count = layer, 0

    def take_late(self) -> Heard | None:
        """Return the answer to a poll that came when something else was to be said; each only once."""
        late, self._late = self._late, None
        return late

    async def sync(self) -> Heard | None:
        """Begin the sequence anew, without encryption. What was not answered is given up.

        SYNC goes with either flag [R]. A unit that compares it with the flag of its last packet would repeat an old answer
        instead; one with data can be no answer to SYNC, and then the other flag is tried.
        """
        self.use_keys(None)
        heard: Heard | None = None
        for flag in (True, False):
            self._pending = _Sent(b"\x11", *_plain(b"\x11", flag, self._address))
            heard = await self.again()
            self._pending = None
            if heard is None or not heard.data:
                break
        self._flag = True  # so the next new packet has flag 0
        return heard

    async def say(self, message: bytes) -> Heard | None:
        """Say ``message`` and return the answer; None when none came, and then it is to be said again with :meth:`again`.

        What was not answered before is said first.
        """
        pending = self._pending
        if pending is not None and pending.message != message:
            heard = await self.again()
            if heard is None:
                return None
            if heard.command in POLLS:
                self._late = heard
        if self._pending is None:
            self._pending = self._new(message)
        return await self.again()

    async def again(self) -> Heard | None:
        """Say the packet that is still to be answered once more; None when no answer came. There must be one."""
        sent = self._pending
        assert sent is not None
        sent.tries += 1
        frame = await self._exchange.ask(sent.wire, self.answers)
        return None if frame is None else self._done(sent, frame)

    def _new(self, message: bytes) -> _Sent:
        self._flag = not self._flag
        if self._layer is None:
            return _Sent(message, *_plain(message, self._flag, self._address))
        packet = Packet(self._layer.seal(message, self._count, self._random), self._flag, self._address)
        return _Sent(message, packet, packet.encode(), self._count)

    def _done(self, sent: _Sent, frame: Packet) -> Heard:
        self._pending = None
        data = self._advance(sent, frame)
        return Heard(sent.message[0], data[0], data[1:])

    def _advance(self, sent: _Sent, frame: Packet) -> bytes:
        """Return what an accepted answer says."""
        if sent.count is None:
            return frame.data
        if self._opened:
            self._count = sent.count + 1
            return self._opened
        self.use_keys(None)  # a plain error
        return frame.data

    def answers(self, frame: Packet) -> bool:
        """Tell whether a packet is the answer to the one on the line."""
        sent = self._pending
        if sent is None or frame.flag != sent.packet.flag or frame.address != self._address:
            return False
        if sent.count is None:
            return frame.data[0] >= _LOWEST_REPLY
        self._opened = b""
        if self._layer is not None and is_sealed(frame.data):
            opened = self._layer.open(frame.data)
            if opened is None or opened.count != sent.count + 1 or not opened.data or opened.data[0] < _LOWEST_REPLY:
                return False
            self._opened = opened.data
            return True
        return len(frame.data) <= 2 and frame.data[0] >= _LOWEST_REPLY and frame.data[0] != Reply.OK

    # -- a line at rest (hardware.wire.exchange.Watch) -----------------------------------------------------------------

    async def watch(self, message: bytes, quiet: Heard, first_s: float, interval_s: float) -> Heard | None:
        """Say ``message`` again and again until the answer is not ``quiet``; None when it is better to ask."""
        self._watched, self._quiet = message, bytes((quiet.code,)) + quiet.data
        frame = await self._exchange.watch(self, first_s, interval_s)
        sent = self._pending
        return None if frame is None or sent is None else self._done(sent, frame)

    def question(self) -> bytes:
        if self._pending is None:
            self._pending = self._new(self._watched)
        self._pending.tries += 1
        return self._pending.wire

    def is_quiet(self, frame: Packet) -> bool:
        sent = self._pending
        if sent is None or (frame.data if sent.count is None else self._opened) != self._quiet:
            return False
        self._advance(sent, frame)
        self._pending = None
        return True
