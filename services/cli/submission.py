"""What `omf send` does with a command: judges it as orders would, or hands it over and waits."""

import asyncio
import json
import shlex
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import typer
from pydantic import ValidationError

from omf.commands import (
    RELEASE,
    Check,
    CommandError,
    Effect,
    Plan,
    changes_of,
    derived_ids,
    fingerprint,
    fingerprint_of,
    kind_of,
    parameters_of,
    prepare,
)
from omf.commands.command_types.sequences import SEQUENCE_START
from omf.commands.present import from_present
from omf.commands.undo import UndoCommand, undo, undoable
from omf.messages.edited import EditedMessages
from omf.messages.printable import escaped
from omf.sequences.preview import StepPreview, commands_of, previewed
from omf.simulation.impact import Impact, impact, impact_of_several
from omf.simulation.learned import learn
from omf.state import FactoryState
from omf.texts import text
from services.cli import edits, rows, stages
from services.cli.connection import Endpoints, connect
from services.cli.edits import AskedEdits, as_edit
from services.cli.output import EXIT_USAGE, data, fail, show, told
from services.common.process import tracing
from services.common.process.settings import ServiceSettings
from services.common.store import brackets, fold_reader, journal, lease
from services.common.store.brackets import of_order
from services.common.store.bus import Bus
from services.common.store.keys import Command, Environment, Stage
from services.orders.decision import Decision, View, decide

CHECK_MARKS = {True: "yes", False: "no ", None: "?  "}
OVERRIDE = "prudence, not the factory: a supervisor may send it with --override REASON"
ALLOWED = "would be accepted, unless somebody else is faster or the bracket it steers has gone on"


def connected(environment: Environment, run: Path | None) -> Endpoints:
    """Where the store of that environment is; ends the command where nothing says it."""
    with told():
        return connect(environment, run)


