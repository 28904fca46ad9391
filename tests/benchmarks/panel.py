"""The panel that every screen of a benchmark is drawn on: 1080 by 1920, no multisampling, as the kiosk's own."""

import logging

from kiosk.screen import environment

WIDTH, HEIGHT = 1080, 1920


def open_panel() -> None:
    """Prepare Kivy's environment for it; the window opens with the first import that wants one."""
    logging.getLogger("kivy").addHandler(logging.NullHandler())  # without any handler Kivy's log goes to stderr
    logging.getLogger("kivy").propagate = False
    environment.prepare(offscreen=True)
    environment.configure(WIDTH, HEIGHT, fullscreen=False, max_fps=0)
