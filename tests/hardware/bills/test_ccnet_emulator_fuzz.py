"""Whatever a host sends and hands do, the emulated CCNET unit answers one good frame, and credits only what lies in its box."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.bills.ccnet.frames import Frame, PollCode, Splitter
from hardware.bills.notes import Place
from hardware.bills.phases import Event
from hardware.models import DeviceModel
from tests.hardware.bills.ccnet_host import ACK, ENABLE_ALL, FORGETFUL, IDLING, MODEL, POLL, RESET, STACK, Host

YEN = {0: 1000, 1: 2000, 2: 5000, 3: 10000}

lines = st.one_of(
    st.sampled_from([1000, 2000, 5000, 10000, 3000]).map("insert {}".format),
    st.sampled_from(["insert 1000 counterfeit", "pull-back", "leave on", "leave off", "take", "cheat", "jam", "jam stacker"]),
    st.sampled_from(["clear", "clear", "open", "close", "full", "empty", "fail", "fail 55", "slow 2", "slow 1"]),
    st.sampled_from(["power off", "power on", "power on", "busy 1", "nak 2", "garbage", "silence on", "silence off", "state"]),
)
codes = st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x33, 0x34, 0x35, 0x35, 0x36, 0x37, 0x38, 0x41, 0x51, 0xFF, 0x00, 0x99])
requests = st.builds(lambda code, data: Frame(3, code, data).encode(), codes, st.sampled_from([b"", b"", b"", b"\xff" * 6]))
noise = st.binary(max_size=40)
waits = st.floats(0, 3)
deeds = st.lists(st.one_of(lines, requests, noise, waits), max_size=60)


def do(host: Host, deed: str | bytes | float) -> bytes:
    """Do one thing and return what the unit said meanwhile."""
    said = b""
    if isinstance(deed, str):
        host.hand(deed)
    elif isinstance(deed, bytes):
        host.unit.receive(deed, host.now_s)
        host.now_s += 0.010
    else:
        host.now_s += deed
    host.unit.advance(host.now_s)
    said = host.unit.take_replies(host.now_s)
    due_s = host.unit.next_due_s()
    assert due_s is None or due_s > host.now_s, "an alarm in the past would hang the runner"
    return said


@settings(max_examples=150)
@given(deeds, st.sampled_from([MODEL, FORGETFUL]))
def test_nothing_that_can_happen_makes_it_raise_or_hang_or_lose_a_note(happens: list[Any], model: DeviceModel) -> None:
    host = Host(model)
    host.start()
    for deed in happens:
        do(host, deed)
    piles = host.mechanism.piles
    assert sum(len(piles.at(place)) for place in Place) == piles._issued

    for line in ("silence off", "busy 0", "nak 0", "power on"):
        host.hand(line)
    host.now_s += 1.0
    host.unit.take_replies(host.now_s)
    (answer,) = Splitter().feed(bytes.fromhex(host.say(POLL)))
    assert answer.code in set(PollCode)


@settings(max_examples=150)
@given(st.lists(noise, max_size=12), st.integers(0, 6))
def test_one_good_frame_after_any_garbage_is_answered(garbage: list[bytes], cut: int) -> None:
    host = Host()
    poll = bytes.fromhex(POLL)
    for data in garbage:
        do(host, data)
    host.unit.receive(poll[:cut], host.now_s)
    host.now_s += 0.001
    host.unit.receive(poll[cut:], host.now_s)
    host.now_s += 0.010
    assert Splitter().feed(host.unit.take_replies(host.now_s))[-1:] == [Frame(3, PollCode.POWER_UP)]


class CountingHost(Host):
    """Stacks each note and counts each 81 that it has acknowledged; one that comes again was not acknowledged."""

    def __init__(self, model: DeviceModel) -> None:
        super().__init__(model)
        self.start()
        self.credited_yen = 0
        self.boxed_yen = 0
        """What really fell into the box, whoever emptied it since."""

    def serve(self, *, acknowledges: bool = True) -> None:
        """Poll once and do what the answer asks for."""
        for frame in Splitter().feed(do(self, bytes.fromhex(POLL))):
            if frame.code in (PollCode.BILL_STACKED, PollCode.BILL_RETURNED) and acknowledges:
                self.credited_yen += YEN[frame.data[0]] * (frame.code == PollCode.BILL_STACKED)
                do(self, bytes.fromhex(ACK))
            elif frame.code == PollCode.ESCROW:
                do(self, bytes.fromhex(STACK))
            elif PollCode.POWER_UP <= frame.code <= PollCode.POWER_UP_BILL_IN_STACKER:
                do(self, bytes.fromhex(RESET))
            elif frame.code == PollCode.UNIT_DISABLED:
                do(self, bytes.fromhex(ENABLE_ALL))
        for happening in self.unit.take_happenings():
            if happening.event == Event.NOTE_STACKED:
                self.boxed_yen += happening.data["yen"]


inserts = st.sampled_from([1000, 2000, 5000, 10000]).map("insert {}".format)
steps = st.tuples(st.one_of(inserts, inserts, lines), st.floats(0.05, 0.9), st.lists(st.booleans(), max_size=6))
"""What a hand does, the time between two polls after it, and whether the host's ACK reaches the unit at each of them."""


@settings(max_examples=200)
@given(st.lists(steps, min_size=1, max_size=30), st.sampled_from([MODEL, FORGETFUL]))
def test_no_81_without_a_note_in_the_box_and_none_missing_from_a_unit_that_keeps_its_credit(
    happens: list[tuple[str, float, list[bool]]], model: DeviceModel
) -> None:
    host = CountingHost(model)
    for line, pause_s, acks in happens:
        do(host, line)
        for acknowledges in acks:
            do(host, pause_s)
            host.serve(acknowledges=acknowledges)
            assert host.credited_yen <= host.boxed_yen
    for line in ("silence off", "nak 0", "busy 0", "slow 1", "clear", "close", "empty", "leave off", "take", "power on"):
        host.hand(line)
    for _ in range(40):
        host.hand("pull-back" if host.mechanism.paused else "state")
        host.now_s += 0.5
        host.serve()
    assert host.poll() == IDLING
    if model is MODEL:
        assert host.credited_yen == host.boxed_yen
    else:
        assert host.credited_yen <= host.boxed_yen


def test_a_hundred_notes_are_a_hundred_credits_whatever_acks_are_lost() -> None:
    host = CountingHost(MODEL)
    for number in range(100):
        host.to_escrow(YEN[number % 4])
        host.serve()
        host.wait(2.0)
        for _ in range(number % 3):
            host.serve(acknowledges=False)
        host.serve()
    assert host.credited_yen == sum(yen * n for yen, n in host.mechanism.cashbox.items()) == 450_000
