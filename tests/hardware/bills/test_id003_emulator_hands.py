"""Bench commands of the emulated ID-003 unit, and what no command and no noise may do to it."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.bills.id003.emulator import Id003Emulator
from hardware.bills.id003.frames import Frame
from hardware.bills.notes import Place
from hardware.clock import run_virtual
from hardware.emulator import BadCommand, EmulatorRunner
from hardware.errors import ConfigError
from hardware.links.memory import memory_line
from hardware.models import DeviceModel
from tests.hardware.bills.id003_host import (
    ACCEPTING,
    ACK,
    ESCROW_10000,
    INHIBIT_OFF,
    MODEL,
    NOTHING,
    POLL,
    POWER_UP,
    RESET,
    TAKEN_S,
    Host,
)


def test_a_note_offered_to_a_unit_without_power_stays_at_the_mouth_until_it_is_ready(idle: Host) -> None:
    idle.hand("power off")
    assert idle.hand("insert 1000") == {"ok": True, "note": "left at the mouth: the unit has no power"}
    assert idle.hand("insert 1000")["ok"] is False
    idle.hand("power on")
    idle.wait(1.0)
    assert idle.poll() == POWER_UP
    idle.start()
    assert idle.poll() == ACCEPTING


def test_happenings_tell_a_notes_whole_story_with_its_value(idle: Host) -> None:
    idle.unit.take_happenings()
    idle.to_vend_valid()
    story = ["note_inserted", "note_drawn", "note_in_escrow", "note_stacking", "note_at_lever", "note_stacked"]
    assert [told.event for told in idle.happened if told.event.startswith("note")] == story


def test_commands_lists_all_and_a_wrong_one_is_answered_with_the_list(idle: Host) -> None:
    words = {usage.split()[0] for usage in idle.unit.commands()}
    assert words >= {"insert", "pull-back", "cheat", "jam", "clear", "open", "close", "full", "empty"}
    assert words >= {"power", "silence", "garbage", "state", "fail", "comm-error"}
    with pytest.raises(BadCommand, match="pull-back"):
        idle.hand("explode")


@pytest.mark.parametrize(
    "line",
    ["", "insert", "insert ten", "insert -5", "insert 1000 nonsense", "jam door", "power", "fail 99", "garbage XY", "open 2"],
)
def test_a_command_that_makes_no_sense_changes_nothing(idle: Host, line: str) -> None:
    before = idle.hand("state")
    with pytest.raises(BadCommand):
        idle.hand(line)
    assert idle.hand("state") == before


def test_state_tells_where_every_note_is(idle: Host) -> None:
    idle.to_escrow()
    idle.hand("insert 2000")
    state = idle.hand("state")
    assert state["inside"] == {"yen": 1000, "place": "escrow"}
    assert state["mouth"] == {"yen": 2000, "place": "mouth"}
    assert state["status"] == "PAUSE[0x47]"


def test_two_notes_with_one_code_in_the_model_are_refused_by_name() -> None:
    notes = [dict(note, code=0x61) for note in MODEL.settings["notes"]]
    model = DeviceModel("twice", "bill", "id003", "x", "x", {**MODEL.settings, "notes": notes}, Path("twice.toml"))
    with pytest.raises(ConfigError, match=r"twice\.toml: notes\[1\]\.code"):
        Id003Emulator(model)


def test_on_a_line_it_answers_polls_and_tells_what_happens_at_its_time() -> None:
    async def visit() -> tuple[bytes, list[tuple[float, str]]]:
        host_end, device_end = memory_line("validator")
        heard = bytearray()
        happenings: list[tuple[float, str]] = []
        host_end.attach(heard.extend, lambda error: None)
        await host_end.open()
        runner = EmulatorRunner(
            Id003Emulator(MODEL), device_end, lambda happening: happenings.append((round(happening.t, 3), happening.event))
        )
        await runner.start()
        for request in (RESET, INHIBIT_OFF):
            host_end.write(bytes.fromhex(request))
            await asyncio.sleep(2.0)
        runner.command("insert 10000")
        await asyncio.sleep(TAKEN_S)
        host_end.write(bytes.fromhex(POLL))
        await asyncio.sleep(0.1)
        runner.stop()
        return bytes(heard), happenings

    heard, happenings = run_virtual(visit())
    assert heard.hex(" ").upper() == f"{ACK} {INHIBIT_OFF} {ESCROW_10000}"
    assert happenings == [(4.0, "note_inserted"), (4.0, "note_drawn"), (5.2, "note_in_escrow")]


@pytest.mark.parametrize("boot", ["紙幣", "B" * 124])
def test_an_identity_that_no_frame_can_carry_is_refused_by_name(boot: str) -> None:
    identity = {**MODEL.settings["identity"], "boot": boot}
    model = DeviceModel("odd", "bill", "id003", "x", "x", {**MODEL.settings, "identity": identity}, Path("odd.toml"))
    with pytest.raises(ConfigError, match=r"odd\.toml: identity\.boot"):
        Id003Emulator(model)


chunks = st.lists(st.binary(max_size=40), max_size=8)
known_frames = st.sampled_from(
    [bytes(Frame(code, data).encode()) for code in range(256) for data in (b"", b"\x00", b"\x01\xff")]
)


@given(chunks)
def test_no_noise_upsets_it_and_the_next_valid_frame_is_answered(noise: list[bytes]) -> None:
    host = Host()
    for piece in noise:
        host.unit.receive(piece, host.now_s)
        host.wait(0.001)
    host.wait(1.0)
    assert bytes.fromhex(host.poll()) != b""


deeds = st.sampled_from(
    [
        "insert 1000",
        "insert 5000 counterfeit",
        "pull-back",
        "cheat",
        "jam acceptor",
        "jam stacker",
        "clear",
        "open",
        "close",
        "full",
        "empty",
        "fail A5",
        "power off",
        "power on",
    ]
)


@given(st.lists(st.one_of(known_frames, deeds, st.floats(0.0, 4.0)), max_size=60))
def test_whatever_host_and_hands_do_every_yen_is_in_one_place(steps: list[bytes | str | float]) -> None:
    host = Host()
    host.start()
    inserted_yen = 0
    for step in steps:
        if isinstance(step, bytes):
            host.say(step.hex())
        elif isinstance(step, float):
            host.wait(step)
        elif host.hand(step)["ok"] and step.startswith("insert"):
            inserted_yen += int(step.split()[1])
    piles = host.mechanism.piles
    assert piles.total_yen() == inserted_yen
    assert sum(piles.size(place) for place in (Place.TRANSPORT, Place.ESCROW, Place.STACKER)) <= 1
    assert piles.size(Place.MOUTH) <= 1
    host.hand("power on")
    host.wait(0.5)
    assert host.poll() != NOTHING
