"""Draws one picture into a layer, with what can be touched and what moves.

A picture is drawn anew for each model and holds no binding to anything: that is why a thousand customers leave no trace in
memory, where screens rebuilt from bound widgets grew by 6 MB a session [M].
"""

from kiosk.screen.brush import Brush, Frame
from kiosk.screen.layer import Layer
from kiosk.screen.theme import BRAND, RADIUS, Colour
from kiosk.screen.typesetter import Typesetter
from kiosk.screen.words import Words
from kiosk.screenmodel import Intent


class Painter(Brush):
    """A brush for a whole layer; made for one picture and thrown away."""

    def __init__(self, layer: Layer, frame: Frame, typesetter: Typesetter, words: Words) -> None:
        super().__init__(layer.canvas.before, frame, typesetter, words)
        self._layer = layer
        layer.begin()

    def target(
        self, intent: Intent, x: float, y: float, w: float, h: float, *, enabled: bool = True, radius: float = RADIUS
    ) -> None:
        """Make a box touchable; a disabled one is there but gives nothing."""
        self._layer.place_target(intent, self.frame.box(x, y, w, h), enabled, self._radius(radius, w, h))

    def moving(
        self, kind: str, x: float, y: float, w: float, h: float, colour: Colour = BRAND, texts: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Put a part that moves by itself (see :mod:`kiosk.screen.motion`) into a box; ``texts`` are pairs (tag, text)."""
        self._layer.place_motion(kind, self, (x, y, w, h), colour, texts)

    def finish(self) -> None:
        """End the picture: targets and moving parts of the last one that this one lacks go away."""
        self._layer.end()
