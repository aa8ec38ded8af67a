"""What proves a command, what denies it, and what explains the silence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omf.commands import KINDS, Effect, Verdict, judge, likely_cause
from omf.messages.message import Message
from omf.simulation.modules import factsheets
from omf.simulation.simulated_factory import MILL
from omf.texts import stored
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.factory import FTS, SERIALS, Factory, known_factory, pairing, vehicle_state


def effect_of(kind: str, **changes: Any) -> Effect:
    return plan_of(kind, **changes).steps[0].effect


def told(topic: str, body: object, *, retain: bool = False) -> Message:
    return Message(topic, json.dumps(body).encode(), "9-0", retain=retain)


def outcome(verdict: Verdict | None) -> str | None:
    return verdict.outcome if verdict else None


def answer(effect: Effect, **changes: Any) -> dict[str, Any]:
    """An order object that answers the request, as the CCU makes it."""
    expect = effect.expect
    return {
        "orderId": "order-1",
        "state": "IN_PROGRESS",
        "orderType": expect["order_type"],
        "type": expect["type"],
        "timestamp": expect["timestamp"],
        "requestId": expect["request_id"],
        **changes,
    }


def test_an_order_is_proven_by_its_own_answer() -> None:
    effect = effect_of("production-order")
    verdict = judge(effect, told("ccu/order/response", answer(effect)))
    assert outcome(verdict) == "effect"
    assert "order-1" in verdict.en  # type: ignore[union-attr]


def test_an_older_ccu_echoes_no_request_id_but_the_time() -> None:
    effect = effect_of("production-order")
    body = answer(effect)
    del body["requestId"]
    assert outcome(judge(effect, told("ccu/order/response", body))) == "effect"


@pytest.mark.parametrize(
    "change",
    [
        {"requestId": "somebody-else"},
        {"requestId": None, "timestamp": "2026-08-07T09:21:00.249Z"},
        {"requestId": None, "type": "BLUE"},
        {"orderType": "STORAGE"},
    ],
)
def test_the_answer_to_another_request_proves_nothing(change: dict[str, Any]) -> None:
    effect = effect_of("production-order")
    assert judge(effect, told("ccu/order/response", answer(effect, **change))) is None


def test_a_lost_answer_is_made_up_for_by_the_lists() -> None:
    effect = effect_of("production-order")
    listed = told("ccu/order/active", [answer(effect)], retain=True)
    assert judge(effect, listed) is None
    assert effect.otherwise is not None
    assert outcome(judge(effect.otherwise, listed)) == "effect"


@pytest.mark.parametrize(
    ("state", "wanted"),
    [("FINISHED", "effect"), ("ERROR", "failed"), ("CANCELLED", "failed"), ("IN_PROGRESS", None)],
)
def test_the_course_of_an_order_ends_as_the_ccu_says(state: str, wanted: str | None) -> None:
    effect = effect_of("production-order")
    listed = told("ccu/order/completed", [answer(effect, state=state)])
    assert effect.follow_up is not None
    assert outcome(judge(effect.follow_up, listed)) == wanted


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ({"one": "CANCELLED", "two": "CANCELLED"}, "effect"),
        ({"one": "CANCELLED"}, None),
        ({"one": "CANCELLED", "two": "FINISHED"}, "failed"),
    ],
)
def test_a_cancellation_is_proven_by_all_its_orders(
    states: dict[str, str], wanted: str | None
) -> None:
    body = [{"orderId": name, "state": state} for name, state in states.items()]
    assert outcome(judge(effect_of("cancel-order"), told("ccu/order/completed", body))) == wanted


def test_a_reset_is_proven_by_the_ccu_and_then_by_every_module() -> None:
    effect = effect_of("factory-reset")
    assert judge(effect, told("ccu/global", {"type": "other"})) is None
    assert outcome(judge(effect, told("ccu/global", {"type": "reset"}))) == "effect"
    assert effect.follow_up is not None
    blocked = told("ccu/pairing/state", pairing(AIQS="BLOCKED"))
    assert judge(effect.follow_up, blocked) is None
    assert outcome(judge(effect.follow_up, told("ccu/pairing/state", pairing()))) == "effect"


def test_a_lost_announcement_of_a_reset_is_made_up_for_by_a_vehicle() -> None:
    effect = effect_of("factory-reset")
    body = vehicle_state("UNKNOWN", errors=[{"errorType": "RESET"}])
    message = told(f"fts/v1/ff/{FTS}/state", body)
    assert judge(effect, message) is None
    assert effect.otherwise is not None
    assert outcome(judge(effect.otherwise, message)) == "effect"


def test_an_old_copy_from_the_broker_proves_no_state() -> None:
    effect = effect_of("charge", charge=False)
    body = vehicle_state(SERIALS["DPS"])
    topic = f"fts/v1/ff/{FTS}/state"
    assert judge(effect, told(topic, body, retain=True)) is None
    assert outcome(judge(effect, told(topic, body))) == "effect"


def test_docking_counts_only_at_the_target() -> None:
    step = plan_of("fts-navigate", preset=None, target="MILL").steps[0]
    docked = {"id": step.action_id, "state": "FINISHED", "command": "DOCK"}
    arrived = step.effect.follow_up
    assert arrived is not None
    for node, wanted in (
        (SERIALS["DPS"], None),
        (SERIALS["MILL"], "effect"),
        ("UNKNOWN", "failed"),
    ):
        body = vehicle_state(node, orderId=step.order_id, actionStates=[docked])
        assert outcome(judge(arrived, told(f"fts/v1/ff/{FTS}/state", body))) == wanted


def test_a_vehicle_names_the_order_it_refuses() -> None:
    step = plan_of("fts-navigate").steps[0]
    reference = {"referenceKey": "orderId", "referenceValue": step.order_id}
    error = {"errorType": "orderError", "errorReferences": [reference]}
    body = vehicle_state(SERIALS["DPS"], errors=[{}, error])
    verdict = judge(step.effect, told(f"fts/v1/ff/{FTS}/state", body))
    assert outcome(verdict) == "failed"
    assert "order refused" in verdict.en  # type: ignore[union-attr]


def test_new_contents_are_proven_bay_by_bay() -> None:
    effect = effect_of("set-storage")
    topic = f"module/v1/ff/{SERIALS['HBW']}/state"
    right = [{"loadPosition": "A1", "loadType": "RED"}, {"loadPosition": "B1", "loadType": ""}]
    wrong = [*right, {"loadPosition": "C1", "loadType": "BLUE"}]
    assert outcome(judge(effect, told(topic, {"loads": right}))) == "effect"
    assert judge(effect, told(topic, {"loads": wrong})) is None
    assert judge(effect, told(topic, {})) is None


@pytest.mark.parametrize(
    ("kind", "topic", "body"),
    [
        ("flows", "ccu/state/flows", {"RED": {"steps": ["MILL", "AIQS"]}, "BLUE": {"steps": []}}),
        ("config", "ccu/state/config", json.loads(plan_of("config").steps[0].payload)),
        ("layout", "ccu/state/layout", json.loads(plan_of("layout").steps[0].payload)),
    ],
)
def test_settings_are_proven_by_their_publication(kind: str, topic: str, body: Any) -> None:
    effect = effect_of(kind)
    assert outcome(judge(effect, told(topic, body))) == "effect"
    first = next(iter(body))
    assert judge(effect, told(topic, body | {first: {"steps": ["OVEN"]}})) is None


def test_calibration_is_proven_by_the_mode_or_by_the_named_action() -> None:
    serial = SERIALS["DPS"]
    start = effect_of("calibration")
    for topic, body in (
        (f"module/v1/ff/{serial}/state", {"operatingMode": "TEACHIN"}),
        (f"ccu/state/calibration/{serial}", {"calibrating": True}),
    ):
        assert outcome(judge(start, told(topic, body))) == "effect"
    test = effect_of("calibration", command="testCalibrationPosition", position="PARK")
    for state, wanted in (("RUNNING", None), ("FINISHED", "effect"), ("FAILED", "failed")):
        action = {"id": "the-ccus", "command": "testCalibrationPosition", "state": state}
        body = {"actionState": action}
        assert outcome(judge(test, told(f"module/v1/ff/{serial}/state", body))) == wanted


@pytest.mark.parametrize("kind", ["park", "module-duration", "delete-module"])
def test_the_pairing_state_proves_what_the_ccu_did(kind: str) -> None:
    body = pairing(DPS="BLOCKED", HBW="BLOCKED")
    for module in body["modules"]:
        module["productionDuration"] = 7
    if kind == "delete-module":
        body["modules"] = [m for m in body["modules"] if m["serialNumber"] != SERIALS["MILL"]]
    assert outcome(judge(effect_of(kind), told("ccu/pairing/state", body))) == "effect"
    untouched = pairing()
    untouched["transports"] = []
    assert judge(effect_of(kind), told("ccu/pairing/state", untouched)) is None


def test_the_factsheet_that_was_asked_for_is_the_proof_and_a_kept_copy_is_none() -> None:
    effect = effect_of("module-factsheet")
    sheet = factsheets.module(MILL, "2026-08-07T09:21:00.000Z")
    sent = Message(effect.topics[0], json.dumps(sheet).encode())
    assert outcome(judge(effect, sent)) == "effect"
    assert judge(effect, sent._replace(retain=True)) is None


@pytest.mark.parametrize("kind", ["status-led", "free-message"])
def test_what_nobody_confirms_is_proven_only_as_distributed(kind: str) -> None:
    step = plan_of(kind).steps[0]
    own = Message(step.topic, step.payload.encode())
    verdict = judge(step.effect, own)
    assert outcome(verdict) == "effect"
    assert "no confirmation" in verdict.en  # type: ignore[union-attr]
    assert judge(step.effect, own._replace(payload=b"{}")) is None


EFFECTS = [
    effect
    for kind in KINDS
    for step in plan_of(kind).steps
    for effect in (step.effect, step.effect.follow_up, step.effect.otherwise)
    if effect is not None
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({
            "orderId", "state", "actionState", "actionStates", "id", "errors", "errorReferences",
            "loads", "modules", "transports", "type", "nodes", "action", "metadata", "charge",
            "batteryState", "charging", "calibrating", "operatingMode", "serialNumber",
        })), inner, max_size=5)
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(effect=st.sampled_from(EFFECTS), body=JSON | st.binary(max_size=50), retain=st.booleans())
def test_no_payload_whatever_breaks_the_judge(effect: Effect, body: Any, retain: bool) -> None:  # noqa: FBT001
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    for topic in effect.topics:
        judge(effect, Message(topic, payload, "1-0", retain=retain))


def test_silence_after_an_order_without_stock_is_explained() -> None:
    factory = Factory.known().stock()
    cause = likely_cause("production-order", {"colour": "RED"}, factory.state)
    assert cause is not None
    assert (cause.id, cause.text.en) == ("stock-free", "No free piece in store: Red")


def test_silence_after_cancelling_a_running_order_is_explained() -> None:
    factory = Factory.known()
    running = [{"orderId": "one", "state": "IN_PROGRESS", "type": "RED"}]
    factory.say("ccu_order_active", running)
    cause = likely_cause("cancel-order", {"order_ids": ["one"]}, factory.state)
    assert cause is not None
    assert cause.id == "orders-queued"


def test_a_ccu_that_is_gone_explains_everything_it_should_have_done() -> None:
    factory = Factory.known()
    factory.wait(120).vehicle(SERIALS["DPS"])
    cause = likely_cause("production-order", {"colour": "RED"}, factory.state)
    assert cause is not None
    assert cause.id == "ccu-silent"
    assert likely_cause("fts-reset", {"serial": FTS}, factory.state) is None


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_explains_the_silence_nothing_is_invented(kind: str) -> None:
    plan = plan_of(kind)
    if plan.allowed:
        assert likely_cause(kind, plan.parameters, known_factory()) is None


def test_an_unknown_kind_has_no_cause() -> None:
    assert likely_cause("teleport", EXAMPLES["park"], known_factory()) is None


def test_an_effect_whose_rule_is_no_more_is_never_proven_and_raises_nothing() -> None:
    it = stored(de="es", en="it")
    forgotten = Effect(rule="of-an-older-version", topics=("#",), window_s=1, text=it)
    assert judge(forgotten, Message("any/topic", b"{}", id="1-0")) is None
