"""The ID-003 unit as the driver sees it: each question of the protocol as one method."""

from collections.abc import Callable

from hardware.bills.id003.frames import Command, Frame, Status, decode_currency_table
from hardware.bills.id003.recycler_frames import (
    decode_extension_status,
    decode_masks,
    get_recycle_currency,
    pay_out,
    status_request,
)
from hardware.bills.id003.settings import worth_in_yen
from hardware.bills.orders import Answer
from hardware.wire.exchange import Exchange

_STATUS_REQUEST = Frame(Command.STATUS_REQUEST).encode()
_ACK = Frame(Command.ACK).encode()


def _is_status(frame: Frame) -> bool:
    """Leave out ENQ (it answers nothing) and late answers to something else: ACK, echoes, tables."""
    return Status.ENQ < frame.code < Command.ACK


def _is_ack(frame: Frame) -> bool:
    return frame.code in (Command.ACK, Status.INVALID_COMMAND)


class Unit:
    """Asks one unit. No method raises for anything that the line can say or fail to say."""

    def __init__(self, exchange: Exchange[Frame]) -> None:
        self._exchange = exchange
        self.on_enq: Callable[[], None] = lambda: None
        """Called when the unit says ENQ unasked: something has changed, ask (interrupt mode)."""
        exchange.on_unasked = self._unasked
        self._quiet: Frame

    def _unasked(self, frame: Frame) -> None:
        if frame.code == Status.ENQ:
            self.on_enq()

    async def watch(self, quiet: Frame, first_s: float, interval_s: float) -> Frame | None:
        """Return the next status that is not ``quiet``; None when it is better to ask."""
        self._quiet = quiet
        return await self._exchange.watch(self, first_s, interval_s)

    def question(self) -> bytes:
        return _STATUS_REQUEST

    def answers(self, frame: Frame) -> bool:
        return _is_status(frame)

    def is_quiet(self, frame: Frame) -> bool:
        return frame is self._quiet or frame == self._quiet

    async def status(self) -> Frame | None:
        """Return the current status; None when nothing came."""
        return await self._exchange.ask(_STATUS_REQUEST, _is_status)

    def acknowledge(self) -> None:
        """Say ACK to a VEND VALID. Nothing answers; the next status shows whether it arrived."""
        self._exchange.tell(_ACK)

    async def order(self, command: Command) -> Answer:
        """Give an order that is answered with ACK: RESET, STACK, RETURN, HOLD."""
        return _judge(await self._exchange.ask(Frame(command).encode(), _is_ack))

    async def set(self, setting: Frame, *, exactly: bool) -> Answer:
        """Send a setting and wait for its echo.

        With ``exactly``, an echo with other data is a late one to an earlier setting and does not count. Without, a unit may
        round off what it does not support.
        """

        def is_echo(frame: Frame) -> bool:
            if frame.code == Status.INVALID_COMMAND:
                return True
            return frame == setting if exactly else frame.code == setting.code

        return _judge(await self._exchange.ask(setting.encode(), is_echo))

    async def worth_yen(self) -> dict[int, int] | None:
        """Read the unit's own table: yen by escrow code. None when none came, or none with a note of Japan in it."""
        frame = await self._exchange.ask(
            Frame(Command.CURRENCY_ASSIGN).encode(),
            lambda frame: frame.code in (Command.CURRENCY_ASSIGN, Status.INVALID_COMMAND),
        )
        if frame is None or frame.code != Command.CURRENCY_ASSIGN:
            return None
        try:
            return worth_in_yen(decode_currency_table(frame.data)) or None
        except ValueError:
            return None

    async def version(self) -> str | None:
        """Read the firmware's name. Only on a plain POWER UP (a vendor's flow chart, as one implementation cites it [1])."""
        frame = await self._exchange.ask(
            Frame(Command.VERSION).encode(), lambda frame: frame.code in (Command.VERSION, Status.INVALID_COMMAND)
        )
        if frame is None or frame.code != Command.VERSION:
            return None
        return frame.data.decode("ascii", errors="backslashreplace")

    async def echoes(self) -> bool:
        """Tell whether the line gives back what we say.

        GET INHIBIT has an answer with data, so the bare request coming back can only be an echo; and it is harmless in every
        state, which ACK (swallows a VEND VALID) and VERSION (out of place on 41 and 42) are not.
        """
        question = Frame(Command.GET_INHIBIT)
        frame = await self._exchange.ask(
            question.encode(), lambda frame: frame.code in (Command.GET_INHIBIT, Status.INVALID_COMMAND)
        )
        return frame == question

    # -- extension F0: only to a unit that has it ----------------------------------------------------------------------

    async def recycle_currency(self) -> dict[int, int] | None:
        """Read what each drum takes: a mask by box, bit 0 is escrow code 61. None when that was not told."""
        frame = await self._exchange.ask(
            get_recycle_currency().encode(),
            lambda frame: frame.code == Status.INVALID_COMMAND or decode_masks(frame) is not None,
        )
        return None if frame is None else decode_masks(frame)

    async def recycler_status(self) -> int | None:
        """Read the extension status: an ExtensionStatus, a PayoutStatus, a RecyclerError or what we do not know. None when
        that was not told."""
        frame = await self._exchange.ask(
            status_request().encode(),
            lambda frame: frame.code == Status.INVALID_COMMAND or decode_extension_status(frame) is not None,
        )
        return None if frame is None else decode_extension_status(frame)

    async def pay_out(self, box: int) -> Answer:
        """Order one note out of a drum."""
        return _judge(await self._exchange.ask(pay_out(1, box).encode(), _is_ack))


def _judge(frame: Frame | None) -> Answer:
    if frame is None:
        return Answer.SILENT
    return Answer.REFUSED if frame.code == Status.INVALID_COMMAND else Answer.DONE
