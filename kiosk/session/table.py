"""Every phase, every event it answers to, what then happens, and where that may lead.

``RULES`` is the whole of it: the machine refuses a step that a row does not announce, and a test walks the rows for dead
ends. Events without a row in a phase are ordinary and change nothing (a touch on a button that is gone, a late answer).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.session import choosing, closing, paying
from kiosk.session import events as ev
from kiosk.session.outcome import Outcome
from kiosk.session.shop import Shop
from kiosk.session.state import Phase, State

Handler = Callable[[Shop, State, Any], Outcome]


@dataclass(frozen=True)
class Rule:
    """One row."""

    phase: Phase
    event: type
    do: Handler
    to: frozenset[Phase]
    """Where it may lead, its own phase included when it may stay."""


P = Phase
QUITS = (P.ATTRACT, P.OUT_OF_SERVICE, P.SORRY, P.RETURNING)
"""Where a visit goes that is stopped before money was credited."""

ENDS = (P.RESULT, P.DECLINED, P.UNKNOWN, P.RETURNING)
"""Where it is said how the visit ended, and money may still be on its way back."""


def _rules() -> dict[tuple[Phase, type], Rule]:
    table: list[Rule] = []

    def row(phase: Phase, event: type, do: Handler, *to: Phase) -> None:
        table.append(Rule(phase, event, do, frozenset(to)))

    row(P.OUT_OF_SERVICE, ev.DevicesChanged, closing.into_service, P.OUT_OF_SERVICE, P.ATTRACT)
    row(P.ATTRACT, ev.DevicesChanged, closing.out_of_service, P.ATTRACT, P.OUT_OF_SERVICE)
    row(P.ATTRACT, ev.Touched, choosing.attract_touched, P.ATTRACT, P.LANGUAGE, P.CARRIER)
    row(P.ATTRACT, ev.NoteEscrowed, choosing.note_starts_a_visit, P.LANGUAGE)
    row(P.LANGUAGE, ev.Touched, choosing.language_touched, P.LANGUAGE, P.CARRIER, *QUITS)
    row(P.CARRIER, ev.Touched, choosing.carrier_touched, P.CARRIER, P.IDENTIFY, P.LANGUAGE, *QUITS)
    row(P.IDENTIFY, ev.Touched, choosing.identify_touched, P.IDENTIFY, P.NUMBER_CHECK, P.CARRIER, *QUITS)
    row(P.NUMBER_CHECK, ev.Touched, choosing.number_check_touched, P.NUMBER_CHECK, P.LOOKUP, P.IDENTIFY, *QUITS)
    row(P.LOOKUP, ev.LookedUp, choosing.looked_up, P.PLAN, P.CARRIER, *QUITS)
    row(P.LOOKUP, ev.CarrierSaidNo, choosing.said_no, *QUITS)
    row(P.PLAN, ev.Touched, choosing.plan_touched, P.PLAN, P.QUOTE, P.IDENTIFY, *QUITS)
    row(P.QUOTE, ev.Quoted, choosing.quoted, P.CONFIRM, P.PLAN)
    row(P.QUOTE, ev.CarrierSaidNo, choosing.no_quote, P.PLAN)
    row(P.CONFIRM, ev.Touched, choosing.confirm_touched, P.CONFIRM, P.RESERVE, P.NO_PRINTER, P.PLAN, *QUITS)
    row(P.NO_PRINTER, ev.Touched, choosing.no_printer_touched, P.NO_PRINTER, P.RESERVE, *QUITS)
    row(P.RESERVE, ev.Reserved, paying.reserved, P.CASH, P.COMMIT)
    row(P.RESERVE, ev.CarrierSaidNo, choosing.said_no, *QUITS)
    row(P.CASH, ev.Touched, paying.cash_touched, P.CASH, P.RETURNING)
    row(P.CASH, ev.NoteEscrowed, paying.note_decided, P.CASH)
    row(P.CASH, ev.NoteCredited, paying.note_credited, P.CASH, P.COMMIT)
    row(P.CASH, ev.DevicesChanged, paying.cash_lost_late, P.CASH)
    row(P.CASH, ev.CoinCredited, paying.coin_credited, P.CASH, P.COMMIT)
    row(P.CASH, ev.CashChanged, paying.cash_changed, P.CASH)
    row(P.COMMIT, ev.Committed, paying.committed, P.RESULT, P.CHANGE, P.DECLINED, P.UNKNOWN)
    row(P.COMMIT, ev.CoinCredited, paying.coin_late, P.COMMIT)
    row(P.CHANGE, ev.CoinCredited, paying.coin_late, P.CHANGE, P.RESULT, P.UNKNOWN)
    row(P.CHANGE, ev.PaidOut, closing.counted_out, P.CHANGE, P.RESULT, P.UNKNOWN)
    row(P.CHANGE, ev.CashChanged, closing.devices_spoke, P.CHANGE, P.RESULT, P.UNKNOWN)
    row(P.CHANGE, ev.TimedOut, closing.change_timed_out, P.CHANGE, P.RESULT, P.UNKNOWN)
    row(P.CHANGE, ev.NoteGivenBack, paying.given_back_late, P.CHANGE)
    for phase in (P.OUT_OF_SERVICE, P.ATTRACT):
        row(phase, ev.CoinCredited, paying.coin_without_visit, P.RETURNING)
    row(P.NO_PRINTER, ev.DevicesChanged, choosing.printer_awaited, P.NO_PRINTER, P.CONFIRM, *QUITS)
    row(P.NO_PRINTER, ev.TimedOut, closing.idle_timed_out, P.NO_PRINTER, *QUITS)
    for phase in (P.LANGUAGE, P.CARRIER, P.IDENTIFY, P.NUMBER_CHECK, P.PLAN, P.CONFIRM):
        row(phase, ev.DevicesChanged, choosing.cash_lost_early, phase, *QUITS)
        row(phase, ev.TimedOut, closing.idle_timed_out, phase, *QUITS)
    row(P.CASH, ev.TimedOut, closing.idle_timed_out, P.CASH, P.RETURNING)
    row(P.CASH, ev.ReservationEnding, paying.reservation_ending, P.CASH, P.RETURNING)
    early = (P.LANGUAGE, P.CARRIER, P.IDENTIFY, P.NUMBER_CHECK, P.LOOKUP, P.PLAN, P.QUOTE, P.CONFIRM, P.NO_PRINTER)
    for phase in early:
        row(phase, ev.Restarted, closing.restarted_early, *QUITS)
    for phase in (*early, P.RESERVE):
        row(phase, ev.CoinCredited, paying.coin_early, phase)
        row(phase, ev.NoteEscrowed, paying.note_held, phase)
        row(phase, ev.NoteMissing, paying.note_missing, P.RETURNING)
    for phase in (*early, P.RESERVE, P.CASH):
        row(phase, ev.NoteGivenBack, paying.note_given_back, phase, *((P.COMMIT,) if phase is P.CASH else ()))
        row(phase, ev.NoteRejected, paying.note_rejected, phase)
    for phase in (*early, P.RESERVE, P.CASH, P.RETURNING):
        row(phase, ev.MouthBlocked, paying.mouth_blocked, phase)
    for phase in (*early, P.RESERVE, P.CASH, P.COMMIT, P.RETURNING):
        row(phase, ev.CoinsUncounted, paying.coins_uncounted, phase)
    for phase in (*early, P.RESERVE, P.CASH):
        row(phase, ev.CoinRejected, paying.coin_rejected, phase)
    row(P.CASH, ev.NoteMissing, paying.note_missing, P.RETURNING)
    row(P.COMMIT, ev.NoteGivenBack, paying.given_back_late, P.COMMIT)
    row(P.RETURNING, ev.NoteCredited, closing.returning_credited, P.RETURNING)
    row(P.RETURNING, ev.NoteGivenBack, closing.returning_given_back, P.RETURNING)
    row(P.RETURNING, ev.NoteMissing, closing.returning_missing, P.RETURNING)
    row(P.RETURNING, ev.NoteEscrowed, closing.returning_escrowed, P.RETURNING)
    row(P.RETURNING, ev.Released, closing.released, P.RETURNING)
    row(P.RETURNING, ev.TimedOut, closing.returning_timed_out, P.RETURNING, P.TAKE, P.ATTRACT, P.OUT_OF_SERVICE)
    for phase in ENDS:
        row(phase, ev.CoinCredited, paying.coin_late, phase)
        row(phase, ev.PaidOut, closing.counted_out, phase)
        row(phase, ev.CashChanged, closing.devices_spoke, phase)
        row(phase, ev.PrintEnded, closing.print_ended, phase)
        row(phase, ev.TicketEnded, closing.ticket_ended, phase)
        row(phase, ev.DevicesChanged, closing.printer_back, phase)
        row(phase, ev.Touched, closing.finish_touched, phase, P.TAKE, P.ATTRACT, P.OUT_OF_SERVICE)
    for phase in (P.RESULT, P.DECLINED, P.UNKNOWN):
        row(phase, ev.TimedOut, closing.finish_timed_out, phase, P.TAKE, P.ATTRACT, P.OUT_OF_SERVICE)
        row(phase, ev.NoteGivenBack, paying.given_back_late, phase)
    row(P.TAKE, ev.TicketEnded, closing.ticket_ended, P.TAKE)
    for phase in (P.TAKE, P.SORRY):
        row(phase, ev.CoinCredited, paying.coin_late, P.RETURNING)
        row(phase, ev.Touched, closing.rest_touched, phase, P.ATTRACT, P.OUT_OF_SERVICE)
        row(phase, ev.TimedOut, closing.rest_timed_out, P.ATTRACT, P.OUT_OF_SERVICE)
    for phase in (P.RESERVE, P.CASH, P.COMMIT, P.CHANGE, *ENDS, P.TAKE, P.SORRY):
        row(phase, ev.Restarted, closing.restarted, phase)
    rules = {(rule.phase, rule.event): rule for rule in table}
    assert len(rules) == len(table), "a phase answers one event in two ways"
    return rules


RULES = _rules()
