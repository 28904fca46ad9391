"""The screen as a process: models in and intents out over the till's socket, with a hand for scripted customers.

Besides models the till may send control lines; each gets an answer:

* ``{"control": "tap", "touch": "carrier", "value": "docomo"}`` touches that widget; its intent comes first, then
  ``{"control": "done", "asked": "tap", ...}``, or ``{"control": "missing", ...}`` when there is nothing such to touch
* ``{"control": "shot", "path": "03-carrier.png"}`` photographs the screen once it is drawn, then ``done``, or ``failed`` with
  an ``error``
* ``{"control": "ready"}`` is sent by the screen itself after its first frame
"""

import argparse
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.languages import load_languages, load_texts
from kiosk.screen import environment
from kiosk.screen.fonts import DEFAULT_FOLDER, build_fonts
from kiosk.screen.wire import Wire, read_control, read_model
from kiosk.screenmodel import Intent, Touch

if TYPE_CHECKING:
    from kiosk.screen.hand import Hand
    from kiosk.screen.view import ScreenView

_log = logging.getLogger(__name__)

FRAME_S = 1 / 30
"""Longest pause between two looks at the touch panel; the socket itself wakes the loop at once."""

SETTLE_S = 0.25
"""A touch so soon after a change of screen was meant for the screen before."""

_CONFIG_LANGUAGES = Path(__file__).resolve().parents[2] / "config" / "languages"


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    socket: Path
    windowed: bool
    offscreen: bool
    fonts: Path
    languages: Path
    texts: Path | None
    """Catalogues as the till has read and checked them; without it they are read from ``languages``."""
    shots: Path
    """Where relative paths of shots begin."""
    verbose: bool

    @classmethod
    def parse(cls, arguments: Sequence[str] | None) -> "Options":
        """Read the command line; ends the process with a usage message when it is wrong."""
        parser = argparse.ArgumentParser(prog="python -m kiosk.screen", description="The kiosk's touch screen.")
        parser.add_argument("--socket", type=Path, required=True, help="Unix socket of the till")
        parser.add_argument("--windowed", action="store_true", help="a window of 540x960 instead of the whole screen")
        parser.add_argument("--offscreen", action="store_true", help="draw without any display")
        parser.add_argument("--fonts", type=Path, default=DEFAULT_FOLDER, help="folder of the font faces")
        parser.add_argument("--languages", type=Path, default=_CONFIG_LANGUAGES, help="folder of the catalogues")
        parser.add_argument("--texts", type=Path, help="file with the catalogues as the till has read them")
        parser.add_argument("--shots", type=Path, default=Path(), help="folder that paths of shots begin at")
        parser.add_argument("--verbose", action="store_true", help="let Kivy write to the console too")
        return cls(**vars(parser.parse_args(arguments)))


class ScreenProcess:
    """The loop that ties socket, view and hand together."""

    def __init__(self, wire: Wire, view: "ScreenView", hand: "Hand", shots: Path) -> None:
        self._wire = wire
        self._view = view
        self._hand = hand
        self._shots = shots
        self._held: list[dict[str, Any]] = []
        view.on_intent = self._send_intent

    def run(self) -> None:
        """Show what comes until the till goes or the window is closed."""
        from kivy.base import EventLoop
        from kivy.graphics.opengl import glFinish

        ready = False
        while not EventLoop.quit and not self._wire.ended:
            for line in self._wire.lines():
                self._take(line)
            self._serve_held()
            EventLoop.idle()
            glFinish()  # without a display to wait for, unfinished frames queue up, and each keeps its memory [M]
            if EventLoop.window is not None:
                EventLoop.window.mainloop()
            if not ready:
                self._wire.send(json.dumps({"control": "ready"}))
                ready = True
            self._wire.wait(0.0 if self._held and self._view.unsettled_s() == 0 else FRAME_S)

    def _take(self, line: str) -> None:
        """Show a model or put a control in the queue; anything else is logged and ignored."""
        try:
            control = read_control(line)
            if control is not None:
                self._held.append(control)
                self._serve_held()
            else:
                self._view.show(read_model(line))
        except ValueError as error:
            _log.warning("line from the till ignored: %s", error)

    def _serve_held(self) -> None:
        """Do the controls in their order; a tap waits until the screen has settled, like a person's would."""
        while self._held:
            if self._held[0]["control"] == "tap" and self._view.unsettled_s() > 0:
                return
            self._serve(self._held.pop(0))

    def _serve(self, control: dict[str, Any]) -> None:
        asked = control["control"]
        facts = {key: value for key, value in control.items() if key != "control"}
        if asked == "tap":
            answer = {"control": "done" if self._tap(control) else "missing"}
        elif asked == "shot" and isinstance(control.get("path"), str):
            answer = self._shot(self._shots / control["path"])
        else:
            _log.warning("control from the till ignored: %r", asked)
            answer = {"control": "missing"}
        self._wire.send(json.dumps({**answer, "asked": asked, **facts}))

    def _tap(self, control: dict[str, Any]) -> bool:
        try:
            intent = Intent(Touch(str(control.get("touch"))), str(control.get("value", "")))
        except ValueError:
            return False
        return self._hand.tap(intent)

    def _shot(self, path: Path) -> dict[str, str]:
        from kivy.base import EventLoop

        EventLoop.idle()
        try:
            self._hand.shot(path)
        except (OSError, ValueError) as error:
            _log.warning("no shot: %s", error)
            return {"control": "failed", "error": str(error)}
        return {"control": "done"}

    def _send_intent(self, intent: Intent) -> None:
        self._wire.send(intent.to_json())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the screen until the till ends it. Returns the exit status: 1 when the till cannot be reached."""
    options = Options.parse(arguments)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.INFO)
    if not options.verbose:  # a handler it must have: Kivy makes stderr a log, and a log without handlers writes to stderr
        logging.getLogger("kivy").addHandler(logging.NullHandler())
        logging.getLogger("kivy").propagate = False
    languages = load_texts(options.texts) if options.texts else load_languages(options.languages)
    fonts = build_fonts(options.fonts)
    try:
        wire = Wire(options.socket)
    except OSError as error:
        _log.error("%s: %s", options.socket, error)
        return 1
    environment.prepare(offscreen=options.offscreen, log_to_console=options.verbose)
    size = (540, 960) if options.windowed else (1080, 1920)
    # without a display there is no screen to fill: the window itself has the panel's size
    has_screen = os.environ.get("SDL_VIDEODRIVER") != "offscreen"
    environment.configure(*size, fullscreen=has_screen and not options.windowed, max_fps=0)
    from kiosk.screen.window import open_window

    view, hand = open_window(languages, fonts, settle_s=SETTLE_S)
    ScreenProcess(wire, view, hand, options.shots).run()
    wire.close()
    return 0
