"""A check that could not be carried out: reported as NOT RUN with its reason, and never as passed."""

from _pytest.outcomes import Skipped


class NotRun(Skipped):
    """This bench cannot do what the check needs. The reason is for people: what was needed, and why it was not there."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, _use_item_location=True)
        self.reason = reason
