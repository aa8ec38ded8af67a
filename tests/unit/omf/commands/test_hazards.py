"""Nothing of ours ends the vendor's control unit, unless a person says so (PROTOCOL H)."""

import json
from typing import Any

import pytest

from omf.commands import KINDS
from omf.commands.hazards import hazard, layout_hazards, misnamed
from services.common.store.keys import Outgoing, Role
from services.gateway.checks import refusal
from tests.support.command_examples import plan_of
from tests.support.factory import FTS, SERIALS, known_factory, layout_message, vehicle_state

STATE = f"fts/v1/ff/{FTS}/state"
READ_AS_JSON = (
    "ccu/set/reset",
    "ccu/set/charge",
    "ccu/set/park",
    "ccu/set/layout",
    "ccu/set/something-new",
    "ccu/order/request",
    "ccu/order/cancel",
    "ccu/pairing/pair_fts",
    "/j1/txt/1/f/o/order",
    STATE,
)
SURVIVED = (
    f"module/v1/ff/{SERIALS['MILL']}/state",
    f"module/v1/ff/{SERIALS['MILL']}/order",
    f"module/v1/ff/{SERIALS['MILL']}/instantAction",
    f"fts/v1/ff/{FTS}/order",
    "ccu/state/stock",
    "site/lamp",
)


def layout(**changes: Any) -> dict[str, Any]:
    return layout_message() | changes


def modules(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [*layout_message()["modules"], *more]


def roads(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [*layout_message()["roads"], *more]


LOOP = {"from": "1", "to": "1", "direction": "EAST", "length": 360}
BAD_LAYOUTS = {
    "module twice": (layout(modules=modules(layout_message()["modules"][0])), "layout-once"),
    "crossing twice": (layout(intersections=[{"id": "1"}, {"id": "1"}]), "layout-once"),
    "module and crossing alike": (
        layout(modules=modules({"type": "OVEN", "serialNumber": "1"})),
        "layout-once",
    ),
    "road twice": (layout(roads=roads(layout_message()["roads"][0])), "layout-once"),
    "serial a number": (
        layout(modules=modules({"type": "OVEN", "serialNumber": 4711})),
        "layout-names",
    ),
    "serial missing": (layout(modules=modules({"type": "OVEN"})), "layout-names"),
    "type a number": (
        layout(modules=modules({"type": 5, "serialNumber": "x"})),
        "layout-names",
    ),
    "crossing a number": (layout(intersections=[{"id": 1}]), "layout-names"),
    "road from a number": (layout(roads=roads({**LOOP, "from": 1, "to": "2"})), "layout-names"),
    "road to itself": (layout(roads=roads(LOOP)), "layout-loops"),
}


@pytest.mark.parametrize("topic", READ_AS_JSON)
@pytest.mark.parametrize("payload", ["", " ", "\n\t"])
def test_an_empty_message_ends_it_where_it_reads_json(topic: str, payload: str) -> None:
    assert hazard(topic, payload) is not None


@pytest.mark.parametrize("topic", SURVIVED)
def test_an_empty_message_elsewhere_does_not(topic: str) -> None:
    assert hazard(topic, "") is None


@pytest.mark.parametrize(
    "payload",
    [
        "nonsense",
        "null",
        "[]",
        "{}",
        '"text"',
        json.dumps(vehicle_state("1"))[:-1],
        json.dumps(vehicle_state("1", actionStates=None)),
        json.dumps(vehicle_state("1", load={})),
        json.dumps(vehicle_state("1", errors=[None])),
        json.dumps(vehicle_state("1", lastNodeId=3)),
        json.dumps(vehicle_state("1", "another")),
        json.dumps(vehicle_state("1", speed=float("nan"))),
    ],
)
def test_a_malformed_vehicle_state_ends_it(payload: str) -> None:
    assert hazard(STATE, payload) is not None
    assert "ccu-survives" in _refused("free-message", topic=STATE, payload=payload)


def test_a_vehicle_state_as_vehicles_send_it_does_not() -> None:
    assert hazard(STATE, json.dumps(vehicle_state("1"))) is None


@pytest.mark.parametrize("name", BAD_LAYOUTS)
def test_a_layout_it_does_not_survive_is_refused_by_name(name: str) -> None:
    body, rule = BAD_LAYOUTS[name]
    assert rule in _refused("layout", layout=body)
    said = json.dumps(body)
    assert "ccu-survives" in _refused("free-message", topic="ccu/set/layout", payload=said)
    assert _gateway("layout", "ccu/set/layout", said) in ("gateway-ccu", "gateway-model")


@pytest.mark.parametrize("part", ["modules", "intersections", "roads"])
def test_a_layout_that_is_not_whole_is_ignored_by_the_ccu_and_refused(part: str) -> None:
    body = {name: value for name, value in layout_message().items() if name != part}
    assert "layout-whole" in _refused("layout", layout=body)


@pytest.mark.parametrize(
    "change",
    [
        {"modules": modules({"type": "LATHE", "serialNumber": "new"})},
        {"modules": modules({"type": "OVEN", "serialNumber": "p", "placeholder": True})},
        {"roads": [{**road, "length": str(road["length"])} for road in layout_message()["roads"]]},
        {"roads": roads({**LOOP, "to": "nowhere"})},
    ],
)
def test_a_layout_the_ccu_takes_is_not_refused(change: dict[str, Any]) -> None:
    refused = plan_of("layout", known_factory(), layout=layout(**change)).refusals
    # Prudence alone asks for a way to a module that is not built in yet.
    assert {check.id for check in refused} <= {"layout-reached"}
    assert all(check.overridable for check in refused)


@pytest.mark.parametrize("topic", READ_AS_JSON)
def test_clearing_what_the_ccu_reads_waits_for_a_person(topic: str) -> None:
    plan = plan_of("clear-retained", topic=topic)
    (check,) = plan.refusals
    assert (check.id, check.overridable) == ("ccu-survives", True)
    assert "Stop the CCU first" in check.en
    assert _gateway("clear-retained", topic, "", retain=True) == "gateway-ccu"
    assert _gateway("clear-retained", topic, "", retain=True, override="CCU stopped") is None


@pytest.mark.parametrize("topic", SURVIVED)
def test_clearing_anything_else_goes_on_as_before(topic: str) -> None:
    assert _refused("clear-retained", topic=topic) == []
    assert _gateway("clear-retained", topic, "", retain=True) is None


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("ccu/set/reset", "[]"),
        ("ccu/set/charge", '{"charge": "perhaps"}'),
        ("ccu/order/request", "null"),
        (f"module/v1/ff/{SERIALS['MILL']}/order", "{}"),
        ("ccu/state/stock", "{}"),
        ("ccu/order/active", '{"x": 1}'),
    ],
)
def test_a_free_message_is_judged_by_the_model_of_its_topic(topic: str, payload: str) -> None:
    plan = plan_of("free-message", topic=topic, payload=payload)
    assert [check.id for check in plan.refusals] == ["message-fits"]
    assert all(check.overridable for check in plan.refusals)
    assert _gateway("free-message", topic, payload) == "gateway-model"
    assert _gateway("free-message", topic, payload, override="test of the parser") is None


