"""Our side of a touch: a key of the number screen, through intent, session, picture and the wire's JSON to the pixels."""

from kiosk.config import default_folder, load_config
from kiosk.screen.fonts import build_fonts
from kiosk.screen.wire import read_model
from kiosk.screenmodel import Intent, Screen, Touch
from kiosk.session import events as ev
from kiosk.session.machine import step
from kiosk.session.picture import picture
from kiosk.session.state import State
from tests.benchmarks.panel import open_panel

KEYS = "0900101234"
"""Typed again and again; ``delete`` takes each away."""
ROUNDS = 3

if __name__ == "__main__":
    config = load_config(default_folder())
    open_panel()
    from kiosk.screen.window import open_window
    from tests.benchmarks.fingertip import report, touch_ms

    view, hand = open_window(config.languages, build_fonts())
    state = State()

    def happens(event: ev.Event) -> None:
        """Do what the till does with an event, and show what comes of it."""
        global state
        state, _ = step(config.shop, state, event)
        view.show(read_model(picture(config.shop, state, "").to_json()))

    view.on_intent = lambda intent: happens(ev.Touched(Intent.from_json(intent.to_json())))
    happens(ev.DevicesChanged(cash_ready=True, printer_ready=True))
    for touch, value in ((Touch.START, ""), (Touch.LANGUAGE, "ja"), (Touch.CARRIER, next(iter(config.shop.carriers)))):
        hand.tap(Intent(touch, value))
    if view.model is None or view.model.screen is not Screen.IDENTIFY:
        raise SystemExit("the keypad is not shown")
    places = []
    for key in (*KEYS, *["delete"] * len(KEYS)):
        target = view.find(Touch.KEY, key)
        if target is None:
            raise SystemExit(f"no key {key} to touch")
        places.append((target.center_x, target.center_y))
    before = state
    figures = touch_ms(places * ROUNDS)
    if state.activity != before.activity + len(places) * ROUNDS:
        raise SystemExit("a touch was lost")
    report(figures)
