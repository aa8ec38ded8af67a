"""Orders by plan with real orders, gateway, store and broker."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from omf.plans.plan import OrderPlan
from services.common.process import clock
from services.common.store.keys import Stage, key
from tests.support.api import Door
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def soon(seconds: float) -> str:
    """A moment to come, as the clock on this wall shows it."""
    when = datetime.fromtimestamp(clock.now()) + timedelta(seconds=seconds)  # noqa: DTZ006
    return when.isoformat(timespec="seconds")


def ask(world: World, command_id: str, act: str, operator: str = "anna", **given: Any) -> Stage:
    asked = {"kind": f"plan-{act}", "parameters": {"name": "p", **given}, "operator": operator}
    return world.desk.final(world.desk.order(command_id, **asked)).stage


def plans(world: World) -> list[OrderPlan]:
    client = world.desk.client
    found = client.hvals(key(ENVIRONMENT, "plans"))
    found += client.lrange(key(ENVIRONMENT, "plans:ended"), 0, -1)
    return [OrderPlan.model_validate_json(one) for one in found]


def events(world: World) -> list[str]:
    return [note.event for plan in plans(world) for note in plan.history]


def asked(world: World) -> list[str]:
    return [body["type"] for _, body in world.factory.commands]


def test_what_is_due_is_ordered_once_though_orders_dies(world: World) -> None:
    orders = world.start("orders", failpoint="orders.after_plan").wait_ready()
    world.start("gateway").wait_ready()
    assert ask(world, "s", "set", colours="WHITE,RED", at=soon(3)) is Stage.EFFECT
    wait_for(lambda: not orders.alive, 30, orders.tail)
    world.start("orders").wait_ready()
    wait_for(lambda: len(asked(world)) == 2, 30, lambda: str(plans(world)))
    assert asked(world) == ["WHITE", "RED"]
    assert events(world) == ["set", "given"]
    assert plans(world)[0].ended
    run = plans(world)[0].history[-1].run_id
    wait_for(lambda: world.desk.stages(f"{run}.2").count("effect"))
    bodies = [json.dumps(body) for _, body in world.factory.commands]
    assert len(bodies) == len(set(bodies))


def test_what_a_plan_gives_is_given_by_who_set_or_resumed_it_as_they_were_known(
    world: World,
) -> None:
    world.run()
    given = {"name": "p", "colours": "WHITE", "at": soon(3)}
    told = {"operator": "anna", "known_by": "account"}
    world.desk.final(world.desk.order("s", kind="plan-set", parameters=given, **told))
    wait_for(lambda: len(asked(world)) == 1, 30, lambda: str(plans(world)))
    run = plans(world)[0].history[-1].run_id
    wait_for(lambda: bool(world.desk.audit(f"{run}.1")), 30)
    for given_by_it in (run, f"{run}.1"):
        (record, *_) = world.desk.audit(given_by_it)
        assert (record.command.operator, record.command.known_by) == ("anna", "account")


def test_away_at_its_time_it_is_skipped_with_a_word(world: World) -> None:
    orders = world.start("orders").wait_ready()
    world.start("gateway").wait_ready()
    ask(world, "s", "set", colours="WHITE", at=soon(3600))
    orders.kill()
    [plan] = plans(world)
    long_ago = plan.but(at=plan.at - timedelta(hours=2), looked_until=plan.looked_until - 9000)  # type: ignore[operator]
    name = key(ENVIRONMENT, "plans")
    world.desk.client.hset(name, "p", long_ago.model_dump_json())
    world.start("orders").wait_ready()
    wait_for(lambda: events(world) == ["set", "skipped"], 30, lambda: str(plans(world)))
    assert "Nothing is made up for" in str(plans(world)[0].why)
    assert asked(world) == []


def test_a_plan_is_paused_resumed_and_removed_and_the_second_is_told(world: World) -> None:
    world.run()
    ask(world, "s", "set", colours="WHITE", times="00:00")
    assert ask(world, "p1", "pause", "bert") is Stage.EFFECT
    assert ask(world, "p2", "pause", "carla") is Stage.REFUSED
    assert "bert" in world.desk.final("p2").reasons[0].en
    assert ask(world, "r", "resume", "carla") is Stage.EFFECT
    assert plans(world)[0].operator == "carla"
    assert ask(world, "d", "remove", "bert") is Stage.EFFECT
    assert ask(world, "d2", "remove") is Stage.REFUSED
    gone = world.desk.final("d2").reasons[0]
    assert (gone.id, "by bert" in gone.en) == ("plan-ended", True)
    world.desk.order("n", kind="plan-remove", parameters={"name": "none"})
    assert world.desk.final("n").reasons[0].id == "no-plan"
    past = {"name": "p", "colours": "RED", "at": "2020-01-01 08:00"}
    world.desk.order("past", kind="plan-set", parameters=past)
    assert world.desk.final("past").reasons[0].id == "parameter:at"
    wrong = world.desk.order("w", kind="plan-set", parameters={"name": "p", "colours": "RED"})
    assert "exactly one of at, times and keep" in world.desk.final(wrong).reasons[0].en


def test_an_order_that_is_not_possible_is_skipped_with_its_word(world: World) -> None:
    world.run()
    ask(world, "s", "set", colours="BLUE", at=soon(2))
    wait_for(lambda: events(world) == ["set", "skipped"], 30, lambda: str(plans(world)))
    assert "No free piece" in str(plans(world)[0].why)
    assert asked(world) == []


def test_plans_are_listed_over_http_and_on_the_command_line(
    world: World, processes: Processes, servers: Addresses
) -> None:
    world.run()
    ask(world, "s", "set", colours="WHITE", times="00:00")
    door = Door(processes, servers.store_url).ready()
    [plan] = door.client("viewer").get("/plans").json()["plans"]
    assert (plan["name"], plan["times"], plan["history"][0]["event"]) == ("p", ["00:00:00"], "set")
    door.close()
    omf = (sys.executable, "-m", "services.cli", "plans", "--history")
    shown = processes.run(*omf, OMF_STORE_URL=servers.store_url)
    assert shown.wait(30) == 0
    assert "1 x WHITE" in shown.tail()
