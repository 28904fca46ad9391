"""The host's end of a ccTalk line: one question, one answer, whoever else is on the line.

What every driver of a ccTalk device needs and no device decides:

* **Echo.** The line is one wire, so whoever sends hears its own bytes, unless an adapter takes them away. Nothing is set up
  for it: bytes that are the question, exactly, are stripped, and anything else is not. So it works with and without, and when
  it changes; an echo alone is silence, for a host takes answers to address 1 only and no device has that address [2].
* **Turns.** Several devices share a line: each question with its answer holds ``link.turn``.
* **Resynchronising by silence.** After a question without an answer the next one waits until the line was silent for 50 ms.
* **Retries.** A question whose repetition does no harm is put three times [2]; BUSY is asked again after a moment.
* **Doubt.** sum8 is a weak check: two flips of one bit position cancel out. What tells of money is asked for until the same
  answer came twice (:meth:`CcTalkHost.ask_alike`).

TRAP: in the crc16 and bnv modes an answer has no source, so there a late answer of another device cannot be told from the one
waited for except by its length; sum8 answers count only from the address asked.
"""

import asyncio
from collections.abc import Callable, Collection
from enum import Enum

from hardware.bills.orders import Answer
from hardware.cctalk.bnv import DEFAULT_CODE
from hardware.cctalk.frames import BYTE_GAP_S, HOST, Codec, Frame, Mode, Splitter
from hardware.cctalk.headers import ANSWERS, REPLY, Header
from hardware.configfile import ConfigFile
from hardware.links.link import Link
from hardware.models import DeviceModel
from hardware.wire.exchange import Exchange, Watch

TRIES = 3
"""How often a harmless question is put [2]."""
LOOK_EVERY_S = 3.0
"""How often a device at rest is asked for its self-check and its settings: one that restarted before its first event stands at
counter 0 as before."""
BUSY_PAUSE_S = 0.1
ALIKE_TRIES = 4
"""Answers that are compared, after the first, until two are alike."""
SILENCE_AT_MOST_S = 0.5
"""A line that never falls silent is spoken on all the same after so long."""
GIVEN_UP_AFTER = 5
"""A device that left so many questions in a row unanswered is asked ..."""
GIVEN_UP_PAUSE_S = 1.0
"""... only so often: the others on its line sit through every time-out."""
ACK = frozenset((0,))
"""Size of an acknowledgement."""


class NoAnswer(Enum):
    """Why there are no data."""

    NAK = "nak"
    """Not done."""
    BUSY = "busy"
    """Still not able to, after all tries."""
    SILENT = "silent"
    """Nothing valid came: the question may have arrived or not."""


class _Ears:
    """Strips the host's own echo, by exact match and at the head of what arrives, before frames are split."""

    def __init__(self, codec: Codec) -> None:
        self._splitter = Splitter(codec)
        self._echo = b""
        """Our own bytes that may come back, not all of them heard yet."""
        self._held = b""
        self._last_byte_s = self._now_s = 0.0

    def listen(self, question: bytes) -> None:
        """A question is about to be put."""
        self._echo, self._held = question, b""

    def reset(self) -> None:
        """Drop a frame that never became whole."""
        self._splitter.reset()

    def hear(self, now_s: float) -> None:
        """Learn when what is fed next arrived."""
        self._now_s = now_s

    def feed(self, data: bytes) -> list[Frame]:
        """Take what arrived and return the frames that are now complete, in order."""
        now_s = self._now_s
        if self._echo:
            data = self._without_echo(data, now_s)
        self._last_byte_s = now_s
        return self._splitter.feed(data, now_s) if data else []

    def _without_echo(self, data: bytes, now_s: float) -> bytes:
        if now_s - self._last_byte_s > BYTE_GAP_S:
            self._held = b""  # an echo that broke off
        heard = self._held + data
        if len(heard) < len(self._echo) and self._echo.startswith(heard):
            self._held = heard
            return b""
        rest = heard[len(self._echo) :] if heard.startswith(self._echo) else heard
        self._echo = self._held = b""
        return rest


