"""Touches in a measured process: a real MotionEvent, and the time until the frame that answers it is finished.

Frames queue without a display, so a frame counts as finished only when a pixel of it has been read back [M].
"""

import json
from time import perf_counter

from kivy.base import EventLoop
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

from kiosk.screen.hand import Finger

_WARM = 10


def _finish_frame() -> None:
    EventLoop.idle()
    glReadPixels(0, 0, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE)


def touch_ms(places: list[tuple[float, float]]) -> list[float]:
    """Touch one place after the other and return what each took, the first ones left out, in milliseconds."""
    took_ms = []
    for number, (x, y) in enumerate(places):
        _finish_frame()
        began_s = perf_counter()
        finger = Finger(number, x, y)
        EventLoop.post_dispatch_input("begin", finger)
        EventLoop.post_dispatch_input("end", finger)
        _finish_frame()
        took_ms.append((perf_counter() - began_s) * 1000)
    return took_ms[_WARM:]


def report(took_ms: list[float]) -> None:
    """Hand the figures to the process that asked for them."""
    print(json.dumps(took_ms))
