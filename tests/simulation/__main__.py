"""`python -m tests.simulation --seeds 1000`: run seeds on all processors, and say what was found."""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.run import Outcome, run


def main() -> int:
    """Run them; 1 if a promise was broken."""
    wished = argparse.ArgumentParser(prog="python -m tests.simulation")
    wished.add_argument("--seeds", type=int, default=1000, help="how many, from --first on")
    wished.add_argument("--first", type=int, default=0)
    wished.add_argument("--show", action="store_true", help="print all that happened")
    given = wished.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets follows the hashes of this process; without it no run is repeated.
        os.execve(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"})
    began, done, bad = time.monotonic(), [], []
    seeds = range(given.first, given.first + given.seeds)
    if given.seeds == 1:
        outcomes = map(run, seeds)
    else:
        outcomes = ProcessPoolExecutor().map(run, seeds, chunksize=5)
    for outcome in outcomes:
        done.append(outcome._replace(journal=[]))
        if given.show:
            print("\n".join(outcome.journal))
        for one in outcome.found:
            print(f"seed {outcome.seed}: {one}", flush=True)
        if outcome.found:
            bad.append(outcome.seed)
    _summary(done, time.monotonic() - began)
    return int(bool(bad))


def _summary(done: list[Outcome], took_s: float) -> None:
    questions = sum(one.questions for one in done)
    print(
        f"{len(done)} runs in {took_s:.1f} s ({len(done) / took_s:.1f}/s), "
        f"{sum(one.commands for one in done)} commands, {questions} steps ({questions / took_s:.0f}/s), "
        f"{sum(one.crashes for one in done)} crashes, "
        f"{sum(one.virtual_s for one in done) / 3600:.2f} h of virtual time, "
        f"{sum(bool(one.found) for one in done)} with findings"
    )


if __name__ == "__main__":
    sys.exit(main())
