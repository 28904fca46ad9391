"""One real window for the process, drawn without a display; a fresh view in it for each test.

Kivy reads its environment when it is imported, so it is prepared here, before any test module can import it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk.languages import Language, load_languages
from kiosk.screen import environment
from kiosk.screen.fonts import FontSet, build_fonts
from kiosk.screenmodel import Intent, ScreenModel

environment.prepare(offscreen=True)
environment.configure(540, 960, fullscreen=False, max_fps=0)

from kivy.base import EventLoop  # noqa: E402
from kivy.core.window import Window  # noqa: E402

from kiosk.screen.hand import Hand  # noqa: E402
from kiosk.screen.view import ScreenView  # noqa: E402
from kiosk.screen.window import open_window  # noqa: E402

LANGUAGES = Path(__file__).resolve().parents[3] / "config" / "languages"


@dataclass
class Stage:
    """A view in the window, a hand before it, and what was touched so far."""

    view: ScreenView
    hand: Hand
    touched: list[Intent] = field(default_factory=list)

    def show(self, model: ScreenModel) -> None:
        """Show a model and draw it."""
        self.view.show(model)
        EventLoop.idle()


@pytest.fixture(scope="session")
def languages() -> dict[str, Language]:
    return load_languages(LANGUAGES)


@pytest.fixture(scope="session")
def fonts() -> FontSet:
    return build_fonts()


@pytest.fixture(scope="session")
def window(languages: dict[str, Language], fonts: FontSet) -> None:
    view, _ = open_window(languages, fonts, still=True)
    Window.remove_widget(view)


@pytest.fixture
def make_stage(window: None, languages: dict[str, Language], fonts: FontSet) -> Iterator[Callable[..., Stage]]:
    """Return a maker of stages; it takes the options of ScreenView."""
    views: list[ScreenView] = []

    def make(**options: object) -> Stage:
        view = ScreenView(languages, fonts, **{"still": True, **options})  # type: ignore[arg-type]
        Window.add_widget(view)
        view.size = Window.size
        views.append(view)
        stage = Stage(view, Hand(view))
        view.on_intent = stage.touched.append
        return stage

    yield make
    for view in views:
        Window.remove_widget(view)


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    return make_stage()
