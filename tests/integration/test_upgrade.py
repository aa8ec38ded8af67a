"""What the first release wrote is read by this one, and what a newer one adds is no obstacle.

`tests/contract/envelopes.jsonl` was kept from 0.1.0, runs of sequences and plans from when they
came, and is never made anew: a field that becomes obligatory, changes its meaning or vanishes
breaks whoever is upgraded with messages in flight, or with a sequence that runs.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from omf.plans.plan import OrderPlan
from omf.sequences.run import SequenceRun
from services.common.process import clock
from services.common.sessions import named_ranges  # noqa: F401 - MODELS has theirs
from services.common.store import brackets, entries  # noqa: F401 - MODELS has their model
from services.common.store.consumer import Dead
from services.common.store.keys import Command, LinkHealth, Stage, StreamModel, key
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes
from tests.support.servers import Addresses

KEPT: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "contract/envelopes.jsonl").read_text().splitlines()
]
IDS = [kept["model"] for kept in KEPT]


def stream_models(base: type[StreamModel] = StreamModel) -> Iterator[type[StreamModel]]:
    """Every model of the streams, also those built on another one."""
    for model in base.__subclasses__():
        yield model
        yield from stream_models(model)


MODELS: dict[str, type[StreamModel]] = {
    **{model.__name__: model for model in stream_models()},
    "Link": LinkHealth,
}
"""By the names of 0.1.0."""
HELD: dict[str, type[SequenceRun | OrderPlan]] = {
    "SequenceRun": SequenceRun,
    "OrderPlan": OrderPlan,
}
"""What is kept beside the streams, as JSON alone."""


def read(name: str, body: dict[str, Any]) -> BaseModel:
    """An envelope as its reader reads it."""
    told = json.dumps(body).encode()
    if name in HELD:
        return HELD[name].model_validate_json(told)
    return entries.decode(MODELS[name], {entries.DATA: told})


def holds(said: Any, kept: Any) -> bool:
    """What was kept is said, whatever a later release says besides, at any depth."""
    if isinstance(kept, dict):
        return isinstance(said, dict) and all(
            name in said and holds(said[name], value) for name, value in kept.items()
        )
    if isinstance(kept, list):
        return len(said) == len(kept) and all(map(holds, said, kept))
    return bool(said == kept)


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.mark.parametrize("kept", KEPT, ids=IDS)
def test_an_old_envelope_is_read_whole(kept: dict[str, Any]) -> None:
    found = read(kept["model"], kept["body"])
    assert holds(found.model_dump(mode="json"), kept["body"])


@pytest.mark.parametrize("kept", KEPT, ids=IDS)
def test_a_field_of_a_newer_release_is_left_aside(kept: dict[str, Any]) -> None:
    newer = kept["body"] | {"of_tomorrow": {"any": ["thing"]}}
    assert read(kept["model"], newer) == read(kept["model"], kept["body"])


def test_a_command_in_flight_during_an_upgrade_is_carried_out(world: World) -> None:
    old = next(kept["body"] for kept in KEPT if kept["model"] == "Command")
    fresh = old | {"created_at": clock.now(), "of_tomorrow": 1}
    name = key(ENVIRONMENT, "commands")
    world.desk.client.xadd(name, {entries.DATA: json.dumps(fresh).encode()})
    running = world.run()
    assert running.desk.final("kept-1").stage is Stage.EFFECT
    assert running.desk.models("dead", Dead) == []
    assert Command.model_validate(fresh).command_id == "kept-1"
