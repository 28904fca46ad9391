"""What of a family of cuts is played, and what is then known of the rest."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kiosk.simulation.atlas import Atlas, Cut, Like


def atlas_of(size: int, *, proven: bool = False) -> Atlas:
    atlas = Atlas()
    for number in range(size):
        atlas.add(f"byte-{number}", "program", Like("family", proven=proven))
    return atlas


def play(atlas: Atlas, told: Sequence[str]) -> dict[Cut, str]:
    """Play what is due until nothing is; ``told`` is the story of each member."""
    stories: dict[Cut, str] = {}
    while due := atlas.due(stories):
        assert not stories.keys() & set(due)
        stories |= {(place, way): told[int(place.partition("-")[2])] for place, way in due}
    return stories


def test_of_a_proven_family_the_first_is_played() -> None:
    atlas = atlas_of(9, proven=True)
    stories = play(atlas, "a" * 9)
    assert list(stories) == [("byte-0", "program")]
    assert atlas.tally(stories).proven["byte"] == 8
    assert atlas.tally(stories).left == 0


def test_of_those_that_are_alike_the_first_and_the_last_are_played() -> None:
    atlas = atlas_of(9)
    stories = play(atlas, "a" * 9)
    assert {place for place, _ in stories} == {"byte-0", "byte-8"}
    assert atlas.tally(stories).between["byte"] == 7


def test_a_cut_that_is_like_no_other_is_played() -> None:
    atlas = Atlas()
    atlas.add("write-1-before", "program", None)
    atlas.add("write-1-before", "terminal", None)
    assert atlas.due({}) == [("write-1-before", "program"), ("write-1-before", "terminal")]


def test_where_the_story_changes_is_found_to_the_very_cut() -> None:
    atlas = atlas_of(200)
    stories = play(atlas, "a" * 137 + "b" * 63)
    assert {"byte-136", "byte-137"} <= {place for place, _ in stories}
    assert len(stories) < 12
    assert atlas.tally(stories).left == 0


def test_a_family_of_which_all_tell_other_stories_is_played_whole() -> None:
    atlas = atlas_of(20)
    assert len(play(atlas, [chr(97 + number) for number in range(20)])) == 20


def test_what_was_not_played_yet_is_left() -> None:
    atlas = atlas_of(9)
    assert atlas.tally({("byte-0", "program"): "a"}).left == 8
    assert atlas.tally({}).left == 9


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_all_is_known_in_the_end_and_whatever_stands_for_something_tells_what_lies_on_both_sides(told: list[str]) -> None:
    atlas = atlas_of(len(told))
    stories = play(atlas, told)
    tally = atlas.tally(stories)
    assert tally.left == 0
    assert tally.found.total() == len(told)
    covered = atlas.covered(stories)
    assert len(covered) == tally.between.total()
    for cut, model in covered:
        numbers = sorted(int(place.partition("-")[2]) for place, _ in (cut, model))
        assert not any(numbers[0] < int(place.partition("-")[2]) < numbers[1] for place, _ in stories)
        assert stories[model] == told[numbers[0]]
