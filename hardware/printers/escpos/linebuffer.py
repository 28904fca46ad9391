"""The print buffer: one line being composed, its margins and its justification."""

from enum import Enum

from hardware.printers.escpos.ink import Mark, Placed, PrintedLine, Turned


class Justify(Enum):
    """``ESC a``."""

    LEFT = 0
    CENTER = 1
    RIGHT = 2


class LineBuffer:
    """Marks in a row, from the left margin on. All measures are dots."""

    def __init__(self, paper_dots: int) -> None:
        self.paper_dots = paper_dots
        self.reset()

    def reset(self) -> None:
        """Go back to power-on margins and an empty line."""
        self.justify = Justify.LEFT
        self.upside_down = False
        self.set_area(0, self.paper_dots)

    def set_area(self, left_margin: int, area_width: int) -> None:
        """Set the printing area, on an empty line; what reaches beyond the paper is clipped."""
        self.left_margin, self.area_width = left_margin, area_width
        self.width = max(0, min(area_width, self.paper_dots - left_margin))
        """Dots between the left margin and the right edge of the printing area."""
        self.clear()

    def clear(self) -> None:
        """Throw the line away."""
        self._marks: list[tuple[int, int, Mark]] = []
        """Each with its place and its height."""
        self.cursor = self._width = 0
        self.height = 0
        """Dot rows of the tallest mark."""

    @property
    def at_start(self) -> bool:
        """Whether nothing stands on the line yet; commands "only at the beginning of a line" obey only then."""
        return not self._marks and self.cursor == 0

    def place(self, mark: Mark) -> None:
        """Put a mark at the cursor and move on."""
        height = mark.height_dots
        self._marks.append((self.cursor, height, mark))
        self.cursor += mark.width_dots
        if height > self.height:
            self.height = height
        if self.cursor > self._width:
            self._width = self.cursor

    def move_to(self, x: int) -> bool:
        """Set the cursor; beyond the area the move is ignored and False returned."""
        if not 0 <= x <= self.width:
            return False
        self.cursor = x
        return True

    def indent(self, width_dots: int) -> int:
        """Return where something ``width_dots`` wide begins on the paper under the present justification."""
        if self.justify is Justify.LEFT:
            return self.left_margin
        free = max(0, self.width - width_dots)
        return self.left_margin + (free // 2 if self.justify is Justify.CENTER else free)

    def _turned(self, placed: tuple[Placed, ...]) -> tuple[Placed, ...]:
        """Turn the line by half a turn about the middle of the printing area."""
        both = 2 * self.left_margin + self.width
        return tuple(Placed(both - x - mark.width_dots, 0, Turned(mark, 180)) for x, _, mark in reversed(placed))

    def take(self) -> PrintedLine | None:
        """Empty the line and return its ink, or None when there was none. Marks of one line stand on one base."""
        ink = None
        if self._marks:
            height, shift = self.height, self.indent(self._width)
            placed = tuple([Placed(shift + x, height - tall, mark) for x, tall, mark in self._marks])
            ink = PrintedLine(self._turned(placed) if self.upside_down else placed)
        self.clear()
        return ink
