"""Every kind of command: built, guarded, readable in both languages, and safe to store."""

import contextlib
import json
import string
from typing import Any

import pytest

from omf import catalogue
from omf.commands import KINDS, CommandError, Plan, PlannedStep, prepare
from omf.commands.interlocks import RULES
from omf.commands.proof import RULES as PROOFS
from omf.factory import FactoryState
from omf.messages import Reading
from omf.messages.writing import check_command
from tests.support.command_examples import EXAMPLES, ids, plan_of
from tests.support.floor import SERIALS, layout_message
from tests.support.known_factory import (
    NOW,
    OTHER_VEHICLE,
    TAG,
    VEHICLE,
    known_factory,
    module_state,
    pairing,
    stock,
    tell,
    vehicle_state,
)

DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]
NEEDS_ANOTHER_STATE = {
    "cancel-order",
    "fts-dock",
    "fts-pair",
    "clear-load-handler",
    "stop-charging",
    "delete-module",
}
"""Kinds whose interlocks rightly refuse them in the idle factory."""


def body(step: PlannedStep) -> Any:
    return json.loads(step.payload)


def test_every_kind_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(KINDS)


def test_every_command_topic_of_the_catalogue_has_a_kind_of_its_own() -> None:
    plans = [plan_of(kind) for kind in sorted(set(KINDS) - {"free-message"})]
    plans.append(plan_of("sensor-period", sensor="bme680"))
    entries = {catalogue.of(step.topic) for plan in plans for step in plan.steps}
    assert entries == {entry for entry in catalogue.TOPICS if entry.command}


def test_the_payload_of_a_free_message_goes_out_exactly_as_typed() -> None:
    typed = ' {"a" : 1}\n'
    assert plan_of("free-message", payload=typed).steps[0].payload == typed


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_survives_json(kind: str) -> None:
    plan = plan_of(kind)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_wish_in_the_same_factory_gives_the_same_plan(kind: str) -> None:
    assert plan_of(kind) == plan_of(kind)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"free-message", "clear-retained"}))
def test_what_is_written_passes_the_strict_models_of_the_gateway(kind: str) -> None:
    for step in plan_of(kind).steps:
        checked = check_command(step.topic, step.payload.encode())
        assert isinstance(checked, Reading), checked
        assert checked.entry.command


@pytest.mark.parametrize("kind", sorted(set(KINDS) - NEEDS_ANOTHER_STATE))
def test_an_idle_known_factory_allows_it(kind: str) -> None:
    assert plan_of(kind).refusals == ()


@pytest.mark.parametrize("kind", sorted(NEEDS_ANOTHER_STATE))
def test_an_idle_known_factory_refuses_what_has_nothing_to_act_on(kind: str) -> None:
    assert plan_of(kind).refusals


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_a_person_reads_is_there_in_both_languages(kind: str) -> None:
    plan = plan_of(kind)
    texts = [KINDS[kind].title, KINDS[kind].summary, *(step.title for step in plan.steps)]
    texts += [*plan.checks, *(step.effect.text for step in plan.steps)]
    for text in texts:
        assert text.de.strip()
        assert text.en.strip()
        assert "{" not in text.de + text.en


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_has_a_label_in_both_languages(kind: str) -> None:
    for info in KINDS[kind].parameters.model_fields.values():
        extra = info.json_schema_extra
        assert isinstance(extra, dict)
        assert extra["title_de"]
        assert extra["title_en"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_effect_has_a_rule_a_window_and_a_chain_that_ends(kind: str) -> None:
    for step in plan_of(kind).steps:
        effect = step.effect
        assert effect.window_s > 0
        while effect is not None:
            assert effect.rule in PROOFS
            assert effect.topics
            effect = effect.follow_up


@pytest.mark.parametrize("kind", KINDS)
def test_a_dangerous_command_asks_for_a_word(kind: str) -> None:
    if KINDS[kind].risk != "dangerous":
        return
    word = KINDS[kind].typed_word
    assert word == KINDS[kind].parameters.word
    refused = plan_of(kind, confirm="yes")
    assert [check.id for check in refused.refusals] == ["typed-word"]


def test_every_interlock_is_used_and_names_only_known_parameters() -> None:
    used = {name for kind in KINDS.values() for name in kind.interlocks}
    assert used == set(RULES)
    for kind in KINDS.values():
        known = {"word", *kind.parameters.model_fields}
        for name in kind.interlocks:
            rule = RULES[name]
            for text in (rule.needs.de, rule.needs.en, rule.reason.de, rule.reason.en):
                assert {part[1] for part in string.Formatter().parse(text) if part[1]} <= known


@pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if kind.moves))
def test_nothing_moves_in_a_factory_nobody_has_heard_of(kind: str) -> None:
    with contextlib.suppress(CommandError):
        assert not plan_of(kind, FactoryState()).allowed


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("teleport", {}, ""),
        ("production-order", {}, "colour"),
        ("production-order", {"colour": "GREEN"}, "colour"),
        ("production-order", {"colour": "RED", "quantity": 3}, "quantity"),
        ("storage-order", {"colour": "RED", "workpiece_id": "xyz"}, "workpiece_id"),
        ("charge", {"charge": "perhaps"}, "charge"),
        ("camera-stream", {"on": True, "fps": 0}, "fps"),
        ("layout", {"layout": "{"}, "layout"),
        ("layout", {"layout": "{}"}, "layout"),
        ("set-storage", {"contents": {"D4": {}}}, "contents"),
        ("set-storage", {"contents": {"A1": {"type": "PINK"}}}, "contents.A1"),
        ("flows", {}, "red"),
        ("fts-navigate", {}, "parameters"),
        ("fts-navigate", {"target": "OVEN"}, "target"),
        ("module-sequence", {"module": "OVEN", "colour": "RED"}, "module"),
        ("free-message", {"topic": "a/+/b"}, "topic"),
        ("free-message", {"topic": "a", "payload": "ü" * 32_769}, "payload"),
        ("module-reset", {"serial": "a/b"}, "serial"),
        ("module-reset", {"serial": "NodeRed"}, "serial"),
        ("free-message", {"topic": "a", "payload": "\ud800"}, "payload"),
        ("flows", {"red": "x" * 65}, "red.0"),
        ("layout", {"layout": layout_message() | {"x": float("nan")}}, "parameters"),
        ("layout", {"layout": layout_message() | {"x": DEEP}}, "parameters"),
    ],
)
def test_a_wrong_parameter_is_named(kind: str, parameters: dict[str, Any], field: str) -> None:
    with pytest.raises(CommandError) as caught:
        prepare(kind, parameters, known_factory(), now=NOW, new_id=ids())
    assert caught.value.field == field
    assert caught.value.de
    assert caught.value.en


