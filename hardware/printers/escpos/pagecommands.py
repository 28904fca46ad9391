"""The commands of page mode."""

from collections.abc import Callable

from hardware.printers.escpos.typesetter import Typesetter


class PageCommands:
    """Begins a page, places lines on it, prints it and leaves it. Outside page mode all but ``ESC L`` have no effect."""

    def __init__(self, setter: Typesetter) -> None:
        self._setter = setter

    def commands(self) -> dict[bytes, Callable[[bytes, float], bool]]:
        """Return what obeys each code; False from it means the operands were out of range or the place was wrong."""
        return {
            b"\x1bL": self._begin, b"\x1bS": self._to_standard, b"\x1bT": self._direction, b"\x1bW": self._area,
            b"\x1b\x0c": self._print, b"\x1d$": self._absolute_row, b"\x1d\\": self._relative_row,
        }  # fmt: skip

    def form_feed(self, t: float) -> bool:
        """Obey FF: print the page and leave page mode; without one it does nothing."""
        if not self._print(b"", t):
            return False
        self._setter.leave_page()
        return True

    def cancel(self) -> bool:
        """Obey CAN: clear the page's present area; nothing in standard mode."""
        if self._setter.page is None:
            return False
        self._setter.line.clear()
        self._setter.page.clear()
        return True

    def _begin(self, args: bytes, t: float) -> bool:
        if self._setter.page is not None or not self._setter.line.at_start:
            return False
        self._setter.begin_page()
        return True

    def _to_standard(self, args: bytes, t: float) -> bool:
        if self._setter.page is None:
            return False
        self._setter.leave_page()
        return True

    def _print(self, args: bytes, t: float) -> bool:
        if self._setter.page is None:
            return False
        self._end_line(t)
        self._setter.print_page(t)
        return True

    def _direction(self, args: bytes, t: float) -> bool:
        page = self._setter.page
        if page is None or args[0] not in (0, 1, 2, 3, 48, 49, 50, 51):
            return False
        self._end_line(t)
        page.direction = args[0] & 3
        page.cursor = 0.0
        self._setter.fit_line()
        return True

    def _area(self, args: bytes, t: float) -> bool:
        page, setter = self._setter.page, self._setter
        if page is None:
            return False
        self._end_line(t)
        x, y, width, height = (int.from_bytes(args[i : i + 2], "little") for i in (0, 2, 4, 6))
        top, rows = round(setter.rows_of(y)), round(setter.rows_of(height))
        if not page.set_area(setter.dots_of(x), top, setter.dots_of(width), rows):
            return False
        setter.fit_line()
        return True

    def _end_line(self, t: float) -> None:
        if not self._setter.line.at_start:
            self._setter.print_line(t)

    def _absolute_row(self, args: bytes, t: float) -> bool:
        page = self._setter.page
        return page is not None and page.move_to(self._setter.rows_of(int.from_bytes(args, "little")))

    def _relative_row(self, args: bytes, t: float) -> bool:
        page, units = self._setter.page, int.from_bytes(args, "little", signed=True)
        rows = self._setter.rows_of(abs(units))
        return page is not None and page.move_to(page.cursor + (rows if units > 0 else -rows))
