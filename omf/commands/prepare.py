"""From an operator's wish to a plan: parameters checked, bytes frozen, interlocks answered."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from omf import faults
from omf.commands.command_types import CONTROLS, KINDS
from omf.commands.edits import derived_ids, with_edits
from omf.commands.forms import Form
from omf.commands.interlocks import evaluate
from omf.commands.schemas import Check, CommandError, Drafting, Kind, Plan, PlannedStep
from omf.commands.setting_changes import setting_changes
from omf.commands.silent_devices import taken_out, unheard
from omf.messages.edited import EditedMessages
from omf.state import FactoryState
from omf.texts import text

FREE_MESSAGE = "free-message"
_OF_SENDER = frozenset({"typed-word", "retain-allowed"})
"""Interlocks of a free message about what is not edited: how it is kept, and its word."""
_ONWARD = frozenset(
    {
        "ccu-idle",
        "bridge-up",
        "module-connected",
        "module-sound",
        "vehicle-connected",
        "vehicle-still",
        "vehicle-unpaused",
        "vehicle-sound",
        "road-free",
    }
)
"""Interlocks a bracket does not break by itself: they hold between its steps as before the first.
"""


def kind_of(name: str) -> Kind:
    """The kind of that name; CommandError names the known ones."""
    if found := KINDS.get(name) or CONTROLS.get(name):
        return found
    known = ", ".join((*KINDS, *CONTROLS))
    raise CommandError(
        "",
        text("plan.kind_unknown", name=name, known=known),
    )


def parameters_of(kind: Kind, given: Mapping[str, Any]) -> Form:
    """The checked parameters; CommandError names the first field at fault and what is wrong."""
    try:
        return kind.parameters.model_validate(dict(given))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        # A name nobody knows is most likely the missing one, misspelt: it is told first.
        first = min(found, key=lambda fault: fault["type"] != "extra_forbidden")
        name = ".".join(str(part) for part in first["loc"]) or "parameters"
        raise CommandError(name, faults.fault_text(first)) from error


def prepare(  # noqa: PLR0913 - what a command is, and when and on what it is judged
    kind: str,
    parameters: Mapping[str, Any],
    state: FactoryState,
    *,
    now: float,
    new_id: Callable[[], str],
    judged_at: float | None = None,
    edited: EditedMessages | None = None,
) -> Plan:
    """The plan of a command as the factory stands now; CommandError if it cannot be built.

    A plan with an unmet interlock is returned too, so that the preview can show why: ask
    `plan.allowed`. `now` is Unix seconds, `new_id` gives a fresh UUID text at each call. Who is
    silent is judged at `judged_at`, else at `now`: they differ where a replay stands still.
    Messages that were `edited` go out as they stand there.
    """
    chosen = kind_of(kind)
    form = parameters_of(chosen, parameters)
    if chosen.resolve is not None:
        form = chosen.resolve(form, state)
    fresh = derived_ids(str(edited.ids)) if edited else new_id
    steps = _built(chosen, form, Drafting(state=state, now=now, new_id=fresh))
    if edited:
        steps = with_edits(steps, edited)
    return Plan(
        kind=kind,
        parameters=form.model_dump(mode="json", exclude_none=True),
        steps=steps,
        checks=(
            *evaluate(chosen.interlocks, form, state, chosen.prudence),
            *_of_edited(steps, state),
            *unheard(chosen, steps, state, now if judged_at is None else judged_at),
            *taken_out(chosen, form, steps, state),
        ),
        losses=chosen.losses(form, state) if chosen.losses else (),
        changes=setting_changes(kind, form, state),
        automatic=getattr(form, "mode", "automatic") == "automatic",
    )


def _of_edited(steps: tuple[PlannedStep, ...], state: FactoryState) -> tuple[Check, ...]:
    """What a free message is asked holds for each message that a person edited."""
    free = KINDS[FREE_MESSAGE]
    found: list[Check] = []
    for step in steps:
        if step.was is None:
            continue
        try:
            sent = {"topic": step.topic, "payload": step.payload, "qos": step.qos}
            form = parameters_of(free, sent)
        except CommandError as error:
            raise CommandError("edited", error.told) from error
        names = (name for name in free.interlocks if name not in _OF_SENDER)
        found.extend(evaluate(names, form, state, free.prudence))
    return tuple(found)


def onward(plan: Plan, state: FactoryState) -> tuple[Check, ...]:
    """What must still hold before a further step of a plan begun goes out."""
    kind = kind_of(plan.kind)
    form = parameters_of(kind, plan.parameters)
    names = (name for name in kind.interlocks if name in _ONWARD)
    return evaluate(names, form, state, kind.prudence)


def _built(kind: Kind, form: Form, draft: Drafting) -> tuple[PlannedStep, ...]:
    try:
        return kind.build(form, draft)
    except CommandError:
        raise
    except (ValueError, RecursionError) as error:
        # A value JSON cannot hold: NaN, or nested deeper than anything can read.
        raise CommandError("parameters", text("plan.no_json", error=error)) from error
