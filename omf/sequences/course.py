"""The state machine of a sequence that runs: a table of passages, and what leads to each.

Every change of a run takes its state from `RunPassage`; docs/sequences.md shows the table, and
tests hold what really happens against it.
"""

import hashlib
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from omf.commands.schemas import ShownBy
from omf.sequences.conditions import Judged
from omf.sequences.program import Instruction
from omf.sequences.run import OPEN_RUN_STATES, RunNote, RunState, SequenceRun
from omf.sequences.written import Condition, WantedCommand
from omf.texts import Text, figure, text

UNATTENDED_S = 600.0
"""As long as a preview is believed: what was meant so long ago needs a person to say so again."""
MAX_RUN_ID = 56
"""Characters of a run's id that leave room for the number of its command."""
UNKNOWN_S = 30.0
"""A branch waits this long for a factory that is out of sight, or has not told enough."""
REFUSED_PAUSE_S = 5.0
REFUSED_PAUSE_MAX_S = 60.0
"""A patient command that was refused is given again after 5, 10, ... 60 s."""

_R, _W, _G = RunState.READY, RunState.WAITING, RunState.GIVEN


class RunPassage(Enum):
    """What happens, the states it can happen in (None: the run is new), the state after it."""

    STARTED = "a person starts the sequence", (None,), _R
    GIVE = "a command goes to orders", (_R, _W), _G
    WAIT = "a condition is not met or not known, or a patient command is not possible", (_R,), _W
    MET = "a condition is met", (_R, _W), _R
    NOT_MET = "the condition of a branch is not met", (_R, _W), _R
    LATE = "a wait took too long, and the file says how to go on", (_W,), _R
    EFFECT = "the command had its effect", (_G,), _R
    LET_PASS = "the command ended otherwise, and the file does not mind", (_G,), _R
    REFUSED_FOR_NOW = "a patient command was refused: it waits again", (_G,), _W
    ENDED_HELD = "one of these three while the run is held", (RunState.HOLDING,), RunState.HELD
    FAILED = "the command ended otherwise", (_G, RunState.HOLDING), RunState.STOPPED
    DENIED = "no second person approved the command", (_G, RunState.HOLDING), RunState.STOPPED
    TIMED_OUT = "a wait took too long", (_W,), RunState.STOPPED
    UNKNOWN = "the condition of a branch is still not known", (_W,), RunState.STOPPED
    TOLD_TO_STOP = "the file says stop", (_R,), RunState.STOPPED
    FINISHED = "no step is left", (_R,), RunState.DONE
    HOLD = "a person holds it", (_R, _W), RunState.HELD
    HOLD_GIVEN = "a person holds it while a command is under way", (_G,), RunState.HOLDING
    CHANGED = "the next command is no longer what was read", (_R, _W), RunState.HELD
    UNATTENDED = "orders was away for longer than ten minutes", (_R, _W), RunState.HELD
    UNATTENDED_GIVEN = "the same while a command is under way", (_G,), RunState.HOLDING
    CONTINUE = "a person continues it", (RunState.HELD,), _R
    CONTINUE_GIVEN = "a person continues it, the command still under way", (RunState.HOLDING,), _G
    CANCEL = "a person cancels it", OPEN_RUN_STATES, RunState.CANCELLED

    def __init__(self, told: str, before: tuple[RunState | None, ...], after: RunState) -> None:
        self.told = told
        self.before = before
        self.after = after


class CommandEnd(NamedTuple):
    """How the command under way ended."""

    effect: bool
    refused: bool
    """Nothing of it went out."""
    said: Text
    denied: bool = False
    """A second person declined it, or none approved it in time: no file sets that aside."""


class Facts(NamedTuple):
    """What a run needs to know of the world to go on."""

    now: float
    """Store clock, Unix seconds."""
    judge: Callable[[Condition], Judged]
    obstacle: Callable[[WantedCommand], Text | None]
    """What stands against a command now."""
    changed: Callable[[WantedCommand, str], Text | None]
    """What is different from the preview with this fingerprint."""
    end: CommandEnd | None = None
    """How the command under way ended; None while it has not."""
    waits: Text | None = None
    """For whom the command under way waits before it goes out; None: for nobody."""
    away_s: float = 0.0
    """How long nobody looked after the runs."""


