"""A scripted customer: touches the real widgets of the real screen, puts money into the real (emulated) devices, looks.

A script is a text file, one step a line::

    wait attract                     until the screen shows it, half a minute at most (attract: longer)
    wait cash inserted_yen=1000      ... and a field of the screen model has this value
    shot typed                       a picture under this name, besides the one of every screen that is passed
    touch language ja                a touch on the widget that sends this
    type 09001234567                 the keypad, key by key
    pictures off                     from here on only those that are asked for
    pause 2.5                        seconds in which a person looks, or takes a note back
    insert 1000                      whatever a hand can do at the devices (``help`` in the shell lists it)
    insert 100 3                     coins, one or a handful: money goes to the device with the slot for it
    changer fail payout              a device's name in front, where several know the word
    # a remark
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hardware.emulator import BadCommand
from hardware.errors import ConfigError, DeviceError
from kiosk.screenlink import ScreenLink
from kiosk.screenmodel import Screen, ScreenModel, Touch

WAIT_S = 30.0
WAIT_FOR_ATTRACT_S = 200.0
"""A visit that a killed run left open goes on first: until its customer is known to be gone, that takes minutes."""
LOOK_EVERY_S = 0.05


Hand = Callable[[str], Awaitable[dict[str, Any]]]
"""Does what a hand can do at the devices, and returns what they show. Raises BadCommand, DeviceError."""


class CustomerLost(Exception):
    """The screen did not do what the script expects; the text says which step, and what was shown instead."""


@dataclass(frozen=True)
class ScriptStep:
    """One line of a script."""

    place: str
    """File and line, for messages."""
    words: tuple[str, ...]


def load_script(path: Path) -> list[ScriptStep]:
    """Read a script. Raises ConfigError with the line for a step that does not exist."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    steps = []
    for number, line in enumerate(lines, 1):
        words = tuple(line.split("#", 1)[0].split())
        if not words:
            continue
        place = f"{path}: line {number}"
        match words:
            case ("wait", screen, *_) if screen not in set(Screen):
                raise ConfigError(f"{place}: found screen {screen!r}, expected one of {', '.join(Screen)}")
            case ("touch", touch, *_) if touch not in set(Touch):
                raise ConfigError(f"{place}: found touch {touch!r}, expected one of {', '.join(Touch)}")
            case ("wait",) | ("touch",) | ("type",) | ("shot",):
                raise ConfigError(f"{place}: {words[0]}: expected something after it")
            case ("pictures", *switch) if switch != ["off"]:
                raise ConfigError(f"{place}: pictures: found {' '.join(switch)!r}, expected off")
            case ("pause", *seconds) if len(seconds) != 1 or not seconds[0].replace(".", "", 1).isdecimal():
                raise ConfigError(f"{place}: pause: found {' '.join(seconds)!r}, expected a number of seconds")
            case ("wait", _, *conditions):
                _check_conditions(place, conditions)
        steps.append(ScriptStep(place, words))
    return steps


def _check_conditions(place: str, conditions: list[str]) -> None:
    known = {field.name for field in fields(ScreenModel)}
    for condition in conditions:
        name, equals, _ = condition.partition("=")
        if not equals:
            raise ConfigError(f"{place}: found {condition!r}, expected field=value")
        if name not in known:
            raise ConfigError(f"{place}: the screen has no field {name!r}, expected one of {', '.join(sorted(known))}")


class Customer:
    """Plays a script against a running kiosk."""

    def __init__(self, link: ScreenLink, hand: Hand, out_dir: Path) -> None:
        self._link = link
        self._hand = hand
        self._out_dir = out_dir
        self._shots: list[asyncio.Future[dict[str, Any]]] = []
        link.on_another_screen = self._picture_of

    async def play(self, steps: list[ScriptStep]) -> None:
        """Play to the end. Raises CustomerLost when the kiosk does something else than the script says.

        Every screen passed is photographed, also those that a person hardly sees.
        """
        for step in steps:
            try:
                await self._do(step.words)
            except (TimeoutError, ConnectionError, BadCommand, DeviceError, CustomerLost) as error:
                shown = self._link.shown.screen.value if self._link.shown else "nothing"
                why = str(error) or "it took too long"
                raise CustomerLost(f"{step.place}: {' '.join(step.words)}: {why} (the screen shows {shown})") from error
        self._take_no_pictures()  # what closing the kiosk shows is not part of the visit
        async with asyncio.timeout(WAIT_S):
            answers = await asyncio.gather(*self._shots)
        if failed := [answer for answer in answers if answer["control"] != "done"]:
            raise CustomerLost(f"pictures were not taken: {failed}")

    async def _do(self, words: tuple[str, ...]) -> None:
        match words:
            case ("wait", screen, *conditions):
                await self._wait(Screen(screen), dict(condition.split("=", 1) for condition in conditions))
            case ("touch", touch, *value):
                await self._touch(touch, value[0] if value else "")
            case ("type", digits):
                for digit in digits:
                    await self._touch("key", digit)
            case ("pictures", "off"):
                self._take_no_pictures()
            case ("pause", seconds):
                await asyncio.sleep(float(seconds))
            case ("shot", name):
                async with asyncio.timeout(WAIT_S):
                    await self._shot(name)
            case _:
                await self._hand(" ".join(words))

    async def _wait(self, screen: Screen, values: dict[str, str]) -> None:
        async with asyncio.timeout(WAIT_FOR_ATTRACT_S if screen is Screen.ATTRACT else WAIT_S):
            await self._link.ready.wait()
            while not self._shows(self._link.shown, screen, values):
                await asyncio.sleep(LOOK_EVERY_S)

    @staticmethod
    def _shows(model: ScreenModel | None, screen: Screen, values: dict[str, str]) -> bool:
        return model is not None and model.screen is screen and all(str(getattr(model, k)) == v for k, v in values.items())

    async def _touch(self, touch: str, value: str) -> None:
        answer = await self._link.control(control="tap", touch=touch, value=value)
        if answer["control"] != "done":
            raise CustomerLost(f"there is no such thing to touch: {answer}")

    def _take_no_pictures(self) -> None:
        self._link.on_another_screen = lambda model: None

    def _picture_of(self, model: ScreenModel) -> None:
        self._shot(model.screen.value.replace("_", "-"))

    def _shot(self, name: str) -> "asyncio.Future[dict[str, Any]]":
        answer = self._link.ask(control="shot", path=str(self._out_dir / f"{len(self._shots) + 1:02d}-{name}.png"))
        answer.add_done_callback(_noticed)
        self._shots.append(answer)
        return answer


def _noticed(answer: "asyncio.Future[dict[str, Any]]") -> None:
    """Take note of how a picture ended: a customer who is lost says so, and no longer waits for pictures."""
    if not answer.cancelled():
        answer.exception()
