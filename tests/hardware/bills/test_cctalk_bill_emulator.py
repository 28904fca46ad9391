"""The emulated ccTalk bill validator on the wire: the reference's bytes in, the reference's bytes out."""

import pytest

from hardware.bills.cctalk.emulator import CcTalkBillEmulator
from hardware.cctalk.frames import Frame
from hardware.cctalk.headers import Header
from hardware.errors import ConfigError
from hardware.models import DeviceModel
from tests.hardware.bills.cctalk_host import (
    ACK,
    BACK_S,
    BNV_MODEL,
    BOXED_S,
    BUSY,
    CRC16_MODEL,
    ESCROW_EMPTY,
    ESCROW_ON,
    EVENTS,
    EXTEND,
    FAILED,
    IN_ESCROW,
    MASTER_OFF,
    MASTER_ON,
    MODEL,
    NAK,
    NOTES_OFF,
    NOTES_ON,
    NOTHING,
    POLL,
    QUIET_S,
    RESET,
    RETURN,
    RETURNED,
    STACK,
    STACKED,
    TAKEN_S,
    TIMEOUT_S,
    Host,
)


@pytest.fixture
def host() -> Host:
    """A unit that accepts every note and holds it in escrow."""
    host = Host()
    host.enable()
    return host


def changed(model: DeviceModel, table: str, **keys: object) -> DeviceModel:
    settings = {**model.settings, table: {**model.settings[table], **keys}}
    return DeviceModel(model.name, model.device_class, model.protocol, "", "", settings, model.path)


# -- a note's way ------------------------------------------------------------------------------------------------------


def test_a_note_is_held_stacked_and_credited_when_it_is_in_the_box() -> None:
    host = Host()
    for request in (POLL, ESCROW_ON, NOTES_ON, MASTER_ON):
        assert host.say(request) == ACK
    assert host.say(EVENTS) == "01 0B 28 00 00 00 00 00 00 00 00 00 00 00 00 CC"
    host.to_escrow()
    assert host.say(EVENTS) == "01 0B 28 00 01 01 01 00 00 00 00 00 00 00 00 C9"
    assert host.say(STACK) == ACK
    host.wait(BOXED_S - 0.1)
    assert host.news() == [IN_ESCROW], "no credit before it is in the box"
    assert not host.mechanism.cashbox
    host.wait(0.1)
    assert host.say(EVENTS) == "01 0B 28 00 02 01 00 01 01 00 00 00 00 00 00 C7"
    assert host.mechanism.cashbox == {1000: 1}
    assert host.say(EVENTS) == "01 0B 28 00 02 01 00 01 01 00 00 00 00 00 00 C7", "the same for ever"


def test_in_crc16_mode_the_units_of_the_reference_speak_byte_for_byte() -> None:
    host = Host(changed(CRC16_MODEL, "cctalk", echo=False))
    assert host.say("28 00 B6 FE 21") == "01 00 30 00 37"
    assert host.say("28 02 5F E7 FF FF DF") == "01 00 30 00 37"
    host.enable()
    host.to_escrow()
    assert host.say("28 00 31 9F 5D") == "01 0B B1 00 01 01 01 00 00 00 00 00 00 00 00 E3"
    assert host.say("28 01 BC 9A 01 62") == "01 00 30 00 37"
    host.wait(BOXED_S)
    assert host.news() == [IN_ESCROW, STACKED]


def test_in_bnv_mode_the_frames_of_the_reference_do_the_same() -> None:
    host = Host(BNV_MODEL)
    host.enable()
    host.to_escrow()
    assert host.codec.decode(bytes.fromhex(host.say("28 00 CB D8 FF"))) is not None
    assert host.say("28 01 93 30 2F 8B") == host.codec.encode(host_ack()).hex(" ").upper()
    host.wait(BOXED_S)
    assert host.news() == [IN_ESCROW, STACKED]


def host_ack() -> Frame:
    return Frame(1, 0)


