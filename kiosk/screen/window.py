"""Opens the one window of the process. Importing this module opens it: do so after :mod:`kiosk.screen.environment`."""

from kivy.base import EventLoop, runTouchApp
from kivy.core.window import Window

from kiosk.languages import Language
from kiosk.screen.fonts import FontSet
from kiosk.screen.hand import Hand
from kiosk.screen.theme import BG
from kiosk.screen.view import ScreenView


def _ignore_keyboard(*_: object) -> bool:
    return True


def open_window(
    languages: dict[str, Language], fonts: FontSet, *, settle_s: float = 0.0, still: bool = False
) -> tuple[ScreenView, Hand]:
    """Put a view over the whole window and start Kivy without its loop, which the caller turns."""
    Window.clearcolor = BG
    Window.bind(on_keyboard=_ignore_keyboard, on_key_down=_ignore_keyboard)
    for provider in list(EventLoop.input_providers):
        EventLoop.remove_input_provider(provider)  # the window's own touch provider: every touch would come twice
    view = ScreenView(languages, fonts, settle_s=settle_s, still=still)
    runTouchApp(view, embedded=True)
    view.size = Window.size
    return view, Hand(view)
