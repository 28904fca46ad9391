"""Power cuts at every moment under every policy, and any line noise: nothing is told as stacked that is not in the box."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.ebds.emulator import EbdsEmulator
from hardware.bills.ebds.extended import read_extended_reply, soft_reset
from hardware.bills.ebds.frames import Frame, Kind, Splitter
from hardware.bills.ebds.standard import Condition, HostOrders, PowerUpPolicy, State, Trouble, read_status
from tests.hardware.bills.ebds_host import (
    BACK_S,
    BOXED_S,
    EBDS,
    EXTENDED,
    IDLE,
    LEVER_S,
    PLAIN,
    TAKEN_S,
    Host,
    ebds,
    with_settings,
)

VALUES = (0, 1000, 2000, 5000, 10000)
A, B, C = PowerUpPolicy.A, PowerUpPolicy.B, PowerUpPolicy.C


def what(wire: str) -> list[str]:
    """What a reply tells of notes, in words: ``stacked 1000``, ``escrowed 1000``, ``returned``."""
    if not wire:
        return []
    (frame,) = Splitter().feed(bytes.fromhex(wire))
    extended = read_extended_reply(frame)
    status = extended.status if extended is not None else read_status(frame.data)
    assert status is not None
    yen: int | None = VALUES[status.note]
    if extended is not None and extended.record is not None:
        yen = extended.record.amount
    told = []
    if State.ESCROWED in status.state:
        told.append(f"escrowed {yen}")
    if State.STACKED in status.state:
        told.append(f"stacked {yen}")
    if State.RETURNED in status.state:
        told.append("returned")
    if Condition.REJECTED in status.condition:
        told.append("rejected")
    return told


def told(host: Host, polls: int = 12) -> list[str]:
    """What a series of polls tells of notes; what says the same as the one before it is left out."""
    words: list[str] = []
    for _ in range(polls):
        for word in what(host.poll()):
            if words[-1:] != [word]:
                words.append(word)
        host.wait(0.3)
    return words


def drawing(host: Host) -> None:
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)


def in_escrow(host: Host) -> None:
    host.to_escrow()
    host.poll()


def just_ordered(host: Host) -> None:
    host.to_escrow()
    host.poll(stack=True)


def past_the_lever(host: Host) -> None:
    host.to_stacker()
    host.wait(0.1)


def stacked_untold(host: Host) -> None:
    host.to_stacker()
    host.wait(BOXED_S)


def stacked_told(host: Host) -> None:
    stacked_untold(host)
    assert what(host.poll()) == ["stacked 1000"]


def acknowledged(host: Host) -> None:
    stacked_told(host)
    assert host.poll() == IDLE


def returning(host: Host) -> None:
    host.to_escrow()
    host.poll(return_=True)


def refused(host: Host) -> None:
    host.hand("insert 1000 counterfeit")
    host.wait(TAKEN_S + BACK_S / 2)


BLANK = ["stacked None"]
VALUE = ["stacked 1000"]
CASES: list[tuple[Callable[[Host], None], PowerUpPolicy, int, list[str], list[str]]] = [
    *((moment, policy, 0, ["returned"], ["returned"]) for moment in (drawing, returning, refused) for policy in (A, B, C)),
    (in_escrow, A, 0, ["returned"], ["returned"]),
    (in_escrow, B, 0, ["escrowed 1000"], ["escrowed 1000"]),
    (in_escrow, C, 0, ["escrowed 1000"], ["escrowed 1000"]),
    *((moment, policy, 1, [], BLANK) for moment in (just_ordered, past_the_lever) for policy in (A, C)),
    *((moment, B, 1, VALUE, VALUE) for moment in (just_ordered, past_the_lever, stacked_untold)),
    *((stacked_untold, policy, 1, [], []) for policy in (A, C)),
    *((moment, policy, 1, [], []) for moment in (stacked_told, acknowledged) for policy in (A, B, C)),
]


@pytest.mark.parametrize(
    ("moment", "policy", "box", "plain", "extended"), CASES, ids=[f"{m.__name__}-{p.name}" for m, p, *_ in CASES]
)
@pytest.mark.parametrize("mode", [PLAIN, EXTENDED], ids=["plain", "extended"])
def test_after_a_power_cut_the_policy_says_what_is_told(
    moment: Callable[[Host], None], policy: PowerUpPolicy, box: int, plain: list[str], extended: list[str], mode: HostOrders
) -> None:
    host = ebds(replace(mode, policy=policy))
    moment(host)
    host.power_cycle()
    assert told(host) == (extended if mode is EXTENDED else plain)
    assert host.mechanism.cashbox.total() == box
    assert host.mechanism.at_customer.total() == (1 if plain == ["returned"] else 0)


@pytest.mark.parametrize("policy", [B, C])
@pytest.mark.parametrize(("order", "end"), [("stack", "stacked 1000"), ("return_", "returned")])
def test_a_note_held_through_a_power_cut_waits_for_the_host_however_long(policy: PowerUpPolicy, order: str, end: str) -> None:
    host = ebds(replace(EXTENDED, policy=policy))
    in_escrow(host)
    host.power_cycle()
    host.wait(3600.0)
    assert what(host.poll()) == ["escrowed 1000"]
    host.poll(**{order: True})
    assert told(host) == [end]


def test_a_held_note_can_be_hidden_behind_out_of_order() -> None:
    host = ebds(replace(PLAIN, policy=B), quirks={"out_of_order_while_held": True})
    in_escrow(host)
    host.power_cycle()
    host.poll()
    host.wait(1.0)
    host.poll()
    assert host.poll() == "02 0B 20 00 10 00 00 54 0A 03 65"
    assert what(host.poll(return_=True)) == []
    assert told(host) == ["returned"]
    host.to_escrow()
    assert what(host.poll()) == ["escrowed 1000"]


def test_a_held_note_needs_a_decision_before_another_is_taken() -> None:
    host = ebds(replace(PLAIN, policy=B))
    in_escrow(host)
    host.power_cycle()
    assert "left at the mouth" in host.hand("insert 2000")["note"]


@pytest.mark.parametrize(("policy", "again"), [(A, []), (B, VALUE), (C, [])])
def test_some_units_tell_a_stacked_note_again_that_was_told_but_not_acknowledged(
    policy: PowerUpPolicy, again: list[str]
) -> None:
    host = ebds(replace(EXTENDED, policy=policy), quirks={"retells_stacked": True})
    stacked_told(host)
    host.power_cycle()
    assert told(host) == again


def test_without_the_quirk_a_withheld_note_is_not_even_told_as_blank() -> None:
    host = ebds(EXTENDED, quirks={"blank_stacked": False})
    just_ordered(host)
    host.power_cycle()
    assert told(host) == []
    assert host.mechanism.cashbox == {1000: 1}


def test_a_unit_that_was_never_polled_has_policy_a() -> None:
    host = Host(EbdsEmulator(EBDS), replace(PLAIN, policy=B))
    host.hand("power off")
    host.hand("power on")
    assert host.poll() == ""
    host.wait(1.0)
    assert told(host) == []


def test_a_missing_cassette_at_power_up_holds_the_note_up_and_then_it_is_told() -> None:
    host = ebds(replace(PLAIN, policy=B))
    past_the_lever(host)
    host.hand("open")
    host.power_cycle()
    assert told(host) == []
    host.hand("close")
    assert told(host) == VALUE


def test_staff_who_take_the_note_after_a_power_cut_leave_nothing_to_be_told() -> None:
    host = ebds(replace(EXTENDED, policy=B))
    past_the_lever(host)
    host.hand("jam stacker")
    host.power_cycle()
    host.hand("clear")
    assert told(host) == []
    host.to_escrow(2000)
    host.poll(stack=True)
    assert told(host) == ["stacked 2000"]


# -- whatever comes -------------------------------------------------------------------------------------------------------

HANDS = [
    *("insert 1000", "insert 2000", "insert 5000", "insert 10000", "insert 1000 counterfeit", "pull-back", "cheat"),
    *("jam", "jam stacker", "clear", "open", "close", "full", "empty", "fail transport", "leave on", "leave off", "take"),
    *("power off", "power on", "slow 3", "slow 1"),
]
frames = st.builds(
    Frame,
    st.integers(0, 7),
    st.one_of(
        st.lists(st.integers(0, 0x7F), max_size=20).map(bytes),
        st.builds(
            lambda sub, rest: bytes((sub, 0x7F, 0x10, *rest)),
            st.sampled_from([1, 2, 3, 4, 6, 0x0B]),
            st.lists(st.integers(0, 0x7F), min_size=1, max_size=9),
        ),
    ),
    st.integers(0, 1),
)
noise = st.one_of(
    st.binary(max_size=40), frames.map(lambda frame: frame.encode()), frames.map(lambda frame: frame.encode()[:-2])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(noise, st.sampled_from(HANDS)), max_size=25))
def test_any_bytes_between_any_hands_are_survived_and_the_next_message_is_answered(steps: list[bytes | str]) -> None:
    host = ebds(EXTENDED)
    for step in steps:
        if isinstance(step, str):
            host.hand(step)
            host.wait(0.7)
        else:
            assert all(byte < 0x80 for byte in host.exchange(step))
        assert host.hand("state")["ok"]
    host.hand("power on")
    host.wait(10.0)
    reply = host.poll() or host.poll()  # the bit may be that of the noise, whose soft reset had no reply
    (frame,) = Splitter().feed(bytes.fromhex(reply))
    assert frame.kind in (Kind.DEVICE, Kind.EXTENDED, Kind.AUXILIARY)


poll = st.sampled_from(["poll", "poll", "stack", "return", "both", "repeat", "soft reset"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(poll, poll, st.sampled_from(HANDS), st.sampled_from([0.1, 0.7, 1.5, 6.0])), max_size=60),
    st.sampled_from(list(PowerUpPolicy)),
    st.booleans(),
)
def test_stacked_is_told_of_notes_in_the_box_only_and_under_policy_b_of_each_once(
    steps: list[str | float], policy: PowerUpPolicy, extended: bool
) -> None:
    host = ebds(replace(EXTENDED if extended else PLAIN, policy=policy))
    credited: Counter[str] = Counter()
    stacked: Counter[str] = Counter()

    def count(reply: str) -> None:
        credited.update(
            word for word in what(reply) if word.startswith("stacked") and word not in ("stacked None", "stacked 0")
        )

    def see() -> None:
        for happening in host.unit.take_happenings():
            if happening.event == "note_stacked":
                stacked[f"stacked {happening.data['yen']}"] += 1
        assert credited <= stacked

    host.unit.take_happenings()
    for step in [*steps, "power on", "clear", "close", "empty", "leave off", "take", 9.0, *["poll", 2.0] * 8]:
        if step == "repeat":
            host.repeat()
        elif step == "soft reset":
            host.say(soft_reset(0))
        elif isinstance(step, float):
            host.now_s += step
            host.unit.advance(host.now_s)
            host.unit.take_replies(host.now_s)
        elif step in HANDS:
            host.hand(step)
        else:
            count(host.poll(stack=step in ("stack", "both"), return_=step in ("return", "both")))
        see()
    if policy is PowerUpPolicy.B:
        assert credited == stacked
    assert sum(pile for pile in host.mechanism.cashbox.values()) <= stacked.total()


def test_the_power_up_bit_is_told_whatever_else_is() -> None:
    host = ebds(replace(PLAIN, policy=B))
    past_the_lever(host)
    host.power_cycle()
    host.wait(LEVER_S + BOXED_S)
    (frame,) = Splitter().feed(bytes.fromhex(host.poll()))
    status = read_status(frame.data)
    assert status is not None
    assert (status.state, status.trouble, status.note) == (State.STACKED | State.IDLING, Trouble.POWER_UP, 1)


def test_a_box_of_one_note_can_be_modelled() -> None:
    host = Host(EbdsEmulator(with_settings(EBDS, cashbox={"capacity": 1, "near_full": 1})))
    assert host.mechanism.box.capacity == 1
