"""The environment Kivy reads: one window provider, no files, no arguments, and a display only where there is one."""

from pathlib import Path

import pytest

from kiosk.screen.environment import prepare


@pytest.mark.parametrize(
    ("display", "cards", "asked", "offscreen"),
    [
        ("", [], False, True),
        (":0", [], False, False),
        ("", ["/dev/dri/card0"], False, False),
        (":0", ["/dev/dri/card0"], True, True),
    ],
)
def test_offscreen_is_for_machines_without_a_display_or_on_request(
    display: str, cards: list[str], asked: bool, offscreen: bool
) -> None:
    environ = {"DISPLAY": display}
    prepare(offscreen=asked, environ=environ, drm_devices=[Path(card) for card in cards])
    assert (environ.get("SDL_VIDEODRIVER") == "offscreen") is offscreen


def test_kivy_writes_no_files_and_reads_no_arguments() -> None:
    environ: dict[str, str] = {}
    prepare(environ=environ, drm_devices=[])
    assert {environ[name] for name in ("KIVY_NO_ARGS", "KIVY_NO_CONFIG", "KIVY_NO_FILELOG", "KIVY_NO_CONSOLELOG")} == {"1"}
    assert environ["KIVY_WINDOW"] == "sdl2"
