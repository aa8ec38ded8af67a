"""Four eyes as orders keeps them with a real store: nothing dangerous goes out for one person."""

import json
import sys
import time
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from omf.messages.edited import EditedMessage, EditedMessages
from services.common.store.approvals import PendingApproval
from services.common.store.keys import AuditRecord, CommandEvent, Outgoing, Role, Stage
from tests.support.circle import World
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

KEY = "omf:{mock}:approvals"
LAMP = {"topic": "site/lamp", "payload": "on"}
EDIT = EditedMessages(
    ids=UUID(int=7), messages=(EditedMessage(step=0, topic="site/lamp", payload="{}"),)
)


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def careful(world: World, **settings: str) -> Service:
    return world.start("orders", four_eyes="true", **settings).wait_ready()


class Pair:
    """Two people and their commands."""

    def __init__(self, world: World) -> None:
        self.desk = world.desk
        self._numbers = count(1)

    def sent(self) -> list[str]:
        """Commands whose bytes were handed to the gateway."""
        return [one.command_id for one in self.desk.models("outbox", Outgoing)]

    def give(self, name: str, who: str = "anna", **changes: Any) -> str:
        asked = {"kind": "free-message", "parameters": LAMP, "role": Role.ADMIN}
        return self.desk.order(name, **asked, operator=who, known_by="account", **changes)

    def held(self, name: str) -> PendingApproval:
        """The command waits for a second person."""
        wait_for(
            lambda: self.desk.client.hexists(KEY, name), 20, lambda: str(self.desk.events(name))
        )
        return PendingApproval.model_validate_json(self.desk.client.hget(KEY, name))

    def answer(
        self, name: str, who: str, kind: str = "approval-give", **changes: Any
    ) -> CommandEvent:
        asked = {"role": Role.ADMIN, "known_by": "account", "operator": who, **changes}
        act = f"{kind}-{next(self._numbers)}"
        return self.desk.final(
            self.desk.order(act, kind=kind, parameters={"command": name}, **asked)
        )

    def decisions(self, name: str) -> list[AuditRecord]:
        return [one for one in self.desk.audit(name) if one.part == "decision"]


def ids(event: CommandEvent) -> list[str]:
    return [why.id for why in event.reasons]


def test_a_second_person_lets_it_go_once_and_both_names_are_kept(world: World) -> None:
    world.start("gateway").wait_ready()
    careful(world)
    pair = Pair(world)
    pair.give("lamp")
    held = pair.held("lamp")
    assert held.messages == (("site/lamp", "on"),)
    assert "second person" in held.event.reasons[0].en
    pair.give("lamp")  # the door asks again: it is the same command, and waits
    for own in ("anna", "Anna", "ANNA"):  # as another directory may write the same person
        assert ids(pair.answer("lamp", own)) == ["approval-own"]
    assert ids(pair.answer("lamp", "bert", known_by="token")) == ["approval-account"]
    assert ids(pair.answer("lamp", "bert", known_by="")) == ["approval-account"]
    assert ids(pair.answer("lamp", "bert", role=Role.SUPERVISOR)) == ["role"]
    assert not pair.desk.events("lamp")
    assert pair.answer("lamp", "bert").stage is Stage.EFFECT
    assert pair.desk.final("lamp").stage is Stage.EFFECT
    (record,) = pair.decisions("lamp")
    said = {why.id: why.en for why in record.reasons}
    assert record.command.operator == "anna"
    assert said["second-person-approved"].startswith("bert approved at ")
    wait_for(lambda: not pair.desk.client.hlen(KEY), 10)
    assert ids(pair.answer("lamp", "cleo")) == ["second-person-approved"]
    assert pair.sent() == ["lamp"]


