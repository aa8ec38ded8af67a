"""Sequences of commands as people see them: what a step does, and how far a run has come."""

from collections.abc import Mapping
from typing import Any

from omf.commands import KINDS
from omf.sequences import conditions
from omf.sequences.conditions import Judged
from omf.sequences.program import Instruction
from omf.sequences.run import ENDED_STATES, RunNote, RunState, SequenceRun
from omf.sequences.written import Condition, SequenceStep, WantedCommand
from omf.texts import text
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.live.screen import Screen
from services.ui.translator import Translator
from services.ui.views import command_view

SHOWN_ENDED = 5
"""Runs that ended are listed below the open ones; the rest is in `omf sequences --ended`."""


def step_words(screen: Screen, step: SequenceStep) -> str:
    """What a step does that is no command of its own."""
    say = screen.say
    if step.wait is not None:
        what = condition_words(screen, step.wait)
        return say("sequence.step.wait", what=what, seconds=f"{step.timeout_s or 0:g}")
    if step.condition is not None:
        return say("sequence.step.if", what=condition_words(screen, step.condition))
    return say("sequence.step.stop", what=say.either(step.stop) if step.stop else "")


def condition_words(screen: Screen, condition: Condition) -> str:
    """What is asked of the factory, and what it is now."""
    model = screen.model
    found = conditions.judge(condition, model.factory, lambda wanted: _possible(screen, wanted))
    return screen.say.either(found.said)


def _possible(screen: Screen, wanted: WantedCommand) -> Judged:
    title = KINDS[wanted.kind].title
    why = command_view.obstacle(wanted.kind, wanted.parameters, screen.model, screen.user)
    if why is None:
        return Judged(met=True, said=text("sequence.possible", what=title))
    return Judged(met=False, said=text("sequence.not_possible", what=title, why=why))


def run_of(model: ViewModel, run_id: str) -> SequenceRun | None:
    """The run of that id, open or ended."""
    return next((run for run in model.runs if run.id == run_id), None)


def shown_runs(model: ViewModel) -> list[str]:
    """Ids of the runs that are listed: the open ones, then the last that ended."""
    open_ones = [run.id for run in model.runs if not run.ended]
    ended = [run.id for run in model.runs if run.ended]
    return [*open_ones, *ended[:SHOWN_ENDED]]


def run_title(run: SequenceRun, say: Translator) -> str:
    """Its title, with name and version of the file it was read from."""
    file = f"{run.name} {run.version}".strip()
    return f"{say.either(run.title)} · {file}" if file else say.either(run.title)


def run_state(run: SequenceRun, say: Translator) -> str:
    """Where it stands, in a word."""
    return say(f"sequence.run.{run.state}")


def run_bad(run: SequenceRun) -> bool:
    """True if it wants a person's eye: held, or ended otherwise than it should."""
    return run.state in (RunState.STOPPED, RunState.HELD, RunState.HOLDING)


def run_present(screen: Screen, run: SequenceRun) -> str:
    """Which step it is at, since when, and in whose name."""
    say = screen.say
    who = say.known("user", run.operator)
    if run.state in ENDED_STATES:
        at = screen.when(run.since)
        return say("sequence.run.over", time=at, started=screen.when(run.started_at), operator=who)
    age = formats.age(screen.model.wall - run.since, say.language)
    what = instruction_words(run.instruction, say)
    return say(
        "sequence.run.present",
        place=run.place or "–",
        steps=run.steps,
        what=what,
        age=age,
        operator=who,
    )


def instruction_words(instruction: Instruction | None, say: Translator) -> str:
    """An instruction in short."""
    if instruction is None:
        return ""
    if instruction.command:
        return command_words(instruction.command.kind, instruction.command.parameters, say)
    return say(f"sequence.operation.{instruction.operation}")


def command_words(kind: str, given: Mapping[str, Any], say: Translator) -> str:
    """A command with what tells it from others of its kind."""
    colour = given.get("colour")
    name = command_view.kind_name(kind, say)
    return f"{name}: {say.known('colour', colour)}" if isinstance(colour, str) else name


def note_words(note: RunNote, say: Translator) -> str:
    """One line of the history of a run, without its time."""
    what = say(f"sequence.passage.{note.passage}")
    named = f"{note.place}. {what}" if note.place else what
    kind = command_view.kind_name(note.kind, say) if note.kind else ""
    who = say.known("user", note.by) if note.by else ""
    told = say.either(note.said) if note.said else ""
    return " · ".join(part for part in (named, kind, who, told) if part)
