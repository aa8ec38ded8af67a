"""WorkflowOrderManager: one device, one bracket, one step at a time."""

import itertools
import json
from typing import Any

import pytest

from omf.commands import Plan, Text, prepare
from omf.message import Message
from omf.workflow import BracketError, Decided, Event, WorkflowOrderManager
from tests.support.floor import SERIALS
from tests.support.known_factory import NOW, VEHICLE, known_factory, module_state, vehicle_state

MILL = SERIALS["MILL"]


def sequence(mode: str = "automatic", module: str = "MILL") -> Plan:
    numbers = itertools.count(1)
    parameters = {"module": module, "colour": "RED", "mode": mode}
    return prepare(
        "module-sequence",
        parameters,
        known_factory(),
        now=NOW,
        new_id=lambda: f"id-{next(numbers)}",
    )


def told(topic: str, body: object, message_id: str = "7-0", *, retain: bool = False) -> Message:
    return Message(topic, json.dumps(body).encode(), message_id, retain=retain)


def action(plan: Plan, index: int, state: str, **changes: Any) -> Message:
    """The device's state about step `index`."""
    step = plan.steps[index]
    said = {"id": step.action_id, "state": state, "command": "PICK"}
    body = module_state(
        step.device, orderId=step.order_id, orderUpdateId=0, actionState=said, **changes
    )
    return told(f"module/v1/ff/{step.device}/state", body)


def names(events: tuple[Event, ...]) -> list[str]:
    return [event.type for event in events]


def opened(plan: Plan) -> Decided:
    return WorkflowOrderManager().open("cmd", plan, NOW)


def test_opening_releases_exactly_the_first_step() -> None:
    plan = sequence()
    decided = opened(plan)
    assert names(decided.events) == ["opened", "step_released"]
    assert decided.events[1].step == plan.steps[0]


def test_the_next_step_goes_only_after_the_finished_of_the_one_before() -> None:
    plan = sequence()
    manager = opened(plan).manager.acknowledged("cmd", 0, NOW).manager
    running = manager.observe(action(plan, 0, "RUNNING"), NOW + 1)
    assert names(running.events) == ["step_begun"]
    finished = running.manager.observe(action(plan, 0, "FINISHED"), NOW + 10)
    assert names(finished.events) == ["step_finished", "step_released"]
    assert finished.events[1].step == plan.steps[1]
    assert finished.events[0].evidence == "7-0"


def test_a_lost_running_does_not_hold_the_bracket_up() -> None:
    plan = sequence()
    finished = opened(plan).manager.observe(action(plan, 0, "FINISHED"), NOW + 10)
    assert names(finished.events) == ["step_begun", "step_finished", "step_released"]


def test_the_last_finished_ends_the_bracket() -> None:
    plan = sequence()
    manager = opened(plan).manager
    for index in range(3):
        decided = manager.observe(action(plan, index, "FINISHED"), NOW + index)
        manager = decided.manager
    assert names(decided.events)[-2:] == ["step_finished", "finished"]
    assert manager.brackets == ()


def test_the_aiqs_never_tells_its_number_and_is_understood() -> None:
    plan = sequence(module="AIQS")
    finished = opened(plan).manager.observe(action(plan, 0, "FINISHED"), NOW)
    assert names(finished.events)[-1] == "step_released"


def test_an_old_finished_does_not_advance_twice() -> None:
    plan = sequence()
    manager = opened(plan).manager.observe(action(plan, 0, "FINISHED"), NOW).manager
    again = manager.observe(action(plan, 0, "FINISHED"), NOW + 1)
    assert again == Decided(manager, ())


def test_step_by_step_waits_for_a_person_each_time() -> None:
    plan = sequence("stepwise")
    waiting = opened(plan).manager.observe(action(plan, 0, "FINISHED"), NOW)
    assert names(waiting.events)[-1] == "step_waiting"
    released = waiting.manager.release("cmd", NOW + 60)
    assert released.events[0].step == plan.steps[1]
    assert released.manager.release("cmd", NOW + 61).events == ()


