"""The eSSP driver against a scripted unit: keys, counts, and who else may speak on the line."""

import asyncio
from random import Random

import pytest

from hardware.bills.acceptor import NoteInEscrow, NoteStacked
from hardware.bills.ssp.conversation import Conversation
from hardware.bills.ssp.crypto import AesLayer, is_prime
from hardware.bills.ssp.driver import SspDriver
from hardware.bills.ssp.frames import Packet, Splitter
from hardware.links.memory import memory_line
from hardware.vocabulary import Fault
from hardware.wire.exchange import Exchange
from tests.hardware.bills.ssp_unit import (
    ALL_YEN,
    EVENT_ACK,
    GENERATOR,
    HOLD,
    KEYS,
    MODULUS,
    POLL_WITH_ACK,
    SETUP,
    SYNC,
    Bench,
    model,
)
from tests.hardware.virtualtime import in_virtual_time

STACKED = [NoteInEscrow(1000), NoteStacked(1000)]


def secure() -> Bench:
    """Return a bench whose unit wants its polls encrypted."""
    bench = Bench(encrypted=True)
    bench.unit.needs_keys = True
    return bench


@in_virtual_time
async def test_keys_are_agreed_on_right_after_sync_and_everything_after_that_is_encrypted() -> None:
    bench = await secure().start()
    await bench.until_ready()
    assert [data[:2] for data in bench.unit.heard[:4]] == [SYNC, GENERATOR, MODULUS, KEYS]
    generator, modulus = (int.from_bytes(bytes.fromhex(data)[1:], "little") for data in bench.unit.heard[1:3])
    assert is_prime(generator)
    assert is_prime(modulus)
    assert generator > modulus
    assert all(line[9:11] == "7E" for line in bench.unit.wire[4:])
    assert bench.driver.denominations == ALL_YEN


@in_virtual_time
async def test_the_count_goes_on_from_what_the_unit_answered() -> None:
    bench = await secure().accepting()
    assert bench.unit.count >= 5, "one up for each exchange: host 0, device 1, host 1, device 2"
    before = bench.unit.count
    bench.unit.heard.clear()
    await asyncio.sleep(2)
    assert bench.unit.count - before == len(bench.unit.heard)


@in_virtual_time
async def test_a_note_is_served_encrypted() -> None:
    bench = await secure().accepting()
    await bench.in_escrow()
    await asyncio.sleep(3)
    assert bench.unit.accepted == 0
    bench.driver.stack()
    await asyncio.sleep(2)
    assert bench.stories == STACKED
    assert bench.unit.times(EVENT_ACK) >= 1


@pytest.mark.parametrize("command", [SYNC, GENERATOR, MODULUS, KEYS, SETUP, HOLD, POLL_WITH_ACK, EVENT_ACK])
@pytest.mark.parametrize("way", ["unheard", "unanswered"])
@in_virtual_time
async def test_any_lost_packet_is_survived(command: str, way: str) -> None:
    bench = secure()
    getattr(bench.unit, way)[command] = 1
    await bench.start()
    await bench.until_ready()
    bench.driver.enable(ALL_YEN)
    await asyncio.sleep(2)
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(6)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_unit_that_lost_its_keys_gets_new_ones() -> None:
    bench = await secure().accepting()
    bench.unit.restart()
    bench.unit.show("F0 F1 E8")
    await asyncio.sleep(3)
    assert bench.unit.times(KEYS) == 1
    assert bench.unit.enabled
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_count_that_the_unit_does_not_share_any_more_is_followed_by_new_keys() -> None:
    bench = await secure().accepting()
    bench.unit.count += 7  # it discards what we say from now on
    await asyncio.sleep(8)
    assert bench.unit.times(KEYS) == 1
    await bench.until_ready()
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    assert bench.stories == STACKED


@pytest.mark.parametrize(
    "forged",
    [
        Packet(bytes.fromhex("F0 EE 01"), flag).encode() for flag in (False, True)
    ]
    + [
        Packet(AesLayer(bytes(16)).seal(bytes.fromhex("F0 EE 01"), count, Random(1)), bool(count % 2)).encode()
        for count in range(4)
    ],
)  # fmt: skip
@in_virtual_time
async def test_a_credit_that_was_not_sealed_with_the_agreed_key_is_no_answer(forged: bytes) -> None:
    bench = await secure().accepting()
    bench.on_escrow = bench.driver.stack
    bench.unit.after_accept = ["F0 CC"] * 10
    bench.unit.garbage = forged
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(2)
    assert NoteStacked(1000) not in bench.told
    assert bench.stories[:1] == [NoteInEscrow(1000)], "the true answers behind the forged ones are heard"


@in_virtual_time
async def test_a_sealed_credit_that_is_played_back_later_is_no_answer() -> None:
    bench = await secure().accepting()
    sent: list[bytes] = []
    send = bench.unit.send

    def record(data: bytes) -> None:
        sent.append(data)
        send(data)

    bench.unit.send = record  # type: ignore[method-assign]
    bench.on_escrow = bench.driver.stack
    bench.unit.show("F0 EF 01")
    await asyncio.sleep(3)
    assert bench.stories == STACKED
    bench.unit.garbage = b"".join(sent)
    bench.unit.send = send  # type: ignore[method-assign]
    await asyncio.sleep(3)
    assert bench.stories == STACKED


@in_virtual_time
async def test_a_unit_without_keys_is_a_fault_and_nothing_about_money_is_said_in_plain() -> None:
    bench = secure()
    bench.unit.replies[GENERATOR] = "F2"
    await bench.start()
    await asyncio.sleep(20)
    assert bench.driver.status.faults == {Fault.DEVICE_FAILURE}
    assert {data[:2] for data in bench.unit.heard} == {SYNC, GENERATOR}
    del bench.unit.replies[GENERATOR]
    await bench.until_ready()


@in_virtual_time
async def test_the_fixed_key_of_the_model_is_used() -> None:
    bench = await secure().start()
    await bench.until_ready()
    wrong = model(encrypted=True)
    wrong.settings["encryption"] = {"fixed_key": "0123456701234568"}  # type: ignore[index]
    end, _ = memory_line("other")
    driver = SspDriver(wrong, end)
    assert driver._ssp._profile.fixed_key == 0x0123456701234568


@in_virtual_time
async def test_an_encrypted_packet_is_repeated_byte_by_byte() -> None:
    end, device = memory_line("validator")
    exchange = Exchange[Packet](end, Splitter(), 1.0)
    said: list[bytes] = []
    device.attach(said.append, lambda error: None)
    await device.open()
    await exchange.open()
    conversation = Conversation(exchange, 0, Random(3))
    conversation.use_keys(AesLayer(bytes(16)))
    assert await conversation.say(b"\x56") is None
    assert await conversation.again() is None
    assert said[0] == said[1]
