"""How an awaited command hears the journal: nothing is missed, nothing counts twice."""

import json

import pytest

from omf.commands import Effect, Plan, PlannedStep
from omf.messages.message import Message
from omf.texts import stored
from omf.topics.catalogue import address
from services.common.store.keys import Role
from services.orders import transitions
from services.orders.effects import EffectMonitor, TopicIndex
from services.orders.execution import CommandExecution
from tests.support.command_examples import command_of

SERIAL = "SVR4H76449"
STATE = address("module_state", serial=SERIAL)
ORDER = address("module_order", serial=SERIAL)
TEXT = stored(de="es", en="it")
IDS = {"order_id": "o", "order_update_id": 1, "action_id": "a"}
END = Effect(rule="action-finished", topics=(STATE,), expect=IDS, window_s=90, text=TEXT)
BEGIN = Effect(
    rule="action-begun", topics=(STATE,), expect=IDS, window_s=5, text=TEXT, follow_up=END
)
STEP = PlannedStep(
    topic=ORDER, payload="{}", title=TEXT, effect=BEGIN, device=SERIAL, order_id="o", action_id="a"
)


def execution(*steps: PlannedStep) -> CommandExecution:
    command = command_of("module-step", role=Role.SUPERVISOR, created_at=0)
    plan = Plan(kind="module-step", parameters={}, steps=steps or (STEP,), checks=())
    begun = transitions.begin(command, plan, now=0, journal_id="0-0", expires_at=5, expiry_s=5)
    assert begun.execution
    return begun.execution.model_copy(update={"window_from": 1.0, "attempted_at": 1.0})


def state(number: int, word: str, action: str = "a", order: str = "o") -> Message:
    body = {
        "serialNumber": SERIAL,
        "timestamp": "2026-08-07T09:00:00.000Z",
        "orderId": order,
        "orderUpdateId": 1,
        "actionState": {"id": action, "command": "PICK", "state": word, "timestamp": ""},
        "errors": [],
    }
    return Message(STATE, json.dumps(body).encode(), id=f"{number}-0")


def settle(monitor: EffectMonitor) -> list[str]:
    """Do what the WorkflowOrderManager does: write what the proofs mean, until there is none."""
    told: list[str] = []
    while monitor.proof and monitor.execution:
        transition = transitions.on_proof(monitor.execution, monitor.proof, 2.0)
        told += [event.stage.value for event in transition.events]
        monitor.advance(transition)
    return told


def test_the_end_heard_while_the_beginning_is_being_written_is_not_missed() -> None:
    monitor = EffectMonitor(execution())
    assert monitor.on_message(state(1, "RUNNING"))
    monitor.on_message(state(2, "FINISHED"))
    assert settle(monitor) == ["effect"]


def test_an_end_without_a_beginning_proves_both() -> None:
    monitor = EffectMonitor(execution())
    monitor.on_message(state(1, "FINISHED"))
    assert settle(monitor) == ["effect"]


def test_a_proof_is_ripe_only_once_the_gateway_has_told() -> None:
    untold = execution().model_copy(update={"window_from": None})
    monitor = EffectMonitor(untold)
    assert not monitor.on_message(state(1, "RUNNING"))
    assert monitor.proof


def test_our_own_order_and_state_disturb_nothing() -> None:
    monitor = EffectMonitor(execution())
    own = {"timestamp": "2026-08-07T09:00:00.000Z", "serialNumber": SERIAL, "orderId": "o"}
    own |= {"orderUpdateId": 1, "action": {"id": "a", "command": "PICK", "metadata": {}}}
    monitor.on_message(Message(ORDER, json.dumps(own).encode(), id="1-0"))
    assert monitor.proof is None


def test_a_foreign_order_on_the_device_ends_the_bracket_with_advice() -> None:
    monitor = EffectMonitor(execution())
    foreign = {"timestamp": "2026-08-07T09:00:00.000Z", "serialNumber": SERIAL, "orderId": "x"}
    foreign |= {"orderUpdateId": 1, "action": {"id": "y", "command": "PICK", "metadata": {}}}
    assert monitor.on_message(Message(ORDER, json.dumps(foreign).encode(), id="1-0"))
    assert settle(monitor) == ["failed"]


def test_a_reset_of_the_factory_ends_the_bracket() -> None:
    monitor = EffectMonitor(execution())
    body = {"timestamp": "2026-08-07T09:00:00.000Z"}
    monitor.on_message(Message(address("ccu_set_reset"), json.dumps(body).encode(), id="1-0"))
    assert settle(monitor) == ["failed"]


@pytest.mark.parametrize("heard", ["RUNNING", "FINISHED"])
def test_a_reset_behind_a_proof_stops_the_next_step_before_it_is_sent(heard: str) -> None:
    following = STEP.model_copy(update={"action_id": "b"})
    monitor = EffectMonitor(execution(STEP, following))
    monitor.on_message(state(1, heard))
    monitor.on_message(state(2, "FINISHED"))
    monitor.on_message(Message(address("ccu_global"), b'{"type":"reset"}', id="3-0"))
    assert settle(monitor) == ["failed"]
    assert monitor.execution is None


def test_a_reset_behind_the_proof_of_the_last_step_takes_nothing_back() -> None:
    monitor = EffectMonitor(execution())
    monitor.on_message(state(1, "FINISHED"))
    monitor.on_message(Message(address("ccu_global"), b'{"type":"reset"}', id="2-0"))
    assert settle(monitor) == ["effect"]


def test_silence_is_broken_by_what_showed_in_another_way() -> None:
    other = END.model_copy(update={"window_s": 0.0})
    awaiting = BEGIN.model_copy(update={"rule": "seen", "topics": ("never",), "otherwise": other})
    monitor = EffectMonitor(execution().model_copy(update={"awaiting": awaiting}))
    monitor.on_message(state(1, "FINISHED"))
    assert monitor.proof is None
    monitor.recheck()
    assert monitor.proof


def test_a_rule_of_another_release_proves_nothing_and_harms_nobody() -> None:
    awaiting = BEGIN.model_copy(update={"rule": "no longer there"})
    monitor = EffectMonitor(execution().model_copy(update={"awaiting": awaiting}))
    assert not monitor.on_message(state(1, "FINISHED"))


def test_what_is_proven_to_its_end_need_not_hear_the_rest_of_a_rush() -> None:
    monitor, interest = EffectMonitor(execution()), TopicIndex()
    interest.add("c", monitor)
    monitor.on_message(state(1, "RUNNING"))
    assert not monitor.conclusive
    settle(monitor)
    monitor.on_message(state(2, "FINISHED"))
    assert monitor.conclusive
    interest.unsubscribe("c")
    assert interest.monitors_of(STATE) == ()
    assert interest.get("c") is monitor
    interest.remove("c")
    assert len(interest) == 0
