"""Two operators at the same moment, crashes one after the other: one winner, one effect, an end."""

import os
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from services.common.store.keys import FINAL_STAGES, Outgoing, Role
from tests.support.circle import World, settled
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

RACES, ROUNDS = 14, 8
"""No gateway takes them: more than thirty that wait would be refused as too many."""
KILLS = 6
SEEDS = range(1, int(os.environ.get("OMF_CHAOS_ROUNDS", "3")) // 3 + 1)


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def free(number: int) -> dict[str, Any]:
    parameters = {"topic": f"x/{number}", "payload": "{}", "confirm": "SENDEN"}
    return {"kind": "free-message", "parameters": parameters, "role": Role.ADMIN}


@pytest.mark.parametrize("_again", range(ROUNDS))
def test_of_two_operators_exactly_one_wins_each_time(world: World, _again: int) -> None:
    world.start("orders").wait_ready()
    desk = world.desk

    def ask(operator: str) -> None:
        for number in range(RACES):
            desk.order(f"{operator}-{number}", operator=f"{operator}-{number}", **free(number))

    askers = [threading.Thread(target=ask, args=(name,)) for name in ("anna", "bert")]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    wait_for(lambda: desk.client.xlen("omf:{mock}:audit") == 2 * RACES, 30)
    for number in range(RACES):
        lives = [desk.events(f"{name}-{number}") for name in ("anna", "bert")]
        decided = sorted(life[1].stage.value for life in lives)
        assert decided == ["accepted", "refused"]
        lost = next(life[1] for life in lives if life[1].stage.value == "refused")
        winner = next(life[1].operator for life in lives if life[1] is not lost)
        assert lost.reasons[0].id == "occupied"
        assert winner in lost.reasons[0].en
    assert len(desk.models("outbox", Outgoing)) == RACES


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_again_and_again_each_command_happens_at_most_once_and_ends(
    world: World, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable order of crashes
    running = {name: world.start(name) for name in ("orders", "gateway")}
    for service in running.values():
        service.wait_ready()
    ids = []
    for number in range(KILLS):
        ids.append(world.desk.order(f"c{number}", operator=f"o{number}"))
        threading.Event().wait(dice.uniform(0, 0.05))
        name = dice.choice(["orders", "gateway"])
        running[name].kill()
        running[name] = world.start(name).wait_ready()
    for name in ids:
        world.desk.final(name, 40)
    settled(lambda: True)
    asked = [body["requestId"] for _, body in world.factory.commands]
    assert len(asked) == len(set(asked))
    accepted = {n for n in ids if "accepted" in world.desk.stages(n)}
    assert len(asked) <= len(accepted)
    proven = {n for n in ids if world.desk.stages(n)[-1] == "effect"}
    assert len(proven) <= len(asked)
    assert all(world.desk.events(n)[-1].stage in FINAL_STAGES for n in ids)


def test_a_poisoned_outbox_does_not_hold_up_its_neighbours(world: World) -> None:
    service: Service = world.start("gateway").wait_ready()
    world.desk.client.xadd("omf:{mock}:outbox", {"__data__": '{"topic":"ccu/order/request"}'})
    world.start("orders").wait_ready()
    assert world.desk.final(world.desk.order("healthy")).stage.value == "effect"
    assert service.alive
