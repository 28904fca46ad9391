"""The ccTalk bill validator as the driver sees it: each question of the protocol as one method."""

from enum import Enum

from hardware.bills.orders import Answer
from hardware.cctalk.codes import OperatingMode, Route, RouteError
from hardware.cctalk.events import REPORT_LENGTH, EventReport
from hardware.cctalk.headers import Header
from hardware.cctalk.host import ACK, TRIES, CcTalkHost, NoAnswer
from hardware.cctalk.ids import BILL_ID_LENGTH, JAPAN, CountryScaling, read_bill_id
from hardware.cctalk.settings import let_in, lets_in, read_table

MODE = OperatingMode.STACKER | OperatingMode.ESCROW
"""Every good note is held until it is decided on."""
HIGHEST_YEN = 1_000_000
"""No note is worth more: a garbled id must not make one."""


class Routed(Enum):
    """What came of an order about the note in escrow."""

    DONE = "done"
    EMPTY = "empty"
    """No note is in escrow: it is on its way, or there never was one."""
    FAILED = "failed"
    REFUSED = "refused"
    SILENT = "silent"

    @property
    def answer(self) -> Answer:
        """The same in the words that all protocols share."""
        if self is Routed.SILENT:
            return Answer.SILENT
        return Answer.DONE if self is Routed.DONE else Answer.REFUSED


class Unit:
    """Asks one unit. No method raises for anything that the line can say or fail to say."""

    def __init__(self, host: CcTalkHost) -> None:
        self._host = host

    async def events(self, known: int | None, tries: int = TRIES) -> EventReport | None:
        """Read the buffered events; None when nothing valid came. What differs from the ``known`` counter is believed only
        when it came twice alike: it may tell of money."""
        if self._host.is_spared:
            return None
        answer = await self._host.ask_alike(
            Header.READ_BUFFERED_BILL_EVENTS, sizes=(REPORT_LENGTH,), tries=tries, known=lambda data: data[0] == known
        )
        return EventReport.decode(answer) if isinstance(answer, bytes) else None

    async def watch(self, quiet: EventReport, until_s: float, first_s: float, interval_s: float) -> None:
        """Read the same again and again while it is ``quiet``; see :meth:`CcTalkHost.watch`."""
        await self._host.watch(Header.READ_BUFFERED_BILL_EVENTS, quiet.encode(), until_s, first_s, interval_s)

    async def serial(self) -> bytes | NoAnswer:
        """Read the serial number."""
        return await self._host.ask_alike(Header.REQUEST_SERIAL_NUMBER, sizes=(3,))

    async def worth_yen(self) -> dict[int, int] | None:
        """Read the unit's own table: yen by bill number. None when none came, or none with a note of Japan in it."""
        scaling = await self._scaling()
        if scaling is None:
            return None

        def worth(data: bytes) -> int | None:
            bill = read_bill_id(data)
            if bill is None or bill.country != JAPAN:
                return None
            yen = scaling.amount(bill.value)
            return yen if yen is not None and 0 < yen <= HIGHEST_YEN else None

        table = await read_table(self._host, Header.REQUEST_BILL_ID, BILL_ID_LENGTH, worth)
        # the answer before the table was perhaps a late serial number, which has three bytes too; behind it comes none any more
        return table if table is not None and await self._scaling() == scaling else None

    async def _scaling(self) -> CountryScaling | None:
        answer = await self._host.ask(Header.REQUEST_COUNTRY_SCALING, JAPAN.encode("ascii"), (3,))
        return CountryScaling.decode(answer) if isinstance(answer, bytes) else None

    async def set_up(self, bills: frozenset[int]) -> bool:
        """Hold every note in escrow, and let these bills in; False when it is not sure to be so."""
        if await self._host.order(Header.MODIFY_BILL_OPERATING_MODE, bytes((MODE,))) is not Answer.DONE:
            return False
        return await let_in(self._host, bills)

    async def is_set_up(self, bills: frozenset[int]) -> bool:
        """Ask whether the unit still has what :meth:`set_up` set; True where it does not say."""
        mode = await self._host.ask(Header.REQUEST_BILL_OPERATING_MODE, sizes=(1,))
        if isinstance(mode, bytes) and mode[0] & MODE != MODE:
            return False
        return await lets_in(self._host, bills)

    async def inhibit(self) -> None:
        """Let nothing in."""
        await let_in(self._host, frozenset())

    async def route(self, route: Route) -> Routed:
        """Say, once, what becomes of the note in escrow."""
        answer = await self._host.ask(Header.ROUTE_BILL, bytes((route,)), (*ACK, 1), tries=1)
        if isinstance(answer, NoAnswer):
            return Routed.SILENT if answer is NoAnswer.SILENT else Routed.REFUSED
        if not answer:
            return Routed.DONE
        return Routed.EMPTY if answer[0] == RouteError.ESCROW_EMPTY else Routed.FAILED

    async def self_check(self) -> int | None:
        """Read the fault code; None when nothing valid came, or the unit has no such check."""
        answer = await self._host.ask(Header.PERFORM_SELF_CHECK, sizes=(1, 2))
        return answer[0] if isinstance(answer, bytes) else None

    async def reset(self) -> None:
        """Let the unit start anew. Once: some answer for seconds before they do [1]."""
        await self._host.order(Header.RESET_DEVICE, tries=1)
