"""Draws sample models of every screen in each language into PNG files: ``python -m kiosk.screen.gallery OUT [FILTER...]``."""

import sys
from pathlib import Path

from kiosk.languages import TAGS, load_languages
from kiosk.screen import environment
from kiosk.screen.fonts import build_fonts


def main(out: Path, wanted: list[str]) -> None:
    """Write ``<sample>.<tag>.png`` at 1080x1920 for every sample whose file name contains one of ``wanted`` (or all)."""
    environment.prepare(offscreen=True)
    environment.configure(1080, 1920, fullscreen=False)
    from kivy.base import EventLoop

    from kiosk.screen.samples import samples
    from kiosk.screen.window import open_window

    languages = load_languages(Path(__file__).resolve().parents[2] / "config" / "languages")
    view, hand = open_window(languages, build_fonts(), still=True)
    for tag in TAGS:
        for name, model in samples(tag).items():
            file = f"{name}.{tag}.png"
            if wanted and not any(word in file for word in wanted):
                continue
            view.show(model)
            EventLoop.idle()
            hand.shot(out / file)
            misfits = [text.text for text in view.texts if not text.fits]
            print(file, *(f"| too long: {text!r}" for text in misfits))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