def test_two_vehicles_make_it_necessary_to_say_which() -> None:
    state = known_factory()
    state.vehicle(OTHER_VEHICLE)
    with pytest.raises(CommandError, match="which vehicle"):
        plan_of("charge", state)
    assert plan_of("charge", state, serial=VEHICLE).allowed


def _refusals(kind: str, state: FactoryState, **changes: Any) -> list[str]:
    return [check.id for check in plan_of(kind, state, **changes).refusals]


def test_no_piece_no_order() -> None:
    assert _refusals("production-order", known_factory(), colour="BLUE") == ["stock-free"]


def test_a_reserved_piece_is_no_free_piece() -> None:
    state = known_factory()
    reserved = stock(A1="RED")
    reserved["stockItems"][0]["workpiece"]["state"] = "RESERVED"
    tell(state, "ccu/state/stock", reserved)
    assert _refusals("production-order", state) == ["stock-free"]


def test_direct_orders_wait_until_the_ccu_is_idle() -> None:
    state = known_factory()
    tell(state, "ccu/order/active", [{"orderId": "o", "state": "IN_PROGRESS", "type": "RED"}])
    for kind in ("module-step", "module-sequence", "fts-navigate", "storage-drop", "park"):
        assert "ccu-idle" in _refusals(kind, state), kind


def test_only_a_queued_order_can_be_cancelled() -> None:
    state = known_factory()
    orders = [
        {"orderId": "one", "state": "ENQUEUED", "orderType": "PRODUCTION", "type": "RED"},
        {"orderId": "two", "state": "IN_PROGRESS", "orderType": "PRODUCTION", "type": "RED"},
    ]
    tell(state, "ccu/order/active", orders)
    assert _refusals("cancel-order", state, order_ids="one") == []
    assert _refusals("cancel-order", state) == ["orders-queued"]
    assert body(plan_of("cancel-order", state).steps[0]) == ["one", "two"]


def test_a_serial_of_another_module_type_is_refused() -> None:
    refused = _refusals("module-sequence", known_factory(), serial=SERIALS["DPS"])
    assert refused == ["module-matches"]
    refused = _refusals("module-step", known_factory(), serial=SERIALS["MILL"], command="DRILL")
    assert "module-type" in refused


def test_steps_go_in_their_order() -> None:
    assert _refusals("module-step", known_factory(), command="DROP") == ["step-fits", "piece-there"]


def test_a_step_goes_on_in_the_bracket_open_on_the_module() -> None:
    state, serial = known_factory(), SERIALS["AIQS"]
    first = plan_of("module-step", state, serial=serial).steps[0]
    tell(state, first.topic, first.payload)
    done = {"id": first.action_id, "command": "PICK", "state": "FINISHED"}
    told = module_state(
        serial, orderId=first.order_id, actionState=done, loads=[{"loadType": "RED"}]
    )
    tell(state, f"module/v1/ff/{serial}/state", told)
    assigned = pairing()
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    tell(state, "ccu/pairing/state", assigned)
    plan = plan_of("module-step", state, serial=serial, command="CHECK_QUALITY")
    assert plan.allowed
    assert (plan.steps[0].order_id, plan.steps[0].order_update_id) == (first.order_id, 2)