async def with_present(place: Endpoints, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, and those not given as the factory has them now."""
    async with place.bus() as bus:
        state = await fold_reader.state_until(bus)
    return from_present(kind, parameters, state)


def edited(
    place: Endpoints, wanted: dict[str, Any], file: Path | None, payload: str | None
) -> dict[str, Any]:
    """`edited` of a command whose messages the options change; nothing where they change none."""
    asked = edits.asked(file, payload)
    if asked is None:
        return {}
    with told():
        return {"edited": asyncio.run(_filled_up(place, wanted, asked))}


async def _filled_up(place: Endpoints, wanted: dict[str, Any], asked: AskedEdits) -> EditedMessages:
    """The messages as they shall go out, and what was not said of them as the command makes it."""
    async with place.bus() as bus:
        state, now = await fold_reader.state_until(bus), await bus.time()

    def plan_of(ids: str) -> Plan:
        kind, given = wanted["kind"], wanted["parameters"]
        return prepare(kind, given, state, now=now, new_id=derived_ids(ids))

    try:
        return asked.of(plan_of)
    except (CommandError, ValidationError) as error:
        said = rows.words(error) if isinstance(error, CommandError) else str(error)
        fail(said, EXIT_USAGE)


async def preview(place: Endpoints, wanted: dict[str, Any], *, as_json: bool) -> None:
    """Judge by the rules and on the view that orders would have at this moment."""
    async with place.bus() as bus:
        state = await fold_reader.state_until(bus)
        now = await bus.time()
        link, lead = await bus.link("ingest"), await lease.read(bus)
        found = await brackets.every(bus)
    view = View(place.environment, state, now, journal.BEGINNING, link, now, lead)
    asked = Command.model_validate({**wanted, "created_at": now})
    ids = asked.edited.ids if asked.edited else uuid.uuid4()
    decision = decide(asked, now, view, derived_ids(str(ids)))
    if asked.kind == RELEASE and (one := of_order(found, asked.parameters.get("order_id"))):
        decision = replace(decision, plan=one.release(state) or decision.plan)
    read = _fingerprint(asked, decision, state)
    back = undo(asked.kind, decision.plan.parameters, state) if decision.plan else None
    steps = _steps(asked, decision, state, now)
    foreseen = _foreseen(place, asked, decision.plan, state, now)
    edit = as_edit(ids, decision.plan)
    show_decision(decision, Preview(read, foreseen, back, steps, edit), as_json=as_json)


def _steps(
    asked: Command, decision: Decision, state: FactoryState, now: float
) -> list[StepPreview]:
    """The commands of a sequence that would be started."""
    if asked.kind != SEQUENCE_START or decision.plan is None:
        return []
    try:
        return previewed(decision.plan.parameters, state, now, lambda: str(uuid.uuid4()))
    except CommandError as error:
        fail(rows.words(error), EXIT_USAGE)


def _foreseen(
    place: Endpoints, asked: Command, plan: Plan | None, state: FactoryState, now: float
) -> Impact | None:
    if plan is None or plan.edited:
        # What a message does that somebody wrote is not foreseen.
        return None
    learned = learn(state.orders.values(), state.layout, place.speed)
    if asked.kind != SEQUENCE_START:
        return impact(plan, state, now, learned)
    found = commands_of(plan.parameters)
    return impact_of_several(found, state, now, learned) if found else None


def _fingerprint(asked: Command, decision: Decision, state: FactoryState) -> str:
    """What --plan takes; "" where the command cannot be built."""
    if decision.plan is None:
        return ""
    if asked.kind == RELEASE:
        return fingerprint_of(decision.plan)
    return fingerprint(asked.kind, asked.parameters, state, asked.edited)


class Preview(NamedTuple):
    """What is known of a command beside the decision on it."""

    read: str = ""
    """Goes with --plan."""
    foreseen: Impact | None = None
    """What would change in the factory."""
    back: UndoCommand | None = None
    """What takes it back."""
    steps: Sequence[StepPreview] = ()
    """Of a sequence: each command."""
    edit: EditedMessages | None = None
    """What --edit takes, to be changed: every message as it stands."""


NOTHING_KNOWN = Preview()


def show_decision(decision: Decision, known: Preview = NOTHING_KNOWN, *, as_json: bool) -> None:
    """What orders would decide at this moment, and what it would send."""
    plan = decision.plan
    if as_json:
        data({**(plan.model_dump(mode="json") if plan else {}), **_as_json(decision, known)})
        return
    if plan:
        _show_plan(plan)
    shown = {check.id for check in plan.checks} if plan else set()
    for why in (one for one in decision.reasons if one.id not in shown):
        show(f"{CHECK_MARKS[False]} {why.id}: {rows.words(why)}")
    for step in known.steps:
        _show_step(step)
    if known.foreseen:
        _show_impact(known.foreseen)
    show(ALLOWED if decision.stage is Stage.ACCEPTED else "would be refused")
    _show_ways_on(known)


def _show_ways_on(known: Preview) -> None:
    """What to type next."""
    if known.read:
        show(f"to send exactly this: --plan {known.read}")
    if known.back:
        show(f"to take it back: {_typed(known.back)}")


def _as_json(decision: Decision, known: Preview) -> dict[str, Any]:
    return {
        "allowed": decision.stage is Stage.ACCEPTED,
        "reasons": [why.model_dump() for why in decision.reasons],
        "plan": known.read,
        "impact": known.foreseen.to_dict() if known.foreseen else None,
        "undo": known.back._asdict() if known.back else None,
        "commands": [step.to_dict() for step in known.steps],
        "edit": known.edit.model_dump(mode="json") if known.edit else None,
    }


def _typed(command: UndoCommand) -> str:
    """A command as it is typed."""
    values = {name: _value(one) for name, one in command.parameters.items()}
    given = (shlex.quote(f"{name}={value}") for name, value in values.items())
    return " ".join(("omf send", command.kind, *given))


def _value(given: object) -> str:
    if isinstance(given, list) and not any(isinstance(one, dict) for one in given):
        return ",".join(map(str, given))
    return given if isinstance(given, str) else json.dumps(given)


def _show_plan(plan: Plan) -> None:
    for number, step in enumerate(plan.steps, 1):
        where = f"{step.topic} (QoS {step.qos})" if step.published else "the owner of the alarms"
        show(f"{number}. {rows.words(step.title)}: {where}")
        show(f"   {step.payload}")
        for path, before, after in changes_of(step):
            show(f"   edited {path}: {escaped(before) or '-'} -> {escaped(after) or '-'}")
        for effect in _chain(step.effect):
            show(f"   then within {effect.window_s:g} s: {rows.words(effect.text)}")
    for loss in plan.losses:
        show(f"{rows.words(text('command.losses'))}: {rows.words(loss)}")
    for one in plan.changes or ():
        show(f"{rows.words(one.name)}: {rows.words(one.before)} -> {rows.words(one.after)}")
    if plan.changes == ():
        show(rows.words(text("setting.nothing_changes")))
    for check in plan.checks:
        show(f"{CHECK_MARKS[check.met]} {check.id}: {rows.words(check)}{_overridable(check)}")


def _show_step(step: StepPreview) -> None:
    mark = CHECK_MARKS[not step.against]
    why = "; ".join(rows.words(one) for one in step.against)
    show(f"{mark} {step.place}. {rows.words(step.title)}" + (f": {why}" if why else ""))


def _show_impact(foreseen: Impact) -> None:
    show(f"{rows.words(text('impact.title'))}: {rows.words(foreseen.outcome)}")
    for title, lines in foreseen.parts:
        show(f"   {rows.words(title)}", *(f"      {rows.words(line)}" for line in lines))
    if foreseen.nothing:
        show(f"   {rows.words(text('impact.nothing'))}")
    if foreseen.looked:
        show(f"   {rows.words(foreseen.looked)}")


def _overridable(check: Check) -> str:
    return "" if check.passed or not check.overridable else f" ({OVERRIDE})"


def _chain(effect: Effect | None) -> Iterator[Effect]:
    """What the factory is expected to show, one after the other."""
    while effect is not None:
        yield effect
        effect = effect.follow_up


async def send(place: Endpoints, wanted: dict[str, Any], *, wait_s: float, as_json: bool) -> None:
    """Hand the command to orders, print its stages, end with the code of the last one."""
    with tracing.to(ServiceSettings.read().otel_endpoint, "cli"):
        await _submit(place, wanted, wait_s, as_json=as_json)


async def _undo(bus: Bus, asked: Command) -> UndoCommand | None:
    """What will take the command back, by what the factory is set to before it."""
    if not undoable(asked.kind):
        return None
    try:
        given = parameters_of(kind_of(asked.kind), asked.parameters)
    except CommandError:
        return None  # orders refuses it, and says why
    state = await fold_reader.state_until(bus)
    return undo(asked.kind, given.model_dump(mode="json", exclude_none=True), state)


async def _submit(
    place: Endpoints, wanted: dict[str, Any], wait_s: float, *, as_json: bool
) -> None:
    async with place.bus() as bus:
        asked = Command.model_validate({**wanted, "created_at": await bus.time()})
        back = await _undo(bus, asked)
        watch = stages.StagePrinter(bus, asked.command_id, as_json=as_json)
        await watch.begin()
        if not watch.known:
            await stages.hand_over(bus, asked)
        final = await watch.until_final(wait_s)
    if back and final is Stage.EFFECT and not as_json:
        show(f"to take it back: {_typed(back)}")
    raise typer.Exit(stages.exit_code(final, watch.retry_s))
