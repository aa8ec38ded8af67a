"""Whether processes grow over hours: memory and descriptors of each, life by life."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.report import Row, row

HOUR_S = 3600.0
MANY_SAMPLES = 10
"""Of fewer no slope is told."""


class Sample(NamedTuple):
    """One process at one moment."""

    at: float
    """Seconds since the begin."""
    memory_mb: float
    """Its share of the machine's memory (PSS)."""
    descriptors: int


class Growth:
    """Samples of all processes; a restart begins another life, which grows from where it begins."""

    def __init__(self, warm_s: float) -> None:
        """Of each life the first `warm_s` seconds are not judged: buffers and caches fill."""
        self._warm_s = warm_s
        self._lives: dict[tuple[str, int], list[Sample]] = defaultdict(list)
        self._began = time.monotonic()

    def note(self, pids: Mapping[str, int]) -> None:
        """Take a sample of each process that is there."""
        at = time.monotonic() - self._began
        for name, pid in pids.items():
            if sample := _sample(pid, at):
                self._lives[name, pid].append(sample)

    def judged(self) -> dict[str, list[list[Sample]]]:
        """By process its lives that were long enough, each without its beginning."""
        found: dict[str, list[list[Sample]]] = defaultdict(list)
        for (name, _), life in self._lives.items():
            rest = [one for one in life if one.at - life[0].at >= self._warm_s]
            if len(rest) >= MANY_SAMPLES:
                found[name].append(rest)
        return found

    def rows(self) -> Iterator[Row]:
        """Slope of the memory and growth of the descriptors, by process."""
        for name, lives in sorted(self.judged().items()):
            yield row(f"memory of {name}", "MB/h", [slope_mb_per_h(lives)], 2)
            last = [life[-1].memory_mb for life in lives]
            yield row(f"memory of {name} in the end", "MB", last, 0)
            gained = [_last_third(life) - _first_third(life) for life in lives]
            yield row(f"descriptors of {name} gained", "", gained, 0)


def slope_mb_per_h(lives: Sequence[Sequence[Sample]]) -> float:
    """The one slope that fits all lives best (least squares), each from a level of its own."""
    above, below = 0.0, 0.0
    for life in lives:
        at = sum(one.at for one in life) / len(life)
        memory = sum(one.memory_mb for one in life) / len(life)
        above += sum((one.at - at) * (one.memory_mb - memory) for one in life)
        below += sum((one.at - at) ** 2 for one in life)
    return above / below * HOUR_S if below else 0.0


def _first_third(life: Sequence[Sample]) -> int:
    return min(one.descriptors for one in life[: len(life) // 3 or 1])


def _last_third(life: Sequence[Sample]) -> int:
    """The least of it: a connection that is open for a moment is no growth."""
    return min(one.descriptors for one in life[-(len(life) // 3 or 1) :])


def _sample(pid: int, at: float) -> Sample | None:
    folder = Path(f"/proc/{pid}")
    try:
        lines = (folder / "smaps_rollup").read_text("utf-8").splitlines()
        descriptors = len(list((folder / "fd").iterdir()))
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return Sample(at, int(found[0]) / 1024, descriptors) if found else None
