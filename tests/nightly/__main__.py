"""``python -m tests.nightly``: at least 200 kills of till, screen and emulators at random instants of real-time visits.

Prints each kill with its seed, and for a story that ends wrong what is wrong and the command that plays its seed again. Real
time is in it, so the same seed gives the same choices and nearly the same instants.
"""

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from time import perf_counter

from tests.nightly.kills import Story


def main() -> int:
    """Play the stories. Returns 1 when one ended wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.nightly", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all stories together")
    parser.add_argument("--each", type=int, default=20, help="kills of one story")
    parser.add_argument("--seed", type=int, default=1, help="of the first story; the next ones count on")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for what the kiosks leave; kept for stories that end wrong")
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp(prefix="konbini-nightly-"))
    speaking = Lock()

    def tell(text: str) -> None:
        with speaking:
            print(f"{perf_counter() - began:7.1f} s  {text}", flush=True)

    def play(seed: int) -> Story:
        out = folder / f"seed-{seed}"
        shutil.rmtree(out, ignore_errors=True)
        story = Story(seed, given.each, out / "kiosk", tell)
        story.play()
        tell(
            f"seed {seed} ({story.bench}): {story.killed} kills, {story.lives} lives, "
            + ("WRONG" if story.wrong else f"right: {story.figures}")
        )
        for text in story.wrong:
            tell(f"seed {seed}: {text}")
        if story.wrong:
            tell(f"play it again: .venv/bin/python -m tests.nightly --seed {seed} --kills {given.each} --each {given.each}")
        else:
            shutil.rmtree(out)
        return story

    began = perf_counter()
    with ThreadPoolExecutor(given.parallel) as pool:
        stories = list(pool.map(play, range(given.seed, given.seed + -(-given.kills // given.each))))
    wrong = [story for story in stories if story.wrong]
    kills = sum(story.killed for story in stories)
    tell(f"{kills} kills in {len(stories)} stories, {len(wrong)} of them ended wrong; {folder}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
