"""`python -m tests.simulation --seeds 1000`: run seeds on all processors, and say what was found."""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext

from tests.simulation.run import Outcome, run
from tests.simulation.seeded_bugs import BUGS


def main() -> int:
    """Run them; 1 if a promise was broken."""
    wished = argparse.ArgumentParser(prog="python -m tests.simulation")
    wished.add_argument("--seeds", type=int, default=1000, help="how many, from --first on")
    wished.add_argument("--first", type=int, default=0)
    wished.add_argument("--minutes", type=float, default=0.0, help="as long as that, not a number")
    wished.add_argument("--show", action="store_true", help="all that happened, line by line")
    wished.add_argument("--bug", default="", help="the name of a seeded bug to wear")
    wished.add_argument("--until-found", action="store_true", help="end with the first finding")
    given = wished.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets follows the hashes of a process; without this no run is repeated.
        again = [sys.executable, "-m", "tests.simulation", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})
    began, done = time.monotonic(), list[Outcome]()
    for outcome in _outcomes(given):
        done.append(outcome._replace(journal=[]))
        if given.show:
            print("\n".join(outcome.journal))
        for one in outcome.found:
            print(f"seed {outcome.seed}: {one}", flush=True)
        over = given.minutes and time.monotonic() - began > given.minutes * 60
        if over or (given.until_found and outcome.found):
            break
    _summary(done, time.monotonic() - began)
    return int(any(one.found for one in done))


def _outcomes(given: argparse.Namespace) -> Iterator[Outcome]:
    seeds: Iterable[int] = range(given.first, given.first + given.seeds)
    if given.bug or given.show or given.seeds == 1:
        bug = next((one for one in BUGS if one.name == given.bug), None)
        with bug.worn() if bug else nullcontext():
            yield from map(run, seeds)
        return
    if given.minutes:
        seeds = range(given.first, given.first + 1_000_000)
    with ProcessPoolExecutor() as pool:
        # Handed out a few at a time: what nobody waits for any more must not be run.
        waiting = [pool.submit(run, seed) for seed in list(seeds)[: _ahead(given)]]
        rest = iter(seeds[len(waiting) :])
        while waiting:
            yield waiting.pop(0).result()
            if (seed := next(rest, None)) is not None:
                waiting.append(pool.submit(run, seed))


def _ahead(given: argparse.Namespace) -> int:
    return min(given.seeds, 4 * (os.cpu_count() or 1))


def _summary(done: list[Outcome], took_s: float) -> None:
    questions = sum(one.questions for one in done)
    print(
        f"{len(done)} runs in {took_s:.1f} s ({len(done) / took_s:.1f}/s): "
        f"{sum(one.commands for one in done)} commands, "
        f"{questions} steps ({questions / took_s:.0f}/s), "
        f"{sum(one.crashes for one in done)} crashes, "
        f"{sum(one.virtual_s for one in done) / 3600:.2f} h of virtual time, "
        f"{sum(bool(one.found) for one in done)} with findings"
    )


if __name__ == "__main__":
    sys.exit(main())
