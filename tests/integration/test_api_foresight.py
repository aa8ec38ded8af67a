"""What would come, asked over HTTP: nothing is sent by it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from omf.plans.plan import OrderPlan
from services.common.store.bus import store
from services.common.store.keys import key
from services.common.store.order_plans import PLANS
from tests.support.api import Door
from tests.support.processes import Processes
from tests.support.told_store import told

pytestmark = [pytest.mark.alike, pytest.mark.servers]


@pytest.fixture
def door(store_url: str, processes: Processes) -> Door:
    asyncio.run(told(store_url))
    return Door(processes, store_url).ready()


def test_a_preview_says_what_would_be_sent_and_what_would_change(
    door: Door, store_url: str
) -> None:
    answer = door.client("viewer").post(
        "/commands/preview", json={"kind": "production-order", "parameters": {"colour": "RED"}}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["messages"][0]["topic"] == "ccu/order/request"
    assert {check["id"] for check in found["checks"]} >= {"stock-free"}
    assert found["plan"]
    assert found["undo"] is None
    assert "Red: 1 instead of 2" in [line["en"] for line in found["impact"]["stock"]]
    assert store(store_url).xlen(key("mock", "commands")) == 0


def test_a_preview_of_a_setting_says_what_takes_it_back(door: Door) -> None:
    wish = {"kind": "flows", "parameters": {"red": ["MILL"]}}
    found = door.client("viewer").post("/commands/preview", json=wish).json()
    assert found["undo"] == {"kind": "flows", "parameters": {"red": ["MILL", "AIQS"]}}


def test_a_preview_of_an_edited_message_shows_the_difference_and_its_checks(door: Door) -> None:
    viewer = door.client("viewer")
    made = viewer.post("/commands/preview", json={"kind": "park"}).json()
    change = {"step": 0, "topic": made["messages"][0]["topic"], "payload": '{"a": 1}'}
    wish = {"kind": "park", "edited": {"ids": made["ids"], "messages": [change]}}
    found = viewer.post("/commands/preview", json=wish).json()
    assert found["messages"][0]["payload"] == '{"a": 1}'
    changes = found["messages"][0]["changes"]
    assert {"path": "a", "before": "", "after": "1"} in changes
    assert found["plan"] != made["plan"]
    assert {one["id"] for one in found["checks"]} > {one["id"] for one in made["checks"]}
    assert found["impact"] is None
    wish["edited"]["messages"][0]["topic"] = "a/#"
    refused = viewer.post("/commands/preview", json=wish)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["edited"]


def test_a_preview_of_what_cannot_be_built_names_the_field(door: Door) -> None:
    wish = {"kind": "production-order", "parameters": {"colour": "PINK"}}
    answer = door.client("viewer").post("/commands/preview", json=wish)
    assert answer.status_code == 422
    assert "parameters.colour" in answer.text


def test_a_preview_of_a_sequence_checks_each_of_its_commands(door: Door) -> None:
    steps = [
        {"kind": "production-order", "parameters": {"colour": "RED"}},
        {"kind": "fts-dock", "parameters": {"serial": "5iO4"}},
    ]
    wish = {
        "kind": "sequence-start",
        "parameters": {"title": {"en": "x", "de": "x"}, "steps": steps},
    }
    found = door.client("viewer").post("/commands/preview", json=wish).json()
    assert [(step["place"], step["kind"]) for step in found["steps"]] == [
        ("1", "production-order"),
        ("2", "fts-dock"),
    ]
    assert found["steps"][0]["against"] == []
    assert "position" in found["steps"][1]["against"][0]["en"]
    assert "it ends at command 2" in found["impact"]["outcome"]["en"]


def test_a_preview_of_a_sequence_for_another_kind_of_factory_is_not_allowed(door: Door) -> None:
    steps = [{"kind": "production-order", "parameters": {"colour": "RED"}}]
    for only, allowed in (("live", False), ("mock", True)):
        given = {"title": {"en": "x", "de": "x"}, "steps": steps, "only": [only]}
        wish = {"kind": "sequence-start", "parameters": given}
        found = door.client("viewer").post("/commands/preview", json=wish).json()
        [check] = [one for one in found["checks"] if one["id"] == "sequence-place"]
        assert (found["allowed"], check["met"]) == (allowed, allowed)


def test_what_plans_would_order_is_told_with_its_end(door: Door, store_url: str) -> None:
    now = datetime.now(UTC)
    plan = OrderPlan(
        name="fair",
        id="p",
        colours=("RED",),
        at=(now + timedelta(hours=1)).replace(tzinfo=None),
        operator="anna",
        role="operator",
        looked_until=now.timestamp(),
    )
    store(store_url).hset(key("mock", PLANS), "fair", plan.model_dump_json())
    found = door.client("viewer").get("/plans/future").json()
    assert found["fault"] is None
    (one,) = found["orders"]
    assert (one["plan"], one["colours"], one["why"]) == ("fair", ["RED"], None)
    assert one["ends"][0] > one["at"]


def test_a_calm_factory_has_no_standstill(door: Door) -> None:
    answer = door.client("viewer").get("/standstills")
    assert answer.json() == {"standstills": [], "fault": None}