class Gift(NamedTuple):
    """A command to hand to orders in the step that writes the run."""

    command_id: str
    wanted: WantedCommand


class Move(NamedTuple):
    """A run after something happened, and the command that goes out with it."""

    run: SequenceRun
    gift: Gift | None = None


def started(run: SequenceRun) -> SequenceRun:
    """A run that a person has just started."""
    return _passed(run, RunPassage.STARTED, run.started_at, by=run.started_by)


def advance(run: SequenceRun, facts: Facts) -> Move | None:
    """Go on as far as the facts allow; None if nothing changes.

    At most one command goes out, with the last change.
    """
    move: Move | None = None
    while found := _step(move.run if move else run, facts):
        move = found
        if found.gift or found.run.state is not RunState.READY:
            break
    return move


def hold(run: SequenceRun, by: str, now: float, who: Text | None = None) -> SequenceRun:
    """Let nothing further go out until somebody continues it; `who` is what people call `by`."""
    given = run.state is RunState.GIVEN
    passage = RunPassage.HOLD_GIVEN if given else RunPassage.HOLD
    return _passed(run, passage, now, by=by, why=text("sequence.held_by", who=who or by))


def resume(run: SequenceRun, by: str, role: str, now: float, known_by: ShownBy = "") -> SequenceRun:
    """Go on, in the name of who says so; `known_by` is how the door knew them."""
    given = run.state is RunState.HOLDING
    passage = RunPassage.CONTINUE_GIVEN if given else RunPassage.CONTINUE
    who = {"operator": by, "role": role, "known_by": known_by}
    taken = run.but(**who, accepted=run.at, refusals=0, waited_from=0.0)
    return _passed(taken, passage, now, by=by)


def cancel(run: SequenceRun, by: str, now: float, who: Text | None = None) -> SequenceRun:
    """Let nothing further go out, ever; a command under way goes on to its own end."""
    key = "sequence.cancelled_given" if run.command_id else "sequence.cancelled_by"
    return _passed(run, RunPassage.CANCEL, now, by=by, why=text(key, who=who or by))


def command_id_of(run_id: str, number: int) -> str:
    """The id of a run's command: the same whenever it is handed over, so it is done once."""
    short = len(run_id) <= MAX_RUN_ID
    return f"{run_id if short else hashlib.sha256(run_id.encode()).hexdigest()[:32]}.{number}"


def _step(run: SequenceRun, facts: Facts) -> Move | None:
    if run.state in (RunState.GIVEN, RunState.HOLDING) and facts.end:
        return Move(_ended(run, facts.end, facts.now))
    if run.state in (RunState.READY, RunState.WAITING, RunState.GIVEN):
        if abs(facts.away_s) > UNATTENDED_S:
            return Move(_left_alone(run, facts))
        if run.state is not RunState.GIVEN:
            return _next(run, facts)
        if facts.waits != run.why:
            return Move(run.but(why=facts.waits))
    return None


def _left_alone(run: SequenceRun, facts: Facts) -> SequenceRun:
    given = run.state is RunState.GIVEN
    passage = RunPassage.UNATTENDED_GIVEN if given else RunPassage.UNATTENDED
    minutes = round(abs(facts.away_s) / 60)
    return _passed(run, passage, facts.now, why=text("sequence.unattended", minutes=minutes))


def _next(run: SequenceRun, facts: Facts) -> Move | None:
    instruction = run.instruction
    if instruction is None:
        return Move(_passed(run, RunPassage.FINISHED, facts.now))
    if instruction.operation == "jump":
        return Move(run.at_step(instruction.next))
    if instruction.operation == "stop":
        return Move(_passed(run, RunPassage.TOLD_TO_STOP, facts.now, why=instruction.words))
    if instruction.command:
        return _give(run, instruction, instruction.command, facts)
    if instruction.condition is None:
        raise ValueError(f"instruction {instruction.place} has neither command nor condition")
    return _judge(run, instruction, facts.judge(instruction.condition), facts.now)


