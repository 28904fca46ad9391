"""A handful of what ``make nightly`` does by the hundred: real processes, killed in the middle of real visits."""

from pathlib import Path

from tests.nightly.kills import Story
from tests.nightly.papers import visits_of


def test_killed_in_mid_visit_the_kiosk_comes_to_rest_with_every_yen_in_one_place(tmp_path: Path) -> None:
    told: list[str] = []
    story = Story(1, 2, tmp_path / "out", told.append, targets=("emulators", "all"), longest_s=5.0, last_visits=0)
    story.play()
    assert story.wrong == [], told
    assert story.killed == 2


def test_the_report_of_a_day_that_ends_meanwhile_is_no_customers_paper() -> None:
    assert visits_of(["KONBINI1-7", "161:a0bf71fcf84fb5e2680f466e0d83c4f3", "KONBINI1-12", "KONBINI1-7"]) == {"7": 2, "12": 1}
