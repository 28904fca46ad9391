"""Real touches on real widgets give the right intents, and only those."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from kivy.base import EventLoop

from kiosk.languages import TAGS
from kiosk.screen.hand import Finger
from kiosk.screen.samples import samples
from kiosk.screenmodel import Intent, Screen, ScreenModel, Touch
from tests.kiosk.screen.conftest import Stage

SAMPLES = samples("ja")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_touch_gives_the_intent_of_what_is_under_it(stage: Stage, name: str) -> None:
    stage.show(SAMPLES[name])
    offered = [intent for intent, enabled in stage.view.intents() if enabled]
    reachable = [intent for intent in offered if stage.view.find(intent.touch, intent.value) is not None]

    for intent in reachable:
        assert stage.hand.tap(intent)
    assert stage.touched == reachable


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01-attract", [Intent(Touch.START)]),
        ("02-language", [*(Intent(Touch.LANGUAGE, tag) for tag in TAGS), Intent(Touch.CANCEL)]),
        ("02-language-sheet", [*(Intent(Touch.LANGUAGE, tag) for tag in TAGS), Intent(Touch.LANGUAGE)]),
        ("03-carrier", [Intent(Touch.LANGUAGE), Intent(Touch.LANGUAGE, "ja"), Intent(Touch.LANGUAGE, "en")]),
        ("03-carrier", [Intent(Touch.CARRIER, "docomo"), Intent(Touch.CARRIER, "softbank"), Intent(Touch.CARRIER, "kddi")]),
        ("04-identify-empty", [Intent(Touch.KIND, "phone"), Intent(Touch.KIND, "iccid")]),
        ("04-identify-full", [Intent(Touch.KEY, key) for key in (*"0123456789", "delete", "clear")]),
        ("05-number-check", [Intent(Touch.CANCEL), Intent(Touch.BACK), Intent(Touch.NEXT)]),
        ("07-plan", [Intent(Touch.PLAN, "light"), Intent(Touch.PLAN, "standard"), Intent(Touch.PLAN, "plenty")]),
        ("08-confirm", [Intent(Touch.AGREE)]),
        ("09-no-printer", [Intent(Touch.NEXT), Intent(Touch.CANCEL)]),
        ("10-cash", [Intent(Touch.CANCEL)]),
        ("19-more-time", [Intent(Touch.MORE_TIME), Intent(Touch.CANCEL)]),
    ],
)
def test_a_screen_offers_what_it_is_for(stage: Stage, name: str, expected: list[Intent]) -> None:
    stage.show(SAMPLES[name])
    assert all(stage.hand.tap(intent) for intent in expected)
    assert stage.touched == expected


@pytest.mark.parametrize("name", ["04-identify-part", "08-confirm"])
def test_a_disabled_next_is_there_but_gives_nothing(stage: Stage, name: str) -> None:
    stage.show(SAMPLES[name])
    assert (Intent(Touch.NEXT), False) in stage.view.intents()
    assert not stage.hand.tap(Intent(Touch.NEXT))
    stage.show(SAMPLES["05-number-check"])
    place = stage.view.find(Touch.NEXT)
    assert place is not None
    x, y = place.center
    stage.show(SAMPLES[name])
    stage.hand.tap_at(x, y)
    assert stage.touched == []


@pytest.mark.parametrize("name", [name for name, model in SAMPLES.items() if model.screen is not Screen.OUT_OF_SERVICE])
def test_the_language_strip_is_at_the_same_place_on_every_screen(stage: Stage, name: str) -> None:
    stage.show(SAMPLES["03-carrier"])
    places = [stage.view.find(Touch.LANGUAGE, tag) for tag in TAGS]
    expected = [(*place.pos, *place.size) for place in places if place is not None]
    model = replace(SAMPLES[name], more_time_s=0, choosing_language=False)
    if model.screen is Screen.LANGUAGE:
        return assert_language_screen_offers_all(stage, model)
    stage.show(model)
    found = [stage.view.find(Touch.LANGUAGE, tag) for tag in TAGS]
    assert [(*place.pos, *place.size) for place in found if place is not None] == expected
    return None


def assert_language_screen_offers_all(stage: Stage, model: ScreenModel) -> None:
    stage.show(model)
    for tag in TAGS:
        assert stage.hand.tap(Intent(Touch.LANGUAGE, tag))
    assert [intent.value for intent in stage.touched] == list(TAGS)


def test_nothing_under_the_more_time_dialog_can_be_touched(stage: Stage) -> None:
    stage.show(replace(SAMPLES["19-more-time"], more_time_s=0))
    strip = stage.view.find(Touch.LANGUAGE, "en")
    assert strip is not None
    stage.show(SAMPLES["19-more-time"])
    assert stage.view.find(Touch.LANGUAGE, "en") is None
    stage.hand.tap_at(*strip.center)
    assert stage.touched == []


def test_out_of_service_offers_nothing(stage: Stage) -> None:
    stage.show(SAMPLES["18-out-of-service"])
    assert stage.view.intents() == []
    stage.hand.tap_at(270, 480)
    assert stage.touched == []


def test_a_finger_that_slides_off_a_button_has_not_touched_it(stage: Stage) -> None:
    stage.show(SAMPLES["05-number-check"])
    button = stage.view.find(Touch.NEXT)
    assert button is not None
    down, up = Finger(1, *button.center), (10.0, 600.0)
    EventLoop.post_dispatch_input("begin", down)
    down.move({"x": up[0], "y": up[1]})
    EventLoop.post_dispatch_input("end", down)
    assert stage.touched == []


def test_a_button_that_changes_under_the_finger_is_not_touched(stage: Stage) -> None:
    stage.show(SAMPLES["03-carrier"])
    card = stage.view.find(Touch.CARRIER, "docomo")
    assert card is not None
    finger = Finger(1, *card.center)
    EventLoop.post_dispatch_input("begin", finger)
    stage.show(SAMPLES["07-plan"])
    EventLoop.post_dispatch_input("end", finger)
    assert stage.touched == []


def test_a_held_button_looks_pressed_and_recovers(stage: Stage) -> None:
    stage.show(SAMPLES["05-number-check"])
    button = stage.view.find(Touch.NEXT)
    assert button is not None
    spot = (int(button.x + 12), int(960 - button.center_y))
    before = stage.hand.pixels().getpixel(spot)
    finger = Finger(1, *button.center)
    EventLoop.post_dispatch_input("begin", finger)
    assert stage.hand.pixels().getpixel(spot) != before
    EventLoop.post_dispatch_input("end", finger)
    assert stage.hand.pixels().getpixel(spot) == before


def test_the_second_half_of_a_double_tap_does_not_reach_the_next_screen(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(settle_s=1000.0)
    stage.show(SAMPLES["05-number-check"])
    assert stage.view.unsettled_s() > 0
    stage.hand.tap(Intent(Touch.NEXT))
    assert stage.touched == []


def test_no_target_is_smaller_than_twenty_millimetres(stage: Stage) -> None:
    for model in SAMPLES.values():
        stage.show(model)
        for intent, enabled in stage.view.intents():
            target = stage.view.find(intent.touch, intent.value) if enabled else None
            if target is not None:
                assert min(target.size) >= 112 * 0.5