def test_a_waiting_step_never_times_out() -> None:
    plan = sequence("stepwise")
    manager = opened(plan).manager.observe(action(plan, 0, "FINISHED"), NOW).manager
    assert manager.tick(NOW + 1e6) == Decided(manager, ())


@pytest.mark.parametrize("index", [0, 1])
def test_a_failed_action_stops_the_bracket_and_says_what_to_do(index: int) -> None:
    plan = sequence()
    manager = opened(plan).manager
    if index:
        manager = manager.observe(action(plan, 0, "FINISHED"), NOW).manager
    stopped = manager.observe(action(plan, index, "FAILED"), NOW)
    assert names(stopped.events) == ["failed"]
    reason = stopped.events[0].reason
    assert reason is not None
    assert reason.why.de
    assert reason.advice.en
    assert stopped.manager.brackets == ()


def test_a_refusal_is_known_by_the_order_it_names() -> None:
    plan = sequence()
    refusal = {
        "errorType": "Validation",
        "errorLevel": "WARNING",
        "errorMessage": "OrderUpdateId not valid",
        "errorReferences": [{"orderId": plan.steps[0].order_id}, {"orderUpdateId": 1}],
    }
    old = {"id": "an-older-action", "state": "FAILED", "command": "PICK"}
    body = module_state(MILL, orderId="old", actionState=old, errors=[refusal])
    stopped = opened(plan).manager.observe(told(f"module/v1/ff/{MILL}/state", body), NOW)
    assert names(stopped.events) == ["failed"]
    assert "OrderUpdateId not valid" in stopped.events[0].reason.why.en  # type: ignore[union-attr]


def test_silence_beyond_the_window_stops_the_bracket() -> None:
    plan = sequence()
    manager = opened(plan).manager
    assert manager.tick(NOW + 1e6).events == ()
    watched = manager.acknowledged("cmd", 0, NOW).manager
    window_s = plan.steps[0].effect.window_s
    assert watched.tick(NOW + window_s).events == ()
    assert names(watched.tick(NOW + window_s + 1).events) == ["timed_out"]


def test_a_begun_action_gets_the_longer_window() -> None:
    plan = sequence()
    manager = opened(plan).manager.observe(action(plan, 0, "RUNNING"), NOW).manager
    assert manager.tick(NOW + 60).events == ()
    assert names(manager.tick(NOW + 91).events) == ["timed_out"]


def test_no_step_goes_after_a_cancel() -> None:
    plan = sequence()
    cancelled = opened(plan).manager.cancel("cmd", NOW)
    assert names(cancelled.events) == ["cancelled"]
    assert cancelled.manager.observe(action(plan, 0, "FINISHED"), NOW).events == ()
    with pytest.raises(BracketError, match="no open bracket"):
        cancelled.manager.release("cmd", NOW)


def test_a_step_the_gateway_did_not_send_stops_the_bracket() -> None:
    why = Text(de="abgelaufen", en="expired")
    stopped = opened(sequence()).manager.not_sent("cmd", 0, NOW, why)
    assert names(stopped.events) == ["not_sent"]


def test_one_device_has_one_bracket_and_the_second_asker_learns_whose() -> None:
    manager = opened(sequence()).manager
    with pytest.raises(BracketError) as caught:
        manager.open("other", sequence(), NOW)
    assert caught.value.holder is not None
    assert caught.value.holder.id == "cmd"


def test_the_same_command_twice_is_one_bracket() -> None:
    manager = opened(sequence()).manager
    assert manager.open("cmd", sequence(), NOW) == Decided(manager, ())


def test_two_devices_work_side_by_side() -> None:
    manager = opened(sequence()).manager.open("drill", sequence(module="DRILL"), NOW).manager
    assert len(manager.brackets) == 2


def test_a_plan_of_no_device_is_no_bracket() -> None:
    plan = prepare(
        "production-order", {"colour": "RED"}, known_factory(), now=NOW, new_id=lambda: "x"
    )
    with pytest.raises(BracketError, match="no work of one device"):
        opened(plan)


def _foreign_order(**changes: Any) -> Message:
    body = {
        "timestamp": "2026-08-07T09:21:00.000Z",
        "serialNumber": MILL,
        "orderId": "the-ccus",
        "orderUpdateId": 4,
        "action": {"id": "theirs", "command": "PICK", "metadata": {"type": "RED"}},
    }
    return told(f"module/v1/ff/{MILL}/order", body | changes)