def test_returned_by_order_it_is_told_when_it_is_out(host: Host) -> None:
    host.to_escrow()
    assert host.say(RETURN) == ACK
    host.wait(BACK_S / 2)
    assert host.news() == [IN_ESCROW]
    host.wait(BACK_S)
    assert host.news() == [RETURNED]
    assert host.mechanism.at_customer == {1000: 1}


def test_undecided_it_goes_back_after_the_time_out_and_not_a_moment_earlier(host: Host) -> None:
    host.to_escrow()
    host.wait(TIMEOUT_S - 0.02)
    assert host.mechanism.phase.value == "escrow"
    host.wait(0.03)
    assert host.mechanism.phase.value == "returning"
    assert host.say(STACK) == ESCROW_EMPTY, "too late"
    host.wait(BACK_S)
    assert host.news() == [IN_ESCROW, RETURNED]


def test_extending_every_four_seconds_keeps_a_note_as_long_as_one_likes(host: Host) -> None:
    host.to_escrow()
    for _ in range(10):
        host.wait(4.0)
        assert host.say(EXTEND) == ACK
    assert host.say(STACK) == ACK
    host.wait(BOXED_S)
    assert host.news() == [IN_ESCROW, STACKED]


def test_routing_without_a_note_is_answered_escrow_empty(host: Host) -> None:
    for route in (STACK, RETURN, EXTEND):
        assert host.say(route) == ESCROW_EMPTY
    host.to_escrow()
    assert host.say(STACK) == ACK
    for route in (STACK, RETURN, EXTEND):
        assert host.say(route) == ESCROW_EMPTY, "on its way it is in escrow no more"
    assert host.say("28 01 01 9A 07 35") == NAK


@pytest.mark.parametrize("line", ["open", "jam", "jam stacker", "fail motor", "full"])
def test_routing_that_cannot_be_done_is_answered_failed(host: Host, line: str) -> None:
    host.to_escrow()
    host.hand(line)
    assert host.say(STACK) == FAILED
    assert not host.mechanism.cashbox


def test_with_escrow_off_a_good_note_is_stacked_at_once_and_told_once() -> None:
    host = Host()
    host.enable(mode=1)
    host.to_escrow(10_000)
    assert host.say(STACK) == ESCROW_EMPTY
    host.wait(BOXED_S)
    assert host.news() == [(4, 0)]
    assert host.mechanism.cashbox == {10_000: 1}


def test_with_escrow_off_and_the_box_taken_out_under_way_the_note_comes_back() -> None:
    host = Host()
    host.enable(mode=1)
    host.hand("insert 1000")
    host.wait(TAKEN_S / 2)
    host.hand("open")
    host.wait(TAKEN_S + BACK_S)
    assert host.news() == [(0, 11), RETURNED]
    assert host.mechanism.at_customer == {1000: 1}


def test_more_than_five_events_push_the_oldest_out_and_the_counter_shows_it() -> None:
    host = Host()
    host.enable(mode=1)
    for _ in range(7):
        host.to_escrow()
        host.wait(BOXED_S)
    report = host.report()
    assert (report.counter, list(report.pairs)) == (7, [STACKED] * 5)
    assert report.since(0) == ([STACKED] * 5, 2), "two credits are lost to this host"
    assert host.mechanism.cashbox == {1000: 7}


def test_the_counter_goes_from_255_to_1(host: Host) -> None:
    for _ in range(254):
        host.hand("event 3")
    assert host.report().counter == 254
    host.to_escrow()
    assert host.report().counter == 255
    host.say(STACK)
    host.wait(BOXED_S)
    report = host.report()
    assert report.counter == 1
    assert report.since(255) == ([STACKED], 0)


# -- settings and tables -----------------------------------------------------------------------------------------------


def test_at_power_up_nothing_is_accepted_and_a_mask_alone_opens_nothing() -> None:
    host = Host()
    assert host.ask(Header.REQUEST_INHIBIT_STATUS) == b"\0\0"
    assert host.ask(Header.REQUEST_MASTER_INHIBIT) == b"\0"
    assert host.ask(Header.REQUEST_BILL_OPERATING_MODE) == b"\x01"
    host.say(NOTES_ON)
    host.to_escrow()
    host.wait(BACK_S)
    assert host.news() == [(0, 0)], "by the master switch"


