"""What the ccTalk host does about a coin acceptor: bring it up, read its buffered credits, keep its settings.

The device waits for no thanks, so a coin is told from its count alone, and the count is journaled with it. What a report says
that differs from the last is believed only when it came twice alike: sum8 is a weak check.
"""

import asyncio

import structlog

from hardware.cctalk.codes import FaultCode
from hardware.cctalk.events import REPORT_LENGTH, EventReport
from hardware.cctalk.headers import Header
from hardware.cctalk.host import LOOK_EVERY_S, TRIES, CcTalkHost, NoAnswer
from hardware.cctalk.ids import COIN_ID_LENGTH, JAPAN, read_coin_id
from hardware.cctalk.settings import has_no_mask, let_in, lets_in, read_table
from hardware.coins.acceptor import CoinsUnaccounted
from hardware.coins.cctalk.acceptor_meanings import check_fault
from hardware.coins.cctalk.coinstories import CoinTeller
from hardware.coins.cctalk.marks import serial_text
from hardware.coins.host import CoinService
from hardware.pollsettings import PollSettings
from hardware.tablepatience import TablePatience
from hardware.vocabulary import Fault

_log = structlog.get_logger(__name__)


class Service(CoinService[EventReport]):
    """Serves one coin acceptor, poll by poll."""

    watches = True

    def __init__(self, host: CcTalkHost, poll: PollSettings) -> None:
        super().__init__()
        self._host = host
        self._coins = CoinTeller()
        self._serial: str | None = None
        """Of the device on the line; None until it was asked."""
        self._table_is_fresh = False
        self._table_patience = TablePatience()
        self._look_at_s = 0.0
        self._status_faults: frozenset[Fault] = frozenset()
        self._check_fault: Fault | None = None
        self._applied: frozenset[int] | None = None
        """Yen values that the device lets in by the settings last acknowledged; None is not known."""

        self._doubt = False
        """Whether the device may have let coins in and restarted since, unseen: out of sight, or in a former life."""

    def resume(self, mark: str | None) -> None:
        self._coins.resume(mark)
        self._doubt = mark is not None

    @property
    def faults(self) -> frozenset[Fault]:
        found = self._status_faults
        if self._check_fault is not None and not (self._check_fault is Fault.DEVICE_FAILURE and found):
            found |= {self._check_fault}
        return found | self._table_patience.faults

    def forget_unit(self) -> None:
        self._serial = None
        self._table_is_fresh = self.settled = False
        self._doubt = self._doubt or bool(self._applied)
        self._applied = self._check_fault = self.quiet = None
        self._status_faults = frozenset()
        self._table_patience.over()
        self._look_at_s = 0.0

    async def inhibit(self) -> None:
        await let_in(self._host, frozenset())

    async def ask(self) -> EventReport | None:
        if self._host.is_spared:
            return None
        known = None if self._coins.last is None else self._coins.last.counter
        answer = await self._host.ask_alike(
            Header.READ_BUFFERED_CREDIT,
            sizes=(REPORT_LENGTH,),
            tries=TRIES if self.settled else 1,
            known=lambda data: data[0] == known,
        )
        report = EventReport.decode(answer) if isinstance(answer, bytes) else None
        if report is not None and report == self.quiet and self._now_s() < self._look_at_s:
            return self.quiet
        return report

    async def watch(self, first_s: float, interval_s: float) -> EventReport | None:
        assert self.quiet is not None
        await self._host.watch(Header.READ_BUFFERED_CREDIT, self.quiet.encode(), self._look_at_s, first_s, interval_s)
        return None

    async def serve(self, heard: EventReport) -> None:
        self.quiet = None
        if not (await self._identify() and await self._read_table()):
            self._publish()
            return
        self._hear(heard)
        self.settled = self._table_is_fresh
        self._publish()
        if self._now_s() >= self._look_at_s or self.faults:
            await self._look()
        if self.settled and not self.faults:
            await self._apply_wishes()
        self._publish()
        if self.settled and not self.faults and self._applied == self.wish():
            self.quiet = heard

    async def _identify(self) -> bool:
        if self._serial is None:
            serial = await self._host.ask_alike(Header.REQUEST_SERIAL_NUMBER, sizes=(3,))
            if serial in (NoAnswer.SILENT, NoAnswer.BUSY):
                return False  # its count means nothing before it is known whose it is
            self._serial = serial_text(serial if isinstance(serial, bytes) else None)
        return True

    async def _read_table(self) -> bool:
        if self._table_is_fresh:
            return True
        if not self._table_patience.is_due(self._now_s()):
            return False
        worth_yen = await read_table(self._host, Header.REQUEST_COIN_ID, COIN_ID_LENGTH, _worth_yen)
        if worth_yen is None:
            self._table_patience.failed(self._now_s())
            return False
        self.worth_yen, self._table_is_fresh = worth_yen, True
        self._table_patience.over()
        return True

    def _hear(self, report: EventReport) -> None:
        assert self._serial is not None
        for event in self._coins.see(self._serial, report, self.worth_yen):
            self._tell(event)
            self._doubt = self._doubt and not isinstance(event, CoinsUnaccounted)
        if self._coins.restarted:
            _log.warning("cctalk_coin_acceptor_restarted", counter=report.counter)
            self._applied = self._check_fault = None
            self._status_faults = frozenset()
            self._table_is_fresh = False
            self._look_at_s = 0.0
        if self._coins.new_faults:
            self._status_faults |= self._coins.new_faults
            self._look_at_s = self._now_s() + LOOK_EVERY_S

    async def _look(self) -> None:
        """Ask for the self-check, and whether the settings still stand."""
        if self._status_faults and self._now_s() < self._look_at_s:
            return  # an event said so a moment ago: it is shown for a while, whatever the self-check says
        answer = await self._host.ask(Header.PERFORM_SELF_CHECK, sizes=(1, 2))
        if isinstance(answer, bytes):
            self._check_fault = check_fault(answer[0])
        if not isinstance(answer, bytes) or answer[0] == FaultCode.OK:
            self._status_faults = frozenset()  # a device without a self-check would stay at fault for ever
        if not self.faults:
            self._look_at_s = self._now_s() + LOOK_EVERY_S
            if self._applied is not None and not await lets_in(self._host, self.codes_of(self._applied)):
                self._doubt = self._doubt or bool(self._applied)
                self._applied = None

    async def _apply_wishes(self) -> None:
        wish = self.wish()
        if self._applied == wish:
            return
        self._applied = None
        if self._doubt and self._coins.unused and await has_no_mask(self._host):
            self._doubt = False
            self._tell(self._coins.forgotten())
        if await let_in(self._host, self.codes_of(wish)):
            self._applied = wish
            self._doubt = False

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _worth_yen(data: bytes) -> int | None:
    coin = read_coin_id(data)
    return coin.value if coin is not None and coin.country == JAPAN and coin.value <= HIGHEST_YEN else None


HIGHEST_YEN = 500
"""No coin of Japan that a machine takes is worth more; a garbled id must not make one."""
