"""Driver and emulator on one line, in virtual time and on a pseudo terminal: neither knows that the other is ours."""

import asyncio
from pathlib import Path

import pytest

from hardware.emulator import EmulatorRunner, Happening
from hardware.links.port import SerialPort, SerialSettings
from hardware.links.pty import PtyDevice
from hardware.models import load_model
from hardware.printers.escpos.driver import EscposPrinter
from hardware.printers.escpos.emulator import EscposEmulator
from hardware.printers.printer import Align, Blank, Columns, Cut, Document, Qr, Rule, Text
from hardware.vocabulary import Fault, JobOutcome, PaperStatus
from tests.hardware.printers.printerworld import MODELS, World, play

BOTH = pytest.mark.parametrize("name", ["tm-t88v-ja", "tm-t88iii-ja"])

RECEIPT = Document(
    [
        Text("領収書", Align.CENTER, width=2, height=2, bold=True),
        Blank(),
        Text("２０２６年１１月２２日"),
        Rule(),
        Columns("プリペイドチャージ", "￥3,000"),
        Columns("お預り", "¥5,000", bold=True),
        Rule(),
        Qr("https://example.jp/r/0001"),
        Cut(),
    ]
)
CHINESE = Document(
    [Text("充值成功 谢谢惠顾", Align.CENTER, width=2)] + [Columns(f"值{i}", "￥1") for i in range(60)] + [Cut()], "zh-Hans"
)
LONG = Document([Columns(f"{line} ソ表プリペイドチャージ領収書", "￥3,000") for line in range(300)] + [Cut()])


@BOTH
def test_a_receipt_comes_out_whole_and_every_byte_of_it_was_understood(name: str) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert len(world.papers) == 1
        for words in ("領収書", "２０２６年１１月２２日", "プリペイドチャージ", "￥3,000", "¥5,000"):
            assert words in world.papers[0]
        receipt = next(one for one in world.happenings if one.event == "receipt_cut")
        assert receipt.data["qr"] == ["https://example.jp/r/0001"]
        world.assert_every_byte_was_understood()

    play(name, story)


@BOTH
def test_printed_is_told_only_after_the_paper_was_cut(name: str) -> None:
    async def story(world: World) -> None:
        await world.printer.print(RECEIPT)
        cut_s = next(one.t for one in world.happenings if one.event == "receipt_cut")
        assert cut_s <= asyncio.get_running_loop().time() < cut_s + 0.5

    play(name, story)


@BOTH
def test_a_drawn_receipt_comes_out_without_an_unknown_byte(name: str) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(CHINESE) is JobOutcome.PRINTED
        world.assert_every_byte_was_understood()
        assert len(world.papers) == 1
        ink = world.emulator.receipts[-1].image().histogram()[0]
        assert ink > 20_000

    play(name, story)


@BOTH
def test_a_job_longer_than_the_buffer_loses_nothing_without_any_flow_control(name: str) -> None:
    async def story(world: World) -> None:
        assert await world.printer.print(LONG) is JobOutcome.PRINTED
        world.assert_every_byte_was_understood()
        assert [line.split()[0] for line in world.papers[0].splitlines()] == [str(number) for number in range(300)]

    play(name, story)


