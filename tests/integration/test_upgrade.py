"""What the first release wrote is read by this one, and what a newer one adds is no obstacle.

`tests/contract/envelopes.jsonl` was kept from 0.1.0 and is never made anew: a field that becomes
obligatory, changes its meaning or vanishes breaks whoever is upgraded with messages in flight.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common import clock, entries, streams
from services.common.streams import Command, Stage, Wire, key
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes
from tests.support.servers import Addresses

KEPT: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "contract/envelopes.jsonl").read_text().splitlines()
]
IDS = [kept["model"] for kept in KEPT]


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.mark.parametrize("kept", KEPT, ids=IDS)
def test_an_old_envelope_is_read_whole(kept: dict[str, Any]) -> None:
    model: type[Wire] = getattr(streams, kept["model"])
    read = entries.decode(model, {entries.DATA: json.dumps(kept["body"]).encode()})
    said = read.model_dump(mode="json")
    assert {name: said[name] for name in kept["body"] if name != "command"} == {
        name: value for name, value in kept["body"].items() if name != "command"
    }


@pytest.mark.parametrize("kept", KEPT, ids=IDS)
def test_a_field_of_a_newer_release_is_left_aside(kept: dict[str, Any]) -> None:
    model: type[Wire] = getattr(streams, kept["model"])
    newer = kept["body"] | {"of_tomorrow": {"any": ["thing"]}}
    read = entries.decode(model, {entries.DATA: json.dumps(newer).encode()})
    assert read == model.model_validate(kept["body"])


def test_a_command_in_flight_during_an_upgrade_is_carried_out(world: World) -> None:
    old = next(kept["body"] for kept in KEPT if kept["model"] == "Command")
    fresh = old | {"created_at": clock.now(), "of_tomorrow": 1}
    name = key(ENVIRONMENT, "commands")
    world.desk.client.xadd(name, {entries.DATA: json.dumps(fresh).encode()})
    running = world.run()
    assert running.desk.final("kept-1").stage is Stage.EFFECT
    assert running.desk.models("dead", streams.Dead) == []
    assert Command.model_validate(fresh).command_id == "kept-1"
