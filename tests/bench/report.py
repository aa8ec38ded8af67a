"""The form of every benchmark's result: a table for people, `build/bench/<part>.json` for checks.

`{"machine", "date", "rows": [{"name", "value", "unit", "spread"}], "ratios": {...},
"meaning": {...}}` (DESIGN 7).
A value is the median of several runs, the spread its least and greatest.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

from services.common.process import clock

FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench"


class Row(TypedDict):
    """One figure."""

    name: str
    value: float
    unit: str
    spread: str


def row(name: str, unit: str, samples: Sequence[float], digits: int = 3) -> Row:
    """Return the median of some runs and their spread."""
    low, middle, high = min(samples), statistics.median(samples), max(samples)
    spread = f"{low:.{digits}f}..{high:.{digits}f}"
    return {"name": name, "value": round(middle, digits), "unit": unit, "spread": spread}


def seconds(work: Callable[[], object]) -> float:
    """Return how long one run takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def machine() -> str:
    """Return processor, cores, system and Python, without a name that tells whose it is."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, {python}"


def write(
    part: str,
    rows: Sequence[Row],
    ratios: Mapping[str, float],
    meaning: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write the result file of a part and the same as a table to standard output.

    `meaning` explains the rows whose names begin so.
    """
    result = {
        "machine": machine(),
        "date": clock.iso(clock.now()),
        "rows": list(rows),
        "ratios": dict(ratios),
        "meaning": dict(meaning),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{part}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(_table(rows, ratios))
    sys.stdout.writelines(f"{name}: {text}\n" for name, text in meaning.items())
    return path


def _table(rows: Sequence[Row], ratios: Mapping[str, float]) -> str:
    width = max(len(name) for name in (*(one["name"] for one in rows), *ratios, ""))
    lines = [
        f"{one['name']:<{width}}  {one['value']:>14,.3f} {one['unit']:<11} {one['spread']}"
        for one in rows
    ]
    lines += [f"{name:<{width}}  {value:>14,.3f} ratio" for name, value in ratios.items()]
    return "\n".join([machine(), *lines]) + "\n"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
