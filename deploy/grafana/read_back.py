"""Whether Grafana's own models know every field of the dashboards: `make lint-containers`.

Each is read into the models of grafana-foundation-sdk and written again; a field that is not there
afterwards, or is another one, is unknown to Grafana or of another type, and is named.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

BOARDS = Path(__file__).with_name("dashboards")


def lost(told: Any, made: Any, where: str = "") -> Iterator[str]:
    """Where `made` lacks something of `told`, or has another value for it."""
    if isinstance(told, dict) and isinstance(made, dict):
        for key, value in told.items():
            yield from lost(value, made.get(key), f"{where}.{key}")
    elif isinstance(told, list) and isinstance(made, list) and len(told) == len(made):
        for place, pair in enumerate(zip(told, made, strict=True)):
            yield from lost(*pair, f"{where}[{place}]")
    elif told != made:
        yield f"{where}: {told!r} is read as {made!r}"


def findings(path: Path) -> list[str]:
    """What is wrong with one dashboard."""
    told = json.loads(path.read_text("utf-8"))
    made = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(told)))
    return [f"{path.name}{one}" for one in lost(told, made)]


def main() -> int:
    """Print what is wrong with all of them; 1 if anything is."""
    register_default_plugins()
    found = [one for path in sorted(BOARDS.glob("*.json")) for one in findings(path)]
    sys.stdout.write("".join(f"{one}\n" for one in found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
