"""The few small parts that move by themselves. Each is a row of poses and how long each is held.

Kivy draws the whole window again for any change, so few poses a second are what keeps an idle kiosk under 3 % of a core [M].
"""

from kivy.clock import Clock, ClockEvent
from kivy.graphics import Color, PopMatrix, PushMatrix, Rotate
from kivy.uix.widget import Widget

from kiosk.screen import pictures
from kiosk.screen.brush import Brush
from kiosk.screen.theme import BRAND, BRAND_TINT, DISPLAY, WHITE, Colour

_Box = tuple[float, float, float, float]


class Motion(Widget):
    """A part that shows pose after pose."""

    still_pose = 0
    """The pose for pictures that must always come out the same."""

    def __init__(self, still: bool) -> None:
        super().__init__(size_hint=(None, None))
        self._still = still
        self._pose = self.still_pose if still else 0
        self._event: ClockEvent | None = None
        self._brush: Brush | None = None
        self.box: _Box = (0, 0, 0, 0)
        self.colour: Colour = BRAND
        self.texts: tuple[tuple[str, str], ...] = ()

    def place(self, brush: Brush, box: _Box, colour: Colour, texts: tuple[tuple[str, str], ...]) -> None:
        """Take up a place in the picture, going on with the present pose."""
        self._brush = brush.on(self.canvas)
        if texts != self.texts:
            self._pose = self.still_pose if self._still else 0
        self.box, self.colour, self.texts = box, colour, texts
        self._show()

    def rest(self) -> None:
        """Stop and begin from the first pose next time."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        self._pose = self.still_pose if self._still else 0

    def _show(self, _: float = 0.0) -> None:
        assert self._brush is not None
        if self._event is not None:
            self._event.cancel()
        self.canvas.clear()
        held_s = self.pose(self._brush, self._pose)
        if not self._still:
            self._event = Clock.schedule_once(self.step, held_s)

    def step(self, _: float = 0.0) -> None:
        """Go on to the next pose; the clock does it when the present one has been held."""
        self._pose += 1
        self._show()

    def pose(self, brush: Brush, number: int) -> float:
        """Draw one pose and return how many seconds it is held."""
        raise NotImplementedError


class Spinner(Motion):
    """An open ring that turns: something is going on."""

    def pose(self, brush: Brush, number: int) -> float:
        x, y, side, _ = self.box
        left, bottom, width, height = brush.frame.box(x, y, side, side)
        with self.canvas:
            PushMatrix()
            Rotate(angle=-30 * (number % 12), origin=(left + width / 2, bottom + height / 2))
        brush.arc(x, y, side, side * 0.11, 1.0, (*self.colour[:3], 0.16))
        brush.arc(x, y, side, side * 0.11, 0.28, self.colour)
        with self.canvas:
            PopMatrix()
            Color(1, 1, 1, 1)
        return 0.12


class Greeting(Motion):
    """A welcome in one language after the other: four seconds each, with a short fade."""

    _FADE = (0.25, 0.6, 1.0)

    def pose(self, brush: Brush, number: int) -> float:
        x, y, w, h = self.box
        step = number % (len(self.texts) * len(self._FADE))
        tag, text = self.texts[step // len(self._FADE)]
        opacity = 1.0 if self._still or number < len(self._FADE) else self._FADE[step % len(self._FADE)]
        brush.text(text, x, y, w, h, size=96, bold=True, ink=(*WHITE[:3], opacity), leading=1.3, tag=tag)
        return 4.0 if opacity == 1.0 and step % len(self._FADE) == len(self._FADE) - 1 else 0.07


class NoteGoingIn(Motion):
    """A note that goes into the slot, again and again."""

    still_pose = 2

    def pose(self, brush: Brush, number: int) -> float:
        step = number % 8
        pictures.note_slot(brush, *self.box, inside=min(step, 6) / 6)
        return 1.1 if step == 0 else 0.8 if step == 7 else 0.09


class Beckon(Motion):
    """An arrow that bobs beside a lit slot: take what is there."""

    def pose(self, brush: Brush, number: int) -> float:
        x, y, side, _ = self.box
        brush.icon("arrow_down", x, y + (12 if number % 2 else 0), side, self.colour)
        return 0.55


class Countdown(Motion):
    """Seconds running out in a ring; the dialog begins at ``texts[0][1]`` and counts down by itself."""

    FULL_S = 20
    """Seconds for which the ring is whole."""

    def left_s(self) -> int:
        """Return the seconds that are left."""
        return max(0, int(self.texts[0][1]) - self._pose)

    def pose(self, brush: Brush, number: int) -> float:
        x, y, side, _ = self.box
        left_s = self.left_s()
        brush.arc(x, y, side, 22, 1.0, BRAND_TINT)
        brush.arc(x, y, side, 22, left_s / self.FULL_S, self.colour)
        brush.text(str(left_s), x, y, side, side, size=DISPLAY, bold=True, ink=self.colour, align="center", tag="en")
        return 1.0


MOTIONS: dict[str, type[Motion]] = {
    "spinner": Spinner,
    "greeting": Greeting,
    "note": NoteGoingIn,
    "beckon": Beckon,
    "countdown": Countdown,
}
"""Every kind by name."""