def test_a_syntax_error_is_told_with_its_place() -> None:
    (check,) = plan_of("free-message", topic="ccu/set/reset", payload='{"x": 1,}').refusals
    assert "line 1, column" in check.en
    plan = plan_of("free-message", topic="site/lamp", payload='{"x": 1,}')
    assert plan.allowed
    (hint,) = [check for check in plan.checks if check.met is False]
    assert "line 1, column" in hint.en
    assert not hint.blocking


def test_what_needs_no_confirmation_shows_none() -> None:
    assert [check.id for check in plan_of("free-message").checks] == []
    kept = plan_of("free-message", retain=True)
    assert [check.id for check in kept.checks] == ["retain-allowed", "typed-word"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_a_kind_builds_ends_the_ccu(kind: str) -> None:
    for step in plan_of(kind).steps:
        assert hazard(step.topic, step.payload) is None


@pytest.mark.parametrize("topic", READ_AS_JSON)
def test_the_gateway_refuses_the_bytes_whoever_asks(topic: str) -> None:
    refused = _gateway("free-message", topic, " ")
    assert refused in ("gateway-ccu", "gateway-model")


def _refused(kind: str, **changes: Any) -> list[str]:
    return [check.id for check in plan_of(kind, known_factory(), **changes).refusals]


def _gateway(kind: str, topic: str, payload: str, **more: Any) -> str | None:
    entry = Outgoing(
        outbox_id="c/0",
        command_id="c",
        kind=kind,
        topic=topic,
        payload=payload,
        expires_at=0,
        operator="anna",
        role=Role.ADMIN,
        **more,
    )
    found = refusal(entry)
    return found.id if found else None


@pytest.mark.parametrize("part", ["modules", "intersections", "roads"])
@pytest.mark.parametrize("entry", [None, "x", 5, []])
def test_an_entry_of_a_layout_that_is_no_object_is_named_before_it_is_sent(
    part: str, entry: object
) -> None:
    floor = layout_message()
    body = floor | {part: [*floor[part], entry]}
    assert misnamed(body) == (f"{part}.{len(floor[part])}",)
    assert next(layout_hazards(body), None) is not None
    assert next(layout_hazards(floor), None) is None