def test_a_module_another_order_has_is_left_alone() -> None:
    state, assigned = known_factory(), pairing()
    for module in assigned["modules"]:
        module["assigned"] = True
    tell(state, "ccu/pairing/state", assigned)
    assert _refusals("module-step", state) == ["module-unassigned"]


def test_a_piece_handed_in_is_taken_by_hand_until_the_ccu_has_ordered_its_storage() -> None:
    state, assigned, serial = known_factory(), pairing(), SERIALS["DPS"]
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    tell(state, "ccu/pairing/state", assigned)
    handed_in = module_state(serial, orderId="0", loads=[{"loadType": "UNKNOWN"}])
    tell(state, f"module/v1/ff/{serial}/state", handed_in)
    assert plan_of("delivery-drop", state).allowed
    assert _refusals("delivery-pick", state) == ["module-unassigned"]
    tell(state, f"module/v1/ff/{serial}/state", handed_in | {"orderId": "the-ccus"})
    assert _refusals("delivery-drop", state) == ["module-unassigned"]


def test_a_mill_that_still_counts_gets_a_higher_number() -> None:
    state, serial = known_factory(), SERIALS["MILL"]
    done = {"id": "x", "command": "PICK", "state": "FAILED"}
    told = module_state(serial, orderId="old", orderUpdateId=7, actionState=done)
    tell(state, f"module/v1/ff/{serial}/state", told)
    plan = plan_of("module-step", state, serial=serial, command="PICK")
    assert plan.steps[0].order_update_id == 8


def test_a_sequence_is_one_bracket_with_rising_numbers() -> None:
    plan = plan_of("module-sequence", duration=9, workpiece_id=TAG)
    orders = [body(step) for step in plan.steps]
    assert [order["action"]["command"] for order in orders] == ["PICK", "MILL", "DROP"]
    assert [order["orderUpdateId"] for order in orders] == [1, 2, 3]
    assert len({order["orderId"] for order in orders}) == 1
    assert len({order["action"]["id"] for order in orders}) == 3
    assert orders[1]["action"]["metadata"] == {"type": "RED", "duration": 9}
    assert orders[2]["action"]["metadata"] == {"type": "RED", "workpieceId": TAG}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lastNodeId": "UNKNOWN"}, "position-known"),
        ({"lastNodeId": "2"}, "vehicle-docked"),
        ({"driving": True}, "vehicle-still"),
        ({"waitingForLoadHandling": True}, "vehicle-unburdened"),
        ({"paused": True}, "vehicle-unpaused"),
        ({"errors": [{"errorType": "DOCK_ERROR", "errorLevel": "FATAL"}]}, "vehicle-sound"),
    ],
)
def test_a_vehicle_that_would_refuse_is_not_asked(change: dict[str, Any], refusal: str) -> None:
    state = known_factory()
    told = vehicle_state(VEHICLE, SERIALS["DPS"]) | change
    tell(state, f"fts/v1/ff/{VEHICLE}/state", told)
    assert refusal in _refusals("fts-navigate", state)


def test_a_warning_does_not_stop_a_vehicle() -> None:
    state = known_factory()
    warned = [{"errorType": "COLLISION", "errorLevel": "WARNING"}, {}]
    told = vehicle_state(VEHICLE, SERIALS["DPS"], errors=warned)
    tell(state, f"fts/v1/ff/{VEHICLE}/state", told)
    assert plan_of("fts-navigate", state).allowed


def test_a_paused_module_and_a_blocked_one_are_not_asked() -> None:
    state = known_factory()
    tell(state, "ccu/pairing/state", pairing(MILL="BLOCKED"))
    assert _refusals("module-sequence", state) == ["module-ready"]


def test_a_retained_command_is_never_sent() -> None:
    changes = {"topic": "ccu/set/reset", "retain": True, "confirm": "RETAIN"}
    assert _refusals("free-message", known_factory(), **changes) == ["retain-allowed"]
    retaining = [plan_of(kind).steps[0] for kind in KINDS if plan_of(kind).steps[0].retain]
    assert [step.payload for step in retaining] == [""]  # clear-retained: nothing to carry out


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_names_parameters_that_give_the_same_plan(kind: str) -> None:
    plan = plan_of(kind)
    again = prepare(kind, plan.parameters, known_factory(), now=NOW, new_id=ids())
    assert again.steps == plan.steps
    assert again.checks == plan.checks
