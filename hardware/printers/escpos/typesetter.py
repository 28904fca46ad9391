"""Sets characters into lines and lines onto the paper: styles, spacing, margins, wrapping at the right edge."""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.characters import CharacterModes, Span
from hardware.printers.escpos.codepages import INTERNATIONAL_SETS, PAGES
from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.ink import PrintedLine, Style, TextRun, Turned
from hardware.printers.escpos.linebuffer import Justify, LineBuffer
from hardware.printers.escpos.pagemode import PageMode
from hardware.printers.escpos.textstyles import TextStyles
from hardware.printers.escpos.userglyphs import Rom, UserGlyphs
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Feed

_LONGEST_FEED_INCHES: Final = 40
"""One command moves the paper a metre at most [K: Epson texts]; larger operands are cut to it."""
_Action = Callable[[bytes, float], bool]


class Typesetter:
    """Owns the line buffer and every mode that shapes text."""

    def __init__(self, mechanism: PrinterMechanism, paper_dots: int, account: Account, rom: Rom) -> None:
        self._rom = rom
        self.glyphs = UserGlyphs()
        self._styles = TextStyles(self._dots_of)
        self._machine = mechanism
        self._account = account
        dpi = mechanism.geometry.dpi
        self._units_per_inch = (dpi, 2 * dpi)
        """Power-on motion units, along the line and along the paper: 1/180 and 1/360 inch [D: T88III], 1/203 and 1/406 [K]."""
        self._standard_line = LineBuffer(paper_dots)
        self.line = self._standard_line
        self.reset()

    def reset(self) -> None:
        """Empty the line and go back to power-on modes."""
        self.glyphs.reset()
        self.characters = CharacterModes(self._account, repertoire=self._rom.kanji, user_pairs=self.glyphs.pairs)
        self.page: PageMode | None = None
        self.line = self._standard_line
        self.line.reset()
        self._quarter_turn = False
        self._styles.reset()
        self._per_inch_x, self._per_inch_y = self._units_per_inch
        self._line_spacing = self._machine.geometry.dpi / 6
        self._row_fraction = 0.0
        self._tabs = [8 * Font.A.width_dots * i for i in range(1, 33)]

    def clear(self) -> None:
        """Empty the line, keep the modes."""
        if self.page is not None:
            self._leave_page()
        self.line.clear()
        self.characters.forget()

    # --- what other parts print with ---

    def write(self, data: bytes, t: float) -> None:
        """Set text bytes."""
        self._set(self.characters.decode(data), t)

    def interrupt(self, t: float) -> None:
        """A command came; half a character before it is no character."""
        if spans := self.characters.interrupt():
            self._set(spans, t)

    def print_line(self, t: float, feed_rows: float | None = None) -> None:
        """Print the line buffer and feed ``feed_rows`` in all (default: the line spacing), or the line's height if more."""
        rows = self._line_spacing if feed_rows is None else feed_rows
        height = self.line.height
        ink = self.line.take()
        self.feed(max(rows, height), t, ink)

    def print_ink(self, ink: PrintedLine, rows: int, t: float) -> None:
        """Print a picture of ``rows`` dot rows."""
        if self.page is not None:
            self.page.place(ink, rows)
            return
        self._machine.add(Feed(rows, ink), t)

    def feed(self, rows: float, t: float, ink: PrintedLine | None = None) -> None:
        """Feed; a half dot row is carried over to the next feed."""
        if self.page is not None:
            self.page.place(ink, rows)
            return
        exact = min(rows, _LONGEST_FEED_INCHES * self._machine.geometry.dpi) + self._row_fraction
        self._row_fraction = exact - int(exact)
        self._machine.add(Feed(int(exact), ink), t)

    def rows_of(self, units: int) -> float:
        """Return dot rows of ``units`` vertical motion units."""
        dpi = self._machine.geometry.dpi
        return min(units * dpi / self._per_inch_y, float(_LONGEST_FEED_INCHES * dpi))

    def tab(self) -> None:
        """Move to the next tab stop, if there is one."""
        self.line.move_to(next((stop for stop in self._tabs if stop > self.line.cursor), self.line.cursor))

    def _dots_of(self, units: int) -> int:
        return round(units * self._machine.geometry.dpi / self._per_inch_x)

    def _set(self, spans: tuple[Span, ...], t: float) -> None:
        line, ank, kanji = self.line, self._styles.ank, self._styles.kanji
        special = self._quarter_turn or self.glyphs.any
        for span in spans:
            text, data, encoding, wide = span
            style = kanji if wide else ank
            if special:
                self._set_specially(span, style, t)
            elif line.cursor + style.pitch_dots * len(text) <= line.width:
                line.place(TextRun(text, data, encoding, style))
            else:
                self._wrap(span, style, t)

    def _set_specially(self, span: Span, style: Style, t: float) -> None:
        if self.glyphs.concern(span):
            self._set_own(span, style, t)
        elif self._quarter_turn:
            self._set_turned(span, style, t)
        elif self.line.cursor + style.pitch_dots * len(span.text) <= self.line.width:
            self.line.place(TextRun(span.text, span.data, span.encoding, style))
        else:
            self._wrap(span, style, t)

    def _set_own(self, span: Span, style: Style, t: float) -> None:
        """Set a span with glyphs of the host's in it, character by character."""
        for char, data, mark in self.glyphs.split(span, style):
            width = style.pitch_dots if mark is None else mark.width_dots
            if self.line.cursor + width > self.line.width and not self.line.at_start:
                self.print_line(t)
            self.line.place(mark or TextRun(char, data, span.encoding, style))

    def _set_turned(self, span: Span, style: Style, t: float) -> None:
        """Set characters turned clockwise, each by itself."""
        size = len(span.data) // max(len(span.text), 1)
        for i, char in enumerate(span.text):
            mark = Turned(TextRun(char, span.data[i * size : (i + 1) * size], span.encoding, style), 270)
            if self.line.cursor + mark.width_dots > self.line.width and not self.line.at_start:
                self.print_line(t)
            self.line.place(mark)

    def _wrap(self, span: Span, style: Style, t: float) -> None:
        """Fill the line, print it as LF would and go on in the next: what the printer does at the right edge."""
        line, count = self.line, len(span.text)
        char_bytes = len(span.data) // count
        room = (line.width - line.cursor) // style.pitch_dots
        at = 0
        while at < count:
            if room < 1 and not line.at_start:
                self.print_line(t)
                room = line.width // style.pitch_dots
                continue
            end = at + max(room, 1)  # an area narrower than one character holds one all the same [K]
            line.place(TextRun(span.text[at:end], span.data[at * char_bytes : end * char_bytes], span.encoding, style))
            at, room = end, 0

    # --- commands ---

    def commands(self) -> dict[bytes, _Action]:
        """Return what obeys each code; False from it means the operands were out of range or the place was wrong."""
        return {
            b"\x1b$": self._absolute,
            b"\x1b2": self._default_line_spacing, b"\x1b3": self._set_line_spacing, b"\x1bD": self._set_tabs,
            b"\x1bJ": self._print_and_feed,
            b"\x1bR": self._international, b"\x1b\\": self._relative, b"\x1ba": self._justify,
            b"\x1bd": self._print_and_feed_lines, b"\x1bt": self._page, b"\x1c&": self._kanji_on,
            b"\x1c.": self._kanji_off, b"\x1cC": self._code_system,
            b"\x1c(C": self._character_encoding, b"\x1c(A": self._kanji_font, **self.glyphs.commands(),
            **self._styles.commands(),
            b"\x1bL": self._enter_page, b"\x1bS": self._to_standard, b"\x1bT": self._direction, b"\x1bW": self._page_area,
            b"\x1b\x0c": self._print_page, b"\x1d$": self._absolute_row, b"\x1d\\": self._relative_row,
            b"\x1bV": self._turn, b"\x1b{": self._upside_down,
            b"\x1dL": self._left_margin, b"\x1dP": self._motion_units, b"\x1dW": self._area_width,
        }  # fmt: skip

    # page mode

    def _enter_page(self, args: bytes, t: float) -> bool:
        if self.page is not None or not self.line.at_start:
            return False
        self.page = PageMode(self._standard_line.paper_dots)
        self._fit_line()
        return True

    def _fit_line(self) -> None:
        assert self.page is not None
        self.line = LineBuffer(self.page.line_dots)

    def _leave_page(self) -> None:
        self.page = None
        self.line = self._standard_line

    def _to_standard(self, args: bytes, t: float) -> bool:
        if self.page is None:
            return False
        self._leave_page()
        return True

    def form_feed(self, t: float) -> bool:
        """Obey FF: print the page and leave page mode; without one it does nothing."""
        if not self._print_page(b"", t):
            return False
        self._leave_page()
        return True

    def cancel(self) -> bool:
        """Obey CAN: clear the page's present area; nothing in standard mode."""
        if self.page is None:
            return False
        self.line.clear()
        self.page.clear()
        return True

    def _print_page(self, args: bytes, t: float) -> bool:
        if self.page is None:
            return False
        if not self.line.at_start:
            self.print_line(t)
        ink, rows = self.page.printed()
        self._machine.add(Feed(rows, ink), t)
        return True

    def _direction(self, args: bytes, t: float) -> bool:
        if self.page is None or args[0] not in (0, 1, 2, 3, 48, 49, 50, 51):
            return False
        if not self.line.at_start:
            self.print_line(t)
        self.page.direction = args[0] & 3
        self.page.cursor = 0.0
        self._fit_line()
        return True

    def _page_area(self, args: bytes, t: float) -> bool:
        if self.page is None:
            return False
        if not self.line.at_start:
            self.print_line(t)
        x, y, width, height = (int.from_bytes(args[i : i + 2], "little") for i in (0, 2, 4, 6))
        top, rows = round(self.rows_of(y)), round(self.rows_of(height))
        if not self.page.set_area(self._dots_of(x), top, self._dots_of(width), rows):
            return False
        self._fit_line()
        return True

    def _absolute_row(self, args: bytes, t: float) -> bool:
        return self.page is not None and self.page.move_to(self.rows_of(int.from_bytes(args, "little")))

    def _relative_row(self, args: bytes, t: float) -> bool:
        units = int.from_bytes(args, "little", signed=True)
        rows = self.rows_of(abs(units))
        return self.page is not None and self.page.move_to(self.page.cursor + (rows if units > 0 else -rows))

    def _turn(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 48, 49) or self.page is not None:
            return False
        self._quarter_turn = bool(args[0] & 1)
        return True

    def _upside_down(self, args: bytes, t: float) -> bool:
        if not self.line.at_start or self.page is not None:
            return False
        self.line.upside_down = bool(args[0] & 1)
        return True

    # characters and lines

    def _kanji_on(self, args: bytes, t: float) -> bool:
        self.characters.kanji_on = True
        return True

    def _kanji_off(self, args: bytes, t: float) -> bool:
        self.characters.kanji_on = False
        return True

    def _code_system(self, args: bytes, t: float) -> bool:
        system = args[0] & 3 if args[0] in (0, 1, 2, 48, 49, 50) else None
        if system is None or (system == 2 and self._rom.kanji != "2004"):  # Shift_JIS-2004 is for newer ROMs
            return False
        self.characters.code_system = system
        return True

    def _character_encoding(self, args: bytes, t: float) -> bool:
        """Obey ``FS ( C``: one-byte codes or UTF-8, on models that know it."""
        if len(args) != 4 or args[2] != 0x30 or args[3] not in (1, 2, 49, 50) or not self._rom.utf_8:
            return False
        self.characters.utf_8 = args[3] in (2, 50)
        return True

    def _kanji_font(self, args: bytes, t: float) -> bool:
        """Obey ``FS ( A``: only font A, 24 x 24, is in this ROM."""
        return len(args) == 4 and args[2] == 0x30 and args[3] in (0, 48)

    def _international(self, args: bytes, t: float) -> bool:
        if args[0] >= INTERNATIONAL_SETS:
            return False
        self.characters.international = args[0]
        return True

    def _page(self, args: bytes, t: float) -> bool:
        if args[0] not in PAGES:
            return False
        self.characters.page = args[0]
        return True

    def _justify(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 48, 49, 50) or not self.line.at_start:
            return False
        self.line.justify = Justify(args[0] & 0x03)
        return True

    def _absolute(self, args: bytes, t: float) -> bool:
        return self.line.move_to(self._dots_of(int.from_bytes(args, "little")))

    def _relative(self, args: bytes, t: float) -> bool:
        return self.line.move_to(self.line.cursor + self._dots_of(int.from_bytes(args, "little", signed=True)))

    def _left_margin(self, args: bytes, t: float) -> bool:
        margin = self._dots_of(int.from_bytes(args, "little"))
        if not self.line.at_start or margin >= self.line.paper_dots:
            return False
        self.line.set_area(margin, self.line.area_width)
        return True

    def _area_width(self, args: bytes, t: float) -> bool:
        if not self.line.at_start:
            return False
        self.line.set_area(self.line.left_margin, self._dots_of(int.from_bytes(args, "little")))
        return True

    def _motion_units(self, args: bytes, t: float) -> bool:
        self._per_inch_x = args[0] or self._units_per_inch[0]
        self._per_inch_y = args[1] or self._units_per_inch[1]
        return True

    def _default_line_spacing(self, args: bytes, t: float) -> bool:
        self._line_spacing = self._machine.geometry.dpi / 6
        return True

    def _set_line_spacing(self, args: bytes, t: float) -> bool:
        self._line_spacing = self.rows_of(args[0])
        return True

    def _set_tabs(self, args: bytes, t: float) -> bool:
        columns = args.rstrip(b"\0")
        pitch = self._styles.ank.font.width_dots + self._styles.ank.right_space
        self._tabs = []
        for column in columns[:32]:
            stop = column * pitch
            if self._tabs and stop <= self._tabs[-1]:
                break  # stops ascend; the first that does not ends the list
            self._tabs.append(stop)
        return True

    def _print_and_feed(self, args: bytes, t: float) -> bool:
        self.print_line(t, self.rows_of(args[0]))
        return True

    def _print_and_feed_lines(self, args: bytes, t: float) -> bool:
        self.print_line(t, args[0] * self._line_spacing)
        return True
