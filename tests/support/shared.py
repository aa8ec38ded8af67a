"""Finds the reference material beside the repository: protocol samples, recordings and truth.

The folder is `../shared` as seen from the repository, or `OMF_SHARED`. Without it a test is
skipped; where `CI` is true it fails, because there a skipped proof would look like a proof.
"""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from omf.messages.message import Message

_ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("OMF_SHARED") or _ROOT.parent / "shared")
"""Where the reference material lies, whether it is there or not."""
_ENDING = ".jsonl.gz"

RECORDINGS: tuple[str, ...] = tuple(
    sorted(path.name.removesuffix(_ENDING) for path in (FOLDER / "recordings").glob(f"*{_ENDING}"))
)
"""Names of the recordings; empty where the folder is missing."""


def shared_path(*parts: str) -> Path:
    """Return an existing path of the shared folder; else skip the test, or fail it in CI."""
    path = FOLDER.joinpath(*parts)
    if path.exists():
        return path
    sentence = f"shared material is missing: {'/'.join(parts)} (set OMF_SHARED to its folder)"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def recording(name: str) -> Iterator[Message]:
    """Yield the messages of a recording in order of arrival, with ids made from its clock."""
    yield from recorded(shared_path("recordings", f"{name}{_ENDING}"))


def recorded(path: Path) -> Iterator[Message]:
    """Yield the messages of a file of that form."""
    last_ms, sequence = -1, 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            arrived_ms = round(datetime.fromisoformat(row["ts"]).timestamp() * 1000)
            sequence = sequence + 1 if arrived_ms == last_ms else 0
            last_ms = arrived_ms
            yield Message(
                topic=row["topic"],
                payload=row["payload"].encode(),
                id=f"{arrived_ms}-{sequence}",
                qos=row["qos"],
                retain=row["retain"],
            )


def truth(name: str) -> dict[str, Any]:
    """Return the ground truth of a recording."""
    path = shared_path("recordings", "truth", f"{name}.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def samples() -> dict[str, dict[str, Any]]:
    """Return the protocol samples by file name without ending: topic, payload, qos, retain."""
    folder = shared_path("protocol", "samples")
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }
