"""Every screen in every language: something is drawn, and every text stands whole in a place of its own."""

from dataclasses import replace
from itertools import combinations

import pytest

from kiosk.languages import TAGS, load_languages
from kiosk.screen.brush import PlacedText
from kiosk.screen.samples import samples
from kiosk.screen.screens import DRAW
from kiosk.screen.theme import DESIGN_HEIGHT, DESIGN_WIDTH
from kiosk.screenmodel import Screen, ScreenModel
from tests.kiosk.screen.conftest import LANGUAGES, Stage

EVERY = [(tag, name) for tag in TAGS for name in samples(tag)]
NOTICES = [key for key in load_languages(LANGUAGES)["ja"].texts if key.startswith("notice.") and not key.endswith(".yen")]
PROBLEMS = [key for key in load_languages(LANGUAGES)["ja"].texts if key.startswith("problem.")]


def overlap(a: PlacedText, b: PlacedText) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a.box, b.box
    slack = 0.16 * min(ah, bh)  # a line's box is a third higher than its letters
    return ax + aw > bx + 1 and bx + bw > ax + 1 and ay + ah > by + slack and by + bh > ay + slack


def assert_texts_stand_well(stage: Stage) -> None:
    for text in stage.view.texts:
        x, y, w, h = text.box
        assert text.fits, f"does not fit: {text.text!r}"
        assert 0 <= x <= DESIGN_WIDTH - w, f"leaves the screen: {text}"
        assert 0 <= y <= DESIGN_HEIGHT - h, f"leaves the screen: {text}"
    covered = stage.view.model is not None and (stage.view.model.more_time_s > 0 or stage.view.model.choosing_language)
    if not covered:
        clashes = [(a.text, b.text) for a, b in combinations(stage.view.texts, 2) if overlap(a, b)]
        assert clashes == []


def test_the_samples_show_every_screen() -> None:
    assert {model.screen for model in samples("en").values()} == set(Screen) == set(DRAW)


@pytest.mark.parametrize(("tag", "name"), EVERY)
def test_a_screen_is_drawn_and_its_texts_stand_whole(stage: Stage, tag: str, name: str) -> None:
    stage.show(samples(tag)[name])

    colours = stage.hand.pixels().getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert max(count for count, _ in colours) < 0.97 * 540 * 960
    assert len(colours) > 50
    assert_texts_stand_well(stage)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(
    "where", ["01-attract", "04-identify-part", "07-plan-six", "10-cash-escrow", "15-declined", "17-sorry"]
)
def test_every_notice_fits_with_and_without_an_amount(stage: Stage, tag: str, where: str) -> None:
    model = samples(tag)[where]
    for name in NOTICES:
        for yen in (0, 10000):
            shown = replace(model, notice=name, notice_yen=yen)
            stage.view.show(shown)
            assert_texts_stand_well(stage)
            words = stage.view.words(shown).message(shown.notice, yen)
            assert words
            assert words in [text.text for text in stage.view.texts]


@pytest.mark.parametrize("tag", TAGS)
def test_every_problem_of_a_number_fits_under_the_field(stage: Stage, tag: str) -> None:
    model = samples(tag)["04-identify-problem"]
    assert model.entry is not None
    for name in PROBLEMS:
        stage.view.show(replace(model, entry=replace(model.entry, problem=name)))
        assert_texts_stand_well(stage)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6, 8])
@pytest.mark.parametrize("tag", TAGS)
def test_any_usual_number_of_plans_fits(stage: Stage, tag: str, count: int) -> None:
    model = samples(tag)["07-plan"]
    plans = tuple(replace(model.plans[i % 3], id=str(i)) for i in range(count))
    stage.show(replace(model, plans=plans))
    assert_texts_stand_well(stage)
    assert all(stage.view.find("plan", str(i)) is not None for i in range(count))


def test_the_same_model_gives_the_same_pixels(stage: Stage) -> None:
    for name in ("10-cash", "12-result", "01-attract"):
        stage.show(samples("ja")[name])
        first = stage.hand.pixels()
        stage.show(samples("ja")["03-carrier"])
        stage.show(samples("ja")[name])
        assert stage.hand.pixels().tobytes() == first.tobytes()


def test_bare_models_of_every_screen_are_drawn_too(stage: Stage) -> None:
    for screen in Screen:
        stage.show(ScreenModel(screen))
        assert_texts_stand_well(stage)


def test_a_key_that_no_catalogue_has_leaves_a_gap_and_no_crash(stage: Stage) -> None:
    stage.show(replace(samples("ja")["10-cash"], notice="notice.from_the_future"))
    stage.show(replace(samples("ja")["03-carrier"], notice="notice.from_the_future"))
    assert_texts_stand_well(stage)
