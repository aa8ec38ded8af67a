"""The fingerprint of a preview: what is sent is what was read, or it is refused.

Ids and times are filled in when a command is sent, so they are not part of it. Everything else is:
messages, expected effects, checks and losses, each with a digest of its own, so that a refusal can
name what changed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Literal

from omf.commands.prepare import onward, prepare
from omf.commands.schemas import Effect, Plan, PlannedStep
from omf.messages.edited import EditedMessages
from omf.state import FactoryState
from omf.texts import Text, text

PlanPart = Literal["messages", "effect", "checks", "losses"]
PART_WORDS: dict[PlanPart, Text] = {
    "messages": text("plan_part.what_happens"),
    "effect": text("plan_part.expected_effect"),
    "checks": text("plan_part.checks"),
    "losses": text("plan_part.what_lost"),
}
RELEASE = "bracket-next"
"""The kind whose message is the waiting step of another command."""
_DIGEST_CHARS = 12


def fingerprint(
    kind: str,
    parameters: Mapping[str, Any],
    state: FactoryState,
    edited: EditedMessages | None = None,
) -> str:
    """The fingerprint of this command as the factory stands now; CommandError as `prepare`.

    The same for every place that prepares it, whatever ids and times it fills in.
    """
    ids = _numbered()
    return fingerprint_of(prepare(kind, parameters, state, now=0.0, new_id=ids, edited=edited))


def fingerprint_of(plan: Plan) -> str:
    """One digest a part, in the order of PART_WORDS, joined by dots; ids and times count here."""
    parts = _parts(plan)
    return ".".join(_digest(parts[name]) for name in PART_WORDS)


def changed_parts(read: str, now: str) -> tuple[PlanPart, ...]:
    """Which parts of what was `read` are not the same `now`; all of them if `read` is unreadable.

    Both are fingerprints; nothing changed: `()`.
    """
    before, after = read.split("."), now.split(".")
    if len(before) != len(after):
        return tuple(PART_WORDS)
    pairs = zip(PART_WORDS, before, after, strict=True)
    return tuple(name for name, old, new in pairs if old != new)


def differing_parts(before: Plan, after: Plan) -> tuple[PlanPart, ...]:
    """Which parts of two previews of one card differ; both must bear the same ids and times."""
    return changed_parts(fingerprint_of(before), fingerprint_of(after))


def release_of(plan: Plan, step: PlannedStep, state: FactoryState) -> Plan:
    """The plan of letting the waiting `step` of `plan` go, with what must still hold for it.

    Its bytes are frozen, so `fingerprint_of` it is the same wherever it is asked for.
    """
    checks = onward(plan, state)
    return Plan(kind=RELEASE, parameters={"order_id": step.order_id}, steps=(step,), checks=checks)


def _parts(plan: Plan) -> dict[PlanPart, Any]:
    return {
        "messages": [plan.kind, plan.automatic, [_message(step) for step in plan.steps]],
        "effect": [_effect(step.effect) for step in plan.steps],
        "checks": [(check.id, check.met, check.blocking) for check in plan.checks],
        "losses": [loss.en for loss in plan.losses],
    }


def _message(step: PlannedStep) -> dict[str, Any]:
    unedited = set() if step.was else {"was"}
    return step.model_dump(mode="json", exclude={"effect"} | unedited)


def _effect(effect: Effect) -> dict[str, Any]:
    told_before = {"before", "already"}
    shown = effect.model_dump(mode="json", exclude={*told_before, "follow_up", "otherwise"})
    further = {"follow_up": effect.follow_up, "otherwise": effect.otherwise}
    return shown | {name: _effect(one) if one else None for name, one in further.items()}


def _digest(part: Any) -> str:
    text = json.dumps(part, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARS]


def _numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"
