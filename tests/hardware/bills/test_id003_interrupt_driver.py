"""The driver in interrupt mode: the unit speaks up, the host asks at once, and nothing is lost when an ENQ is.

The unit is scripted, save for the last test, where driver and emulator run the model's own figures.
"""

import asyncio
from dataclasses import replace

import pytest

from hardware.bills.acceptor import BillEvent, NoteInEscrow, NoteRefused, NoteReturned, NoteStacked
from hardware.bills.id003.driver import Id003Driver
from hardware.bills.id003.emulator import Id003Emulator
from hardware.bills.id003.frames import Command, Frame, Status
from hardware.emulator import EmulatorRunner
from hardware.links.memory import memory_line
from hardware.models import find_model
from hardware.vocabulary import Fault, PowerState, RefuseReason
from tests.hardware.bills.id003_unit import ALL_YEN, ESCROW_1000, MODEL, Bench
from tests.hardware.virtualtime import in_virtual_time

SLOW_POLL_S = 1.0
ENQ = Frame(Status.ENQ).encode()
INTERRUPT_MODEL = replace(
    MODEL, settings={"poll": {**MODEL.settings["poll"], "interval_s": SLOW_POLL_S}, "host": {"mode": "interrupt"}}
)


class InterruptBench(Bench):
    """A driver in interrupt mode with a scripted unit that says ENQ when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = Id003Driver(INTERRUPT_MODEL, self.host)

    async def idle(self) -> "InterruptBench":
        """Bring it up, accepting, just after a slow poll was answered."""
        await self.start()
        await self.until_ready()
        self.driver.enable(ALL_YEN)
        await asyncio.sleep(3 * SLOW_POLL_S)
        assert not self.unit.inhibited
        polls = self.polls
        while self.polls == polls:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return self

    @property
    def polls(self) -> int:
        return self.unit.count(Command.STATUS_REQUEST)

    def enq(self) -> None:
        self.unit.end.write(ENQ)


@in_virtual_time
async def test_the_unit_is_told_to_speak_up_and_is_then_asked_only_once_a_second() -> None:
    bench = await InterruptBench().idle()
    assert Frame(Command.SET_COMMUNICATION_MODE, b"\x01") in bench.unit.heard
    polls = bench.polls
    await asyncio.sleep(10 * SLOW_POLL_S)
    assert bench.polls - polls == 10


@in_virtual_time
async def test_a_polled_driver_tells_the_unit_to_be_quiet() -> None:
    bench = await Bench().start()
    await bench.until_ready()
    assert Frame(Command.SET_COMMUNICATION_MODE, b"\x00") in bench.unit.heard


@in_virtual_time
async def test_enq_is_answered_with_a_question_at_once() -> None:
    bench = await InterruptBench().idle()
    bench.unit.show(Status.ACCEPTING, ESCROW_1000)
    for _ in range(2):
        bench.enq()
        await asyncio.sleep(0.02)
    assert bench.stories == [NoteInEscrow(1000)]


@in_virtual_time
async def test_a_lost_enq_costs_one_slow_poll_and_nothing_else() -> None:
    bench = await InterruptBench().idle()
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.5)
    assert bench.stories == []
    await asyncio.sleep(SLOW_POLL_S)
    assert bench.stories == [NoteInEscrow(1000)]


@in_virtual_time
async def test_a_decision_does_not_wait_for_the_slow_poll() -> None:
    bench = await InterruptBench().idle()
    bench.unit.show(ESCROW_1000)
    bench.enq()
    await asyncio.sleep(0.05)
    bench.driver.stack()
    await asyncio.sleep(0.05)
    assert bench.unit.count(Command.STACK_2) == 1
    await asyncio.sleep(4 * SLOW_POLL_S)
    assert bench.stories == [NoteInEscrow(1000), NoteStacked(1000)]


@in_virtual_time
async def test_an_enq_amid_an_exchange_is_not_taken_for_its_answer() -> None:
    bench = await InterruptBench().idle()
    bench.unit.garbage = ENQ  # right before every reply
    bench.driver.disable()
    await asyncio.sleep(0.5)
    assert bench.unit.inhibited
    bench.unit.garbage = b""
    bench.unit.after[Command.RETURN] = [Frame(Status.RETURNING), Frame(0)]
    bench.unit.show(ESCROW_1000)
    bench.unit.garbage = ENQ
    await asyncio.sleep(2 * SLOW_POLL_S)
    bench.driver.return_()
    await asyncio.sleep(4 * SLOW_POLL_S)
    assert bench.stories == [NoteInEscrow(1000), NoteReturned(1000)]
    assert bench.unit.count(Command.RETURN) == 1


@pytest.mark.parametrize("cut", range(1, len(ENQ)))
@in_virtual_time
async def test_an_enq_in_two_pieces_is_an_enq(cut: int) -> None:
    bench = await InterruptBench().idle()
    bench.unit.show(ESCROW_1000)
    bench.unit.end.write(ENQ[:cut])
    await asyncio.sleep(0.05)
    bench.unit.end.write(ENQ[cut:])
    await asyncio.sleep(0.05)
    assert bench.stories == [NoteInEscrow(1000)]


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 7, b"\xff" * 300, b"\xfc", b"\xfc\x05\x05\x82\x01", b"\xfc\x80" + b"\x05" * 60, ENQ[:-1] + ENQ]
)
@in_virtual_time
async def test_garbage_while_nobody_asks_is_no_call_that_matters(garbage: bytes) -> None:
    bench = await InterruptBench().idle()
    bench.unit.end.write(garbage)
    await asyncio.sleep(3 * SLOW_POLL_S)
    assert bench.driver.status.ready
    bench.unit.show(ESCROW_1000)
    await asyncio.sleep(0.01)
    bench.enq()
    await asyncio.sleep(2 * SLOW_POLL_S)
    assert bench.stories == [NoteInEscrow(1000)]


@in_virtual_time
async def test_a_storm_of_enqs_is_asked_about_one_at_a_time_and_ends() -> None:
    bench = await InterruptBench().idle()
    polls = bench.polls
    bench.unit.end.write(ENQ * 200)
    await asyncio.sleep(0.5)
    assert bench.polls - polls <= 2
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_unit_that_falls_silent_is_missed_by_the_slow_poll() -> None:
    bench = await InterruptBench().idle()
    bench.unit.silent = True
    await asyncio.sleep(5 * SLOW_POLL_S)
    assert bench.driver.status.power is PowerState.OFFLINE
    assert bench.driver.status.faults == {Fault.NO_ANSWER}
    bench.unit.silent = False
    bench.enq()
    await bench.until_ready()


@in_virtual_time
async def test_after_a_restart_the_unit_is_told_again_to_speak_up() -> None:
    bench = await InterruptBench().idle()
    bench.unit.heard.clear()
    bench.unit.show(Status.POWER_UP)
    await asyncio.sleep(10 * SLOW_POLL_S)
    assert bench.unit.heard.count(Frame(Command.SET_COMMUNICATION_MODE, b"\x01")) == 1
    assert bench.driver.status.ready
    assert not bench.unit.inhibited


@pytest.mark.parametrize("enqs_arrive", [True, False])
@in_virtual_time
async def test_with_the_emulator_a_note_is_seen_at_once_or_within_the_slow_poll(enqs_arrive: bool) -> None:
    model = find_model("jcm-id003-interrupt-jpy")
    host, device = memory_line("validator")
    unit = EmulatorRunner(Id003Emulator(model), device, lambda happening: None)
    driver = Id003Driver(model, host)
    told: list[tuple[float, BillEvent]] = []
    loop = asyncio.get_running_loop()

    def hear(event: BillEvent) -> None:
        told.append((loop.time(), event))
        if isinstance(event, NoteInEscrow):
            loop.call_soon(driver.stack)

    if not enqs_arrive:
        write = device.write
        device.write = lambda data: None if data == ENQ else write(data)  # type: ignore[method-assign]
    await unit.start()
    await driver.start(hear)
    async with asyncio.timeout(20):
        while not driver.status.ready:
            await asyncio.sleep(0.1)
    driver.enable(frozenset({1000}))
    await asyncio.sleep(2.3)
    inserted_s = loop.time()
    unit.command("insert 1000")
    await asyncio.sleep(12)
    seen_s = {event: t - inserted_s for t, event in told}
    late_s = 0.1 if enqs_arrive else 1.1
    escrow_s = model.settings["timing"]["insert_to_escrow_s"]
    assert escrow_s <= seen_s[NoteInEscrow(1000)] <= escrow_s + late_s
    stacked_s = seen_s[NoteInEscrow(1000)] + model.settings["timing"]["stack_s"]
    assert stacked_s <= seen_s[NoteStacked(1000)] <= stacked_s + late_s + 0.1
    await driver.close()


# ---------------------------------------------------------------- tickets, and codes that no table has


@in_virtual_time
async def test_a_barcode_ticket_is_worth_nothing_and_goes_back_told_as_refused() -> None:
    bench = await Bench().accepting()
    ticket = Frame(Status.ESCROW, b"\x6f123456789012345678")
    bench.unit.show(Status.ACCEPTING, ticket)
    await asyncio.sleep(3)
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, "TICKET[0x6F]")]
    assert bench.unit.count(Command.RETURN) == 1
    assert bench.unit.count(Command.STACK_1) + bench.unit.count(Command.STACK_2) == 0
    assert bench.driver.status.ready


@in_virtual_time
async def test_a_ticket_is_no_note_even_if_the_table_gives_its_code_a_worth() -> None:
    bench = Bench()
    bench.unit.table = bytes.fromhex("61 0A 01 03 6F 0A 01 04")
    await bench.start()
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(0.5)
    assert bench.driver.denominations == {1000}
    assert bench.unit.mask == b"\xfe\xff"
    bench.unit.show(Frame(Status.ESCROW, b"\x6f123456789012345678"))
    await asyncio.sleep(3)
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, "TICKET[0x6F]")]


@in_virtual_time
async def test_a_ticket_that_the_unit_stacks_all_the_same_is_no_money() -> None:
    bench = await Bench().accepting()
    bench.unit.after[Command.RETURN] = [Frame(Status.STACKING), Frame(Status.VEND_VALID)]
    bench.unit.show(Frame(Status.ESCROW, b"\x6f123456789012345678"))
    await asyncio.sleep(3)
    assert not any(isinstance(event, NoteInEscrow | NoteStacked) for event in bench.stories)
    assert bench.stories[0] == NoteRefused(RefuseReason.UNKNOWN, "TICKET[0x6F]")
    assert bench.driver.status.ready


@pytest.mark.parametrize("code", [0x70, 0x7A, 0x90, 0x99, 0xFF])
@in_virtual_time
async def test_a_reject_code_of_no_table_is_told_with_its_number(code: int) -> None:
    bench = await Bench().accepting()
    bench.unit.show(Status.ACCEPTING, Frame(Status.REJECTING, bytes((code,))), Status.IDLING)
    await asyncio.sleep(2)
    assert bench.stories == [NoteRefused(RefuseReason.UNKNOWN, f"UNKNOWN[0x{code:02X}]")]


@pytest.mark.parametrize("data", [b"\xa3", b"\xff", b"\x00", b"", b"\xa2\x01\x02"])
@in_virtual_time
async def test_a_failure_code_of_no_table_is_a_fault_of_the_device(data: bytes) -> None:
    bench = await Bench().accepting()
    bench.unit.show(Frame(Status.FAILURE, data))
    await asyncio.sleep(1)
    assert bench.driver.status.faults == {Fault.MOTOR_FAILURE if data[:1] == b"\xa2" else Fault.DEVICE_FAILURE}
    bench.unit.show(0)
    await bench.until_ready()
