"""Proofs about vehicles: an order taken, a drive ended, an instant action, charging, a reset."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import (
    action_with,
    because,
    failed,
    own_failure,
    proven,
    refusal,
    rule,
)
from omf.commands.schemas import Verdict
from omf.messages.fts import NOWHERE, VehicleState
from omf.messages.message import Message
from omf.texts import text


@rule("drive-taken", identified=True)
def _drive_taken(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The vehicle lists the order's actions (PROTOCOL G.4), or refuses it (C.21)."""
    dock = action_with(told, expect["action_id"])
    if told.order_id != expect["order_id"] or dock is None:
        return refusal(told, expect)
    if dock.state == "FAILED":
        return _drive_failed(told)
    return proven(text("proof.vehicle_has_drive"))


@rule("drive-docked", identified=True)
def _drive_docked(expect: Mapping[str, Any], told: Any, message: Message) -> Verdict | None:
    """DOCK is FINISHED and the vehicle names the target as its place (F.30)."""
    if told.last_node_id == NOWHERE and not message.retain:
        return failed(text("proof.vehicle_lost_position"))
    dock = action_with(told, expect["action_id"])
    if dock is None:
        return None
    if dock.state == "FAILED":
        return _drive_failed(told)
    if dock.state != "FINISHED" or told.last_node_id != expect["target"]:
        return None
    return proven(text("proof.docked_at", target=expect["target"]))


def _drive_failed(told: VehicleState) -> Verdict:
    why = because(told.errors)
    return failed(text("proof.drive_failed", why=why))


@rule("vehicle-action", identified=True)
def _vehicle_action(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The instant action ended (C.22)."""
    action = action_with(told, expect["action_id"])
    if action is None or action.state not in ("FINISHED", "FAILED"):
        return None
    if action.state == "FAILED":
        why = because(told.errors)
        return failed(text("proof.vehicle_reports_failed", why=why))
    return proven(text("proof.vehicle_has_done"))


@rule("docked-at-first")
def _docked_at_first(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The docking the CCU told the vehicle ended; by its place the CCU pairs it (D.6)."""
    if broken := own_failure(told, expect):
        return broken
    done = any(
        action.command in expect["fails"] and action.state == "FINISHED"
        for action in told.action_states
        if action.id not in expect["known"]
    )
    if not done or told.node is None:
        return None
    return proven(text("proof.vehicle_docked_and_paired"))


@rule("vehicle-reset")
def _vehicle_reset(expect: Mapping[str, Any], told: Any, message: Message) -> Verdict | None:
    """Position UNKNOWN with a note RESET that was not there before.

    The note names the order the vehicle had; one after another reset names none (PROTOCOL B.7).
    """
    notes = [error for error in told.errors if error.error_type == "RESET"]
    if told.last_node_id != NOWHERE or not notes:
        return None
    order_id = str(notes[-1].references.get("orderId") or "")
    serial = message.topic.split("/")[-2]
    if expect.get("resets", {}).get(serial) == order_id:
        return None
    return proven(text("proof.vehicle_reset"))


@rule("charge-drive")
def _charge_drive(_expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The CCU sends the vehicle to the charger."""
    actions = [node.action for node in told.nodes or () if node.action is not None]
    if not any(action.metadata and action.metadata.charge for action in actions):
        return None
    return proven(text("proof.sent_to_charger"))


@rule("charging")
def _charging(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The vehicle's battery is being charged, or is not any more."""
    if broken := own_failure(told, expect):
        return broken
    battery = told.battery_state
    if battery is None or battery.charging is not expect["charging"]:
        return None
    if battery.charging:
        return proven(text("proof.vehicle_charging"))
    return proven(text("proof.vehicle_stopped_charging"))
