"""One model of an ESC/POS printer, as its emulator needs it: figures and switches from ``config/devices/*.toml``.

========== ===========================================================================================================
table      keys that are read here
========== ===========================================================================================================
serial     baud, data_bits, parity, stop_bits, flow (``none``, ``xonxoff``, ``dtrdsr``)
print      dots, dpi, speed_mm_s, cutter_gap_mm, process_id, row_13, ibm_extensions
buffer     bytes, busy (``full``, ``full_or_offline``: the DIP switch), full_at, released_at
paper      length_mm, near_end_mm
mechanics  cut_s, start_s, cutter
presenter  speed_mm_s, path_mm, step_mm, hold_s, then, can_retract; without the table there is none
rom        dialect (``epson``, ``custom``, ``clone``), kanji, utf_8, settings, counter, user_bytes
identity   maker, model, firmware, serial, kanji_font
========== ===========================================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hardware.configfile import ConfigFile
from hardware.models import DeviceModel
from hardware.printers.escpos.codepages import REPERTOIRES
from hardware.printers.escpos.flowcontrol import BUSY_RULES, KINDS, BusyRule, Kind
from hardware.printers.escpos.userglyphs import Rom
from hardware.printers.paper import Geometry
from hardware.printers.presenter import STEP_MM, PresenterFigures

Dialect = Literal["epson", "custom", "clone"]
DIALECTS: Final[tuple[Dialect, ...]] = ("epson", "custom", "clone")
"""``custom`` adds the words of kiosk printers; ``clone`` has no status, no identity: it prints and says nothing."""
_LARGE_BUFFER: Final = 4096
_FULL_AT: Final = 16
_RELEASED_AT: Final = 256
_RELEASED_SMALL_AT: Final = 26
"""Free bytes at which the printer is busy and ready again, with the large and the small buffer [D: T88III, DIP 2-5]."""
_MANUAL_CUTTER_MM: Final = 27.0
_MOST_USER_BYTES: Final = 1 << 18


@dataclass(frozen=True)
class Profile:
    """What a model file says."""

    geometry: Geometry
    dots: int
    roll_mm: float
    near_end_mm: float
    has_cutter: bool
    start_s: float
    bits_per_byte: int
    baud: int
    flow: Kind
    busy: BusyRule
    buffer_bytes: int
    full_at: int
    released_at: int
    presenter: PresenterFigures | None
    step_mm: float
    dialect: Dialect
    rom: Rom
    process_id: bool
    identity: Mapping[int, bytes]

    @property
    def custom(self) -> bool:
        """Whether it speaks the dialect of kiosk printers."""
        return self.dialect == "custom"

    @property
    def automatic_items(self) -> int:
        """What ``GS a`` is at power on: 2 with the DIP switch at "busy only when full", else 0 [D: TM-T88 technical manual]."""
        return 2 if self.busy == "full" else 0

    @classmethod
    def from_model(cls, model: DeviceModel) -> "Profile":
        """Read a model. Raises ConfigError naming what cannot be used."""
        file = ConfigFile(model.path, model.settings)
        printing, mechanics = file.table("print"), file.table("mechanics", optional=True)
        serial, paper, buffer = file.table("serial"), file.table("paper"), file.table("buffer")
        rom, presenter = file.table("rom", optional=True), file.table("presenter", optional=True)
        has_cutter = mechanics.flag("cutter", True)
        capacity = buffer.whole("bytes", _LARGE_BUFFER, low=45, high=1 << 20)
        released_at = _RELEASED_AT if capacity >= _LARGE_BUFFER else _RELEASED_SMALL_AT
        dialect = rom.choice("dialect", DIALECTS, "epson")
        return cls(
            geometry=Geometry(
                dpi=printing.whole("dpi", low=60, high=1200),
                speed_mm_s=printing.number("speed_mm_s", low=1.0),
                cutter_gap_mm=printing.number("cutter_gap_mm"),
                cut_s=mechanics.number("cut_s", 0.3),
                manual_cutter_mm=_MANUAL_CUTTER_MM if has_cutter else printing.number("cutter_gap_mm"),
            ),
            dots=printing.whole("dots", low=8, high=4096),
            roll_mm=paper.number("length_mm"),
            near_end_mm=paper.number("near_end_mm"),
            has_cutter=has_cutter,
            start_s=mechanics.number("start_s", 1.0),
            bits_per_byte=1 + serial.whole("data_bits", 8) + serial.whole("stop_bits", 1) + (serial.text("parity", "N") != "N"),
            baud=serial.whole("baud", low=300),
            flow=serial.choice("flow", KINDS, "none"),
            busy=buffer.choice("busy", BUSY_RULES, "full_or_offline"),
            buffer_bytes=capacity,
            full_at=buffer.whole("full_at", _FULL_AT, high=capacity - 2),
            released_at=buffer.whole("released_at", released_at, low=1, high=capacity),
            presenter=_presenter(presenter) if presenter.data else None,
            step_mm=presenter.number("step_mm", STEP_MM),
            dialect=dialect,
            rom=Rom(
                rom.choice("kanji", REPERTOIRES, _repertoire(printing)),
                utf_8=rom.flag("utf_8", False),
                settings=rom.flag("settings", False),
                counter=rom.flag("counter", False),
                user_bytes=rom.whole("user_bytes", 0, high=_MOST_USER_BYTES),
            ),
            process_id=printing.flag("process_id", False),
            identity=_identity(file.table("identity", optional=True), model.name, has_cutter) if dialect != "clone" else {},
        )


def _presenter(table: ConfigFile) -> PresenterFigures:
    return PresenterFigures(
        speed_mm_s=table.number("speed_mm_s", 200.0, low=1.0),
        path_mm=table.number("path_mm", 60.0),
        can_retract=table.flag("can_retract", True),
        hold_s=table.number("hold_s", 0.0),
        then=table.choice("then", _THEN, "retract"),
    )


_THEN: Final[tuple[Literal["retract", "eject"], ...]] = ("retract", "eject")


def _repertoire(printing: ConfigFile) -> str:
    """Return what the ROM holds by the flags that the driver reads, too."""
    if printing.flag("ibm_extensions", False):
        return "ibm"
    return "nec" if printing.flag("row_13", True) else "jis"


def _identity(table: ConfigFile, model_name: str, has_cutter: bool) -> Mapping[int, bytes]:
    """Return the answers to ``GS I``: three bytes, and blocks ``5F text 00`` of at most 15 characters [D]."""
    texts = {
        65: table.text("firmware", "1.00"), 66: table.text("maker", "EPSON"), 67: table.text("model", model_name),
        68: table.text("serial", "EMULATED1"), 69: table.text("kanji_font", "KANJI JAPANESE"),
    }  # fmt: skip
    blocks = {n: b"\x5f" + text.encode("ascii", "replace")[:15] + b"\x00" for n, text in texts.items()}
    kind = b"\x03" if has_cutter else b"\x01"  # two-byte characters, cutter fitted [D]
    return {1: b"\x20", 49: b"\x20", 2: kind, 50: kind, 3: b"\x01", 51: b"\x01", **blocks}
