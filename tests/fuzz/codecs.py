"""Every codec of the cash protocols behind one face: for the fuzzer, for its own tests, and for the benchmark.

What holds for each: whatever bytes come in whatever cut, nothing is raised; what a splitter keeps is bounded; and after any
garbage, one of two sound frames at the latest is read (a weak check can make one of garbage and frame together).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hardware.bills.ccnet import frames as ccnet
from hardware.bills.ccnet.tables import BillRow, Identification, decode_bill_table, encode_bill_table
from hardware.bills.ebds import frames as ebds
from hardware.bills.ebds.extended import NoteRecord, note_reply, read_extended_order, read_extended_reply, read_inhibits
from hardware.bills.ebds.standard import DeviceStatus, HostOrders, read_orders, read_status
from hardware.bills.id003 import frames as id003
from hardware.bills.id003 import recycler_frames
from hardware.bills.ssp import frames as ssp
from hardware.bills.ssp.crypto import AesLayer, aes_key
from hardware.bills.ssp.events import amounts_of, decode_events
from hardware.bills.ssp.messages import Counters, Setup, UnitData, decode_inhibits
from hardware.cctalk import frames as cctalk
from hardware.cctalk.events import EventReport
from hardware.cctalk.ids import CountryScaling, read_bill_id, read_coin_id

KEPT_AT_MOST = 2100
"""Bytes that any splitter here may keep of an unfinished frame: the longest CCNET frame, and room."""

Read = Callable[[bytes], Any]


@dataclass(frozen=True)
class CodecUnderTest:
    """One protocol's bytes."""

    new_splitter: Callable[[], Any]
    sound: Sequence[bytes]
    """Frames that the splitter must find."""
    readers: Sequence[Read] = ()
    """What reads the data inside a frame; a ValueError is a reader's way to say no."""
    by_silence: bool = False
    """Whether only silence brings the stream back into step."""

    def survive(self, data: bytes) -> None:
        """Feed ``data`` in the cuts that its own first bytes ask for, then two sound frames. Raises AssertionError."""
        splitter = self.new_splitter()
        cut = 1 + (data[0] & 7 if data else 0)
        for at in range(0, len(data), cut):
            for frame in splitter.feed(data[at : at + cut]):
                assert frame is not None
            assert splitter.pending <= KEPT_AT_MOST
        if self.by_silence:
            splitter.reset()
        found = [*splitter.feed(self.sound[0]), *splitter.feed(self.sound[0])]
        assert self.new_splitter().feed(self.sound[0])[0] in found
        for read in self.readers:
            try:
                read(data)
            except ValueError:
                pass


def _ssp_events(data: bytes) -> None:
    for version in (4, 6, 8):
        for event in decode_events(data, version).events:
            amounts_of(event, version)


def _id003_recycler(data: bytes) -> None:
    frame = id003.Frame(data[0] if data else 0, data[1:60])
    recycler_frames.decode_extension_status(frame)
    recycler_frames.decode_masks(frame)


def _ebds_extended(data: bytes) -> None:
    frame = ebds.Frame(ebds.Kind.EXTENDED, data[:100])
    read_extended_order(frame)
    reply = read_extended_reply(frame)
    if reply is not None and reply.record is not None:
        assert reply.record.amount is None or reply.record.amount >= 0
    read_orders(data)
    read_status(data)
    read_inhibits(data)


def _cctalk_events(data: bytes) -> None:
    report = EventReport.decode(data)
    if report is not None:
        report.since(data[0])


def _cctalk(mode: cctalk.Mode) -> CodecUnderTest:
    codec = cctalk.Codec(mode)
    sound = (codec.encode(cctalk.Frame(1, 0, bytes(11), 40)), codec.encode(cctalk.Frame(40, 159)))
    readers: tuple[Read, ...] = (_cctalk_events, read_coin_id, read_bill_id, CountryScaling.decode, codec.decode)
    return CodecUnderTest(partial(cctalk.Splitter, codec), sound, readers, by_silence=True)


_AES = AesLayer(aes_key(0x0123456701234567, 0x1122334455667788))
_YEN = [BillRow(1, "JPN", 3), BillRow(2, "JPN", 3)]
_RECORD = NoteRecord("JPY", "001", "+03")

CODECS: dict[str, CodecUnderTest] = {
    "id003": CodecUnderTest(
        id003.Splitter,
        (id003.Frame(id003.Status.IDLING).encode(), id003.Frame(id003.Status.ESCROW, b"\x61").encode()),
        (id003.decode_currency_table, _id003_recycler),
    ),
    "ccnet": CodecUnderTest(
        ccnet.Splitter,
        (
            ccnet.Frame(3, ccnet.PollCode.IDLING).encode(),
            ccnet.Frame(3, ccnet.PollCode.BILL_STACKED, b"\0").encode(),
            ccnet.Frame.answer(3, encode_bill_table(_YEN)).encode(),
        ),
        (decode_bill_table, Identification.decode),
    ),
    "ebds": CodecUnderTest(
        partial(ebds.Splitter, mask_parity=True),
        (
            DeviceStatus().frame(0).encode(),
            HostOrders().frame(1).encode(),
            note_reply(DeviceStatus(), 0, _RECORD).frame(0).encode(),
        ),
        (_ebds_extended,),
    ),
    "ssp": CodecUnderTest(
        ssp.Splitter,
        (ssp.Packet(b"\xf0", True).encode(), ssp.Packet(b"\xf0\xee\x01\xcc").encode()),
        (_ssp_events, Setup.decode, UnitData.decode, Counters.decode, decode_inhibits, _AES.open),
    ),
    "cctalk-sum8": _cctalk(cctalk.Mode.SUM8),
    "cctalk-crc16": _cctalk(cctalk.Mode.CRC16),
    "cctalk-bnv": _cctalk(cctalk.Mode.BNV),
}
