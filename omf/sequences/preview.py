"""What stands against each command of a sequence before it is started."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from omf.commands import KINDS, Check, CommandError, Plan, prepare
from omf.commands.command_types.sequences import SEQUENCE_START, FactoryKinds
from omf.factories import FactoryKind
from omf.recovery.remedies import Remedy
from omf.sequences.reading import steps_of
from omf.sequences.written import every_step, number_of
from omf.state import FactoryState
from omf.texts import Text, joined, text


class StepPreview(NamedTuple):
    """One command of a sequence, as the factory stands now: those before it may change that."""

    place: str
    """`3.then.1`, as people count."""
    kind: str
    title: Text
    parameters: dict[str, Any]
    against: tuple[Text, ...]
    """What it would be refused for now."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON: every text in every language."""
        said = {"title": self.title.to_dict(), "against": [one.to_dict() for one in self.against]}
        return self._asdict() | said


def previewed(
    given: Mapping[str, Any], state: FactoryState, now: float, new_id: Callable[[], str]
) -> list[StepPreview]:
    """Every command of what a `sequence-start` is given; CommandError if that is no sequence."""
    written = steps_of(given["title"], given["steps"])
    return [
        _previewed(number_of(place), step.kind, step.parameters, state, now, new_id)
        for place, step in every_step(written.steps)
        if step.kind is not None
    ]


def place_checks(plan: Plan, here: FactoryKind) -> tuple[Check, ...]:
    """Whether the command may be given to a factory of this kind; none where to every kind."""
    kind = KINDS.get(plan.kind)
    if kind is not None and kind.only_mock and here is not FactoryKind.MOCK:
        said = text("command.only_mock", here=text(f"sequence.place.{here}"))
        return (Check(id="environment", met=False, text=said),)
    only = plan.parameters.get("only") if plan.kind == SEQUENCE_START else None
    return (place_check(tuple(map(FactoryKind, only)), here),) if only else ()


def place_check(only: FactoryKinds, here: FactoryKind) -> Check:
    """Whether a sequence that is meant for these kinds of factories may run on one of `here`."""
    kinds = joined(", ", [text(f"sequence.place.{kind}") for kind in only])
    key = "sequence.meant_for" if here in only else "sequence.not_here"
    said = text(key, kinds=kinds, here=text(f"sequence.place.{here}"))
    return Check(id="sequence-place", met=here in only, text=said)


def commands_of(given: Mapping[str, Any]) -> list[Remedy]:
    """The commands of a sequence that holds nothing else; a wait or a branch nobody can foresee."""
    steps = steps_of(given["title"], given["steps"]).steps
    if any(step.kind is None for step in steps):
        return []
    return [Remedy(step.kind, step.parameters) for step in steps if step.kind is not None]


def _previewed(
    place: str,
    kind: str,
    parameters: dict[str, Any],
    state: FactoryState,
    now: float,
    new_id: Callable[[], str],
) -> StepPreview:
    title = KINDS[kind].title
    try:
        plan = prepare(kind, parameters, state, now=now, new_id=new_id)
    except CommandError as error:
        return StepPreview(place, kind, title, parameters, (error.told,))
    shown = plan.steps[0].title if plan.steps else title
    against = tuple(check.text for check in plan.refusals)
    return StepPreview(place, kind, shown, parameters, against)
