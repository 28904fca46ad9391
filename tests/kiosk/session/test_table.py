"""The table of the session, walked for dead ends."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.screenmodel import Intent, ScreenModel, Touch
from kiosk.session import effects as fx
from kiosk.session import events as ev
from kiosk.session.machine import step
from kiosk.session.picture import picture
from kiosk.session.state import Phase
from kiosk.session.table import RULES
from kiosk.session.timers import timer
from tests.kiosk.session.visits import OFFER, SHOP, Visit

EDGES = {phase: set().union(*(rule.to for rule in RULES.values() if rule.phase is phase)) for phase in Phase}


def reachable(start: Phase) -> set[Phase]:
    found, edge = {start}, [start]
    while edge:
        for phase in EDGES[edge.pop()] - found:
            found.add(phase)
            edge.append(phase)
    return found


def test_every_phase_can_be_reached_from_the_start() -> None:
    assert reachable(Phase.OUT_OF_SERVICE) == set(Phase)


@pytest.mark.parametrize("phase", list(Phase))
def test_no_phase_is_a_dead_end(phase: Phase) -> None:
    assert {Phase.ATTRACT, Phase.OUT_OF_SERVICE} <= reachable(phase)


@pytest.mark.parametrize("phase", sorted(set(Phase) - {Phase.ATTRACT, Phase.OUT_OF_SERVICE}))
def test_every_phase_of_a_visit_survives_a_restart(phase: Phase) -> None:
    assert (phase, ev.Restarted) in RULES


EVENTS = st.one_of(
    st.sampled_from(Touch).flatmap(
        lambda touch: st.sampled_from(["", "en", "docomo", "phone", "iccid", "0", "9", "delete", "clear", "d3"]).map(
            lambda value: ev.Touched(Intent(touch, value))
        )
    ),
    st.builds(ev.DevicesChanged, st.booleans(), st.booleans()),
    st.sampled_from([1000, 5000, 10000]).flatmap(
        lambda yen: st.sampled_from([ev.NoteEscrowed(yen), ev.NoteCredited(yen), ev.NoteGivenBack(yen), ev.NoteMissing(yen)])
    ),
    st.just(ev.NoteRejected("inhibited")),
    st.sampled_from([10, 100, 500, 1000]).map(lambda yen: ev.CoinCredited(yen, "coins", "7")),
    st.just(ev.CoinRejected("inhibited")),
    st.just(ev.CoinsUncounted()),
    st.sampled_from([(), ((1000, 2), (100, 9)), ((500, 1),)]).map(
        lambda gives: ev.CashChanged((10, 100, 500, 1000, 5000), gives)
    ),
    st.just("all is paid out"),
    st.just("half is paid out"),
    st.sampled_from([0, 1000, 3000]).map(lambda yen: ev.LookedUp("docomo", (replace(OFFER, price_yen=yen),))),
    st.sampled_from([0, 1000, 3000]).map(lambda yen: ev.Quoted("q", yen, "2026-12-22")),
    st.just(ev.CarrierSaidNo("notice.carrier_down")),
    st.just(ev.Reserved("t1")),
    st.sampled_from(["completed", "declined", "unknown"]).map(ev.Committed),
    st.just(ev.Released()),
    st.sampled_from(["printed", "presented", "failed", "unknown"]).map(ev.PrintEnded),
    st.just("the ticket is taken"),
    st.just("the ticket is left"),
    st.just(ev.Restarted()),
    st.just(ev.ReservationEnding()),
    st.builds(ev.MouthBlocked, st.booleans()),
    st.just("time passes"),
    st.just("somebody types a good number"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, max_size=60))
def test_any_story_keeps_to_the_table_waits_for_something_and_keeps_every_yen(story: list[ev.Event | str]) -> None:
    visit = Visit()
    inside = 0
    for event in story:
        before = visit.state
        if event == "time passes":
            alarm = timer(SHOP, before)
            if alarm is None:
                continue
            event = ev.TimedOut(alarm.key)
        elif event == "somebody types a good number":
            visit.type_in("09001234567").touch(Touch.NEXT)
            continue
        elif event in ("the ticket is taken", "the ticket is left"):
            event = ev.TicketEnded("taken" if event == "the ticket is taken" else "left", before.paper)
        elif event in ("all is paid out", "half is paid out"):
            if before.paying is None:
                continue
            order = visit.last(fx.PayOut)
            assert isinstance(order, fx.PayOut)
            event = ev.PaidOut("hopper", order.pieces if event == "all is paid out" else order.pieces[1:])
        assert not isinstance(event, str)
        visit.do(event)
        state = visit.state
        if state.visit == before.visit:
            inside = state.inserted_yen
            assert state.sold_yen + state.owed_yen <= max(inside, state.price_yen)
            assert state.paying is not None or state.change_yen + state.owed_yen + state.kept_yen <= max(inside, state.kept_yen)
        model = picture(SHOP, state, "KONBINI1-1")
        assert ScreenModel.from_json(model.to_json()) == model
        # something must be coming: a timer, an answer of the carrier, a device, or it is the customer's turn to begin
        waiting_for_the_world = state.phase in (Phase.LOOKUP, Phase.QUOTE, Phase.RESERVE, Phase.COMMIT)
        busy = waiting_for_the_world or state.paying is not None or state.receipt == "printing" or state.releasing
        busy = busy or (state.phase is Phase.TAKE and state.receipt == "presented")
        at_rest = state.phase in (Phase.ATTRACT, Phase.OUT_OF_SERVICE)
        assert busy or at_rest or timer(SHOP, state) is not None


def test_every_event_is_answered_in_some_phase() -> None:
    assert {event for _, event in RULES} == set(get_args(ev.Event))


def test_a_rule_that_leaves_the_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.session import machine

    rule = RULES[Phase.ATTRACT, ev.Touched]
    monkeypatch.setitem(machine.RULES, (Phase.ATTRACT, ev.Touched), replace(rule, to=frozenset({Phase.CASH})))
    with pytest.raises(machine.TableError):
        step(SHOP, Visit().state, ev.Touched(Intent(Touch.START)))


def test_effects_with_an_intent_are_numbered_without_gaps_within_a_visit() -> None:
    from tests.kiosk.session.visits import paid

    visit = paid()
    ids = [effect.id for effect in visit.effects if isinstance(effect, fx.Durable)]
    assert ids == list(range(1, len(ids) + 1))
