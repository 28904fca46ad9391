"""A hand and an eye at the screen: touches real widgets with real touches, and photographs the real pixels.

Made for the scripted customer and for tests. A touch goes through Window like a finger's, so whatever lies over a button
catches it.
"""

from pathlib import Path

from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.input.motionevent import MotionEvent
from PIL import Image

from kiosk.screen.view import ScreenView
from kiosk.screenmodel import Intent


class Finger(MotionEvent):
    """One touch, placed in pixels of the window."""

    def __init__(self, number: int, x: float, y: float) -> None:
        super().__init__("hand", number, {"x": x, "y": y}, is_touch=True, type_id="touch")

    def depack(self, args: dict[str, float]) -> None:
        self.sx = args["x"] / max(1, Window.width)
        self.sy = args["y"] / max(1, Window.height)
        self.profile = ["pos"]
        super().depack(args)


class Hand:
    """Touches what a :class:`~kiosk.screen.view.ScreenView` shows."""

    def __init__(self, view: ScreenView) -> None:
        self._view = view
        self._touches = 0

    def tap(self, intent: Intent) -> bool:
        """Touch the middle of the widget that gives ``intent``. Returns False when the screen offers none to touch."""
        target = self._view.find(intent.touch, intent.value)
        if target is None:
            return False
        self.tap_at(target.center_x, target.center_y)
        return True

    def tap_at(self, x: float, y: float) -> None:
        """Touch a point of the window, in pixels from its lower left corner, and lift the finger again."""
        self._touches += 1
        finger = Finger(self._touches, x, y)
        EventLoop.post_dispatch_input("begin", finger)
        EventLoop.post_dispatch_input("end", finger)

    def pixels(self) -> Image.Image:
        """Draw the present picture and return what the window shows."""
        Window.dispatch("on_draw")
        width, height = Window.size
        data = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
        # OpenGL's first row is the lowest, and the window has no transparency: both are put right in one pass over 8 MB
        return Image.frombytes("RGB", (width, height), data, "raw", "RGBX", 0, -1)

    def shot(self, path: Path) -> None:
        """Write a PNG of the real pixels, making the folder if need be. Raises OSError when it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.pixels().save(path)
