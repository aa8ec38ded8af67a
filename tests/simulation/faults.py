"""What goes wrong in a run: drawn from the seed, said in advance, the same each time."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import NamedTuple


class Chances(NamedTuple):
    """How often what goes wrong, each between 0 and 1."""

    never_asked: float
    """The store is not asked: the question is lost."""
    never_answered: float
    """The store has done it, and its answer is lost."""
    slow: float
    """The disk holds an answer up."""
    crash: float
    """A process ends, at a question or at its answer."""
    at_point: float
    """A process ends between two steps that must not be torn apart; `failpoint` names them."""
    link_breaks: float
    """A broker connection breaks under a packet."""
    frozen: float
    """A process stands still behind a question or its answer, and thaws later."""
    watched: float
    """The same of who has a stand-by, around what it writes."""
    told_twice: float
    """A client hands its command over twice."""
    clock_set: float
    """Somebody sets the clock while a script is on its way to the store, or its answer back."""
    lines_dead: float
    """Who stood still finds its lines to the store dead, and for a while makes no new ones."""


QUIET = Chances(*[0] * len(Chances._fields))
SLOW_S = (0.02, 1.5)
QUICK_S = (0.0001, 0.004)
WATCHED = (0.01, 0.05, 0.15)
FROZEN_S = (0.3, 8.0)
"""Shorter and longer than a lease of the lead lasts."""
CUT_S = (0.5, 8.0)
CLOCK_STEP_S, SMALL_STEP_S = (-30.0, 30.0), (-20.0, 20.0)


class CrashedError(asyncio.CancelledError):
    """The process is gone: nothing of it runs any more."""


class Dice:
    """All chance of a run."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - to be repeated by its seed
        self.chances = self._mixture()
        self.healed = False

    def _mixture(self) -> Chances:
        """Some runs are quiet but for one thing, in others everything goes wrong at once."""
        usual = Chances(0.01, 0.01, 0.02, 0.004, 0.02, 0.05, 0.002, 0, 0.2, 0.001, 0.33)
        mixed = Chances(*(one * self._random.choice((0, 0, 1, 3)) for one in usual))
        return mixed._replace(watched=self._random.choice(WATCHED))

    def hits(self, chance: float) -> bool:
        """True as often as `chance` says."""
        return chance > 0 and self._random.random() < chance

    def between(self, low: float, high: float) -> float:
        """A number between two."""
        return self._random.uniform(low, high)

    def pick(self, *of: str) -> str:
        """One of several."""
        return self._random.choice(of)

    def clock_step_s(self) -> float:
        """By how much a clock is set; often by about as much as a command is good for."""
        return self.between(*(CLOCK_STEP_S if self.hits(0.5) else SMALL_STEP_S))

    def theme(self, *of: str) -> str:
        """One of several, the same all through the run."""
        return of[self._seed % len(of)]

    def latency_s(self) -> float:
        """How long an answer takes."""
        return self.between(*(SLOW_S if self.hits(self.chances.slow) else QUICK_S))

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.chances, self.healed = QUIET, True


class Journal:
    """What happened, one line each: two runs of a seed have the same, byte for byte."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.lines: list[str] = []

    def note(self, who: str, what: str) -> None:
        """Something happened."""
        self.lines.append(f"{self._now():.6f} {who} {what}")
