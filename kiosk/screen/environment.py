"""What must be decided before Kivy is imported: Kivy and SDL read their environment once, at import.

Sources: all of it measured with Kivy 2.3.1 and its bundled SDL 2.30.7 [M].
"""

import os
from collections.abc import Iterable, MutableMapping
from pathlib import Path


def prepare(
    *,
    offscreen: bool = False,
    log_to_console: bool = False,
    environ: MutableMapping[str, str] = os.environ,
    drm_devices: Iterable[Path] | None = None,
) -> None:
    """Set the environment Kivy will read. Call it before the first ``import kivy``; ``drm_devices`` is for tests.

    ``KIVY_WINDOW=sdl2`` keeps Kivy from trying its X11 window after a failure, whose C code ends the whole process.
    Offscreen rendering (real pixels, no display) is chosen when asked for, or when there is neither X nor a DRM device.
    """
    environ["KIVY_NO_ARGS"] = "1"
    environ["KIVY_NO_CONFIG"] = "1"
    environ["KIVY_NO_FILELOG"] = "1"
    environ["KIVY_WINDOW"] = "sdl2"
    environ["KIVY_GL_BACKEND"] = "sdl2"
    environ["KIVY_TEXT"] = "sdl2"
    if log_to_console:
        environ.pop("KIVY_NO_CONSOLELOG", None)
    else:
        environ["KIVY_NO_CONSOLELOG"] = "1"
    cards = list(Path("/dev/dri").glob("card*")) if drm_devices is None else list(drm_devices)
    if offscreen or not (environ.get("DISPLAY") or cards):
        environ["SDL_VIDEODRIVER"] = "offscreen"


def configure(width: int, height: int, *, fullscreen: bool, max_fps: int = 30) -> None:
    """Set Kivy's own options. Call it after :func:`prepare` and before the window is opened.

    Exactly one input provider is left (``mouse``, into which SDL also turns touches): two would double every touch. The
    keyboard does nothing: no exit on Escape, no settings on F1, no dock.
    """
    from kivy.config import Config

    for name, _ in list(Config.items("input")):
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")
    Config.set("graphics", "width", str(width))
    Config.set("graphics", "height", str(height))
    Config.set("graphics", "multisamples", "0")
    Config.set("graphics", "maxfps", str(max_fps))
    Config.set("graphics", "show_cursor", "0" if fullscreen else "1")
    Config.set("graphics", "borderless", "1" if fullscreen else "0")
    Config.set("graphics", "fullscreen", "auto" if fullscreen else "0")
    Config.set("graphics", "resizable", "0")
    Config.set("graphics", "position", "custom" if fullscreen else "auto")
    Config.set("graphics", "left", "0")
    Config.set("graphics", "top", "0")
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "keyboard_mode", "")
    Config.set("kivy", "log_level", "warning")
