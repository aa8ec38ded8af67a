"""Commands over HTTP, with the real arbiter behind the door."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest

from services.common.store.keys import AuditRecord, Command, Outgoing, Role, Stage
from tests.support.alarm_desk import AlarmDesk
from tests.support.api import Door, listening, problem
from tests.support.circle import Desk, World
from tests.support.factory import DRILL
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

WHITE = {"kind": "production-order", "parameters": {"colour": "WHITE"}}


@pytest.fixture
def door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url).ready()
    yield door
    door.close()


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        world.start("orders").wait_ready()
        yield world


def ended(client: httpx.Client, location: str) -> dict:
    life: dict = {}

    def final() -> bool:
        life.update(client.get(location.removeprefix("/api/v1")).json())
        return life["final"]

    wait_for(final, 20, lambda: str(life))
    return life


def test_a_command_is_taken_and_followed_to_the_factorys_proof(door: Door, world: World) -> None:
    world.start("gateway").wait_ready()
    mes = door.client("operator")
    taken = mes.post("/commands", json=WHITE | {"command_id": "mes-1", "note": "order 4711"})
    assert taken.status_code == 202
    assert taken.json()["stage"] == "requested"
    assert taken.headers["location"] == "/api/v1/commands/mes-1?environment=mock"
    life = ended(mes, taken.headers["location"])
    assert life["stage"] == "effect"
    assert life["operator"] == "operator"
    assert life["source"] == "api 127.0.0.1"
    assert life["note"] == "order 4711"
    assert any(event.get("evidence") for event in life["events"])
    assert len(world.factory.commands) == 1


def test_an_alarm_is_acknowledged_and_the_state_says_by_whom(door: Door, world: World) -> None:
    world.start("alarms").wait_ready()
    desk = AlarmDesk(world)
    alarm = desk.lose(DRILL)
    desk.becomes(alarm, "unacknowledged")
    mes = door.client("operator")
    asked = {"kind": "alarm-acknowledge", "parameters": {"alarm": alarm}}
    taken = mes.post("/commands", json=asked)
    assert taken.status_code == 202
    assert ended(mes, taken.headers["location"])["stage"] == "effect"
    assert desk.lives()[alarm].acknowledged_by == "operator"

    def told() -> list[tuple[str, str]]:
        found = mes.get("/state").json()["alarms"]
        return [(one["state"], one["acknowledged_by"]) for one in found if one["id"] == alarm]

    wait_for(lambda: told() == [("acknowledged", "operator")], 20, lambda: str(told()))


def test_what_is_not_what_was_read_is_refused_and_says_what_it_would_be_now(
    door: Door, world: World
) -> None:
    mes = door.client("operator")
    asked = {**WHITE, "command_id": "read-1", "plan": "not.what.was.read"}
    life = ended(mes, mes.post("/commands", json=asked).headers["location"])
    assert life["stage"] == "refused"
    (why,) = [one for one in life["events"][-1]["reasons"] if one["id"] == "plan-changed"]
    assert "Order production" in why["en"]
    assert world.factory.commands == []
    again = mes.post("/commands", json={**WHITE, "command_id": "read-2"})
    assert "plan-changed" not in str(ended(mes, again.headers["location"]))


def test_the_same_id_is_the_same_command_and_gets_the_first_ones_life(
    door: Door, world: World
) -> None:
    mes, other = door.client("operator"), door.client("supervisor")
    first = mes.post("/commands", json=WHITE | {"command_id": "twice"})
    again = [other.post("/commands", json=WHITE | {"command_id": "twice"}) for _ in range(5)]
    assert first.status_code == 202
    assert {answer.status_code for answer in again} == {200}
    assert {answer.json()["operator"] for answer in again} == {"operator"}
    assert {answer.headers["location"] for answer in again} == {first.headers["location"]}
    assert len(world.desk.models("commands", Command)) == 1


def test_the_same_id_asked_many_times_at_once_is_one_command(door: Door, store_url: str) -> None:
    askers = [door.client(name) for name in ("operator", "supervisor", "admin") for _ in range(6)]
    asked = WHITE | {"command_id": "race"}
    with ThreadPoolExecutor(len(askers)) as crowd:
        answers = list(crowd.map(lambda one: one.post("/commands", json=asked), askers))
    assert sorted(answer.status_code for answer in answers) == [200] * 17 + [202]
    assert len({answer.json()["operator"] for answer in answers}) == 1
    assert len(Desk(store_url).models("commands", Command)) == 1


def test_an_id_that_is_another_commands_is_a_conflict_that_names_what_differs(door: Door) -> None:
    mes = door.client("operator")
    mes.post("/commands", json=WHITE | {"command_id": "taken"})
    changed = WHITE | {"command_id": "taken", "parameters": {"colour": "RED"}}
    body = problem(mes.post("/commands", json=changed), 409, "other-command")
    assert [flaw["field"] for flaw in body["errors"]] == ["parameters"]
    assert body["command_id"] == "taken"


def test_a_command_has_a_life_before_orders_has_seen_it(door: Door) -> None:
    mes = door.client("operator")
    made = mes.post("/commands", json=WHITE).json()
    found = mes.get(f"/commands/{made['command_id']}").json()
    assert (found["stage"], found["final"], found["events"]) == ("requested", False, [])
    problem(mes.get("/commands/never-asked"), 404, "no-command")


@pytest.mark.parametrize(
    ("changes", "status", "kind", "field"),
    [
        ({}, 403, "role", "role"),
        ({"kind": "no-such"}, 422, "invalid", "kind"),
        ({"parameters": {"colour": "PINK"}}, 422, "invalid", "parameters.colour"),
        ({"parameters": {}}, 422, "invalid", "parameters.colour"),
        ({"kind": "free-message", "parameters": {}}, 422, "invalid", "parameters.topic"),
        (
            {"kind": "factory-reset", "parameters": {"with_storage": True, "confirm": "RESET"}},
            403,
            "role",
            "role",
        ),
    ],
)
def test_what_orders_would_refuse_at_sight_is_refused_by_name_and_audited(
    door: Door, world: World, changes: dict, status: int, kind: str, field: str
) -> None:
    asked = WHITE | {"command_id": "bad"} | changes
    who = Role.OPERATOR if changes else Role.VIEWER
    body = problem(door.client(who).post("/commands", json=asked), status, kind)
    assert [flaw["field"] for flaw in body["errors"]] == [field]
    assert body["command_id"] == "bad"
    wait_for(lambda: world.desk.audit("bad"))
    record: AuditRecord = world.desk.audit("bad")[0]
    assert record.decision is Stage.REFUSED
    assert (record.command.operator, record.command.role) == (who, who)
    assert world.desk.models("outbox", Outgoing) == []


def test_a_refusal_speaks_german_to_who_asks_for_it(door: Door) -> None:
    asked = {**WHITE, "parameters": {"colour": "PINK"}}
    answer = door.client("operator", accept_language="de-DE,en;q=0.5").post("/commands", json=asked)
    body = problem(answer, 422, "invalid")
    assert answer.headers["content-language"] == "de"
    assert body["title"] == "Die Anfrage ist nicht richtig ausgefüllt."
    expected = "ist keiner der erlaubten Werte: 'RED', 'WHITE', 'BLUE'"
    assert body["errors"][0]["detail"] == expected


def test_the_newest_commands_are_listed_newest_first(door: Door, world: World) -> None:
    mes = door.client("operator")
    for number in range(3):
        location = mes.post("/commands", json=WHITE | {"command_id": f"c{number}"})
        wait_for(lambda: world.desk.events(f"c{number}"))  # noqa: B023 - waited for at once
        assert location.status_code == 202
    shown = door.client("viewer").get("/commands?limit=2").json()["commands"]
    assert [life["command_id"] for life in shown] == ["c2", "c1"]
    assert shown[0]["events"][0]["stage"] == "requested"


@pytest.mark.usefixtures("world")
def test_the_stages_of_a_command_come_as_events_and_go_on_behind_the_last_one_seen(
    door: Door,
) -> None:
    client = door.client("operator")
    with listening(client, "/commands/stream?command_id=watched") as heard:
        door.client("operator").post("/commands", json=WHITE | {"kind": "no-such"})
        door.client("operator").post("/commands", json=WHITE | {"command_id": "watched"})
        first, second = next(heard), next(heard)
    assert [first.data["stage"], second.data["stage"]] == ["requested", "accepted"]
    assert first.data["command_id"] == "watched"
    assert first.name == "stage"
    with listening(client, "/commands/stream?command_id=watched", first.id) as again:
        assert next(again) == second


def edited(ids: str, payload: str, topic: str = "ccu/set/park") -> dict:
    return {"ids": ids, "messages": [{"step": 0, "topic": topic, "payload": payload}]}


def test_an_edited_message_goes_out_and_its_difference_is_shown_and_kept(
    door: Door, world: World
) -> None:
    world.start("gateway").wait_ready()
    admin = door.client("admin")
    order = WHITE | {"command_id": "edited-1"}
    ids = str(UUID(int=7))
    asked = order | {"edited": edited(ids, '{"a": 1}', "site/lamp")}
    taken = admin.post("/commands", json=asked)
    assert taken.status_code == 202, taken.text
    life = ended(admin, taken.headers["location"])
    assert life["edited"]["messages"][0]["payload"] == '{"a": 1}'
    said = [why["en"] for event in life["events"] for why in event["reasons"]]
    assert any("ccu/order/request → site/lamp" in words for words in said), said
    (record,) = (one for one in world.desk.audit("edited-1") if one.part == "decision")
    assert (record.topic, record.payload) == ("site/lamp", '{"a": 1}')
    assert "edited" in {why.id for why in record.reasons}
    assert admin.post("/commands", json=order).status_code == 409
    other = order | {"edited": edited(ids, '{"a": 2}', "site/lamp")}
    refused = problem(admin.post("/commands", json=other), 409, "other-command")
    assert [one["field"] for one in refused["errors"]] == ["edited"]


@pytest.mark.parametrize("role", ["operator", "supervisor"])
def test_only_an_administrator_edits_a_message(door: Door, world: World, role: str) -> None:
    asked = {"kind": "park", "command_id": role, "edited": edited(str(UUID(int=7)), "{}")}
    problem(door.client(role).post("/commands", json=asked), 403, "role")
    assert "role" in {why.id for why in world.desk.final(role).reasons}
