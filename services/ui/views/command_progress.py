"""How far a command has come, step by step: each step's stations in the order they are reached."""

from typing import NamedTuple

from services.common.store.keys import CommandEvent, CommandRecord, Stage
from services.ui.translator import Translator
from services.ui.views.command_view import FAILURES

WAY = (
    Stage.REQUESTED,
    Stage.ACCEPTED,
    Stage.QUEUED,
    Stage.PUBLISHED,
    Stage.ACKNOWLEDGED,
    Stage.EFFECT,
)
"""The stations of a command that goes well."""
WAITING = "stage.waiting"
"""What a further step does between its checks and its release."""


class ProgressStation(NamedTuple):
    """One stage of one step; `at` is None while it lies ahead or its time was not told."""

    word: str
    """Key of its text."""
    at: float | None
    reached: bool
    bad: bool = False


class StepCourse(NamedTuple):
    """One step of a command, from 0."""

    step: int
    stations: tuple[ProgressStation, ...]
    told: tuple[CommandEvent, ...]
    """The stages about which something was said."""
    done_at: float | None
    """When the step was proven; None while it is not."""


def courses(record: CommandRecord) -> list[StepCourse]:
    """Every step that has begun, in order; at least the first."""
    begun = max((event.step for event in record.events), default=0)
    return [_course(record, step) for step in range(begun + 1)]


def _course(record: CommandRecord, step: int) -> StepCourse:
    own = {event.stage: event for event in record.events if event.step == step}
    # What proves a step is told by the first event of the next one.
    proven = next((event.at for event in record.events if event.step == step + 1), None)
    done_at = own[Stage.EFFECT].at if Stage.EFFECT in own else proven
    ends = [stage for stage in own if stage in FAILURES]
    reached = {stage: event.at for stage, event in own.items()}
    if step == 0:
        reached.setdefault(Stage.REQUESTED, record.command.created_at)
    if done_at is not None:
        reached[Stage.EFFECT] = done_at
    way = [s for s in _way(own, step) if not ends or s in reached] + ends[-1:]
    stations = tuple(
        ProgressStation(_word(stage, step), reached.get(stage), stage in reached, stage in FAILURES)
        for stage in way
    )
    told = tuple(event for event in own.values() if event.reasons or event.evidence)
    return StepCourse(step, stations, told, done_at)


def _way(own: dict[Stage, CommandEvent], step: int) -> tuple[Stage, ...]:
    """A further step is asked for by nobody, and waits only where it has to be released."""
    if step == 0:
        return WAY
    return WAY[1:] if Stage.ACCEPTED in own else WAY[2:]


def _word(stage: Stage, step: int) -> str:
    return WAITING if stage is Stage.ACCEPTED and step > 0 else f"stage.{stage}"


def event_words(event: CommandEvent, say: Translator) -> str:
    """The stage an event tells of; a further step that is ready waits for its release."""
    return say(_word(event.stage, event.step))


def stage_words(record: CommandRecord, say: Translator) -> str:
    """Where the command stands now."""
    return event_words(record.events[-1], say) if record.events else say(f"stage.{record.stage}")
