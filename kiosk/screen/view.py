"""The widget that shows a screen model and tells what was touched. It holds no rule."""

from collections.abc import Callable

from kivy.clock import Clock
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.languages import Language
from kiosk.screen import chrome, lettering
from kiosk.screen.brush import Frame, PlacedText
from kiosk.screen.fonts import FontSet
from kiosk.screen.layer import Layer
from kiosk.screen.painter import Painter
from kiosk.screen.screens import DRAW
from kiosk.screen.screens.languages import sheet as draw_sheet
from kiosk.screen.screens.more_time import draw as draw_more_time
from kiosk.screen.target import Target
from kiosk.screen.theme import DESIGN_HEIGHT, DESIGN_WIDTH
from kiosk.screen.typesetter import Typesetter
from kiosk.screen.words import Words
from kiosk.screenmodel import Intent, Screen, ScreenModel, Touch


class ScreenView(Widget):
    """Everything the customer sees.

    ``settle_s``: touches that begin so soon after another screen has come up are ignored, because the second half of a double
    tap was meant for the screen before. ``still``: nothing moves, so that a picture always comes out the same.
    """

    def __init__(
        self,
        languages: dict[str, Language],
        fonts: FontSet,
        on_intent: Callable[[Intent], None] | None = None,
        *,
        settle_s: float = 0.0,
        still: bool = False,
    ) -> None:
        super().__init__()
        self.on_intent = on_intent
        """Called with each touch; may be set later."""
        self.model: ScreenModel | None = None
        """What is shown now."""
        self.texts: list[PlacedText] = []
        """Every text of the picture, for tests of overflow."""
        self._languages = languages
        self._fonts = fonts
        self._settle_s = settle_s
        self._changed_s = -settle_s
        self._page = Layer(self._touched, blocks=False, still=still)
        self._dialog = Layer(self._touched, blocks=True, still=still)
        self.add_widget(self._page)
        self.add_widget(self._dialog)
        self._frame = Frame(1.0, 0.0, 0.0)
        self._typesetter = Typesetter(fonts, 1.0)
        self.bind(size=self._resize, pos=self._resize)

    def show(self, model: ScreenModel) -> None:
        """Draw ``model``. Raises KeyError for a language there is no catalogue for; the last picture then stays."""
        words = self.words(model)
        if self.model is None or model.screen is not self.model.screen:
            self._changed_s = Clock.get_time()
            lettering.close_faces()
            if model.screen is Screen.ATTRACT:
                self._typesetter.forget()
        self.model = model
        self._typesetter.customer = words.tag
        page = Painter(self._page, self._frame, self._typesetter, words)
        area = chrome.draw(page, model)
        DRAW[model.screen](page, model, area)
        page.finish()
        self.texts = page.texts
        dialog = Painter(self._dialog, self._frame, self._typesetter, words)
        if model.more_time_s > 0:
            draw_more_time(dialog, model)
        elif model.choosing_language:
            draw_sheet(dialog)
        dialog.finish()
        self.texts += dialog.texts

    def words(self, model: ScreenModel) -> Words:
        """Return the texts for a model's language. Raises KeyError for a language there is no catalogue for."""
        return Words(self._languages, self._languages[model.language].tag)

    def remembered_texts(self) -> set[str]:
        """Return every line of text that is still kept as a picture."""
        return self._typesetter.remembered()

    def find(self, touch: Touch | str, value: str = "") -> Target | None:
        """Return the widget whose touch gives this intent, or None when there is none, it is disabled or lies covered.

        Raises ValueError for a word that is no :class:`~kiosk.screenmodel.Touch`.
        """
        raised = self.model is not None and (self.model.more_time_s > 0 or self.model.choosing_language)
        return (self._dialog if raised else self._page).find(Intent(Touch(touch), value))

    def intents(self) -> list[tuple[Intent, bool]]:
        """Return everything the picture offers to touch, and whether each is enabled."""
        return self._page.intents() + self._dialog.intents()

    def unsettled_s(self) -> float:
        """Return for how many more seconds touches are ignored."""
        return max(0.0, float(self._changed_s + self._settle_s - Clock.get_time()))

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if self.unsettled_s() > 0:
            return True
        return bool(super().on_touch_down(touch))

    def _touched(self, intent: Intent) -> None:
        if self.on_intent is not None:
            self.on_intent(intent)

    def _resize(self, *_: object) -> None:
        unit = max(0.05, min(self.width / DESIGN_WIDTH, self.height / DESIGN_HEIGHT))
        left = self.x + (self.width - DESIGN_WIDTH * unit) / 2
        self._frame = Frame(unit, left, self.y + (self.height + DESIGN_HEIGHT * unit) / 2)
        self._typesetter = Typesetter(self._fonts, unit)
        if self.model is not None:
            self.show(self.model)
