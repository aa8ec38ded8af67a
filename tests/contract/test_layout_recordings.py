"""Every FTS order the CCU ever sent before a recorder, driven again by our own graph."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from omf.layout.layout import Layout
from omf.topics import catalogue
from tests.support.factory import layout_message
from tests.support.shared import RECORDINGS, recording

LAYOUT = Layout.from_message(layout_message())


def _drives(name: str) -> Iterator[dict[str, Any]]:
    for message in recording(name):
        entry = catalogue.of(message.topic)
        if entry is not None and entry.name == "fts_order":
            yield json.loads(message.payload)


def _the_other_way_round(drive: dict[str, Any]) -> str:
    """The first crossing the drive avoids, or none, taken as held by the other vehicle."""
    taken = {node["id"] for node in drive["nodes"]}
    held = tuple(node for node in ("1", "2") if node not in taken)[:1]
    return _written(drive, held)


def _written(drive: dict[str, Any], blocked: tuple[str, ...]) -> str:
    nodes = drive["nodes"]
    ids = iter([node["action"]["id"] for node in nodes[1:-1]])
    route = LAYOUT.route(nodes[0]["id"], nodes[-1]["id"], blocked)
    dock = nodes[-1]["action"]
    return json.dumps([route.order_nodes(dock, lambda: next(ids)), route.order_edges()])


@pytest.mark.parametrize("name", RECORDINGS)
def test_recorded_drives_are_rebuilt_byte_by_byte(name: str) -> None:
    for drive in _drives(name):
        recorded = json.dumps([drive["nodes"], drive["edges"]])
        assert recorded in (_written(drive, ()), _the_other_way_round(drive))


def test_the_recordings_hold_seventy_one_drives_two_of_them_round_the_other_side() -> None:
    drives = [drive for name in RECORDINGS for drive in _drives(name)]
    plain = [json.dumps([d["nodes"], d["edges"]]) == _written(d, ()) for d in drives]
    if RECORDINGS:
        assert (len(plain), plain.count(False)) == (71, 2)
