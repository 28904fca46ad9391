"""What the statuses of an ID-003 unit say about notes: each note becomes exactly one story of the acceptor's contract. Pure.

VEND VALID is the only thing that credits, once per escrow. The unit repeats it until the host's ACK reached it, even across a
power cut, so a second one before the next sign of rest (IDLING, DISABLE, ACCEPTING, ESCROW) is the same note; and power
recovery may still say it after a cut [U], so a power-up status decides nothing.
"""

from collections.abc import Mapping, Sequence

from hardware.bills.acceptor import BillEvent
from hardware.bills.id003.frames import BARCODE_TICKET, Frame, Reject, Status
from hardware.bills.id003.meanings import REFUSE_REASONS, first_byte
from hardware.bills.story import NOTHING, StoryTeller
from hardware.vocabulary import Belief, RefuseReason
from hardware.wire.codes import name_of


class NoteTeller(StoryTeller):
    """Turns statuses into events."""

    def see(self, frame: Frame, worth_yen: Mapping[int, int] | None) -> Sequence[BillEvent]:
        """Take one status and return what it tells, in order.

        ``worth_yen`` says what escrow codes are worth, None while the unit's table is unknown. A VEND VALID among the
        statuses has to be acknowledged after the events were told, also when there are none.
        """
        code = frame.code
        if code not in (Status.REJECTING, Status.PAUSE):
            self.not_rejecting()
        match code:
            case Status.IDLING | Status.DISABLE | Status.ACCEPTING:
                return self.at_rest()
            case Status.ESCROW if frame.data:
                kind = first_byte(frame)
                if kind == BARCODE_TICKET:
                    return self.in_escrow(kind, None, table_known=True, name=f"TICKET[0x{kind:02X}]")
                yen = None if worth_yen is None else worth_yen.get(kind)
                return self.in_escrow(kind, yen, table_known=worth_yen is not None, name=f"ESCROW[0x{kind:02X}]")
            case Status.HOLDING | Status.ESCROW:
                self.inside()
            case Status.STACKING:
                self.stacking()
            case Status.VEND_VALID:
                return self.credited()
            case Status.STACKED:
                self.stacked()
            case Status.REJECTING:
                reason = first_byte(frame)
                return self.rejecting(REFUSE_REASONS.get(reason, RefuseReason.UNKNOWN), name_of(Reject, reason))
            case Status.RETURNING:
                self.returning()
            case Status.POWER_UP_BILL_IN_ACCEPTOR:
                self.found(Belief.RETURNED)
            case Status.POWER_UP_BILL_IN_STACKER:
                self.found(Belief.STACKED)
            case Status.JAM_IN_ACCEPTOR | Status.JAM_IN_STACKER | Status.FAILURE:
                self.stuck()
            case Status.CHEATED:
                return self.cheated(name_of(Status, Status.CHEATED))
            case _:
                pass
        return NOTHING
