"""Messages of a command as a person edited them before they went out: topic and payload, literally.

Whoever edits sends a free message in the place of a generated one, so the rules of a free message
judge the edited bytes, beside those of the command. Ids that the others of a sequence share are
made of `ids`, so that what goes out has the ids that were read.
"""

from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID, uuid5

from omf.commands.effects import echoed
from omf.commands.schemas import CommandError, PlannedStep
from omf.messages import json_diff
from omf.messages.edited import EditedMessage, EditedMessages
from omf.messages.json_diff import Difference
from omf.texts import text


def derived_ids(source: str) -> Callable[[], str]:
    """Fresh ids for one plan: distinct within it, and the same each time it is made.

    `source` is a UUID; it is read only where an id is asked for.
    """
    numbers = count()
    return lambda: str(uuid5(UUID(source), str(next(numbers))))


def with_edits(steps: tuple[PlannedStep, ...], edited: EditedMessages) -> tuple[PlannedStep, ...]:
    """The steps with what was edited in their place; CommandError names an edit that cannot be."""
    changed = {one.step: one for one in edited.messages}
    if len(changed) < len(edited.messages) or max(changed) >= len(steps):
        raise CommandError("edited", text("plan.edited_step", most=len(steps)))
    return tuple(
        _edited(step, changed[number], alone=len(steps) == 1) if number in changed else step
        for number, step in enumerate(steps)
    )


def _edited(step: PlannedStep, change: EditedMessage, *, alone: bool) -> PlannedStep:
    if not step.published:
        raise CommandError("edited", text("plan.edited_unsent"))
    if (step.topic, step.payload) == (change.topic, change.payload):
        return step
    if _same_action(step, change):
        effect = step.effect
    elif alone:
        effect = echoed(change.topic, change.payload)
    else:
        # Its proof lets the next step go: without these ids nothing would be proven.
        raise CommandError("edited", text("plan.edited_ids", number=change.step + 1))
    new = {"topic": change.topic, "payload": change.payload, "effect": effect}
    return step.model_copy(update={**new, "was": (step.topic, step.payload)})


def _same_action(step: PlannedStep, change: EditedMessage) -> bool:
    """The factory answers it under the ids that the effect is recognised by."""
    body = json_diff.leaves(json_diff.parsed(change.payload))
    before = json_diff.leaves(json_diff.parsed(step.payload))
    kept = ("serialNumber", "orderId", "orderUpdateId")
    same = all(body.get(path) == before.get(path) for path in kept)
    known = bool(step.action_id) and step.action_id in body.values()
    return step.topic == change.topic and same and known


def changes_of(step: PlannedStep) -> Iterator[Difference]:
    """What a person changed in a message, leaf by leaf; nothing where nobody did."""
    if step.was is None:
        return
    topic, payload = step.was
    if topic != step.topic:
        yield Difference("topic", topic, step.topic)
    old, new = json_diff.parsed(payload), json_diff.parsed(step.payload)
    if new is None or old is None:
        if payload != step.payload:
            yield Difference("payload", payload, step.payload)
        return
    yield from json_diff.between(old, new)
