"""Sets characters into lines and lines onto the paper: styles, spacing, margins, wrapping at the right edge."""

from collections.abc import Callable
from typing import Final

from hardware.printers.escpos.account import Account
from hardware.printers.escpos.characters import CharacterModes, Span
from hardware.printers.escpos.codepages import INTERNATIONAL_SETS, PAGES
from hardware.printers.escpos.glyphs import Font
from hardware.printers.escpos.ink import Manner, Placed, PrintedLine, Style, TextRun, Turned, Words
from hardware.printers.escpos.linebuffer import Justify, LineBuffer
from hardware.printers.escpos.pagemode import PageMode
from hardware.printers.escpos.textstyles import TextStyles
from hardware.printers.escpos.userglyphs import Rom, UserGlyphs
from hardware.printers.mechanism import PrinterMechanism
from hardware.printers.paper import Feed

_LONGEST_FEED_INCHES: Final = 40
"""One command moves the paper a metre at most [K: Epson texts]; larger operands are cut to it."""
_LF: Final = 0x0A
_Action = Callable[[bytes, float], bool]


class Typesetter:
    """Owns the line buffer and every mode that shapes text."""

    def __init__(self, mechanism: PrinterMechanism, paper_dots: int, account: Account, rom: Rom) -> None:
        self._rom = rom
        self.glyphs = UserGlyphs()
        self._styles = TextStyles(self.dots_of)
        self._machine = mechanism
        self._account = account
        dpi = mechanism.geometry.dpi
        self._longest_rows = float(_LONGEST_FEED_INCHES * dpi)
        self._units_per_inch = (dpi, 2 * dpi)
        """Power-on motion units, along the line and along the paper: 1/180 and 1/360 inch [D: T88III], 1/203 and 1/406 [K]."""
        self._manner: Manner | None = None
        """How characters are set since the last command; None when a command came that may have changed it."""
        self._standard_line = LineBuffer(paper_dots)
        self.line = self._standard_line
        self.reset()

    def reset(self) -> None:
        """Empty the line and go back to power-on modes."""
        self._manner = None
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
        self._manner = None
        if self.page is not None:
            self.leave_page()
        self.line.clear()
        self.characters.forget()

    # --- what other parts print with ---

    def write(self, data: bytes, t: float) -> None:
        """Set text bytes, and print the line where an LF ends them."""
        ends = data[-1] == _LF
        words = self._words(data[:-1] if ends else data)
        if words is None:
            if not ends:
                self._set(self.characters.decode(data), t)
                return
            if len(data) > 1:
                self._set(self.characters.decode(data[:-1]), t)
            self.interrupt(t)
            self.print_line(t)
        elif ends and self.line.at_start:  # the usual line, whole and by itself
            height = words.height_dots
            ink = PrintedLine((Placed(self.line.indent(words.width_dots), 0, words),))
            self.feed(height if height > self._line_spacing else self._line_spacing, t, ink)
        else:
            self.line.place(words)
            if ends:
                self.print_line(t)

    def _words(self, data: bytes) -> Words | None:
        """Return ``data`` as one mark, or None where its characters have to be set one by one, or do not fit."""
        manner = self._manner or self._look()
        counted = self.characters.count(data) if self._usual and data else None
        if counted is None:
            return None
        narrow, wide = counted
        width = narrow * self._pitch_dots[0] + wide * self._pitch_dots[1]
        if self.line.cursor + width > self.line.width:
            return None
        height = self._height_dots[2 if narrow and wide else 1 if wide else 0]
        return Words(data, manner, width, height)

    def _look(self) -> Manner:
        """Find out how characters are set until the next command."""
        ank, kanji = self._styles.ank, self._styles.kanji
        special = self._quarter_turn or self.page is not None or self.line.upside_down or self.glyphs.any
        self._usual = not special
        self._pitch_dots = (ank.pitch_dots, kanji.pitch_dots)
        self._height_dots = (ank.height_dots, kanji.height_dots, max(ank.height_dots, kanji.height_dots))
        self._manner = manner = Manner(self.characters.reading, ank, kanji)
        return manner

    def interrupt(self, t: float) -> None:
        """A command came; half a character before it is no character."""
        self._manner = None
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
        exact = (rows if rows < self._longest_rows else self._longest_rows) + self._row_fraction
        whole = int(exact)
        self._row_fraction = exact - whole
        self._machine.add(Feed(whole, ink), t)

    def rows_of(self, units: int) -> float:
        """Return dot rows of ``units`` vertical motion units."""
        dpi = self._machine.geometry.dpi
        return min(units * dpi / self._per_inch_y, self._longest_rows)

    def begin_page(self) -> None:
        """Set lines on a page from now on."""
        self.page = PageMode(self._standard_line.paper_dots)
        self.fit_line()

    def fit_line(self) -> None:
        """Begin an empty line, as long as the page's area and direction make it."""
        assert self.page is not None
        self.line = LineBuffer(self.page.line_dots)

    def print_page(self, t: float) -> None:
        """Print the page."""
        assert self.page is not None
        ink, rows = self.page.printed()
        self._machine.add(Feed(rows, ink), t)

    def leave_page(self) -> None:
        """Set lines on paper again."""
        self.page = None
        self.line = self._standard_line

    def tab(self) -> None:
        """Move to the next tab stop, if there is one."""
        self.line.move_to(next((stop for stop in self._tabs if stop > self.line.cursor), self.line.cursor))

    def dots_of(self, units: int) -> int:
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
            b"\x1bV": self._turn, b"\x1b{": self._upside_down,
            b"\x1dL": self._left_margin, b"\x1dP": self._motion_units, b"\x1dW": self._area_width,
        }  # fmt: skip

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
        self.characters.choose(kanji_on=True)
        return True

    def _kanji_off(self, args: bytes, t: float) -> bool:
        self.characters.choose(kanji_on=False)
        return True

    def _code_system(self, args: bytes, t: float) -> bool:
        system = args[0] & 3 if args[0] in (0, 1, 2, 48, 49, 50) else None
        if system is None or (system == 2 and self._rom.kanji != "2004"):  # Shift_JIS-2004 is for newer ROMs
            return False
        self.characters.choose(code_system=system)
        return True

    def _character_encoding(self, args: bytes, t: float) -> bool:
        """Obey ``FS ( C``: one-byte codes or UTF-8, on models that know it."""
        if len(args) != 4 or args[2] != 0x30 or args[3] not in (1, 2, 49, 50) or not self._rom.utf_8:
            return False
        self.characters.choose(utf_8=args[3] in (2, 50))
        return True

    def _kanji_font(self, args: bytes, t: float) -> bool:
        """Obey ``FS ( A``: only font A, 24 x 24, is in this ROM."""
        return len(args) == 4 and args[2] == 0x30 and args[3] in (0, 48)

    def _international(self, args: bytes, t: float) -> bool:
        if args[0] >= INTERNATIONAL_SETS:
            return False
        self.characters.choose(international=args[0])
        return True

    def _page(self, args: bytes, t: float) -> bool:
        if args[0] not in PAGES:
            return False
        self.characters.choose(page=args[0])
        return True

    def _justify(self, args: bytes, t: float) -> bool:
        if args[0] not in (0, 1, 2, 48, 49, 50) or not self.line.at_start:
            return False
        self.line.justify = Justify(args[0] & 0x03)
        return True

    def _absolute(self, args: bytes, t: float) -> bool:
        return self.line.move_to(self.dots_of(int.from_bytes(args, "little")))

    def _relative(self, args: bytes, t: float) -> bool:
        return self.line.move_to(self.line.cursor + self.dots_of(int.from_bytes(args, "little", signed=True)))

    def _left_margin(self, args: bytes, t: float) -> bool:
        margin = self.dots_of(int.from_bytes(args, "little"))
        if not self.line.at_start or margin >= self.line.paper_dots:
            return False
        self.line.set_area(margin, self.line.area_width)
        return True

    def _area_width(self, args: bytes, t: float) -> bool:
        if not self.line.at_start:
            return False
        self.line.set_area(self.line.left_margin, self.dots_of(int.from_bytes(args, "little")))
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