def test_what_is_declined_withdrawn_or_forgotten_is_refused_and_says_why(world: World) -> None:
    careful(world)
    pair = Pair(world)
    for name, who in (("declined", "bert"), ("withdrawn", "anna")):
        pair.give(name)
        pair.held(name)
        assert pair.answer(name, who, "approval-decline", role=Role.OPERATOR).stage is Stage.EFFECT
        end = pair.desk.final(name)
        assert (end.stage, ids(end)) == (Stage.REFUSED, ["second-person-declined"])
        assert end.reasons[0].en.startswith(f"{who} declined")
    pair.give("forgotten")
    over = pair.held("forgotten").model_copy(update={"until": time.time() - 1})
    pair.desk.client.hset(KEY, "forgotten", over.model_dump_json())
    end = pair.desk.final("forgotten")
    assert (end.stage, ids(end)) == (Stage.REFUSED, ["second-person-expired"])
    assert len(pair.decisions("forgotten")) == 1
    assert not pair.sent()


def test_every_door_must_know_the_first_person_and_only_what_is_dangerous_waits(
    world: World,
) -> None:
    careful(world)
    pair = Pair(world)
    claimed = pair.desk.order("claimed", kind="free-message", parameters=LAMP, role=Role.ADMIN)
    end = pair.desk.final(claimed)
    assert (end.stage, ids(end)) == (Stage.REFUSED, ["second-person"])
    assert pair.answer("none", "bert").reasons[0].id == "no-approval"
    stop = pair.desk.order(
        "stop", kind="bracket-cancel", parameters={"order_id": "none"}, role=Role.ADMIN
    )
    assert ids(pair.desk.final(stop)) == ["no-bracket"]
    order = pair.desk.order("white", kind="production-order", parameters={"colour": "WHITE"})
    wait_for(lambda: pair.sent() == [order], 20)
    edit = {"kind": "production-order", "parameters": {"colour": "RED"}, "edited": EDIT}
    pair.desk.order("edited", **edit, role=Role.ADMIN, operator="anna", known_by="account")
    assert pair.held("edited").needed is Role.ADMIN


@pytest.mark.parametrize("point", ["orders.before_hold", "orders.before_approval"])
def test_a_crash_neither_doubles_nor_loses_it(world: World, point: str) -> None:
    world.start("gateway").wait_ready()
    dies = careful(world, failpoint=point)
    pair = Pair(world)
    pair.give("lamp")
    if point == "orders.before_approval":
        pair.held("lamp")
        asked = {"role": Role.ADMIN, "operator": "bert", "known_by": "account"}
        pair.desk.order("yes", kind="approval-give", parameters={"command": "lamp"}, **asked)
    assert dies.wait(20) != 0
    careful(world)
    if point == "orders.before_hold":
        pair.held("lamp")
        pair.answer("lamp", "bert")
    assert pair.desk.final("lamp").stage is Stage.EFFECT
    assert len(pair.decisions("lamp")) == 1
    assert pair.sent() == ["lamp"]


def test_what_was_declined_stays_so_when_nobody_asks_for_four_eyes_any_more(world: World) -> None:
    orders = careful(world)
    pair = Pair(world)
    pair.give("lamp")
    pair.held("lamp")
    orders.kill()
    world.start("orders").wait_ready()
    assert pair.answer("lamp", "bert", "approval-decline").stage is Stage.EFFECT
    assert pair.desk.final("lamp").stage is Stage.REFUSED


def test_the_command_line_asks_who_it_is_and_shows_what_waits(
    world: World, processes: Processes, store_url: str
) -> None:
    careful(world)
    pair = Pair(world)
    pair.give("lamp")
    pair.held("lamp")
    env = {"OMF_STORE_URL": store_url}
    omf = (sys.executable, "-m", "services.cli")
    claimed = ("send", "approval-give", "command=lamp", "--user", "bert")
    assert processes.run(*omf, *claimed, **env).wait(30) == 3
    shown = processes.run(*omf, "control", "--json", **env)
    assert shown.wait(30) == 0
    (waits,) = json.loads(shown.tail().splitlines()[-1])["waits"]
    assert waits["command"]["operator"] == "anna"
    told = processes.run(*omf, "control", **env)
    assert told.wait(30) == 0
    assert "waits until" in told.tail()
