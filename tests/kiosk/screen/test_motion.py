"""The parts that move: pose after pose, only while their screen is up."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import ImageChops

from kiosk.screen.motion import Countdown, Motion
from kiosk.screen.samples import samples
from tests.kiosk.screen.conftest import Stage


class StandingClock:
    """Lets nothing move but by a test's own hand: on a busy machine a second passes between two of its lines."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, float]] = []

    def schedule_once(self, call: object, after_s: float) -> "StandingClock":
        self.asked.append((call, after_s))
        return self

    def cancel(self) -> None:
        """Nothing is under way."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    standing = StandingClock()
    monkeypatch.setattr("kiosk.screen.motion.Clock", standing)
    return standing


def moving(stage: Stage) -> list[Motion]:
    return [widget for widget in stage.view.walk() if isinstance(widget, Motion)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01-attract", "Greeting"),
        ("06-looking-up", "Spinner"),
        ("10-cash", "NoteGoingIn"),
        ("11-processing", "Spinner"),
        ("13-take", "Beckon"),
    ],
)
def test_a_part_moves_only_within_its_own_place(make_stage: Callable[..., Stage], name: str, kind: str) -> None:
    stage = make_stage(still=False)
    stage.show(samples("en")[name])
    (part,) = moving(stage)
    assert type(part).__name__ == kind
    before = stage.hand.pixels()
    for _ in range(3):
        part.step()
    changed = ImageChops.difference(before, stage.hand.pixels()).getbbox()
    assert changed is not None
    x, y, w, h = (length / 2 for length in part.box)
    left, top, right, bottom = changed
    assert x - 20 <= left <= right <= x + w + 20
    assert y - 20 <= top <= bottom <= y + h + 20


def test_the_same_model_shown_again_does_not_start_a_movement_anew(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(still=False)
    stage.show(samples("en")["11-processing"])
    (part,) = moving(stage)
    for _ in range(4):
        part.step()
    before = stage.hand.pixels().tobytes()
    stage.view.show(samples("en")["11-processing"])
    assert stage.hand.pixels().tobytes() == before


def test_the_countdown_runs_by_itself_and_starts_anew_for_the_next_dialog(
    make_stage: Callable[..., Stage], clock: StandingClock
) -> None:
    stage = make_stage(still=False)
    asking = samples("en")["19-more-time"]
    stage.show(asking)
    (countdown,) = [part for part in moving(stage) if isinstance(part, Countdown)]
    full = stage.hand.pixels().tobytes()
    assert countdown.left_s() == 14
    assert clock.asked[-1] == (countdown.step, 1.0)
    for _ in range(5):
        countdown.step()
    assert countdown.left_s() == 9
    assert stage.hand.pixels().tobytes() != full
    for _ in range(30):
        countdown.step()
    assert countdown.left_s() == 0

    stage.show(replace(asking, more_time_s=0))
    assert countdown not in moving(stage)
    stage.show(asking)
    assert countdown.left_s() == 14


def test_parts_that_move_leave_with_their_screen(stage: Stage) -> None:
    for name, kinds in (("01-attract", ["Greeting"]), ("10-cash", ["NoteGoingIn"]), ("03-carrier", [])):
        stage.show(samples("ja")[name])
        assert [type(part).__name__ for part in moving(stage)] == kinds
