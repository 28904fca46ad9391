"""The driver against a peer that answers byte for byte as the reference says, in virtual time."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.clock import run_virtual
from hardware.errors import BusyError, ConfigError, OfflineError, SequenceError
from hardware.links.memory import MemoryEnd, memory_line
from hardware.models import load_model
from hardware.printers.escpos.driver import EscposPrinter
from hardware.printers.escpos.frames import Asb, AsbPaperBits, process_id_reply
from hardware.printers.escpos.status import (
    AutomaticStatus,
    BlockReply,
    Demultiplexer,
    FlowControl,
    Garbage,
    RealTimeReply,
    Reply,
    SingleReply,
)
from hardware.printers.printer import Cut, Document, PrinterStatus, Text
from hardware.vocabulary import DeviceState, Fault, JobOutcome, PaperStatus, PowerState

RECEIPT = Document([Text("領収書"), Text("￥3,000"), Cut()])
LONG = Document([Text(f"{line} 領収書") for line in range(100)] + [Cut()])
CLEAR = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
IDLE = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}
PAPER_END = {1: 0x1A, 2: 0x32, 3: 0x12, 4: 0x7E}
COVER_OPEN = {1: 0x1A, 2: 0x16, 3: 0x12, 4: 0x72}
CUTTER_JAM = {1: 0x1A, 2: 0x52, 3: 0x1A, 4: 0x12}
HEAD_HOT = {1: 0x1A, 2: 0x52, 3: 0x52, 4: 0x12}


class Peer:
    """The far end of the line: answers real-time commands, keeps data, and says a job is through when told how."""

    def __init__(self, end: MemoryEnd) -> None:
        self._end = end
        self.status = dict(IDLE)
        self.answers = True
        self.clears = True
        self.prints_after_s: float | None = 1.0
        self.noise = b""
        self.withholds: set[int] = set()
        """Questions of ``DLE EOT`` whose answers are lost on the way."""
        self.data = bytearray()
        self.cleared = 0
        self.recoveries = 0
        self.asked = 0
        self.on_data: Callable[[], None] = lambda: None
        self._printing: list[asyncio.TimerHandle] = []
        end.attach(self._receive, self._lost)

    async def open(self) -> None:
        await self._end.open()

    def say(self, data: bytes) -> None:
        self._end.write(data)

    def _lost(self, error: OfflineError) -> None: ...

    def _receive(self, data: bytes) -> None:
        if data[:2] == b"\x10\x04":
            self.asked += 1
            if self.answers:
                self.say(b"".join(self.noise + bytes((self.status[n],)) for n in data[2::3] if n not in self.withholds))
        elif data == CLEAR:
            self.cleared += 1
            if self.clears and self.answers:
                for handle in self._printing:
                    handle.cancel()
                self.data.clear()
                self.say(b"\x37\x25\x00")
        elif data == b"\x10\x05\x02":
            self.recoveries += 1
        else:
            self._buffer(data)

    def _buffer(self, data: bytes) -> None:
        self.data += data.replace(b"\x1da\x0e", b"").lstrip(b"\x00") if not self.data else data
        self.on_data()
        at = self.data.rfind(b"\x1d(H")
        if at >= 0 and len(self.data) - at >= 11:
            self._later(process_id_reply(bytes(self.data[at + 7 : at + 11])))
        elif data.endswith(b"\x1dr\x01"):
            self._later(bytes(data.count(b"\x1dr\x01")))

    def _later(self, reply: bytes) -> None:
        if self.prints_after_s is not None:
            self._printing.append(asyncio.get_running_loop().call_later(self.prints_after_s, self.say, reply))


class World:
    """A driver, its peer, the line between them, and what the listener heard."""

    def __init__(self, folder: Path, *, process_id: bool = True) -> None:
        path = folder / "test-printer.toml"
        path.write_text(
            'class = "printer"\nprotocol = "escpos"\ndescription = "a printer"\nconfidence = "made up"\n'
            f"[serial]\nbaud = 115200\n[print]\nprocess_id = {str(process_id).lower()}\n",
            encoding="utf-8",
        )
        self.line, far = memory_line("printer")
        self.peer = Peer(far)
        self.printer = EscposPrinter(load_model(path), self.line)
        self.heard: list[PrinterStatus] = []

    async def start(self) -> None:
        await self.peer.open()
        await self.printer.start(self.heard.append)
        await asyncio.sleep(2.5)
        self.peer.data.clear()
        self.peer.cleared = 0


def play(folder: Path, story: Callable[[World], Awaitable[None]], *, process_id: bool = True) -> None:
    """Run one story in virtual time with a driver that has been up for a while."""

    async def run() -> None:
        world = World(folder, process_id=process_id)
        await world.start()
        await story(world)
        await world.printer.close()

    run_virtual(run())


# --- outcomes ---


def test_a_receipt_is_printed_when_the_printer_says_its_process_id(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert world.peer.data.hex(" ") == (
            "1b 40 1b 52 08 1b 74 01 1c 43 01 97 cc 8e fb 8f 91 0a"
            " 1d 28 48 06 00 30 30 44 30 30 31 81 8f 33 2c 30 30 30 0a 1d 56 42 00"
            " 1d 28 48 06 00 30 30 30 30 30 31"
        )

    play(tmp_path, story)


def test_an_older_printer_is_asked_for_its_paper_in_sequence_instead(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert world.peer.data.endswith(bytes.fromhex("1d 56 42 00 1d 72 01 1d 72 01"))

    play(tmp_path, story, process_id=False)


def test_one_stray_nul_is_not_the_end_of_a_job(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        asyncio.get_running_loop().call_later(0.5, world.peer.say, b"\x00")
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN

    play(tmp_path, story, process_id=False)


def test_a_printer_that_never_answers_for_the_job_leaves_it_unknown_in_bounded_time(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        begun_s = asyncio.get_running_loop().time()
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        assert asyncio.get_running_loop().time() - begun_s < 7

    play(tmp_path, story)


def test_another_jobs_process_id_does_not_make_this_one_printed(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        asyncio.get_running_loop().call_later(0.5, world.peer.say, process_id_reply(b"9999"))
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN

    play(tmp_path, story)


@pytest.mark.parametrize("status", [PAPER_END, COVER_OPEN, CUTTER_JAM])
def test_a_printer_that_cannot_print_gets_nothing_and_the_job_failed(tmp_path: Path, status: dict[int, int]) -> None:
    async def story(world: World) -> None:
        world.peer.status = status
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert not world.peer.data

    play(tmp_path, story)


def test_a_silent_printer_gets_nothing_and_the_job_failed(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.answers = False
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert not world.peer.data

    play(tmp_path, story)


@pytest.mark.parametrize("status", [PAPER_END, COVER_OPEN])
def test_a_job_stopped_by_a_fault_failed_once_the_printer_confirmed_it_is_cleared(
    tmp_path: Path, status: dict[int, int]
) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        world.peer.on_data = lambda: world.peer.status.update(status)
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert world.peer.cleared == 1

    play(tmp_path, story)


def test_a_job_stopped_by_a_fault_is_unknown_while_the_printer_does_not_confirm_clearing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        world.peer.clears = False
        world.peer.on_data = lambda: world.peer.status.update(PAPER_END)
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN

    play(tmp_path, story)


def test_a_cutter_jam_leaves_the_job_unknown_because_every_dot_may_be_on_paper(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        world.peer.on_data = lambda: world.peer.status.update(CUTTER_JAM)
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN

    play(tmp_path, story)


def test_a_jammed_cutter_is_tried_again_once_a_minute_until_it_moves(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(CUTTER_JAM)
        await asyncio.sleep(50)
        assert world.peer.recoveries == 0
        await asyncio.sleep(90)
        assert world.peer.recoveries == 2
        world.peer.status = dict(IDLE)
        await asyncio.sleep(200)
        assert world.printer.status.can_print
        assert world.peer.recoveries == 2

    play(tmp_path, story)


def test_a_jammed_cutter_is_tried_again_as_soon_as_somebody_closes_the_cover(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(CUTTER_JAM)
        await asyncio.sleep(3)
        world.peer.status[2] |= 0x04
        await asyncio.sleep(3)
        assert world.peer.recoveries == 0
        world.peer.status = dict(CUTTER_JAM)
        await asyncio.sleep(2)
        assert world.peer.recoveries == 1

    play(tmp_path, story)


def test_an_answer_that_comes_just_before_the_fault_is_seen_means_printed(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = 0.3
        asyncio.get_running_loop().call_later(0.32, world.peer.status.update, COVER_OPEN)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(tmp_path, story)


def test_a_hot_head_is_waited_for(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = 20.0
        world.peer.on_data = lambda: world.peer.status.update(HEAD_HOT)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(tmp_path, story)


def test_a_cable_pulled_before_the_last_dot_left_means_failed(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        asyncio.get_running_loop().call_later(0.02, world.line.unplug)
        assert await world.printer.print(LONG) is JobOutcome.FAILED

    play(tmp_path, story)


def test_a_cable_pulled_after_the_last_dot_left_means_unknown(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        asyncio.get_running_loop().call_later(0.5, world.line.unplug)
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN

    play(tmp_path, story)


def test_closing_in_the_middle_of_a_job_says_what_is_sure(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        job = asyncio.ensure_future(world.printer.print(RECEIPT))
        await asyncio.sleep(0.5)
        await world.printer.close()
        assert await job is JobOutcome.UNKNOWN

    play(tmp_path, story)


def test_a_caller_who_leaves_does_not_stop_the_paper(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        job = asyncio.ensure_future(world.printer.print(RECEIPT))
        await asyncio.sleep(0.01)
        job.cancel()
        await asyncio.sleep(3)
        assert world.peer.data.endswith(b"\x1d(H\x06\x00000001")
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(tmp_path, story)


def test_a_job_waits_a_little_for_paper_that_is_being_fed_by_hand(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(IDLE) | {1: 0x5A, 2: 0x1A}
        asyncio.get_running_loop().call_later(1.5, world.peer.status.update, IDLE)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(tmp_path, story)


def test_a_printer_that_stays_offline_without_a_cause_gets_nothing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(IDLE) | {1: 0x1A}
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert not world.peer.data

    play(tmp_path, story)


def test_a_long_job_never_has_more_under_way_than_the_buffer_holds(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        job = asyncio.ensure_future(world.printer.print(Document([Text("領収書 1234567890")] * 300 + [Cut()])))
        world.peer.prints_after_s = None
        await asyncio.sleep(3)
        assert 2000 < len(world.peer.data) <= 3072 + 9
        assert await job is JobOutcome.FAILED

    play(tmp_path, story)


# --- flow control ---


def test_nothing_is_sent_between_xoff_and_xon(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.on_data = lambda: world.peer.say(b"\x13")
        job = asyncio.ensure_future(world.printer.print(LONG))
        await asyncio.sleep(2)
        held = len(world.peer.data)
        assert 0 < held <= 256
        world.peer.on_data = lambda: None
        world.peer.say(b"\x11")
        assert await job is JobOutcome.PRINTED
        assert len(world.peer.data) > held

    play(tmp_path, story)


def test_a_printer_that_holds_the_line_for_ever_has_not_printed_all(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.on_data = lambda: world.peer.say(b"\x13")
        begun_s = asyncio.get_running_loop().time()
        assert await world.printer.print(LONG) is JobOutcome.FAILED
        assert asyncio.get_running_loop().time() - begun_s < 15

    play(tmp_path, story)


def test_paper_end_while_the_printer_holds_the_line_ends_the_job_at_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        def run_out() -> None:
            world.peer.status = dict(PAPER_END)
            world.peer.say(b"\x13")

        world.peer.on_data = run_out
        begun_s = asyncio.get_running_loop().time()
        assert await world.printer.print(LONG) is JobOutcome.FAILED
        assert asyncio.get_running_loop().time() - begun_s < 1.5

    play(tmp_path, story)


# --- no old job ever prints ---


def test_before_the_first_job_the_printer_is_cleared_of_what_an_earlier_run_left(tmp_path: Path) -> None:
    async def run() -> None:
        world = World(tmp_path)
        await world.peer.open()
        await world.printer.start(world.heard.append)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert world.peer.cleared == 1
        await world.printer.close()

    run_virtual(run())


def test_an_unknown_job_is_cleared_away_and_its_scrap_cut_off_without_being_asked(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        world.peer.prints_after_s = 0.2
        await asyncio.sleep(5)
        assert world.peer.cleared == 1
        assert world.peer.data.lstrip(b"\x00") == bytes.fromhex("1b 40 1d 56 42 00") + b"\x1dr\x01" * 3
        world.peer.data.clear()
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert world.peer.data.startswith(b"\x1b@\x1bR\x08")

    play(tmp_path, story)


def test_a_printer_that_cannot_be_cleared_is_run_empty_and_the_scrap_cut_off(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        world.peer.clears = False
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        world.peer.data.clear()
        world.peer.prints_after_s = 0.2
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        scrap, job = world.peer.data.split(b"\x1dr\x01" * 3)
        assert scrap.lstrip(b"\x00").hex(" ") == "1b 40 1d 56 42 00"
        assert job.removeprefix(b"\x1da\x0e").startswith(b"\x1b@\x1bR\x08")

    play(tmp_path, story, process_id=False)


def test_a_printer_that_cannot_be_emptied_gets_no_new_job(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.prints_after_s = None
        world.peer.clears = False
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        world.peer.data.clear()
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert "領収書".encode("cp932") not in world.peer.data

    play(tmp_path, story)


# --- status ---


def test_every_change_is_told_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(IDLE) | {4: 0x1E}
        await asyncio.sleep(5)
        world.peer.status = dict(PAPER_END)
        await asyncio.sleep(5)
        online = (PowerState.ONLINE, PaperStatus.OK, frozenset[Fault]())
        assert [(s.power, s.paper, s.faults) for s in world.heard[1:]] == [
            online,
            (PowerState.ONLINE, PaperStatus.LOW, frozenset({Fault.PAPER_LOW})),
            (PowerState.ONLINE, PaperStatus.OUT, frozenset({Fault.PAPER_OUT})),
        ]
        assert [s.can_print for s in world.heard[1:]] == [True, True, False]

    play(tmp_path, story)


def test_an_open_cover_makes_the_paper_sensor_worthless(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.status = dict(COVER_OPEN)
        await asyncio.sleep(2)
        assert world.printer.status.faults == {Fault.COVER_OPEN}
        assert world.printer.status.paper is PaperStatus.UNKNOWN

    play(tmp_path, story)


def test_automatic_status_is_heard_without_asking(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        asked = world.peer.asked
        world.peer.say(Asb(paper=AsbPaperBits.NEAR_END).encode())
        await asyncio.sleep(0.01)
        assert world.printer.status.paper is PaperStatus.LOW
        assert world.peer.asked == asked

    play(tmp_path, story)


def test_three_polls_without_an_answer_mean_offline_and_it_comes_back_by_itself(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.answers = False
        await asyncio.sleep(2)
        assert world.printer.status.power is PowerState.ONLINE
        await asyncio.sleep(4)
        assert world.printer.status.power is PowerState.OFFLINE
        assert world.printer.status.faults == {Fault.NO_ANSWER}
        world.peer.answers = True
        await asyncio.sleep(3)
        assert world.printer.status.can_print

    play(tmp_path, story)


def test_a_poll_with_one_answer_lost_says_nothing_at_all(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.withholds = {2}  # the other three would read as if the paper answer were the error answer
        world.peer.status = dict(PAPER_END)
        await asyncio.sleep(2)
        assert world.printer.status.can_print
        await asyncio.sleep(4)
        assert world.printer.status.faults == {Fault.NO_ANSWER}
        world.peer.withholds = set()
        await asyncio.sleep(3)
        assert world.printer.status.faults == {Fault.PAPER_OUT}

    play(tmp_path, story)


def test_an_unplugged_cable_is_told_at_once_and_the_driver_comes_back_by_itself(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.line.unplug()
        await asyncio.sleep(0.01)
        assert world.printer.status.faults == {Fault.NO_ANSWER}
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        await asyncio.sleep(30)
        world.line.replug()
        await world.peer.open()
        await asyncio.sleep(10)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(tmp_path, story)


def test_noise_and_unasked_bytes_in_front_of_every_answer_change_nothing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.peer.noise = b"\xff\x81\x10\x00\x00\x0f\x10"
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        await asyncio.sleep(5)
        assert world.printer.status.can_print

    play(tmp_path, story)


def test_the_printer_is_busy_while_it_prints_and_idle_after(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.printer.print(RECEIPT)
        await asyncio.sleep(2)
        assert [s.state for s in world.heard] == [DeviceState.STARTING, DeviceState.IDLE, DeviceState.BUSY, DeviceState.IDLE]

    play(tmp_path, story)


# --- order of calls, configuration ---


def test_a_second_job_while_one_runs_is_refused(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        job = asyncio.ensure_future(world.printer.print(RECEIPT))
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError):
            await world.printer.print(RECEIPT)
        assert await job is JobOutcome.PRINTED

    play(tmp_path, story)


def test_printing_before_the_start_is_refused(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(SequenceError):
            await World(tmp_path).printer.print(RECEIPT)

    run_virtual(run())


def test_a_model_with_a_wrong_value_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'class = "printer"\nprotocol = "escpos"\ndescription = "x"\nconfidence = "x"\n[print]\ncolumns = 0\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"print\.columns: found 0"):
        EscposPrinter(load_model(path), memory_line("printer")[0])


# --- the demultiplexer ---


def demultiplexed(data: bytes) -> list[Reply]:
    return list(Demultiplexer().feed(data))


def test_replies_are_told_apart_by_their_first_byte() -> None:
    assert demultiplexed(bytes.fromhex("13 12 14 00 11 00 0f 03 37 22 30 30 30 31 00 5f 45 50 00")) == [
        FlowControl(False),
        RealTimeReply(0x12),
        FlowControl(True),  # in the middle of automatic status, where it may stand
        AutomaticStatus(Asb.decode(b"\x14\x00\x00\x0f")),
        SingleReply(0x03),
        BlockReply(b"\x37\x220001\x00"),
        BlockReply(b"\x5fEP\x00"),
    ]


def test_a_stray_header_does_not_swallow_the_status_behind_it() -> None:
    assert demultiplexed(b"\x10\x12") == [Garbage(b"\x10"), RealTimeReply(0x12)]
    assert demultiplexed(b"\x37\x12") == [Garbage(b"\x37"), RealTimeReply(0x12)]


def test_a_block_without_end_is_given_up() -> None:
    replies = demultiplexed(b"\x5f" + b"A" * 500 + b"\x12")
    assert replies[-1] == RealTimeReply(0x12)
    assert isinstance(replies[0], Garbage)


@given(st.binary())
def test_any_bytes_are_survived_and_none_is_lost(data: bytes) -> None:
    demultiplexer = Demultiplexer()
    replies = list(itertools.chain(demultiplexer.feed(data), demultiplexer.abandon()))
    assert sum(_length(reply) for reply in replies) == len(data)


@given(st.binary(), st.integers(0, 50))
def test_where_the_stream_is_cut_makes_no_difference(data: bytes, at: int) -> None:
    demultiplexer = Demultiplexer()
    assert [*demultiplexer.feed(data[:at]), *demultiplexer.feed(data[at:])] == demultiplexed(data)


def _length(reply: Reply) -> int:
    match reply:
        case AutomaticStatus():
            return 4
        case BlockReply(data) | Garbage(data):
            return len(data)
        case _:
            return 1


# --- noise ---


@pytest.mark.parametrize("process_id", [True, False])
@pytest.mark.parametrize("printed", [True, False])
def test_noise_never_makes_a_job_printed_that_was_not(tmp_path: Path, process_id: bool, printed: bool) -> None:
    """Random bytes, whole replies of every kind among them, at random moments of a job; 40 lines of dice."""
    replies = (b"\x12", b"\x10\x00\x00\x0f", b"\x37\x22\x39\x39\x39\x39\x00", b"\x5fEPSON\x00", b"\x11", b"\x00", b"\x37")

    async def story(world: World, dice: random.Random) -> None:
        def noise() -> None:
            world.peer.say(dice.choice((dice.randbytes(dice.randrange(1, 9)), dice.choice(replies), dice.choice(replies) * 2)))

        world.peer.prints_after_s = 1.0 if printed else None
        for _ in range(dice.randrange(1, 12)):
            asyncio.get_running_loop().call_later(dice.uniform(0, 1.5), noise)
        outcome = await world.printer.print(RECEIPT)
        through = len(world.peer.data) > 0 and printed
        assert outcome in (JobOutcome.PRINTED, JobOutcome.UNKNOWN) if through else outcome is not JobOutcome.PRINTED

    for seed in range(40):

        async def seeded(world: World, seed: int = seed) -> None:
            await story(world, random.Random(seed))

        play(tmp_path, seeded, process_id=process_id)


def test_an_answer_too_many_in_a_long_job_leaves_it_unknown(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        long = Document([Text("領収書 1234567890")] * 300 + [Cut()])
        world.peer.prints_after_s = 0.1
        asyncio.get_running_loop().call_later(0.3, world.peer.say, b"\x00")
        assert await world.printer.print(long) is JobOutcome.UNKNOWN
        await asyncio.sleep(5)
        assert await world.printer.print(long) is JobOutcome.PRINTED

    play(tmp_path, story)
