"""`python -m tests.simulation --seeds 1000`: run seeds on all processors and judge each.

`--bugs all` instead puts every seeded bug into the program, one after the other, and tries seeds
until a run shows it.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import count, islice

from tests.simulation.run import Outcome, run
from tests.simulation.seeded_bugs import BUGS

AHEAD = 8
"""Runs handed out in advance: what nobody waits for any more must not be run."""


def main() -> int:
    """Run them; 1 if a promise was broken, or a seeded bug was not seen."""
    given = _given()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets follows the hashes of a process; without this no run is repeated.
        again = [sys.executable, "-m", "tests.simulation", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    return _hunt(given) if given.bugs else _judge(given)


def _given() -> argparse.Namespace:
    wished = argparse.ArgumentParser(prog="python -m tests.simulation")
    wished.add_argument("--seeds", type=int, default=1000, help="how many, from --first on")
    wished.add_argument("--first", type=int, default=0)
    wished.add_argument("--minutes", type=float, default=0.0, help="as long as that, not a number")
    wished.add_argument("--processes", type=int, help="as many as there are processors")
    wished.add_argument("--show", action="store_true", help="all that happened, line by line")
    wished.add_argument("--bugs", nargs="+", metavar="NAME", help="seeded bugs by name, or all")
    return wished.parse_args()


def _judge(given: argparse.Namespace) -> int:
    began, done = time.monotonic(), list[Outcome]()
    for outcome in _outcomes(given):
        done.append(outcome._replace(journal=[]))
        if given.show:
            _say(*outcome.journal)
        _say(*(f"seed {outcome.seed}: {one}" for one in outcome.found))
        if given.minutes and time.monotonic() - began > given.minutes * 60:
            break
    _say(_summary(done, time.monotonic() - began))
    return int(any(one.found for one in done))


def _outcomes(given: argparse.Namespace) -> Iterator[Outcome]:
    seeds = count(given.first) if given.minutes else range(given.first, given.first + given.seeds)
    if given.show:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(given.processes) as pool:
        rest = iter(seeds)
        waiting = [pool.submit(run, seed) for seed in islice(rest, AHEAD)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(run, seed) for seed in islice(rest, 1)]


def _hunt(given: argparse.Namespace) -> int:
    named = {one.name: number for number, one in enumerate(BUGS)}
    hunted = [*named] if given.bugs == ["all"] else given.bugs
    missed = 0
    with ProcessPoolExecutor(given.processes) as pool:
        shown = pool.map(partial(_tried, given.seeds), (named[one] for one in hunted))
        for name, said in zip(hunted, shown, strict=True):
            _say(f"{name}: {said or 'NOT SEEN'}")
            missed += not said
    _say(f"{len(hunted) - missed} of {len(hunted)} seeded bugs seen")
    return int(missed > 0)


def _tried(seeds: int, number: int) -> str:
    """What a run with this bug showed; "" if none showed anything."""
    for seed in range(seeds):
        with BUGS[number].worn():
            found = run(seed).found
        if found:
            return f"seed {seed}: {found[0]}"
    return ""


def _summary(done: list[Outcome], took_s: float) -> str:
    questions = sum(one.questions for one in done)
    worked_s = sum(one.worked_s for one in done)
    return (
        f"{len(done)} runs in {took_s:.1f} s ({len(done) / took_s:.1f}/s, "
        f"{len(done) / worked_s:.2f} a second of processor): "
        f"{sum(one.commands for one in done)} commands, "
        f"{questions} steps ({questions / worked_s:.0f} a second of processor), "
        f"{sum(one.crashes for one in done)} crashes, "
        f"{sum(one.virtual_s for one in done) / 3600:.2f} h of virtual time, "
        f"{sum(bool(one.found) for one in done)} with findings"
    )


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