@BOTH
def test_a_hot_head_in_a_long_job_loses_nothing(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("at 600 hot on")
        job = asyncio.ensure_future(world.printer.print(LONG))
        await asyncio.sleep(12)
        assert world.printer.status.faults >= {Fault.HEAD_HOT}
        world.hand("hot off")
        assert await job is JobOutcome.PRINTED
        world.assert_every_byte_was_understood()
        assert len(world.papers[0].splitlines()) == 300

    play(name, story)


def test_a_command_hidden_in_a_text_prints_harmlessly() -> None:
    async def story(world: World) -> None:
        evil = Document([Text("\x1b@\x1dV\x00a\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08b"), Text("end"), Cut()])
        assert await world.printer.print(evil) is JobOutcome.PRINTED
        assert world.papers == ["@Vab\nend"]

    play("tm-t88v-ja", story)


@BOTH
@pytest.mark.parametrize("command", ["paper 0", "cover open"])
def test_a_fault_in_the_middle_fails_the_job_and_its_rest_never_prints(name: str, command: str) -> None:
    async def story(world: World) -> None:
        world.hand(f"at 150 {command}")
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        assert not world.papers
        world.hand("paper new")
        world.hand("cover close")
        await asyncio.sleep(15)
        assert not any("5,000" in str(one.data.get("text", "")) for one in world.happenings)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert world.papers[-1].count("5,000") == 1
        assert world.papers[-1].count("領収書") == 1  # no customer gets a piece of another's

    play(name, story)


@BOTH
def test_a_jammed_cutter_leaves_the_job_unknown_and_the_driver_gets_it_going_again(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("jam cutter")
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        await asyncio.sleep(2)
        assert Fault.CUTTER_JAM in world.printer.status.faults
        world.hand("cover open")
        world.hand("jam clear")
        await asyncio.sleep(2)
        world.hand("cover close")
        await asyncio.sleep(5)
        assert world.printer.status.can_print
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(name, story)


@BOTH
def test_a_reply_line_cut_in_the_middle_leaves_the_job_unknown(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("at 100 silence on")
        assert await world.printer.print(RECEIPT) is JobOutcome.UNKNOWN
        assert len(world.papers) == 1  # and so nobody may print it again by himself
        world.hand("silence off")
        await asyncio.sleep(20)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        assert [bool(paper) for paper in world.papers] == [True, False, True]  # white scrap between

    play(name, story)


@BOTH
def test_power_lost_in_the_middle_is_never_told_as_printed(name: str) -> None:
    async def story(world: World) -> None:
        world.hand("at 100 power off")
        job = asyncio.ensure_future(world.printer.print(RECEIPT))
        await asyncio.sleep(3)
        world.hand("power on")
        assert await job is not JobOutcome.PRINTED
        await asyncio.sleep(20)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play(name, story)


def test_status_follows_a_hand_at_the_printer() -> None:
    async def story(world: World) -> None:
        for command, paper, faults in [
            ("paper 100", PaperStatus.LOW, {Fault.PAPER_LOW}),
            ("paper 0", PaperStatus.OUT, {Fault.PAPER_OUT}),
            ("paper new", PaperStatus.OK, set()),
            ("cover open", PaperStatus.OK, {Fault.COVER_OPEN}),
            ("cover close", PaperStatus.OK, set()),
            ("fail", PaperStatus.OK, {Fault.UNRECOVERABLE}),
        ]:
            world.hand(command)
            await asyncio.sleep(2)
            assert (world.printer.status.paper, world.printer.status.faults) == (paper, faults), command

    play("tm-t88v-ja", story)


def test_garbage_on_the_line_changes_nothing() -> None:
    async def story(world: World) -> None:
        world.hand("at 50 garbage")
        world.hand("garbage")
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED
        await asyncio.sleep(5)
        assert world.printer.status.can_print

    play("tm-t88v-ja", story)


def test_an_unplugged_printer_comes_back_by_itself() -> None:
    async def story(world: World) -> None:
        world.line.unplug()
        assert await world.printer.print(RECEIPT) is JobOutcome.FAILED
        world.line.replug()
        await world.runner.start()
        await asyncio.sleep(15)
        assert await world.printer.print(RECEIPT) is JobOutcome.PRINTED

    play("tm-t88v-ja", story)


def test_a_receipt_prints_over_a_pseudo_terminal_in_real_time(tmp_path: Path) -> None:
    async def run() -> None:
        model = load_model(MODELS / "tm-t88v-ja.toml")
        happenings: list[Happening] = []
        runner = EmulatorRunner(EscposEmulator(model), PtyDevice(tmp_path / "printer"), happenings.append)
        await runner.start()
        printer = EscposPrinter(model, SerialPort(str(tmp_path / "printer"), SerialSettings(baud=38400)))
        await printer.start(lambda status: None)
        try:
            async with asyncio.timeout(20):
                assert await printer.print(RECEIPT) is JobOutcome.PRINTED
        finally:
            await printer.close()
            runner.stop()
        assert ["領収書" in str(one.data["text"]) for one in happenings if one.event == "receipt_cut"] == [True]

    asyncio.run(run())
