"""A dangerous step of a sequence waits for a second person, and the sequence with it."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omf.sequences.run import RunState, SequenceRun
from services.common.store.approvals import PendingApproval
from services.common.store.keys import AuditRecord, CommandEvent, Outgoing, Role, Stage
from tests.support.circle import World
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

KEY = "omf:{mock}:approvals"
TITLE = {"de": "Lampe", "en": "Lamp"}
LAMP = {"kind": "free-message", "parameters": {"topic": "site/lamp", "payload": "on"}}


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        world.start("gateway").wait_ready()
        yield world


def careful(world: World, **settings: str) -> Service:
    return world.start("orders", four_eyes="true", **settings).wait_ready()


class Run:
    """The sequence `r` with one dangerous step, started by anna."""

    def __init__(self, world: World) -> None:
        self.desk = world.desk

    def start(self, *steps: dict[str, Any], **changes: Any) -> CommandEvent:
        given = {"title": TITLE, "steps": list(steps or (LAMP,))}
        told = {"operator": "anna", "role": Role.ADMIN, "known_by": "account", **changes}
        return self.desk.final(
            self.desk.order("r", kind="sequence-start", parameters=given, **told)
        )

    def act(self, name: str, kind: str, who: str, **changes: Any) -> CommandEvent:
        given = {"command": "r.1"} if kind.startswith("approval") else {"run": "r"}
        told = {"operator": who, "role": Role.ADMIN, "known_by": "account", **changes}
        return self.desk.final(self.desk.order(name, kind=kind, parameters=given, **told))

    def waits(self) -> PendingApproval:
        wait_for(lambda: self.desk.client.hexists(KEY, "r.1"), 30, lambda: str(self.now()))
        return PendingApproval.model_validate_json(self.desk.client.hget(KEY, "r.1"))

    def now(self) -> SequenceRun | None:
        found = self.desk.client.hget("omf:{mock}:sequences", "r")
        past = self.desk.client.lrange("omf:{mock}:sequences:ended", 0, 0)
        told = found or (past[0] if past else None)
        return SequenceRun.model_validate_json(told) if told else None

    def comes_to(self, *states: RunState) -> SequenceRun:
        def there() -> bool:
            run = self.now()
            return run is not None and run.state in states

        wait_for(there, 40, lambda: str(self.now()))
        found = self.now()
        assert found
        return found

    def sent(self) -> list[str]:
        return [one.command_id for one in self.desk.models("outbox", Outgoing)]


def test_it_waits_for_a_second_person_and_goes_on_with_their_word(world: World) -> None:
    careful(world)
    run = Run(world)
    assert run.start(LAMP, LAMP).stage is Stage.EFFECT
    held = run.waits()
    assert (held.command.operator, held.command.known_by) == ("anna", "account")
    assert held.messages == (("site/lamp", "on"),)
    wait_for(lambda: "second person" in str(getattr(run.now(), "why", "")), 20)
    refused = run.act("own", "approval-give", "Anna")
    assert [why.id for why in refused.reasons] == ["approval-own"]
    assert not run.sent()
    assert run.act("yes", "approval-give", "bert").stage is Stage.EFFECT
    assert run.desk.final("r.1").stage is Stage.EFFECT
    wait_for(lambda: run.desk.client.hexists(KEY, "r.2"), 30)
    assert run.sent() == ["r.1"], "each step waits for itself"
    (record,) = [one for one in run.desk.audit("r.1") if one.part == "decision"]
    assert isinstance(record, AuditRecord)
    assert "second-person-approved" in [why.id for why in record.reasons]


@pytest.mark.parametrize("answer", ["declined", "expired"])
@pytest.mark.parametrize("more", [{}, {"patient": True}, {"optional": True}])
def test_declined_or_expired_it_ends_the_sequence_and_says_so(
    world: World, answer: str, more: dict[str, Any]
) -> None:
    careful(world)
    run = Run(world)
    run.start({**LAMP, **more}, LAMP)
    held = run.waits()
    if answer == "declined":
        run.act("no", "approval-decline", "bert", role=Role.OPERATOR)
    else:
        over = held.model_copy(update={"until": time.time() - 1})
        run.desk.client.hset(KEY, "r.1", over.model_dump_json())
    ended = run.comes_to(RunState.STOPPED, RunState.DONE)
    assert (ended.state, ended.history[-1].passage) == (RunState.STOPPED, "denied")
    assert ended.why
    assert ("bert declined" if answer == "declined" else "no second person") in ended.why.en
    assert not run.sent()
    assert not run.desk.client.hexists(KEY, "r.2")


def test_nobody_whose_name_is_only_claimed_starts_or_continues_it(world: World) -> None:
    careful(world)
    run = Run(world)
    refused = run.start(known_by="")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "second-person")
    assert run.now() is None
    wait = {"wait": {"stock": "BLUE", "at_least": 1}, "timeout_s": 600}
    run.desk.client.delete("omf:{mock}:command:r")
    run.start(wait, LAMP)
    run.act("hold", "sequence-hold", "bert")
    refused = run.act("claimed", "sequence-continue", "bert", known_by="")
    assert refused.reasons[0].id == "second-person"
    assert run.act("known", "sequence-continue", "bert", known_by="token").stage is Stage.EFFECT
    found = run.now()
    assert found
    assert (found.operator, found.known_by) == ("bert", "token")


def test_a_cancelled_sequence_takes_back_what_waits_and_a_held_one_lets_nobody_approve(
    world: World,
) -> None:
    careful(world)
    run = Run(world)
    run.start()
    run.waits()
    run.act("hold", "sequence-hold", "cleo")
    refused = run.act("early", "approval-give", "bert")
    assert refused.reasons[0].id == "approval-run"
    run.act("on", "sequence-continue", "anna")
    run.act("off", "sequence-cancel", "cleo")
    end = run.desk.final("r.1")
    assert (end.stage, end.reasons[0].id) == (Stage.REFUSED, "second-person-declined")
    assert end.reasons[0].en.startswith("cleo declined")
    assert run.act("late", "approval-give", "bert").stage is Stage.REFUSED
    assert not run.sent()


@pytest.mark.parametrize("point", ["orders.before_hold", "orders.before_approval"])
def test_a_crash_before_and_after_the_approval_neither_doubles_nor_loses_the_step(
    world: World, point: str
) -> None:
    dies = careful(world, failpoint=point)
    run = Run(world)
    run.start()
    if point == "orders.before_approval":
        run.waits()
        told = {"operator": "bert", "role": Role.ADMIN, "known_by": "account"}
        run.desk.order("yes", kind="approval-give", parameters={"command": "r.1"}, **told)
    assert dies.wait(30) != 0
    careful(world)
    if point == "orders.before_hold":
        run.waits()
        run.act("yes", "approval-give", "bert")
    ended = run.comes_to(RunState.DONE, RunState.STOPPED)
    assert ended.state is RunState.DONE
    assert run.sent() == ["r.1"]


def test_the_command_line_asks_who_starts_one(
    world: World, processes: Processes, store_url: str, tmp_path: Path
) -> None:
    careful(world)
    file = tmp_path / "lamp.yaml"
    file.write_text("title: Lamp\nsteps: [{kind: free-message, parameters: {topic: a}}]")
    asked = ("sequences", "start", str(file), "--id", "r", "--user", "anna")
    done = processes.run(sys.executable, "-m", "services.cli", *asked, OMF_STORE_URL=store_url)
    assert done.wait(30) == 3
    assert Run(world).now() is None
