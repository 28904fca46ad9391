"""What the poll codes of a CCNET unit say about notes: each note becomes exactly one story of the acceptor's contract. Pure.

BILL STACKED (81) is the only thing that credits, and names the bill type. A careful unit keeps a code until the host's ACK
reached it [U], so the same 81 or 82 before the next sign of rest (14, 15, 19, 80) is the same note.
"""

from collections.abc import Mapping, Sequence

from hardware.bills.acceptor import BillEvent
from hardware.bills.ccnet.frames import Frame, PollCode, RejectReason
from hardware.bills.ccnet.meanings import REFUSE_REASONS
from hardware.bills.story import NOTHING, StoryTeller
from hardware.vocabulary import Belief, RefuseReason
from hardware.wire.codes import name_of


class NoteTeller(StoryTeller):
    """Turns poll codes into events."""

    def see(self, frame: Frame, worth_yen: Mapping[int, int] | None) -> Sequence[BillEvent]:
        """Take one answer to POLL and return what it tells, in order.

        ``worth_yen`` says what bill types are worth, None while the unit's table is unknown. The answer has to be
        acknowledged after the events were told, also when there are none.
        """
        code, kind = frame.code, frame.data[0] if frame.data else None
        yen = None if worth_yen is None or kind is None else worth_yen.get(kind)
        if code not in (PollCode.REJECTING, PollCode.PAUSE):
            self.not_rejecting()
        match code:
            case PollCode.IDLING | PollCode.UNIT_DISABLED | PollCode.ACCEPTING:
                return self.at_rest()
            case PollCode.ESCROW if kind is not None:
                return self.in_escrow(kind, yen, table_known=worth_yen is not None, name=f"ESCROW[0x{kind:02X}]")
            case PollCode.HOLDING | PollCode.ESCROW:
                self.inside()
            case PollCode.STACKING:
                self.stacking()
            case PollCode.BILL_STACKED:
                return self.credited(yen)
            case PollCode.RETURNING if self.note is not None or not self._returned:
                self.returning()  # else it is the end of a return that was told
            case PollCode.BILL_RETURNED:
                return self.returned(yen)
            case PollCode.REJECTING:
                reason = kind if kind is not None else 0
                return self.rejecting(REFUSE_REASONS.get(reason, RefuseReason.UNKNOWN), name_of(RejectReason, reason))
            case PollCode.POWER_UP_BILL_IN_VALIDATOR:
                self.found(Belief.RETURNED)
            case PollCode.POWER_UP_BILL_IN_STACKER:
                self.found(Belief.STACKED)
            case PollCode.VALIDATOR_JAMMED | PollCode.DROP_CASSETTE_JAMMED | PollCode.FAILURE:
                self.stuck()
            case PollCode.CHEATED:
                return self.cheated(name_of(PollCode, code))
            case _:
                pass
        return NOTHING
