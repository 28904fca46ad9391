"""The driver at a kiosk printer with a presenter: a peer that answers as Custom's manuals say, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import run_virtual
from hardware.errors import ConfigError, OfflineError
from hardware.links.memory import memory_line
from hardware.models import load_model
from hardware.printers.escpos.driver import EscposPrinter
from hardware.printers.escpos.ejector import FullStatus
from hardware.printers.escpos.frames import Asb
from hardware.printers.escpos.status import (
    AutomaticStatus,
    Demultiplexer,
    FullStatusReply,
    Garbage,
    RealTimeReply,
    Reply,
)
from hardware.printers.printer import Cut, Document, PrinterStatus, Text
from hardware.vocabulary import Fault, JobOutcome, PowerState

VKP80 = Path(__file__).parents[3] / "config" / "devices" / "custom-vkp80-ja.toml"
RECEIPT = Document([Text("領収書"), Cut()])
TICKET, JAM, MOTOR = 0x20, 0x40, 0x08
PRESENT, RETRACT, EJECT = b"\x1de\x03\x08", b"\x1de\x02", b"\x1de\x05"


class Kiosk:
    """A printer whose ticket reaches the mouth ``present_s`` after the job was through."""

    def __init__(self, ticket: dict[str, Any]) -> None:
        model = load_model(VKP80)
        self.line, self._end = memory_line("printer")
        settings = {**model.settings, "ticket": {**model.settings["ticket"], **ticket}}
        self.printer = EscposPrinter(replace(model, settings=settings), self.line)
        self.heard: list[PrinterStatus] = []
        self.full = bytearray(b"\x10\x0f\x00\x00\x00\x00")
        self.answers = True
        self.present_s: float | None = 0.4
        self.moves_on_command = True
        self.data = bytearray()
        self._end.attach(self._receive, self._lost)

    async def start(self) -> None:
        await self._end.open()
        await self.printer.start(self.heard.append)
        await asyncio.sleep(3)
        self.data.clear()

    def ticket(self, at_mouth: bool) -> None:
        self.full[2] = self.full[2] & ~TICKET | (TICKET if at_mouth else 0)

    def later(self, delay_s: float, act: Callable[..., object], *args: object) -> None:
        asyncio.get_running_loop().call_later(delay_s, act, *args)

    def _lost(self, error: OfflineError) -> None: ...

    def _receive(self, data: bytes) -> None:
        if not self.answers:
            return
        if data == b"\x10\x04\x14":
            self._end.write(bytes(self.full))
        elif data[:2] == b"\x10\x04":
            self._end.write(b"\x12" * data.count(b"\x10\x04"))
        elif data[:2] == b"\x10\x14":
            self._end.write(b"\x37\x25\x00")
        else:
            self.data += data
            if data.endswith((RETRACT, EJECT)) and self.moves_on_command:
                self.later(0.5, self.ticket, False)
            if count := data.count(b"\x1dr\x01"):
                self.later(0.5, self._end.write, bytes(count))
                if PRESENT in self.data and self.present_s is not None:
                    self.later(0.5 + self.present_s, self.ticket, True)


def play(story: Callable[[Kiosk], Awaitable[None]], **ticket: Any) -> None:
    async def run() -> None:
        kiosk = Kiosk(ticket)
        await kiosk.start()
        await story(kiosk)
        await kiosk.printer.close()

    run_virtual(run())


def test_a_ticket_that_leaves_the_mouth_was_taken() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.later(6, kiosk.ticket, False)
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.TAKEN
        assert 6 <= asyncio.get_running_loop().time() - 3 < 6.5
        assert kiosk.data.count(PRESENT) == 1
        assert RETRACT not in kiosk.data

    play(story)


def test_while_it_waits_at_the_mouth_the_status_says_so() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.later(6, kiosk.ticket, False)
        job = asyncio.ensure_future(kiosk.printer.print(RECEIPT))
        await asyncio.sleep(3)
        assert kiosk.printer.status.ticket_waits
        await job
        assert not kiosk.printer.status.ticket_waits
        assert [status.ticket_waits for status in kiosk.heard if status.power is PowerState.ONLINE][-1] is False

    play(story)


@pytest.mark.parametrize(("policy", "command"), [("retract", RETRACT), ("eject", EJECT)])
def test_a_ticket_nobody_takes_is_seen_to_and_was_only_presented(policy: str, command: bytes) -> None:
    async def story(kiosk: Kiosk) -> None:
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRESENTED
        assert 20 <= asyncio.get_running_loop().time() - 3 < 23
        assert kiosk.data.endswith(command)

    play(story, not_taken=policy)


def test_a_ticket_left_at_the_mouth_is_pushed_out_before_the_next_customers() -> None:
    async def story(kiosk: Kiosk) -> None:
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRESENTED
        assert EJECT not in kiosk.data
        kiosk.data.clear()
        kiosk.later(4, kiosk.ticket, False)
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.TAKEN
        assert kiosk.data.startswith(EJECT)

    play(story, not_taken="leave", take_s=5)


def test_a_ticket_that_will_not_move_lets_no_other_print_over_it() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.moves_on_command = False
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRESENTED
        kiosk.data.clear()
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.FAILED
        assert PRESENT not in kiosk.data

    play(story, take_s=2)


def test_a_ticket_from_before_a_restart_is_drawn_back_when_its_time_is_over() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.ticket(True)
        await asyncio.sleep(18)
        assert RETRACT not in kiosk.data
        await asyncio.sleep(12)
        assert kiosk.data.count(RETRACT) == 1
        assert not kiosk.printer.status.ticket_waits

    play(story)


def test_a_ticket_that_never_reaches_the_mouth_is_printed_and_no_more_is_said() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.present_s = None
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(story)


def test_a_ticket_stuck_on_its_way_out_is_unknown_and_the_printer_is_out_of_order() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.present_s = None
        kiosk.later(0.6, kiosk.full.__setitem__, 4, JAM)
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        assert kiosk.printer.status.faults == {Fault.JAM}
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.FAILED

    play(story)


def test_a_ticket_that_a_motor_moved_was_not_taken() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.later(4, kiosk.full.__setitem__, 3, MOTOR)
        kiosk.later(4.5, kiosk.ticket, False)
        kiosk.later(5, kiosk.full.__setitem__, 3, 0)
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRESENTED

    play(story)


def test_a_printer_that_falls_silent_after_presenting_leaves_it_presented() -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.later(3, setattr, kiosk, "answers", False)
        assert await kiosk.printer.print(RECEIPT) is JobOutcome.PRESENTED

    play(story)


@pytest.mark.parametrize(("after_s", "outcome"), [(0.55, JobOutcome.PRINTED), (3, JobOutcome.PRESENTED)])
def test_a_cable_pulled_then_leaves_what_was_seen_until_then(after_s: float, outcome: JobOutcome) -> None:
    async def story(kiosk: Kiosk) -> None:
        kiosk.later(after_s, kiosk.line.unplug)
        assert await kiosk.printer.print(RECEIPT) is outcome

    play(story)


@pytest.mark.parametrize(("after_s", "outcome"), [(0.6, JobOutcome.PRINTED), (3, JobOutcome.PRESENTED)])
def test_closing_then_says_what_was_seen_until_then(after_s: float, outcome: JobOutcome) -> None:
    async def story(kiosk: Kiosk) -> None:
        job = asyncio.ensure_future(kiosk.printer.print(RECEIPT))
        await asyncio.sleep(after_s)
        await kiosk.printer.close()
        assert await job is outcome

    play(story)


def test_a_wrong_policy_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"ticket\.not_taken"):
        Kiosk({"not_taken": "burn"})
    with pytest.raises(ConfigError, match=r"ticket\.take"):
        Kiosk({"take": 3})


# --- the full status on the wire ---


def demultiplexed(data: bytes) -> list[Reply]:
    return list(Demultiplexer(full_status=True).feed(data))


def test_a_full_status_is_told_from_automatic_status_and_from_real_time_answers() -> None:
    full = bytes.fromhex("10 0f 24 02 40 01")
    assert demultiplexed(b"\x12" + full + b"\x10\x00\x00\x0f" + full) == [
        RealTimeReply(0x12),
        FullStatusReply(FullStatus.decode(full)),
        AutomaticStatus(Asb.decode(b"\x10\x00\x00\x0f")),
        FullStatusReply(FullStatus.decode(full)),
    ]


def test_a_full_status_that_breaks_off_swallows_no_answer_behind_it() -> None:
    assert demultiplexed(bytes.fromhex("10 0f 24 12")) == [Garbage(b"\x10\x0f\x24"), RealTimeReply(0x12)]


@given(st.binary(), st.integers(0, 50))
def test_where_the_stream_is_cut_makes_no_difference_and_no_byte_is_lost(data: bytes, at: int) -> None:
    demultiplexer = Demultiplexer(full_status=True)
    assert [*demultiplexer.feed(data[:at]), *demultiplexer.feed(data[at:])] == demultiplexed(data)