def test_a_one_in_the_mask_accepts_and_everything_reads_back(host: Host) -> None:
    assert host.ask(Header.MODIFY_INHIBIT_STATUS, b"\x08\x00") == b""
    assert host.ask(Header.REQUEST_INHIBIT_STATUS) == b"\x08\x00"
    assert host.ask(Header.REQUEST_MASTER_INHIBIT) == b"\x01"
    assert host.ask(Header.REQUEST_BILL_OPERATING_MODE) == b"\x03"
    host.to_escrow(1000)
    host.wait(BACK_S)
    assert host.news() == [(0, 4)]
    host.to_escrow(10_000)
    assert host.news() == [(4, 1)]


def test_a_mask_of_one_or_three_bytes_is_obeyed_as_far_as_it_goes() -> None:
    host = Host()
    assert host.ask(Header.MODIFY_INHIBIT_STATUS, b"\xff\xff\xff") == b"", "what a public host says to a JCM Taiko"
    assert host.ask(Header.REQUEST_INHIBIT_STATUS) == b"\xff\xff"
    assert host.ask(Header.MODIFY_INHIBIT_STATUS, b"\x03") == b""
    assert host.ask(Header.REQUEST_INHIBIT_STATUS) == b"\x03\xff", "the second byte was not spoken of"


def test_inhibiting_leaves_a_note_in_escrow_to_the_host(host: Host) -> None:
    host.to_escrow()
    assert host.say(NOTES_OFF) == ACK
    assert host.say(MASTER_OFF) == ACK
    assert host.say(STACK) == ACK
    host.wait(BOXED_S)
    assert host.news() == [IN_ESCROW, STACKED]


def test_a_note_switched_off_at_the_unit_is_refused_whatever_the_mask_says() -> None:
    notes = [dict(note) for note in MODEL.settings["notes"]]
    notes[1]["dip_inhibited"] = True
    settings = {**MODEL.settings, "notes": notes}
    host = Host(DeviceModel("", "bill", "cctalk-bill", "", "", settings, MODEL.path))
    host.enable()
    host.to_escrow(2000)
    host.wait(BACK_S)
    assert host.news() == [(0, 5)]


def test_the_table_names_the_notes_of_japan_and_their_scale(host: Host) -> None:
    ids = [host.ask(Header.REQUEST_BILL_ID, bytes((number,))) for number in range(1, 17)]
    assert ids == [b"JP0001A", b"JP0002A", b"JP0005A", b"JP0010A", *[b"......."] * 12]
    assert host.ask(Header.REQUEST_COUNTRY_SCALING, b"JP") == bytes.fromhex("E8 03 00")
    assert host.ask(Header.REQUEST_COUNTRY_SCALING, b"EU") == bytes(3)
    assert host.ask(Header.REQUEST_BILL_POSITION, b"JP") == b"\x0f\x00"
    assert host.ask(Header.REQUEST_BILL_POSITION, b"EU") == b"\x00\x00"
    assert host.ask(Header.REQUEST_CURRENCY_REVISION) == host.ask(Header.REQUEST_CURRENCY_REVISION, b"JP") == b"JPY1"
    assert host.say(host.spelled(Header.REQUEST_BILL_ID, b"\x00")) == NAK
    assert host.say(host.spelled(Header.REQUEST_BILL_ID, b"\x11")) == NAK
    assert host.say(host.spelled(Header.REQUEST_CURRENCY_REVISION, b"EU")) == NAK


