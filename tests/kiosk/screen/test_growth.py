"""A kiosk runs for months: what one customer leaves behind, a thousand leave a thousand times."""

import gc

from kivy.base import EventLoop
from kivy.graphics.instructions import Instruction

from kiosk.screen.samples import samples
from kiosk.screen.target import Target
from tests.kiosk.screen.conftest import Stage


def session(stage: Stage, tag: str) -> None:
    for model in samples(tag).values():
        stage.view.show(model)
    EventLoop.idle()


def instructions_in(group: Instruction) -> int:
    return 1 + sum(instructions_in(child) for child in getattr(group, "children", ()))


def test_twelve_sessions_leave_no_more_widgets_than_two(stage: Stage) -> None:
    session(stage, "ja")
    session(stage, "en")
    stage.show(samples("ja")["01-attract"])
    gc.collect()
    widgets, drawn = len(list(stage.view.walk())), instructions_in(stage.view.canvas)
    targets = sum(type(thing) is Target for thing in gc.get_objects())
    for number in range(10):
        session(stage, ("ja", "en", "zh-Hans")[number % 3])
    stage.show(samples("ja")["01-attract"])
    gc.collect()
    assert len(list(stage.view.walk())) == widgets
    assert instructions_in(stage.view.canvas) == drawn
    assert sum(type(thing) is Target for thing in gc.get_objects()) == targets


def test_the_last_customers_number_is_forgotten_on_the_first_screen(stage: Stage) -> None:
    stage.show(samples("ja")["05-number-check"])
    assert "4567" in stage.view.remembered_texts()
    stage.show(samples("ja")["01-attract"])
    assert not any("4567" in text for text in stage.view.remembered_texts())
