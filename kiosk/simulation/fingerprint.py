"""What decides the future of something, in one word: two things with the same fingerprint go on alike, only at another time.

A fingerprint is worked out by walking through everything that hangs on an object: its fields, what they hold, and so on. So a
field that somebody adds tomorrow is in it without a word said here. Pure: the same object at the same time gives the same word.

What goes in:

* numbers, texts, bytes, enum members and flags as they are; lists and queues in their order, sets and dictionaries in one;
* an object as its class and all its fields; an object met a second time as where it was first met;
* a function or method by its name, dice with their state, a lock by whether it is held and for how many others it is;
* a task as where each of its coroutines stands;
* a moment of the clock as what it is from now: when it is to come exactly, and when it is over by :data:`STEPS_S`; when
  ``rough`` only which of both. A moment is a float from :data:`CLOCK_FROM_S` on; a story that wants fingerprints begins then,
  and no span of time is ever taken for a moment.

What does not: device models (by name only; they never change), lines (what is on them is said apart), commands of the bench.

What it cannot know: a moment kept as a whole number or as a text tells apart what is alike, never the other way.
"""

import asyncio
import copyreg
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Set
from enum import Enum
from functools import partial
from hashlib import blake2b
from pathlib import PurePath
from random import Random
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from hardware.benchcommand import BenchCommand
from hardware.links.link import Link
from hardware.models import DeviceModel

CLOCK_FROM_S: Final = 14 * 24 * 3600.0
"""No span of time in the project is longer."""

STEPS_S: Final = (0.0, 5.0, 30.0)
"""A moment that is over is one of these ago, rounded down: spans at which anything in this project looks back."""

_PLAIN = (type(None), bool, int, str, bytes)
_NAMED = (type, FunctionType, BuiltinFunctionType, MethodType, ModuleType)
_LEFT_OUT = (BenchCommand, Link, PurePath, asyncio.AbstractEventLoop)


def fingerprint(*things: Any, now_s: float, rough: bool = False, without: Collection[str] = ()) -> str:
    """Return the fingerprint of all these together, at ``now_s`` of their clock; ``without`` fields of these names."""
    walk = _Walk(now_s, rough, without)
    for thing in things:
        walk.visit(thing)
    return blake2b("\x1f".join(walk.words).encode(), digest_size=12).hexdigest()


class _Walk:
    """One way through everything; leaves words."""

    def __init__(self, now_s: float, rough: bool, without: Collection[str]) -> None:
        self._now_s = now_s
        self._rough = rough
        self._without = without
        self._met: dict[int, int] = {}
        self.words: list[str] = []

    def visit(self, thing: Any) -> None:
        say = self.words.append
        if isinstance(thing, Enum):
            say(f"{type(thing).__name__}.{thing.name}")
        elif isinstance(thing, _PLAIN):
            say(repr(thing))
        elif isinstance(thing, float):
            say(self._moment(thing))
        elif isinstance(thing, _NAMED):
            say(getattr(thing, "__qualname__", thing.__name__))
        elif isinstance(thing, DeviceModel):
            say(thing.name)
        elif isinstance(thing, _LEFT_OUT):
            say(type(thing).__name__)
        elif id(thing) in self._met:
            say(f"^{self._met[id(thing)]}")
        else:
            self._met[id(thing)] = len(self._met)
            say(type(thing).__qualname__)
            self._inside(thing)
            say(";")

    def _moment(self, value: float) -> str:
        if value < CLOCK_FROM_S:
            return repr(value)
        ago_s = self._now_s - value
        if self._rough:
            return "over" if ago_s >= 0 else "to come"
        return f"in {-ago_s:.6f}" if ago_s < 0 else f"ago {max(step for step in STEPS_S if step <= ago_s)}"

    def _inside(self, thing: Any) -> None:
        if isinstance(thing, bytearray):
            self.words.append(thing.hex())
        elif isinstance(thing, list | tuple | deque):
            self._all(thing)
        elif isinstance(thing, Mapping):
            for key, value in sorted(thing.items(), key=lambda item: repr(item[0])):
                self.visit(key)
                self.visit(value)
        elif isinstance(thing, Set):
            self._all(sorted(thing, key=repr))
        elif isinstance(thing, Random):
            self.words.append(str(hash(thing.getstate())))
        elif isinstance(thing, partial):
            self._all((thing.func, thing.args, thing.keywords))
        elif isinstance(thing, asyncio.Lock):
            self._all((thing.locked(), len(thing._waiters or ())))
        elif isinstance(thing, asyncio.Task):
            self._all(_stands(thing))
        elif isinstance(thing, asyncio.Future | asyncio.Handle):
            self.visit(thing.done() if isinstance(thing, asyncio.Future) else thing.cancelled())
        else:
            self._fields(thing)

    def _all(self, things: Iterable[Any]) -> None:
        for thing in things:
            self.visit(thing)

    def _fields(self, thing: Any) -> None:
        for name in _slots(type(thing)):
            if hasattr(thing, name):
                self.words.append(name)
                self.visit(getattr(thing, name))
        for name, value in getattr(thing, "__dict__", {}).items():
            if name not in self._without:
                self.words.append(name)
                self.visit(value)


def _stands(task: "asyncio.Task[Any]") -> list[str]:
    """Return where a task stands: each coroutine that waits for the next one, and how far it has come."""
    places = []
    waits: Any = task.get_coro()
    while (frame := getattr(waits, "cr_frame", None)) is not None:
        places.append(f"{frame.f_code.co_qualname} {frame.f_lasti}")
        waits = waits.cr_await
    return places


_SLOTS: dict[type, tuple[str, ...]] = {}


def _slots(kind: type) -> tuple[str, ...]:
    if kind not in _SLOTS:
        _SLOTS[kind] = tuple(copyreg._slotnames(kind) or ())  # type: ignore[attr-defined]
    return _SLOTS[kind]