def _judge(run: SequenceRun, instruction: Instruction, found: Judged, now: float) -> Move | None:
    if found.met:
        passed = _passed(run, RunPassage.MET, now, said=found.said)
        return Move(passed.at_step(instruction.next))
    if instruction.operation == "wait" or found.met is None:
        return _wait(run, instruction, found.said, now)
    passed = _passed(run, RunPassage.NOT_MET, now, said=found.said)
    return Move(passed.at_step(run.at if instruction.other is None else instruction.other))


def _give(
    run: SequenceRun, instruction: Instruction, wanted: WantedCommand, facts: Facts
) -> Move | None:
    if instruction.patient:
        if run.refusals and facts.now < run.since + _pause_s(run.refusals):
            return None
        if why := facts.obstacle(wanted):
            return _wait(run, instruction, why, facts.now)
    unread = bool(instruction.read) and run.accepted != run.at
    if unread and (why := facts.changed(wanted, instruction.read)):
        return Move(_passed(run, RunPassage.CHANGED, facts.now, why=why))
    gift = Gift(command_id_of(run.id, run.given + 1), wanted)
    going = run.but(given=run.given + 1, command_id=gift.command_id)
    passed = _passed(going, RunPassage.GIVE, facts.now, command=gift)
    return Move(passed, gift)


def _wait(run: SequenceRun, instruction: Instruction, why: Text, now: float) -> Move | None:
    """Begin to wait, wait on, or find that it took too long."""
    if run.state is not RunState.WAITING:
        return Move(_passed(run.but(waited_from=now), RunPassage.WAIT, now, why=why))
    branch = instruction.operation == "branch"
    timeout_s = UNKNOWN_S if branch else instruction.timeout_s
    if timeout_s is None or now <= run.waited_from + timeout_s:
        return None if why == run.why else Move(run.but(why=why))
    if branch:
        unknown = text("sequence.unknown", what=why)
        return Move(_passed(run, RunPassage.UNKNOWN, now, why=unknown))
    if instruction.other is None:
        late = text("sequence.timed_out", seconds=figure(timeout_s), what=why)
        return Move(_passed(run, RunPassage.TIMED_OUT, now, why=late))
    passed = _passed(run, RunPassage.LATE, now, said=why)
    return Move(passed.at_step(instruction.other))


def _ended(run: SequenceRun, end: CommandEnd, now: float) -> SequenceRun:
    instruction, over = run.instruction, run.but(command_id="")
    passage = _end_passage(instruction, end)
    if passage in (RunPassage.FAILED, RunPassage.DENIED):
        return _passed(over, passage, now, why=end.said)
    held, refused = run.state is RunState.HOLDING, passage is RunPassage.REFUSED_FOR_NOW
    if held:
        passed = _passed(over, RunPassage.ENDED_HELD, now, said=end.said, why=run.why)
    else:
        passed = _passed(over, passage, now, said=end.said, why=end.said if refused else None)
    if refused:
        return passed.but(refusals=run.refusals + 1, waited_from=run.waited_from or now)
    return passed.at_step(instruction.next if instruction else run.at)


def _end_passage(instruction: Instruction | None, end: CommandEnd) -> RunPassage:
    if end.effect:
        return RunPassage.EFFECT
    if end.denied:
        return RunPassage.DENIED
    if instruction and instruction.optional:
        return RunPassage.LET_PASS
    if instruction and instruction.patient and end.refused:
        return RunPassage.REFUSED_FOR_NOW
    return RunPassage.FAILED


def _pause_s(refusals: int) -> float:
    return min(REFUSED_PAUSE_MAX_S, REFUSED_PAUSE_S * refusals)


def _passed(  # noqa: PLR0913 - what a note can say
    run: SequenceRun,
    passage: RunPassage,
    now: float,
    *,
    by: str = "",
    why: Text | None = None,
    said: Text | None = None,
    command: Gift | None = None,
) -> SequenceRun:
    """The run after this passage, with its note; `why` stays in sight, `said` only in the note."""
    if (run.state if run.history else None) not in passage.before:
        raise ValueError(f"{passage.name} cannot follow {run.state}")
    note = RunNote(
        at=now,
        passage=passage.name.lower(),
        place="" if passage is RunPassage.STARTED else run.place,
        by=by,
        command_id=command.command_id if command else "",
        kind=command.wanted.kind if command else "",
        said=said or why,
    )
    return run.but(state=passage.after, since=now, why=why).noted(note)
