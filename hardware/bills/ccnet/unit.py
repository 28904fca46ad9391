"""The CCNET unit as the driver sees it: each question of the protocol as one method, with its acknowledgement."""

from hardware.bills.ccnet.frames import ILLEGAL_COMMAND, Command, Frame
from hardware.bills.ccnet.tables import ROW_SIZE, TABLE_ROWS, Identification, decode_bill_table, encode_mask
from hardware.bills.orders import Answer
from hardware.wire.exchange import Exchange

TRIES = 3
"""How often what was answered with NAK is said again."""
COUNTRIES = ("JPN", "JPY")
"""What tables call Japan: the country or its currency, both occur [2]."""
_ORDER_ANSWERS = frozenset({Command.ACK, Command.NAK, ILLEGAL_COMMAND})
HIGHEST_EXPONENT = 6
"""A garbled exponent must not make a number of a hundred digits and call it money."""


class Unit:
    """Asks one unit. No method raises for anything that the line can say or fail to say."""

    def __init__(self, exchange: Exchange[Frame], address: int) -> None:
        self._exchange = exchange
        self._address = address
        self._poll = Frame(address, Command.POLL)
        self._poll_bytes = self._poll.encode()
        self._ack = Frame(address, Command.ACK).encode()
        self._quiet: Frame

    def is_own_poll(self, frame: Frame) -> bool:
        """Tell whether ``frame`` is our own POLL coming back: 33 is no poll code, so no unit says it."""
        return frame == self._poll

    def acknowledge(self) -> None:
        """Say ACK to an answer with data. Nothing answers; a unit that missed it says the same again."""
        self._exchange.tell(self._ack)

    async def poll(self) -> Frame | None:
        """Return the answer to POLL, not acknowledged yet; None when nothing came. On a line with echo, our own POLL."""
        return await self._exchange.ask(self._poll_bytes, self._answers_poll)

    async def order(self, command: Command, data: bytes = b"") -> Answer:
        """Give an order that is answered with ACK. NAK repeats it, three times in all; silence never: it may be under way."""
        request = Frame(self._address, command, data)
        for _ in range(TRIES):
            answer = await self._exchange.ask(request.encode(), lambda frame: self._answers_order(frame, request))
            if answer is None:
                return Answer.SILENT
            if answer.code != Command.NAK:
                return Answer.DONE if answer.code == Command.ACK else Answer.REFUSED
        return Answer.REFUSED

    async def enable(self, bill_types: frozenset[int]) -> Answer:
        """Let these bill types in, each to be held in escrow; none switches the unit off."""
        mask = encode_mask(bill_types)
        return await self.order(Command.ENABLE_BILL_TYPES, mask + mask)

    async def worth_yen(self) -> dict[int, int] | None:
        """Read the unit's own table: yen by bill type. None when none came, or none with a note of Japan in it."""
        frame = await self._data(Command.GET_BILL_TABLE, TABLE_ROWS * ROW_SIZE)
        if frame is None:
            return None
        worth_yen: dict[int, int] = {}
        for bill_type, row in enumerate(decode_bill_table(frame)):
            if row.country in COUNTRIES and row.value and row.exponent <= HIGHEST_EXPONENT and row.amount is not None:
                worth_yen[bill_type] = row.amount
        return worth_yen or None

    async def identification(self) -> Identification | None:
        """Read part and serial number; None when the unit does not say."""
        data = await self._data(Command.IDENTIFICATION, len(Identification("", "").encode()))
        return None if data is None else Identification.decode(data)

    async def _data(self, command: Command, size: int) -> bytes | None:
        """Ask for ``size`` bytes and acknowledge them; None for any other answer."""
        for _ in range(TRIES):
            answer = await self._ask(Frame(self._address, command).encode())
            if answer is not None and len(answer.payload) == size:
                self.acknowledge()
                return answer.payload
            if answer is None or answer.code == ILLEGAL_COMMAND:
                return None
        return None

    async def _ask(self, request: bytes) -> Frame | None:
        return await self._exchange.ask(request, self._is_ours)

    def _answers_poll(self, frame: Frame) -> bool:
        """Leave out late answers to an order, NAK and ILLEGAL COMMAND: to those the next poll is the repetition."""
        return frame.address == self._address and frame.code not in _ORDER_ANSWERS

    def _answers_order(self, frame: Frame, request: Frame) -> bool:
        """Leave out a late answer to a poll, which says nothing of the order; STACKING would look like a refusal."""
        return self._is_ours(frame) and not frame.data and frame.code in _ORDER_ANSWERS and frame != request

    def _is_ours(self, frame: Frame) -> bool:
        return frame.address == self._address

    # -- a line at rest (hardware.wire.exchange.Watch) -----------------------------------------------------------------

    async def watch(self, quiet: Frame, first_s: float, interval_s: float) -> Frame | None:
        """Return the next answer to POLL that is not ``quiet``; None when it is better to ask."""
        self._quiet = quiet
        return await self._exchange.watch(self, first_s, interval_s)

    def question(self) -> bytes:
        return self._poll_bytes

    def answers(self, frame: Frame) -> bool:
        return self._answers_poll(frame)

    def is_quiet(self, frame: Frame) -> bool:
        if frame != self._quiet:
            return False
        self.acknowledge()
        return True