def test_it_says_who_it_is(host: Host) -> None:
    assert host.ask(Header.REQUEST_MANUFACTURER_ID) == b"KBK"
    assert host.ask(Header.REQUEST_EQUIPMENT_CATEGORY) == b"Bill Validator"
    assert host.ask(Header.REQUEST_PRODUCT_CODE) == b"BV-JPY"
    assert host.ask(Header.REQUEST_SERIAL_NUMBER) == bytes.fromhex("06 05 04")
    assert host.ask(Header.REQUEST_SOFTWARE_REVISION) == b"BV100"
    assert host.ask(Header.REQUEST_BUILD_CODE) == b"JPY"
    assert host.ask(Header.REQUEST_POLLING_PRIORITY) == bytes((2, 20)), "200 ms"
    assert len(host.ask(Header.REQUEST_COMMS_REVISION) or b"") == 3


def test_a_stacker_cycle_is_acknowledged_when_there_is_a_stacker_at_rest(host: Host) -> None:
    cycle = host.spelled(Header.PERFORM_STACKER_CYCLE)
    assert host.say(cycle) == ACK
    host.to_escrow()
    host.say(STACK)
    assert host.say(cycle) == BUSY
    host.wait(BOXED_S)
    host.hand("open")
    assert host.say(cycle) == NAK


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("cctalk", "mode", "des"),
        ("cctalk", "code", "12345"),
        ("cctalk", "address", 1),
        ("cctalk", "adress", 40),
        ("bill", "power_up_mode", 4),
        ("identity", "serial", 2**24),
        ("identity", "product", "é"),
    ],
)
def test_a_model_that_cannot_be_is_refused_by_name(table: str, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"{table}\.{key}"):
        CcTalkBillEmulator(changed(BNV_MODEL, table, **{key: value}))


@pytest.mark.parametrize(
    "note", [{"position": 1, "id": "JP001A"}, {"position": 17, "id": "JP0001A"}, {"position": 1, "id": "EU0005A"}]
)
def test_a_note_that_cannot_be_is_refused_by_name(note: dict[str, object]) -> None:
    settings = {**MODEL.settings, "notes": [note]}
    with pytest.raises(ConfigError, match=r"notes\[0\]"):
        CcTalkBillEmulator(DeviceModel("", "bill", "cctalk-bill", "", "", settings, MODEL.path))


# -- restart -----------------------------------------------------------------------------------------------------------


def test_a_reset_is_acknowledged_and_then_the_unit_is_quiet_and_has_forgotten_all(host: Host) -> None:
    host.hand("event 3")
    assert host.say(RESET) == ACK
    assert host.say(POLL) == NOTHING
    host.wait(QUIET_S - 0.1)
    assert host.say(POLL) == NOTHING
    host.wait(0.1)
    assert host.say(POLL) == ACK
    assert host.report().counter == 0
    assert host.ask(Header.REQUEST_INHIBIT_STATUS) == b"\0\0"
    assert host.ask(Header.REQUEST_MASTER_INHIBIT) == b"\0"


def test_some_units_answer_for_four_seconds_after_the_reset_and_then_go_quiet() -> None:
    host = Host(changed(CRC16_MODEL, "cctalk", echo=False))
    host.enable()
    host.hand("event 3")
    assert host.ask(Header.RESET_DEVICE) == b""
    host.wait(3.8)
    assert host.report().counter == 1, "still the old life"
    assert "not ready" in host.hand("insert 1000")["note"]
    host.wait(0.4)
    assert host.ask(Header.SIMPLE_POLL) is None
    host.wait(1.0)
    assert host.report().counter == 0


def test_a_reset_gives_the_note_in_escrow_back_and_tells_it_as_the_first_event(host: Host) -> None:
    host.to_escrow()
    host.say(RESET)
    host.wait(QUIET_S + BACK_S + 0.1)
    report = host.report()
    assert (report.counter, report.pairs[0]) == (1, RETURNED)
    assert host.mechanism.at_customer == {1000: 1}


def test_a_note_on_its_way_into_the_box_at_a_reset_is_never_credited(host: Host) -> None:
    host.to_escrow()
    host.say(STACK)
    host.say(RESET)
    host.wait(QUIET_S + BOXED_S)
    assert host.report().counter == 0
    assert host.mechanism.cashbox == {1000: 1}
