"""What a hand says to any emulator is understood to the last word, or refused before anything is done."""

import re
from random import Random

import pytest

from hardware import linecommands
from hardware.emulator import BadCommand
from hardware.linecommands import LineCommands
from hardware.links.faults import LineFaults
from hardware.models import load_models, models_folder
from hardware.protocols import make_emulator

MODELS = {name: model for name, model in load_models(models_folder()).items() if model.has_wire}


def examples(form: str) -> set[str]:
    """Return the shortest and the longest line of a form such as ``jam [acceptor|stacker]``, the first choice of each."""
    words = [word.split("|")[0] for word in form.split()]
    short = " ".join(word for word in words if not word.startswith("["))
    return {re.sub(r"[\[\]]", "", line) for line in (short, " ".join(words))}


@pytest.mark.parametrize("model", sorted(MODELS))
def test_words_too_many_are_refused_by_every_command_of_every_model(model: str) -> None:
    for form in make_emulator(MODELS[model]).commands():
        for line in examples(form):
            unit = make_emulator(MODELS[model])
            unit.advance(5.0)
            unit.take_happenings()
            with pytest.raises(BadCommand):
                unit.command(f"{line} now now", 5.0)
            assert unit.take_happenings() == []


WRONG = {
    "state": ["state x", "at 40 state x"],
    "cover": ["cover open now", "cover ajar", "cover"],
    "paper": ["paper", "paper x", "paper 1 2", "paper 9999999", "paper new x"],
    "tear": ["tear it", "at byte 9 tear it"],
    "at": ["at", "at 40", "at x state", "at 12345678 state", "at 40 at 50 state"],
    "garbage": ["garbage 2"],
    "pull": ["pull hard"],
    "fail": ["fail now"],
    "take": ["take now"],
}


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in WRONG.items() for line in lines])
def test_a_printer_says_what_it_would_have_understood(name: str, line: str) -> None:
    unit = make_emulator(MODELS["custom-vkp80-ja"])
    with pytest.raises(BadCommand, match=f"expected: {name}"):
        unit.command(line, 5.0)


def test_a_printer_without_a_presenter_has_no_such_commands() -> None:
    unit = make_emulator(MODELS["tm-t88v-ja"])
    for line in ("take", "leave", "jam presenter", "at 40 take"):
        with pytest.raises(BadCommand):
            unit.command(line, 5.0)


def test_words_too_many_are_refused_by_every_command_of_the_line() -> None:
    for form in linecommands.HELP:
        for line in examples(form):
            faults = LineFaults(Random(0))
            with pytest.raises(ValueError, match="line"):
                LineCommands(faults).obey([*line.split()[1:], "now", "now"], 5.0)
            assert faults.idle
