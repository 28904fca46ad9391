"""What can be touched: a box that knows its intent."""

from collections.abc import Callable

from kivy.graphics import BorderImage, Color
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.screen import masks
from kiosk.screen.theme import INK
from kiosk.screenmodel import Intent

Box = tuple[int, int, int, int]
"""Left, bottom, width, height in pixels."""

_SLOP = 0.25
"""How far, as a share of its smaller side, a finger may roll off a target and still have meant it."""


class Target(Widget):
    """A place to touch. It answers when the finger is lifted from it, and shows meanwhile that it was felt."""

    def __init__(self, on_touched: Callable[[Intent], None]) -> None:
        super().__init__(size_hint=(None, None))
        self._on_touched = on_touched
        self.intent: Intent | None = None
        """None while the picture has no use for this one."""
        self.enabled = False
        self._radius = 1
        self._box: Box = (0, 0, 0, 0)
        self._held: MotionEvent | None = None

    def place(self, intent: Intent, box: Box, enabled: bool, radius: int) -> None:
        """Take up a place in the picture. A finger that is down on it stays down only if nothing changed under it."""
        if (intent, enabled, box) != (self.intent, self.enabled, self._box):
            self.release()
        self.intent, self.enabled, self._radius, self._box = intent, enabled, radius, box
        self.pos, self.size = box[:2], box[2:]

    def retire(self) -> None:
        """Leave the picture."""
        self.release()
        self.intent, self.enabled = None, False

    def release(self) -> None:
        """Forget the finger."""
        if self._held is not None:
            self._held.ungrab(self)
            self._held = None
        self.canvas.clear()

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if self.intent is None or not self.collide_point(*touch.pos):
            return False
        if self.enabled and self._held is None:
            touch.grab(self)
            self._held = touch
            edge = self._radius
            with self.canvas:
                Color(*INK[:3], 0.16)
                BorderImage(texture=masks.rounded(edge), border=(edge,) * 4, pos=self.pos, size=self.size)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        if touch.grab_current is not self or self._held is not touch:
            return False
        self.release()
        slop = min(self.size) * _SLOP
        inside = self.x - slop <= touch.x <= self.right + slop and self.y - slop <= touch.y <= self.top + slop
        if inside and self.intent is not None:
            self._on_touched(self.intent)
        return True
