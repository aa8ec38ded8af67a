"""Messages of a command that are edited at the command line: `--edit FILE` and `--payload TEXT`.

A file holds what `omf send --dry-run --json` gives as `edit`, or only its list:
`[{"step": 0, "topic": "...", "payload": "..."}]`. Topic or payload that is left out stays as it is
made; a payload that is no text is written as JSON.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from omf import faults
from omf.commands import Plan
from omf.messages.edited import MAX_EDITED_STEPS, EditedMessage, EditedMessages
from services.cli.output import usage

PlanOf = Callable[[str], Plan]
"""The command as it is made, its ids made of that UUID."""


class MessageEdit(BaseModel):
    """One message: what of it is to be another."""

    model_config = ConfigDict(extra="forbid")

    step: int = 0
    """Which one, from 0."""
    topic: str | None = None
    payload: str | None = None

    @field_validator("payload", mode="before")
    @classmethod
    def _as_text(cls, given: Any) -> Any:
        if given is None or isinstance(given, str):
            return given
        return json.dumps(given, ensure_ascii=False)


class AskedEdits(BaseModel):
    """Every edit that is asked for, and what the ids are made of."""

    model_config = ConfigDict(extra="forbid")

    ids: UUID | None = None
    messages: list[MessageEdit]

    def of(self, plan_of: PlanOf) -> EditedMessages:
        """The messages as they shall go out; what is left out is taken from the plan."""
        ids = self.ids or uuid4()
        made = plan_of(str(ids)).steps
        found = [
            EditedMessage(
                step=one.step,
                topic=one.topic if one.topic is not None else _of(made, one.step, "topic"),
                payload=one.payload if one.payload is not None else _of(made, one.step, "payload"),
            )
            for one in self.messages
        ]
        return EditedMessages(ids=ids, messages=tuple(found))


def as_edit(ids: UUID, plan: Plan | None) -> EditedMessages | None:
    """Every message of a plan, to be edited; None where none goes out."""
    found = tuple(
        EditedMessage(step=number, topic=step.topic, payload=step.payload)
        for number, step in enumerate(plan.steps if plan else ())
        if step.published and number < MAX_EDITED_STEPS
    )
    return EditedMessages(ids=ids, messages=found) if found else None


def asked(file: Path | None, payload: str | None) -> AskedEdits | None:
    """What the options ask for; None for nothing. What cannot be read ends as wrong usage."""
    if file is not None and payload is not None:
        usage("--edit and --payload are two ways to say it: give one")
    if payload is not None:
        return AskedEdits(messages=[MessageEdit(payload=payload)])
    return None if file is None else _read(file)


def _read(file: Path) -> AskedEdits:
    try:
        given = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        usage(f"--edit {file}: {error}")
    whole = {"messages": given} if isinstance(given, list) else given
    try:
        return AskedEdits.model_validate(whole)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "edits"
        usage(f"--edit {file}: {where}: {faults.fault_text(first).en}")


def _of(made: tuple[Any, ...], step: int, name: str) -> str:
    """As it is made; "" for a message that is not there, which is said when it is judged."""
    return str(getattr(made[step], name)) if 0 <= step < len(made) else ""
