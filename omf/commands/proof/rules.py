"""The table of proof rules, and what they share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from omf.commands.schemas import Verdict
from omf.messages.fts import VehicleState
from omf.messages.message import Message
from omf.messages.module import ModuleState
from omf.messages.parts import ActionState, DeviceError
from omf.terms import fault
from omf.texts import Text, joined, text, verbatim

Test = Callable[[Mapping[str, Any], Any, Message], Verdict | None]
"""(what is expected, payload model, the message itself) -> verdict."""
EVIDENCE_CHARS = 80
"""A name from a payload is cut to this before it is put into a sentence."""
Device = ModuleState | VehicleState


class ProofRule(NamedTuple):
    """One way to recognise an effect."""

    test: Test
    identified: bool
    """The command is recognised by an id of its own, so even a retained copy is a proof."""
    any_payload: bool
    """Also asked about payloads that fit no description; the model is None then."""
    spaced: bool
    """It compares times: `expect["previous_at"]` is when the message before it on the same topic
    arrived, Unix s, or None."""


RULES: dict[str, ProofRule] = {}


def rule(
    name: str, *, identified: bool = False, any_payload: bool = False, spaced: bool = False
) -> Callable[[Test], Test]:
    """Enter a test into the table under the name effects use."""

    def enter(test: Test) -> Test:
        RULES[name] = ProofRule(test, identified, any_payload, spaced)
        return test

    return enter


def proven(said: Text) -> Verdict:
    """The effect was seen."""
    return Verdict(outcome="effect", text=said)


def failed(said: Text) -> Verdict:
    """The factory said that it did not work."""
    return Verdict(outcome="failed", text=said)


def shown(value: object) -> str:
    """A value from a payload, short enough for a sentence."""
    return str(value)[:EVIDENCE_CHARS]


def action_with(state: Device, action_id: str) -> ActionState | None:
    """The action of that id in a device's state, wherever it stands."""
    actions = (state.action_state, *state.action_states)
    return next((a for a in actions if a is not None and a.id == action_id), None)


def own_failure(state: Device, expect: Mapping[str, Any]) -> Verdict | None:
    """A device's FAILED of an action the command led to.

    `expect["fails"]` names such actions, `expect["known"]` the ids of those it reported before.
    The DPS leaves the name of an action out (PROTOCOL B.3): then the id alone decides.
    """
    for action in (state.action_state, *state.action_states):
        if action is None or action.state != "FAILED" or action.id in expect["known"]:
            continue
        if action.command is None or action.command in expect["fails"]:
            why = because(state.errors)
            return failed(text("proof.failed_by_device", why=why))
    return None


def refusal(state: Device, expect: Mapping[str, Any]) -> Verdict | None:
    """A device's word that it did not take the order, found by the order it names.

    Not by action id: MILL and DRILL name the previous action there (PROTOCOL C.20). AIQS always
    writes orderUpdateId 0, so 0 stands for any.
    """
    for error in state.errors:
        named = error.references
        any_update = named.get("orderUpdateId") in (None, 0, expect["order_update_id"])
        if named.get("orderId") == expect["order_id"] and any_update:
            what = _name(error)
            return failed(text("proof.refused_by_device", what=what))
    return None


def because(errors: Iterable[DeviceError]) -> Text:
    """`: <what>` of the newest error, or nothing if there is none."""
    names = [_name(error) for error in errors]
    return joined("", [verbatim(": "), names[-1]]) if names else verbatim("")


def _name(error: DeviceError) -> Text:
    """What went wrong: the device's own sentence, unless it only spells the type of the error."""
    kind, sentence = error.error_type, error.error_message
    if sentence is None or (kind and sentence.replace(" ", "_").casefold() == kind.casefold()):
        return fault(kind)
    return verbatim(shown(sentence))
