"""Drivers with one planted bug each, and an honest one: what the conformance kit has to tell apart."""

from dataclasses import replace

from hardware.bills.acceptor import AcceptorStatus, BillEvent, Listener, NoteInEscrow, NoteStacked, NoteUnaccounted
from hardware.bills.id003.driver import Id003Driver
from hardware.changer.facades import ChangerDispenser
from hardware.changer.simulated import SimulatedChanger
from hardware.coins.acceptor import CoinAccepted, CoinEvent, CoinListener
from hardware.coins.cctalk.acceptor_driver import CcTalkCoinDriver
from hardware.dispenser import Payout, Pieces
from hardware.links.link import Link
from hardware.links.tap import Tap
from hardware.models import DeviceModel
from hardware.vocabulary import FullStatus, PayoutOutcome

VEND_VALID = "FC 05 15 03 10"


class Honest(Id003Driver):
    """No bug."""


class CreditsAtEscrow(Id003Driver):
    """Credits as soon as the note was read."""

    async def start(self, listener: Listener) -> None:
        def tell(event: BillEvent) -> None:
            if not isinstance(event, NoteStacked):
                listener(event)
            if isinstance(event, NoteInEscrow):
                listener(NoteStacked(event.yen))

        await super().start(tell)


class CreditsEveryCreditMessage(Id003Driver):
    """Credits again when the unit repeats its credit, because it saw no acknowledgement."""

    def __init__(self, model: DeviceModel, link: Link) -> None:
        super().__init__(model, Tap(link, self._overhear))
        self._credits_heard = 0
        self._yen = 0

    async def start(self, listener: Listener) -> None:
        self._told = listener

        def tell(event: BillEvent) -> None:
            if isinstance(event, NoteInEscrow):
                self._yen = event.yen
            listener(event)

        await super().start(tell)

    def _overhear(self, line: str) -> None:
        if " < " not in line:
            return
        self._credits_heard += line.count(VEND_VALID)
        if VEND_VALID not in line:
            self._credits_heard = 0
        elif self._credits_heard > 1:
            self._told(NoteStacked(self._yen))


class NeverEnablesAgain(Id003Driver):
    """Forgets what was wanted when the unit was restarted."""

    async def start(self, listener: Listener) -> None:
        was_ready = False

        def tell(event: BillEvent) -> None:
            nonlocal was_ready
            if isinstance(event, AcceptorStatus):
                if was_ready and not event.ready:
                    self.disable()
                was_ready = was_ready or event.ready
            listener(event)

        await super().start(tell)


class ForgetsNotes(Id003Driver):
    """Says nothing of a note that it lost sight of."""

    async def start(self, listener: Listener) -> None:
        def tell(event: BillEvent) -> None:
            if not isinstance(event, NoteUnaccounted):
                listener(event)

        await super().start(tell)


class CountsItsBox(Id003Driver):
    """Tells how full the box is by its own count: what a protocol with a word for it would say."""

    near_full_at = 2
    _notes = 0

    @property
    def status(self) -> AcceptorStatus:  # type: ignore[override]
        full = FullStatus.NEAR_FULL if self._notes >= self.near_full_at else FullStatus.OK
        return replace(self._plain, full=full)

    @status.setter
    def status(self, plain: AcceptorStatus) -> None:
        self._plain = plain

    async def start(self, listener: Listener) -> None:
        def tell(event: BillEvent) -> None:
            if isinstance(event, NoteStacked):
                self._notes += 1
            listener(self.status if isinstance(event, AcceptorStatus) else event)

        await super().start(tell)


class NeverNearFull(CountsItsBox):
    """Says OK until nothing fits any more."""

    near_full_at = 10_000


class HonestCoins(CcTalkCoinDriver):
    """No bug."""


class ForgetsItsMark(CcTalkCoinDriver):
    """Takes the device's counter as it stands, whatever the journal said."""

    async def start(self, listener: CoinListener, resume: str | None = None) -> None:
        await super().start(listener, None)


class CreditsCoinsTwice(CcTalkCoinDriver):
    """Tells each coin twice."""

    async def start(self, listener: CoinListener, resume: str | None = None) -> None:
        def tell(event: CoinEvent) -> None:
            listener(event)
            if isinstance(event, CoinAccepted):
                listener(event)

        await super().start(tell, resume)


class HonestChanger(SimulatedChanger):
    """No bug."""


class PaysLargeOrdersTwice(SimulatedChanger):
    """Orders the pieces again when the first order was carried out, because it never believed the answer."""

    def __init__(self, model: DeviceModel, link: Link) -> None:
        super().__init__(model, link)
        self.dispenser = _Doubting(self.dispenser._shared)


class _Doubting(ChangerDispenser):
    async def dispense(self, pieces: Pieces) -> Payout:
        payout = await super().dispense(pieces)
        if payout.outcome is PayoutOutcome.DONE and sum(pieces.values()) > 2:
            await super().dispense(pieces)
        return payout


class GuessesAtPayouts(SimulatedChanger):
    """Says of every former order that it was carried out."""

    def __init__(self, model: DeviceModel, link: Link) -> None:
        super().__init__(model, link)
        self.dispenser = _Guessing(self.dispenser._shared)


class _Guessing(ChangerDispenser):
    async def outcome_since(self, mark: str, pieces: Pieces) -> Payout:
        return Payout(PayoutOutcome.DONE, pieces)
