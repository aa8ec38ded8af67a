"""Sequences with a real store, broker, orders and gateway."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omf.sequences.run import RunState, SequenceRun
from services.common.store.keys import Role, Stage, key
from tests.support.api import Door
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

TITLE = {"de": "Zwei", "en": "Two"}
WHITE = {"kind": "production-order", "parameters": {"colour": "WHITE"}}
RED = {"kind": "production-order", "parameters": {"colour": "RED"}}
NO_ORDERS = {"wait": {"orders": "open", "at_most": 0}, "timeout_s": 60}


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        world.run()
        yield world


def start(world: World, run_id: str, *steps: dict[str, Any], **changes: Any) -> str:
    given = {"title": TITLE, "steps": list(steps), "name": changes.pop("name", "")}
    return world.desk.order(run_id, kind="sequence-start", parameters=given, **changes)


def steer(world: World, act: str, run_id: str, operator: str = "bert") -> str:
    """Ask it of the run; the id of the command."""
    asked = f"{act}-{operator}-{run_id}"
    world.desk.order(asked, kind=f"sequence-{act}", parameters={"run": run_id}, operator=operator)
    return asked


def runs(world: World) -> dict[str, SequenceRun]:
    client = world.desk.client
    found = client.hvals(key(ENVIRONMENT, "sequences"))
    found += client.lrange(key(ENVIRONMENT, "sequences:ended"), 0, -1)
    read = map(SequenceRun.model_validate_json, found)
    return {run.id: run for run in read}


def in_state(world: World, run_id: str, *states: RunState) -> SequenceRun:
    wait_for(
        lambda: run_id in runs(world) and runs(world)[run_id].state in states,
        30,
        lambda: str(runs(world).get(run_id)),
    )
    return runs(world)[run_id]


def asked(world: World) -> list[str]:
    return [body["type"] for _, body in world.factory.commands]


def test_the_steps_go_out_one_after_the_other_in_the_name_of_who_started(world: World) -> None:
    start(world, "r", WHITE, RED)
    assert world.desk.final("r").stage is Stage.EFFECT
    run = in_state(world, "r", RunState.DONE)
    assert asked(world) == ["WHITE", "RED"]
    assert [note.command_id for note in run.history if note.command_id] == ["r.1", "r.2"]
    [first, _] = [world.desk.audit("r.1")[0], world.desk.audit("r.2")[0]]
    assert (first.command.operator, first.command.note) == ("anna", "Two: 1/2")
    assert first.command.source == "sequence r"
    world.desk.order("r", kind="sequence-start", parameters={"title": TITLE, "steps": [RED]})
    world.desk.final(world.desk.order("after"))
    assert asked(world) == ["WHITE", "RED", "WHITE"]


@pytest.mark.alike
def test_a_refused_step_stops_it_with_its_word(world: World) -> None:
    start(world, "r", {"kind": "production-order", "parameters": {"colour": "BLUE"}}, RED)
    run = in_state(world, "r", RunState.STOPPED)
    assert run.why
    assert "No free piece" in run.why.en
    assert asked(world) == []


@pytest.mark.alike
def test_it_is_held_continued_and_cancelled_by_others_and_one_winner_is_named(
    world: World,
) -> None:
    start(world, "r", WHITE, {"kind": "production-order", "parameters": {"colour": "WHITE"}})
    start(world, "waits", {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 600}, RED)
    in_state(world, "waits", RunState.WAITING)
    one, other = (steer(world, "hold", "waits", name) for name in ("bert", "carla"))
    assert world.desk.final(one).stage is Stage.EFFECT
    refused = world.desk.final(other)
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "already-sequence-hold")
    assert "bert" in refused.reasons[0].en
    assert world.desk.final(steer(world, "continue", "waits", "carla")).stage is Stage.EFFECT
    run = in_state(world, "waits", RunState.WAITING)
    assert run.operator == "carla"
    assert world.desk.final(steer(world, "cancel", "waits")).stage is Stage.EFFECT
    assert in_state(world, "waits", RunState.CANCELLED).why
    late = world.desk.final(steer(world, "hold", "waits", "dora"))
    assert (late.reasons[0].id, "bert" in late.reasons[0].en) == ("run-ended", True)
    assert world.desk.final(steer(world, "hold", "nobody")).reasons[0].id == "no-run"
    in_state(world, "r", RunState.DONE)
    assert asked(world) == ["WHITE", "WHITE"]


def test_of_two_starts_of_one_file_the_first_wins_and_is_named(world: World) -> None:
    wait = {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 600}
    start(world, "one", wait, name="lamps")
    start(world, "two", wait, name="lamps", operator="bert")
    assert world.desk.final("one").stage is Stage.EFFECT
    refused = world.desk.final("two")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "runs-already")
    assert "anna" in refused.reasons[0].en


@pytest.mark.alike
def test_who_may_not_give_every_step_starts_none(world: World) -> None:
    start(world, "r", WHITE, {"kind": "park"}, role=Role.OPERATOR)
    refused = world.desk.final("r")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "role")
    start(world, "bad", {"kind": "fly"})
    assert "fly" in world.desk.final("bad").reasons[0].en
    assert runs(world) == {}


@pytest.mark.alike
def test_a_wait_ends_with_the_state_and_a_branch_takes_the_way_of_the_state(world: World) -> None:
    branch = {
        "if": {"stock": "RED", "at_least": 1},
        "then": [RED],
        "else": [{"stop": {"en": "no red piece", "de": "keine rote"}}],
    }
    start(world, "r", {"wait": {"stock": "WHITE", "at_least": 2}, "timeout_s": 30}, branch)
    in_state(world, "r", RunState.DONE)
    assert asked(world) == ["RED"]
    late = {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 0.5}
    start(world, "late", late, RED)
    assert "Still not met" in str(in_state(world, "late", RunState.STOPPED).why)
    start(world, "instead", late | {"else": [{"stop": "no blue one came"}]}, RED)
    assert str(in_state(world, "instead", RunState.STOPPED).why) == "Text('no blue one came')"
    assert asked(world) == ["RED"]


@pytest.mark.alike
def test_a_step_that_is_no_longer_what_was_read_holds_it_until_it_is_read_again(
    world: World,
) -> None:
    start(world, "r", RED | {"read": "other.than.it.is"})
    run = in_state(world, "r", RunState.HELD)
    assert run.why
    assert "Continuing sends it as it is now" in run.why.en
    assert asked(world) == []
    assert world.desk.final(steer(world, "continue", "r")).stage is Stage.EFFECT
    in_state(world, "r", RunState.DONE)
    assert world.desk.audit("r.1")[0].command.operator == "bert"


def test_it_goes_on_after_a_restart_and_is_held_after_a_long_absence(
    processes: Processes, servers: Addresses
) -> None:
    wait = {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 6000}
    with World(processes, servers) as world:
        orders = world.start("orders").wait_ready()
        world.start("gateway").wait_ready()
        start(world, "r", wait, RED)
        in_state(world, "r", RunState.WAITING)
        orders.kill()
        orders = world.start("orders").wait_ready()
        assert in_state(world, "r", RunState.WAITING).history[-1].passage == "wait"
        orders.kill()
        run = runs(world)["r"]
        an_hour_ago = run.but(since=run.since - 3600)
        client = world.desk.client
        client.hset(key(ENVIRONMENT, "sequences"), "r", an_hour_ago.model_dump_json())
        client.set(key(ENVIRONMENT, "sequences:seen"), repr(run.since - 3500))
        world.start("orders").wait_ready()
        held = in_state(world, "r", RunState.HELD)
        assert held.why
        assert "orders was away for" in held.why.en
        assert asked(world) == []


@pytest.mark.alike
def test_a_risky_step_needs_the_lease_of_whoever_the_run_belongs_to(
    processes: Processes, servers: Addresses
) -> None:
    with World(processes, servers) as world:
        world.start("orders", control_lease="true").wait_ready()
        world.start("gateway").wait_ready()
        world.desk.final(world.desk.order("lead", kind="control-take", parameters={}, operator="b"))
        config = {"kind": "charge", "parameters": {"charge": True}}
        start(world, "r", config, role=Role.ADMIN)
        run = in_state(world, "r", RunState.STOPPED)
        assert run.history[-1].passage == "failed"
        assert world.desk.final("r.1").stage is Stage.REFUSED


@pytest.mark.alike
def test_it_is_started_listed_and_steered_from_the_command_line(
    world: World, processes: Processes, servers: Addresses, tmp_path: Path
) -> None:
    file = tmp_path / "lamps.yaml"
    steps = "[{wait: {stock: BLUE, at_least: 1}, timeout_s: 600}]"
    file.write_text(f"title: {{de: a, en: Lamps}}\nsteps: {steps}\n", "utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("title: x\nsteps:\n  - {kind: fly}\n", "utf-8")

    def omf(*words: str) -> tuple[int, str]:
        env = {"OMF_STORE_URL": servers.store_url, "LANG": "C"}
        done = processes.run(sys.executable, "-m", "services.cli", "sequences", *words, **env)
        return done.wait(30), done.tail()

    assert omf("check", str(file))[0] == 0
    code, told = omf("check", str(file), str(wrong))
    assert (code, "line 3, steps.0.kind" in told) == (2, True)
    assert omf("start", str(wrong))[0] == 2
    assert omf("start", str(file), "--id", "lamps-1", "--user", "anna")[0] == 0
    in_state(world, "lamps-1", RunState.WAITING)
    assert omf("start", str(file), "--user", "bert")[0] == 3
    assert "lamps-1" in omf()[1]
    assert omf("hold", "lamps-1", "--user", "bert")[0] == 0
    assert omf("hold", "lamps-1", "--user", "carla")[0] == 3
    assert omf("continue", "lamps-1", "--user", "bert")[0] == 0
    assert omf("cancel", "lamps-1", "--user", "bert")[0] == 0
    assert "cancelled" in omf("show", "lamps-1")[1]


@pytest.mark.alike
def test_it_is_listed_and_cancelled_over_http(
    world: World, processes: Processes, servers: Addresses
) -> None:
    start(world, "lamps-1", {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 600})
    in_state(world, "lamps-1", RunState.WAITING)
    door = Door(processes, servers.store_url).ready()
    watching = door.client("viewer")
    one = watching.get("/sequences/lamps-1").json()
    assert (one["state"], one["operator"], one["step"]) == ("waiting", "anna", "1")
    cancel = {"kind": "sequence-cancel", "parameters": {"run": "lamps-1"}}
    assert watching.post("/commands", json=cancel).status_code == 403
    door.client("operator").post("/commands", json=cancel | {"command_id": "c-1"})
    assert world.desk.final("c-1").stage is Stage.EFFECT
    [listed] = watching.get("/sequences").json()["runs"]
    assert (listed["state"], listed["history"][-1]["by"]) == ("cancelled", "operator")
    assert watching.get("/sequences/nobody").status_code == 404
    door.close()
