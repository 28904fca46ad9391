"""Baseline of the first frame: a Kivy window with one label. Writes ``ready`` when its frame is finished."""

from tests.benchmarks.panel import open_panel

if __name__ == "__main__":
    open_panel()
    from kivy.base import EventLoop, runTouchApp
    from kivy.graphics.opengl import glFinish
    from kivy.uix.label import Label

    runTouchApp(Label(text="Touch to start"), embedded=True)
    EventLoop.idle()
    glFinish()
    print("ready", flush=True)
