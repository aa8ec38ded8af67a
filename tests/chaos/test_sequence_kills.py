"""Wherever orders or the store die amid a sequence, each of its commands goes out exactly once."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from omf.sequences.run import RunState, SequenceRun
from services.common.store.keys import key
from services.supervisor.server import LocalServer
from tests.chaos.scene import ROUNDS, SEED
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

WHITE = {"kind": "production-order", "parameters": {"colour": "WHITE"}}
STEPS = 3


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def start(world: World, *, steps: int = STEPS, run_id: str = "run") -> None:
    given = {"title": {"en": "t"}, "steps": [WHITE] * steps}
    world.desk.order(run_id, kind="sequence-start", parameters=given)


def ended(world: World, run_id: str = "run") -> SequenceRun:
    def found() -> list[SequenceRun]:
        name = key(ENVIRONMENT, "sequences:ended")
        told = world.desk.client.lrange(name, 0, -1)
        runs = map(SequenceRun.model_validate_json, told)
        return [run for run in runs if run.id == run_id]

    wait_for(found, 60, lambda: str(world.desk.client.hgetall(key(ENVIRONMENT, "sequences"))))
    return found()[0]


def holds(world: World, run: SequenceRun, steps: int = STEPS) -> None:
    """Each step once: one command, one entry of the journal, one message at the factory."""
    assert run.state is RunState.DONE, run.why
    given = [note.command_id for note in run.history if note.command_id]
    assert given == [f"{run.id}.{number}" for number in range(1, steps + 1)]
    asked = Counter(json.dumps(body) for _, body in world.factory.commands)
    assert len(asked) == sum(asked.values()) == steps
    for command_id in given:
        assert world.desk.stages(command_id).count("effect") == 1


def dead(service: Service) -> None:
    wait_for(lambda: not service.alive, 30, service.tail)


@pytest.mark.parametrize(
    "place",
    [
        "orders.before_decision",
        "orders.before_decision:2",
        "orders.after_decision:2",
        "orders.before_run",
        "orders.before_run:2",
        "orders.after_run",
        "orders.after_run:2",
    ],
)
def test_orders_killed_anywhere_amid_a_sequence(world: World, place: str) -> None:
    orders = world.start("orders", failpoint=place)
    world.start("gateway").wait_ready()
    start(world)
    dead(orders)
    world.start("orders")
    holds(world, ended(world))


def test_orders_killed_again_and_again_at_any_moment(world: World) -> None:
    moments = Random(SEED)  # noqa: S311 - to be repeated by its seed
    orders = world.start("orders").wait_ready()
    world.start("gateway").wait_ready()
    for number in range(ROUNDS):
        world.factory.commands.clear()
        start(world, run_id=f"run-{number}")
        time.sleep(moments.uniform(0.1, 2.0))
        orders.kill()
        orders = world.start("orders").wait_ready()
        holds(world, ended(world, f"run-{number}"))


def test_the_store_killed_amid_a_sequence(
    processes: Processes, mqtt_url: str, store: LocalServer
) -> None:
    with World(processes, Addresses(store.url, mqtt_url)) as world:
        world.run()
        start(world, steps=STEPS)
        wait_for(lambda: world.factory.commands)
        store.kill()
        store.restart()
        world.factory.say_stock()
        run = ended(world)
        asked = [json.dumps(body) for _, body in world.factory.commands]
        assert len(asked) == len(set(asked)) <= STEPS
        assert run.state in (RunState.DONE, RunState.STOPPED)
