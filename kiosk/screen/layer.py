"""A sheet that pictures are drawn on: its targets and moving parts are made once and used again for every picture."""

from collections.abc import Callable

from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.screen.brush import Brush
from kiosk.screen.motion import MOTIONS, Motion
from kiosk.screen.target import Box, Target
from kiosk.screen.theme import Colour
from kiosk.screenmodel import Intent


class Layer(Widget):
    """One sheet; ``blocks`` says whether touches beside its targets end here (a dialog) or fall through."""

    def __init__(self, on_touched: Callable[[Intent], None], *, blocks: bool, still: bool) -> None:
        super().__init__()
        self._on_touched = on_touched
        self._blocks = blocks
        self._still = still
        self._targets: list[Target] = []
        self._placed = 0
        self._motions: dict[str, Motion] = {}
        self._moving: set[str] = set()

    def begin(self) -> None:
        """Wipe the sheet for a new picture."""
        self.canvas.before.clear()
        self._placed = 0
        self._moving = set()

    def place_target(self, intent: Intent, box: Box, enabled: bool, radius: int) -> None:
        """Give a place in the picture to a target; later ones lie above earlier ones."""
        if self._placed == len(self._targets):
            self._targets.append(Target(self._on_touched))
            self.add_widget(self._targets[-1])
        self._targets[self._placed].place(intent, box, enabled, radius)
        self._placed += 1

    def place_motion(
        self,
        kind: str,
        brush: Brush,
        box: tuple[float, float, float, float],
        colour: Colour,
        texts: tuple[tuple[str, str], ...],
    ) -> None:
        """Give a place to the moving part of this kind; a picture has at most one of each. Raises KeyError for no kind."""
        if kind not in self._motions:
            self._motions[kind] = MOTIONS[kind](self._still)
        motion = self._motions[kind]
        if motion.parent is None:
            self.add_widget(motion, index=len(self.children))
        motion.place(brush, box, colour, texts)
        self._moving.add(kind)

    def end(self) -> None:
        """Retire what the new picture did not use."""
        for target in self._targets[self._placed :]:
            target.retire()
        for kind, motion in self._motions.items():
            if kind not in self._moving and motion.parent is not None:
                motion.rest()
                self.remove_widget(motion)

    def find(self, intent: Intent) -> Target | None:
        """Return the enabled target that gives ``intent``, the topmost if several."""
        for target in reversed(self._targets[: self._placed]):
            if target.intent == intent and target.enabled:
                return target
        return None

    def intents(self) -> list[tuple[Intent, bool]]:
        """Return what the picture offers, and whether each is enabled."""
        return [(t.intent, t.enabled) for t in self._targets[: self._placed] if t.intent is not None]

    def on_touch_down(self, touch: MotionEvent) -> bool:
        return bool(super().on_touch_down(touch)) or (self._blocks and self._placed > 0)
