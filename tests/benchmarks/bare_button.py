"""Baseline of a touch: a Kivy button whose label counts its touches."""

from tests.benchmarks.panel import HEIGHT, WIDTH, open_panel

TOUCHES = 60

if __name__ == "__main__":
    open_panel()
    from kivy.base import EventLoop, runTouchApp
    from kivy.uix.button import Button

    from tests.benchmarks.fingertip import report, touch_ms

    button = Button(text="0", font_size=76)
    button.bind(on_release=lambda _: setattr(button, "text", str(int(button.text) + 1)))
    runTouchApp(button, embedded=True)
    EventLoop.idle()
    figures = touch_ms([(WIDTH / 2, HEIGHT / 2)] * TOUCHES)
    if button.text != str(TOUCHES):
        raise SystemExit(f"{TOUCHES} touches counted as {button.text}")
    report(figures)