class BusExchange(Exchange[Frame]):
    """An exchange on a line with echo, that knows when a byte was last heard."""

    def __init__(self, link: Link, codec: Codec, reply_timeout_s: float) -> None:
        self._ears = _Ears(codec)
        self.last_byte_s = -1.0
        self.awaits_answer = False
        """While a :meth:`watch` is on, and after it: whether its last question is without an answer."""
        self._place: asyncio.Future[None] | None = None
        """In the queue of those who want to speak, for the next question of a :meth:`watch`."""
        self._speaks = False
        """Whether a :meth:`watch` has the line."""
        super().__init__(link, self._ears, reply_timeout_s)

    async def watch(self, watch: Watch[Frame], first_s: float, interval_s: float) -> Frame | None:
        """See :meth:`Exchange.watch`; each question waits for its turn."""
        self.awaits_answer = False
        try:
            return await super().watch(watch, first_s, interval_s)
        finally:
            if self._place is not None:
                self._place.cancel()
                self._place = None
            self._fall_silent()

    def _watch_asks(self) -> None:
        if self._watch_ended is not None and not self._watch_ended.done():
            self._place = self._link.turn.take(self._may_speak)

    def _may_speak(self) -> None:
        self._place = None
        if self._watch_ended is None or self._watch_ended.done():
            self._link.turn.pass_on()
            return
        self._speaks = self.awaits_answer = True
        super()._watch_asks()

    def answered(self) -> None:
        """The question of a :meth:`watch` has its answer: let others speak."""
        self.awaits_answer = False
        self._fall_silent()

    def _fall_silent(self) -> None:
        if self._speaks:
            self._speaks = False
            self._link.turn.pass_on()

    def tell(self, message: bytes) -> None:
        self._ears.listen(message)
        super().tell(message)

    def _arrived(self, data: bytes) -> None:
        self.last_byte_s = self._loop.time()
        if self._reply is not None or self._speaks:  # else another driver on this line asked
            self._ears.hear(self.last_byte_s)
            super()._arrived(data)