def test_a_foreign_order_on_the_device_stops_the_bracket() -> None:
    stopped = opened(sequence()).manager.observe(_foreign_order(), NOW)
    assert names(stopped.events) == ["foreign_order"]


def test_a_stranger_who_uses_our_order_id_is_foreign_too() -> None:
    plan = sequence()
    stolen = _foreign_order(orderId=plan.steps[0].order_id)
    assert names(opened(plan).manager.observe(stolen, NOW).events) == ["foreign_order"]


def test_a_foreign_action_that_runs_on_the_module_stops_the_bracket() -> None:
    running = {"id": "theirs", "state": "RUNNING", "command": "PICK"}
    body = module_state(MILL, orderId="the-ccus", actionState=running)
    stopped = opened(sequence()).manager.observe(told(f"module/v1/ff/{MILL}/state", body), NOW)
    assert names(stopped.events) == ["foreign_order"]


def test_our_own_order_is_not_foreign_nor_is_one_to_another_device() -> None:
    plan = sequence()
    manager = opened(plan).manager
    own = Message(plan.steps[0].topic, plan.steps[0].payload.encode(), "1-0")
    assert manager.observe(own, NOW).events == ()
    other = _foreign_order()._replace(topic=f"module/v1/ff/{SERIALS['DRILL']}/order")
    assert manager.observe(other, NOW).events == ()


def test_a_retained_copy_is_no_news() -> None:
    kept = _foreign_order()._replace(retain=True)
    assert opened(sequence()).manager.observe(kept, NOW).events == ()


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("ccu/set/reset", {"timestamp": "2026-08-07T09:21:00.000Z"}),
        ("ccu/global", {"type": "reset"}),
        (
            f"module/v1/ff/{MILL}/instantAction",
            {"serialNumber": MILL, "actions": [{"actionType": "reset", "actionId": "a"}]},
        ),
    ],
)
def test_a_reset_stops_the_bracket(topic: str, body: dict[str, Any]) -> None:
    assert names(opened(sequence()).manager.observe(told(topic, body), NOW).events) == ["reset"]


def test_a_reset_without_timestamp_is_none() -> None:
    manager = opened(sequence()).manager
    assert manager.observe(told("ccu/set/reset", {"withStorage": False}), NOW).events == ()


def test_a_restart_changes_nothing_but_the_clock() -> None:
    plan = sequence()
    manager = opened(plan).manager.observe(action(plan, 0, "RUNNING"), NOW).manager
    stored = WorkflowOrderManager.model_validate_json(manager.model_dump_json())
    assert stored == manager
    resumed = stored.resume(NOW + 3600)
    assert names(resumed.events) == ["resumed"]
    assert resumed.manager.tick(NOW + 3601).events == ()
    finished = resumed.manager.observe(action(plan, 0, "FINISHED"), NOW + 3602)
    assert names(finished.events) == ["step_finished", "step_released"]


def test_a_drive_goes_leg_by_leg_with_the_load_confirmed_between() -> None:
    numbers = itertools.count(1)
    plan = prepare(
        "fts-navigate",
        {"preset": "DPS-HBW", "load_type": "RED"},
        known_factory(),
        now=NOW,
        new_id=lambda: f"id-{next(numbers)}",
    )
    kinds = [step.topic.rsplit("/", 1)[1] for step in plan.steps]
    assert kinds == ["order", "instantAction", "order", "instantAction"]
    manager = opened(plan).manager
    for index, step in enumerate(plan.steps):
        node = SERIALS["DPS"] if index < 2 else SERIALS["HBW"]
        body = vehicle_state(
            VEHICLE,
            node,
            orderId=plan.steps[0].order_id,
            actionStates=[{"id": step.action_id, "state": "FINISHED", "command": "DOCK"}],
        )
        decided = manager.observe(told(f"fts/v1/ff/{VEHICLE}/state", body), NOW + index)
        manager = decided.manager
    assert names(decided.events)[-1] == "finished"
