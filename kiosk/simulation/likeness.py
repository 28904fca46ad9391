"""What decides how a journey ends after power is cut: by it, cuts are known to be alike before or while they are played.

*At rest in the dark*: the program is gone, and the next one is about to begin. Nothing else decides any more than matter, the
lines, the disk, the carriers, the customer, and what the judges hold against anybody (:func:`in_the_dark`). Two cuts that lead
to the same are one from there on. Of the disk that is the rows that the journal was opened with, not how its file looks.
Not in it: the date; nothing in a journey asks which second it is, and what carriers promise for a time (a quote, a
reservation) lasts for many minutes.

*At a byte*: who loses power, where the journal's end stands, how the device stands that loses it (for the program and the
terminal: what a power cut would leave of all devices, what the carriers were asked, and the customer), and what just passed:

* a message that has arrived whole: which it was, and how the device stood whose it is;
* nothing: the beginning of a message, which is forgotten with whoever said or heard it, or given up after a moment; or what was
  said before while the device stood just so, and tells nobody anything. That an answer came is told apart, for the device whose
  it was: the host will miss it one question later;
* for another device on the same line: messages are not cut short by it.

The time until the customer does the next thing is not in it, nor how far parts in motion have come, nor what is on the screen:
so these are likenesses, not proofs, and :mod:`kiosk.simulation.atlas` plays the first and the last of each.
"""

import asyncio
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import blake2b

from hardware.bench import BenchDevice
from hardware.links.nowire import NoWire
from kiosk.ledger.journal import Journal
from kiosk.simulation.atlas import Like
from kiosk.simulation.fingerprint import fingerprint
from kiosk.simulation.witness import Witness
from kiosk.simulation.world import World
from kiosk.topup.simulator.exactly_once import LATE

TERMINAL = "terminal"
"""The way in which everything loses power."""
_TALK = (
    *("_outbox", "_chunks", "_buffer", "_last_byte_s", "_echo"),
    *("_count", "_random", "_dice", "_last_reply", "_pending", "_watched", "_opened"),
)
"""Fields that hold what is being said, or count it: of those who do not speak nobody will hear it, else the message says it."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+-]*")


def story_of(journal: Journal) -> str:
    """Return what a journal tells, in one word: two tell the same when they hold the same rows, apart from times and order.

    Who was quicker, a customer's touch or a printer's last line, makes no other story.
    """
    return _digest(sorted(_rows(journal)))


def _rows(journal: Journal) -> Iterator[str]:
    """Every row without its time."""
    for row in journal.rows():
        yield f"{row.kind} {row.visit} {without_times(row.body_text)} {row.postings}"


def _digest(words: Iterable[str]) -> str:
    return blake2b("\n".join(words).encode(), digest_size=12).hexdigest()


def without_times(text: str) -> str:
    """Return a text with every moment in it taken out."""
    return _MOMENT.sub("then", text)


def in_the_dark(world: World, customer: object, witness: Witness) -> str:
    """Return what decides how it ends, while no program lives and none will be cut any more."""
    carrier = world.carrier
    tables = (carrier.topups, carrier.quotes, carrier.lines, carrier.replies)
    return fingerprint(
        list(_rows(world.journal)),
        [[without_times(str(astuple(row))) for row in table.all()] for table in tables],
        [task for task in asyncio.all_tasks() if task.get_name() == LATE],
        [(line.unsent(), line.ready, line.peer.unsent(), line.peer.ready) for line in world.lines],
        [world.inserted, world.shop_yen, vars(world.faults), world.rng],
        [_matter(device) for device in world.bench.devices.values()],
        customer,
        witness.memory(),
        now_s=_now_s(),
    )


def _now_s() -> float:
    return asyncio.get_running_loop().time()


@dataclass(frozen=True)
class Message:
    """What passes on a line."""

    to: bool
    """To the devices, or from them."""
    speakers: Sequence[str]
    """Those that it is for, or from."""
    said: str
    """Its bytes; of an encrypted one, of which no two are the same, only the length."""


class Onlooker:
    """Knows, at each message on a line, what the cuts at its bytes have in common with others."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._matter: dict[str, str] = {}
        self._left: dict[str, str] = {}
        self._heard: set[str] = set()
        self.requests = 0
        """How many have left for the carriers."""

    def forget(self, devices: Collection[str]) -> None:
        """These may have changed."""
        for name in devices:
            self._matter.pop(name, None)
            self._left.pop(name, None)

    def passed(self, message: Message) -> None:
        """This was said and heard."""
        self._heard.add(self._exchange(message))

    def like(self, way: str, message: Message, customer: object, *, whole: bool) -> Like:
        """Return the likeness of a cut at a byte of a message that is cut short or arrives ``whole``."""
        devices = self._world.bench.devices
        head = self._world.journal.head.seq
        said = self._exchange(message) if whole else ""
        if said in self._heard:
            said = ""  # it tells nobody anything
        if way in devices:
            answered = whole and not message.to
            spoken = f"{said} {answered}" if way in message.speakers else "aside"
            return Like(f"{way} {head} {self._stands(way)} {spoken}")
        if way == TERMINAL and not message.to:
            said = ""  # whoever heard it, and whoever said it, has forgotten it
        stands = fingerprint(customer, now_s=0.0)
        left = " ".join(map(self._leaves, devices))
        return Like(f"{way} {head} {self.requests} {stands} {left} {said}")

    def _exchange(self, message: Message) -> str:
        """Return what is said, and how those stand whose it is: a second time it tells nobody anything."""
        return f"{message.to} {message.said} {' '.join(map(self._stands, message.speakers))}"

    def _stands(self, name: str) -> str:
        """Return the fingerprint of a device."""
        if name not in self._matter:
            matter = _matter(self._world.bench.devices[name])
            self._matter[name] = fingerprint(matter, now_s=_now_s(), rough=True, without=_TALK)
        return self._matter[name]

    def _leaves(self, name: str) -> str:
        """Return the fingerprint of what a power cut would leave of a device."""
        if name not in self._left:
            self._left[name] = fingerprint(_left(self._world.bench.devices[name]), now_s=_now_s(), rough=True)
        return self._left[name]


def _left(device: BenchDevice) -> object:
    """What a power cut would leave of a device."""
    return device.emulator.state() if device.emulator is not None else _matter(device)


def _matter(device: BenchDevice) -> object:
    if device.emulator is not None:
        return device.emulator
    assert isinstance(device.link, NoWire)
    return device.link.machine