class CcTalkHost:
    """Asks one device. No method raises for anything that the line can say or fail to say."""

    def __init__(self, model: DeviceModel, link: Link, reply_timeout_s: float) -> None:
        """Raises ConfigError when the model's ``[cctalk]`` cannot be used. Its ``echo`` is the emulator's business."""
        table = ConfigFile(model.path, model.settings).table("cctalk").only("address", "mode", "code", "echo")
        self.address = table.whole("address", low=2, high=255)
        mode = Mode(table.choice("mode", [mode.value for mode in Mode], Mode.SUM8.value))
        code = table.text("code", DEFAULT_CODE)
        table.flag("echo", False)
        try:
            self._codec = Codec(mode, code)
        except ValueError as error:
            raise table.wrong("code", "six digits") from error
        self._link = link
        self.exchange = BusExchange(link, self._codec, reply_timeout_s)
        self._restless = False
        """The last question had no answer: the line may be out of step."""
        self._unanswered = 0
        """Questions without an answer, one after the other."""
        self._asked_s = self._until_s = 0.0
        self._watched = self._quiet = b""

    @property
    def is_spared(self) -> bool:
        """Whether the device has been silent for so long that the line is left to others for a moment."""
        return self._unanswered >= GIVEN_UP_AFTER and self.exchange.now_s() - self._asked_s < GIVEN_UP_PAUSE_S

    async def ask(
        self, header: int, data: bytes = b"", sizes: Collection[int] | None = None, tries: int = TRIES
    ) -> bytes | NoAnswer:
        """Put a question and return the answer's data. An answer of another size than ``sizes`` belongs to another question
        and is passed over. With ``tries`` of 1 it is put once, whatever comes: for orders that must not be repeated blindly."""
        return await self._ask(header, data, sizes, tries, lambda answer: True)

    async def ask_alike(
        self,
        header: int,
        data: bytes = b"",
        sizes: Collection[int] | None = None,
        tries: int = TRIES,
        known: Callable[[bytes], bool] = lambda answer: False,
    ) -> bytes | NoAnswer:
        """Like :meth:`ask`, until two answers are alike, or one is ``known`` already; SILENT when neither comes about.

        Both are asked for in one turn: on a line with a dead device, whose time-outs the others have to sit through, what is
        asked about would else have moved on between the two.
        """
        return await self._ask(header, data, sizes, tries, known)

    async def _ask(
        self, header: int, data: bytes, sizes: Collection[int] | None, tries: int, believed: Callable[[bytes], bool]
    ) -> bytes | NoAnswer:
        raw = self._codec.encode(Frame(self.address, header, data))
        heard: set[bytes] = set()
        answer = NoAnswer.SILENT
        for left in reversed(range(tries)):
            async with self._link.turn:
                frame = await self._put(raw, sizes)
                while frame is not None and frame.header == REPLY:
                    if frame.data in heard or believed(frame.data):
                        return frame.data
                    heard.add(frame.data)
                    if len(heard) > ALIKE_TRIES:
                        return NoAnswer.SILENT
                    frame = await self._put(raw, sizes)
            if frame is not None and frame.header == Header.NAK:
                return NoAnswer.NAK
            answer = NoAnswer.SILENT if frame is None else NoAnswer.BUSY
            if self.exchange.lost is not None:
                break
            if frame is not None and left:
                await asyncio.sleep(BUSY_PAUSE_S)
        return answer

    async def order(self, header: int, data: bytes = b"", tries: int = TRIES) -> Answer:
        """Give an order that is answered with ACK and does no harm when it is given twice."""
        answer = await self.ask(header, data, ACK, tries)
        if isinstance(answer, NoAnswer):
            return Answer.SILENT if answer is NoAnswer.SILENT else Answer.REFUSED
        return Answer.DONE

    async def _put(self, raw: bytes, sizes: Collection[int] | None) -> Frame | None:
        """Put a question once and return its answer. The turn is ours."""
        if self._restless:
            await self._until_silent()
        self._restless = True  # also when we are cancelled here, and the answer is still to come
        self._asked_s = self.exchange.now_s()
        frame = await self.exchange.ask(raw, lambda frame: self._answers(frame, sizes))
        self._restless = frame is None
        self._unanswered = self._unanswered + 1 if frame is None else 0
        return frame

    def _answers(self, frame: Frame, sizes: Collection[int] | None) -> bool:
        """Tell whether a frame can be an answer from our device, of one of the sizes."""
        if frame.to != HOST or frame.header not in ANSWERS:
            return False
        if self._codec.mode is Mode.SUM8 and frame.source != self.address:
            return False
        return sizes is None or len(frame.data) in (sizes if frame.header == REPLY else ACK)

    # -- a line at rest (hardware.wire.exchange.Watch) -----------------------------------------------------------------

    async def watch(self, header: int, quiet: bytes, until_s: float, first_s: float, interval_s: float) -> None:
        """Put one question again and again, first at ``first_s``, as long as its answer is ``quiet``, and until ``until_s``.

        What else is heard is left to :meth:`ask_alike`: it has to come twice.
        """
        self._watched = self._codec.encode(Frame(self.address, header))
        self._quiet, self._until_s = quiet, until_s
        await self.exchange.watch(self, first_s, interval_s)
        if self.exchange.awaits_answer:
            self._restless = True
            self._unanswered += 1

    def question(self) -> bytes:
        self._asked_s = self.exchange.now_s()
        return self._watched

    def answers(self, frame: Frame) -> bool:
        return self._answers(frame, (len(self._quiet),))

    def is_quiet(self, frame: Frame) -> bool:
        self.exchange.answered()
        return frame.data == self._quiet and frame.header == REPLY and self.exchange.now_s() < self._until_s

    async def _until_silent(self) -> None:
        end_s = self.exchange.now_s() + SILENCE_AT_MOST_S
        while (now_s := self.exchange.now_s()) < end_s:
            wait_s = max(self.exchange.last_byte_s, self._asked_s) + BYTE_GAP_S - now_s
            if wait_s <= 0:
                break
            await asyncio.sleep(max(wait_s, 0.001))
