"""Proofs about modules: an action begun and ended, a reset, calibration, contents, an echo."""

from collections.abc import Mapping, Sequence
from typing import Any

from omf.commands.proof.rules import (
    EVIDENCE_CHARS,
    action_with,
    because,
    failed,
    own_failure,
    proven,
    refusal,
    rule,
)
from omf.commands.schemas import Verdict
from omf.messages.ccu import CalibrationState
from omf.messages.message import Message
from omf.messages.module import ModuleState
from omf.messages.parts import ActionState, Load
from omf.state.values import CarriedLoad as KeptLoad
from omf.terms import term
from omf.texts import Text, joined, text, verbatim

BRIDGE_LEVEL = "NodeRed"
"""Stands in a topic where else a serial does, before that of the controller."""


@rule("action-begun", identified=True)
def _action_begun(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The device reports the action by its id, or refuses the order by name."""
    action = action_with(told, expect["action_id"])
    if action is None or action.state == "FAILED":
        return _no_success(expect, told, action)
    state = term("action", action.phase).cut(EVIDENCE_CHARS)
    return proven(text("proof.device_reports_action", state=state))


@rule("action-finished", identified=True)
def _action_finished(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The action is FINISHED and its result is good: a bad piece is FINISHED too (F.19)."""
    action = action_with(told, expect["action_id"])
    if action is None or action.state != "FINISHED":
        return _no_success(expect, told, action)
    if action.result == "FAILED":
        return failed(text("proof.finished_with_result_failed"))
    return proven(text("proof.action_finished", result=_in_brackets(action.result)))


def _in_brackets(result: str | None) -> Text:
    if not result:
        return verbatim("")
    words = term("result", result).cut(EVIDENCE_CHARS)
    return joined("", [verbatim(" ("), words, verbatim(")")])


def _no_success(
    expect: Mapping[str, Any], told: ModuleState, action: ActionState | None
) -> Verdict | None:
    if action is None:
        return refusal(told, expect)
    if action.state != "FAILED":
        return None
    why = because(told.errors)
    return failed(text("proof.action_failed", why=why))


@rule("module-idle")
def _module_idle(expect: Mapping[str, Any], told: Any, message: Message) -> Verdict | None:
    """The action it had is gone after a reset (PROTOCOL D.5), or our own action stands in it.

    The controller behind a module is without an action most of the time: its word counts by the id.
    """
    action = action_with(told, expect["action_id"])
    was_idle = expect.get("idle") or message.topic.split("/")[3] == BRIDGE_LEVEL
    if action is None and (told.action_state is not None or was_idle):
        return None
    if action is not None and action.state == "FAILED":
        return _no_success(expect, told, action)
    return proven(text("proof.module_reset"))


@rule("calibration-mode")
def _calibration_mode(expect: Mapping[str, Any], told: Any, message: Message) -> Verdict | None:
    """The module entered or left calibration, by its own word or by the CCU's."""
    if isinstance(told, CalibrationState):
        calibrating, done = told.calibrating, None
    else:
        calibrating, done = _is_taught(told), _calibration_step(expect, told, message)
        if done is not None and done.outcome == "failed":
            return done
    if calibrating is not expect["calibrating"]:
        return None
    if expect["unchanged"] and done is None:
        # It calibrated before already: only the action itself shows that it was told to again.
        return None
    if calibrating:
        return proven(text("proof.module_calibrating"))
    return proven(text("proof.module_left_calibration"))


def _is_taught(told: ModuleState) -> bool | None:
    """By its mode; DPS and AIQS may name none, and pause only while they are calibrated (B.3)."""
    return told.operating_mode == "TEACHIN" if told.operating_mode else told.paused


@rule("calibration-step")
def _calibration_step(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The calibration action of that name ended."""
    if broken := own_failure(told, expect):
        return broken
    action = told.action_state
    if action is None or action.command != expect["command"] or action.id in expect["known"]:
        return None
    if action.state != "FINISHED":
        return None
    return proven(text("proof.calibration_command_done"))


@rule("storage-set")
def _storage_set(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The HBW lists exactly the contents that were written (C.23), or refuses the action."""
    action = told.action_state
    if action is not None and action.id == expect["action_id"] and action.state == "FAILED":
        return _no_success(expect, told, action)
    stored = {load.load_position: load for load in told.loads or () if not load.empty}
    if told.loads is None or not same_contents(stored, expect["contents"]):
        return None
    if expect.get("same") and not _rewritten(stored, expect.get("loaded_ms", {})):
        return None
    return proven(text("proof.storage_contents"))


def _rewritten(
    stored: Mapping[str | None, Load], loaded_ms: Mapping[str | None, int | None]
) -> bool:
    """The same contents, but each piece with a new time of storing by the warehouse's clock."""
    times = {bay: load.load_timestamp for bay, load in stored.items()}
    return bool(times) and all(at and at != loaded_ms.get(bay) for bay, at in times.items())


def same_contents(
    stored: Mapping[str | None, Load | KeptLoad], wanted: Mapping[str, Sequence[str]]
) -> bool:
    """Whether the bays hold what is wanted: bay to [colour, tag], empty ones left out."""
    if stored.keys() != wanted.keys():
        return False
    return all(_is_piece(stored[bay], *piece) for bay, piece in wanted.items())


def _is_piece(load: Load | KeptLoad, colour: str, tag: str) -> bool:
    """The piece that was written; a tag nobody wrote or told is not compared."""
    return load.colour == colour and (not tag or load.workpiece_id in (None, tag))


@rule("echo", any_payload=True)
def _echo(expect: Mapping[str, Any], _told: Any, message: Message) -> Verdict | None:
    """The broker handed our own bytes out again; nobody tells what the receiver made of them.

    A copy it kept may be of somebody who sent the same before.
    """
    if message.payload != expect["payload"].encode():
        return None
    return proven(
        text("proof.only_distributed"),
    )
