"""A story in virtual time that is lived through once, and from every place of which other endings branch off.

A story comes to places in a fixed order and asks at each which way to go. Walked :func:`everywhere`, the process forks there:
a child for every way lives on to its own end and tells what it found, the parent goes straight on to the next place. So n
places cost one beginning and n endings, not n beginnings. Walked :func:`only` one way from one place, nothing forks, and the
same thing happens as in that child: for a debugger, and for tests.

Forking needs a process with one thread and nothing open that children must not share: virtual time forbids both anyway.
"""

import asyncio
import gc
import json
import os
import signal
import traceback
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

LONGEST_S: Final = 120
"""Real seconds after which a child that goes round in circles is killed."""


@dataclass(frozen=True)
class Ending:
    """What came of one story."""

    outcome: str
    """In a word or two, for counting."""
    mistakes: tuple[str, ...]
    """What was wrong; nothing when all was as it must be."""
    story: str = ""
    """All of it in one word, for telling whether two stories are the same; empty where nobody asks."""
    met: bool = False
    """Whether the end was not played: the story had come to where another had been, whose end this is."""


class Crossroads(ABC):
    """Where the story is now, and which way it takes."""

    @abstractmethod
    def way(self, place: str, ways: Sequence[str] | None = None) -> str | None:
        """Return which way to take from ``place``, or None to go straight on. After a way was taken, ask no more.

        ``ways`` are those that begin here, when not all do.
        """

    def meet(self, key: str) -> None:  # noqa: B027 - most crossroads have nobody to meet
        """The story has come to where ``key`` alone decides how it ends. May not return when another one has been there."""


Story = Callable[[Crossroads], Ending]
Heard = Callable[[str, str, Ending], None]
"""Hears place, way and what came of it; both are empty for the story that went straight on to its end."""


class Onward(Crossroads):
    """Straight on, from every place."""

    def way(self, place: str, ways: Sequence[str] | None = None) -> str | None:
        return None


class _Straight(Crossroads):
    """One way from one place."""

    def __init__(self, place: str, way: str) -> None:
        self._place, self._way = place, way
        self.passed = False

    def way(self, place: str, ways: Sequence[str] | None = None) -> str | None:
        if place != self._place or (ways is not None and self._way not in ways):
            return None
        self.passed = True
        return self._way


class _Forking(Crossroads):
    """Every way from every ``step``-th place behind the first ``skip``; at most ``workers`` children at a time."""

    def __init__(self, ways: Sequence[str], heard: Heard, workers: int, step: int, skip: int, *, meets: bool) -> None:
        self._ways, self._heard, self._workers, self._step = ways, heard, workers, step
        self._places = -skip
        self._children: deque[tuple[int, int, str, str]] = deque()
        self._meets = meets
        self._ends: dict[str, Ending] = {}
        """How it ended from where stories have been."""
        self._met: list[str] = []
        self.told_to: int | None = None
        """In a child: where its ending is written."""

    def way(self, place: str, ways: Sequence[str] | None = None) -> str | None:
        self._places += 1
        if self._places > 0 and self._places % self._step == 0:
            for way in self._ways if ways is None else ways:
                if self._fork(place, way):
                    return way
        return None

    def _fork(self, place: str, way: str) -> bool:
        """Return True in the child."""
        while len(self._children) >= self._workers:
            self._listen()
        mouth, ear = os.pipe()[::-1]
        loop = asyncio.get_running_loop()
        pid = os.fork()
        if pid:
            os.close(mouth)
            self._children.append((pid, ear, place, way))
            return False
        os.close(ear)
        asyncio._set_running_loop(loop)  # asyncio forgets it in another process
        gc.disable()  # a short life; collecting would copy the parent's pages
        signal.alarm(LONGEST_S)
        self._children.clear()
        self.told_to = mouth
        return True

    def meet(self, key: str) -> None:
        if self.told_to is not None and self._meets:
            self._met.append(key)
            if key in self._ends:
                self.tell(None)
                os._exit(0)

    def tell(self, ending: Ending | None) -> None:
        """In a child: write down how it ended; None for the way it does from where it has met another story."""
        assert self.told_to is not None
        words = json.dumps({"met": self._met, "ending": ending and astuple(ending)})
        with os.fdopen(self.told_to, "wb") as mouth:
            mouth.write(words.encode())

    def _listen(self) -> None:
        """Hear the oldest child to its end."""
        pid, ear, place, way = self._children.popleft()
        with os.fdopen(ear, "rb") as told:
            words = told.read()
        _, status = os.waitpid(pid, 0)
        if words:
            found = json.loads(words)
            if found["ending"] is None:
                ending = replace(self._ends[found["met"][-1]], met=True)
            else:
                outcome, mistakes, story, _ = found["ending"]
                ending = Ending(outcome, tuple(mistakes), story)
            self._ends |= {key: ending for key in found["met"] if key not in self._ends}
        else:
            ending = Ending("died", (f"the process died with status {os.waitstatus_to_exitcode(status)}",))
        self._heard(place, way, ending)

    def listen_to_all(self) -> None:
        while self._children:
            self._listen()


def everywhere(
    story: Story, ways: Sequence[str], heard: Heard, *, workers: int, step: int, skip: int, meets: bool = False
) -> None:
    """Go every way from every ``step``-th place behind the first ``skip``, and straight through the story at last.

    ``meets``: a story that comes to where another has been is not played further, and ends as that did.
    """
    roads = _Forking(ways, heard, workers, step, skip, meets=meets)
    gc.freeze()
    try:
        ending = _lived(story, roads)
        if roads.told_to is not None:
            roads.tell(ending)
    finally:
        if roads.told_to is not None:
            os._exit(0)  # the rest of this program is the parent's
    roads.listen_to_all()
    heard("", "", ending)


def only(story: Story, place: str, way: str) -> Ending:
    """Go one way from one place. A story that never comes there is a mistake."""
    roads = _Straight(place, way)
    ending = _lived(story, roads)
    return ending if roads.passed else Ending("not reached", (*ending.mistakes, f"the story never came to {place}"))


def _lived(story: Story, roads: Crossroads) -> Ending:
    try:
        return story(roads)
    except Exception:  # whatever it was, it is told with the place where it happened
        return Ending("broke", (traceback.format_exc(),))
