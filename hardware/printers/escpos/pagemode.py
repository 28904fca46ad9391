"""Page mode: marks are placed in areas of a page, in four directions, and the page is printed at one stroke.

``ESC L`` begins it, ``ESC W`` sets the area, ``ESC T`` the direction, FF prints and leaves, ``ESC FF`` prints and stays, CAN
clears, ``ESC S`` leaves without printing [D]. [K]: a position is that of a line's upper edge; the page is as long as the area
that reaches furthest; what leaves its area on the far side is lost.
"""

from typing import Final

from hardware.printers.escpos.ink import Mark, Placed, PrintedLine, Turned

DEFAULT_ROWS: Final = 831
"""Length of the default area in dot rows: 117.3 mm of a TM-T88 at 180 dpi [K]."""
LONGEST_ROWS: Final = 4096
_MOST_MARKS: Final = 8192
"""A page holds no more; what a host sends beyond is lost."""


class PageMode:
    """One page being composed. Measures are dots and dot rows."""

    def __init__(self, paper_dots: int) -> None:
        self._paper_dots = paper_dots
        self.direction = 0
        """0 left to right, 1 bottom to top, 2 upside down, 3 top to bottom."""
        self._marks: list[Placed] = []
        self._used_rows = 0
        self.set_area(0, 0, paper_dots, DEFAULT_ROWS)

    def set_area(self, x: int, y: int, width: int, height: int) -> bool:
        """Obey ``ESC W``; False, and nothing changes, for an area of no size or beyond the paper."""
        if width < 1 or height < 1 or x >= self._paper_dots or y >= LONGEST_ROWS:
            return False
        self._x, self._y = x, y
        self._width, self._height = min(width, self._paper_dots - x), min(height, LONGEST_ROWS - y)
        self.cursor = 0.0
        self._used_rows = max(self._used_rows, self._y + self._height) if self._marks else self._y + self._height
        return True

    @property
    def line_dots(self) -> int:
        """Dots along a line of the present direction."""
        return self._width if self.direction in (0, 2) else self._height

    @property
    def depth(self) -> int:
        """Dot rows across the lines of the present direction."""
        return self._height if self.direction in (0, 2) else self._width

    def move_to(self, row: float) -> bool:
        """Set the place of the next line; beyond the area it is ignored."""
        if not 0 <= row <= self.depth:
            return False
        self.cursor = row
        return True

    def place(self, ink: PrintedLine | None, rows: float) -> None:
        """Put marks at the cursor and move it on."""
        top = int(self.cursor)
        for x, y, mark in ink.placed if ink is not None else ():
            if top + y + mark.height_dots <= self.depth and len(self._marks) < _MOST_MARKS:
                self._marks.append(self._placed(x, top + y, mark))
        self.cursor = min(self.cursor + rows, float(self.depth))

    def _placed(self, x: int, y: int, mark: Mark) -> Placed:
        width, height = mark.width_dots, mark.height_dots
        match self.direction:
            case 1:
                return Placed(self._x + y, self._y + self._height - x - width, Turned(mark, 90))
            case 2:
                return Placed(self._x + self._width - x - width, self._y + self._height - y - height, Turned(mark, 180))
            case 3:
                return Placed(self._x + self._width - y - height, self._y + x, Turned(mark, 270))
            case _:
                return Placed(self._x + x, self._y + y, mark)

    def clear(self) -> None:
        """Obey CAN: what stands in the present area is gone."""
        left, top, right, below = self._x, self._y, self._x + self._width, self._y + self._height
        self._marks = [mark for mark in self._marks if not (left <= mark.x < right and top <= mark.y < below)]
        self.cursor = 0.0

    def printed(self) -> tuple[PrintedLine, int]:
        """Return the page and its length."""
        return PrintedLine(tuple(self._marks)), self._used_rows
