"""`/api/v1/commands/preview` and `/api/v1/standstills`: what would come, by a simulation."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from omf.commands import (
    Check,
    CommandError,
    Plan,
    PlannedStep,
    changes_of,
    derived_ids,
    fingerprint,
    prepare,
    standing,
)
from omf.commands.command_types.sequences import SEQUENCE_START
from omf.commands.undo import undo
from omf.plans.future import ForeseenOrders, due_orders
from omf.recovery.trial import Standstill
from omf.sequences.preview import commands_of, place_checks, previewed
from omf.simulation.impact import Impact
from omf.texts import Text, text, verbatim
from services.api import reasons
from services.api.access import ClientDep, ContextDep, EnvironmentDep
from services.api.context import AppContext, ServedEnvironment
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.schemas import CommandWish
from services.common.foresight.reader import NoForesightError
from services.common.store import journal, order_plans
from services.common.store.environments import kind_of

router = APIRouter(prefix=PREFIX, tags=["commands"])
_BUSY = text("impact.too_many")
_WAITS = text("impact.waits")
_EDITED = text("impact.edited")


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class EditedValue(_View):
    """One value of a message that was edited, as it is written in JSON; "": it is not there."""

    path: str
    before: str
    after: str


class MessagePreview(_View):
    """One message a command would send."""

    title: Text
    topic: str
    payload: str
    qos: int
    retain: bool
    changes: tuple[EditedValue, ...] = ()
    """What `edited` made different from the message as it would be made."""

    @classmethod
    def of(cls, step: PlannedStep) -> "MessagePreview":
        """The view of a step."""
        shown = step.model_dump(include={"title", "topic", "payload", "qos", "retain"})
        return cls(**shown, changes=tuple(EditedValue(**one._asdict()) for one in changes_of(step)))


class UndoView(_View):
    """The command that restores what was before."""

    kind: str
    parameters: dict[str, Any]


class StepView(_View):
    """One command of a sequence."""

    place: str
    kind: str
    title: Text
    parameters: dict[str, Any]
    against: tuple[Text, ...]


class CommandPreview(_View):
    """What a command would be and do, sent now; nothing was sent."""

    allowed: bool
    """No check stands in the way. Control lease and role are asked when it is given."""
    messages: tuple[MessagePreview, ...]
    ids: UUID
    """What the ids of the messages are made of; goes into `edited` with an edited message."""
    checks: tuple[Check, ...]
    losses: tuple[Text, ...]
    """What it takes away for good."""
    plan: str
    """For `plan` of `POST /commands`: then exactly this is sent or nothing."""
    impact: dict[str, Any] | None
    """What would change, from a simulation: every text in every language; null: see `fault`."""
    undo: UndoView | None
    """What takes it back, with the values of now; null: no command does."""
    steps: tuple[StepView, ...] = ()
    """Of a sequence: each of its commands, and what it would be refused for as things stand."""
    fault: Text | None = None
    """Why nothing was simulated."""


class StandstillView(_View):
    """Orders that stand still for one reason, and the remedies tried, the best first."""

    orders: tuple[str, ...]
    why: Text
    action: Text
    """What a person is to do, whatever commands there are."""
    tried: tuple[dict[str, Any], ...]
    """Each with its `commands` in order, its `fate`, and what is told of it."""
    assumed: tuple[Text, ...]

    @classmethod
    def of(cls, one: Standstill) -> "StandstillView":
        """The view of a standstill."""
        tried = tuple(each.to_dict() for each in one.tried)
        return cls(
            orders=one.orders, why=one.why, action=one.action, tried=tried, assumed=one.assumed
        )


class Standstills(_View):
    """All that stands still; traffic that ends by itself is not among it."""

    standstills: tuple[StandstillView, ...]
    fault: Text | None = None
    """Why nothing was simulated."""


class PlannedOrdersView(_View):
    """What a plan would order at one time; times in Unix seconds."""

    plan: str
    at: float
    colours: tuple[str, ...]
    """One for each piece."""
    ends: tuple[float | None, ...]
    """When each that would be given is done; null: not within what was looked at."""
    why: Text | None
    """Why the rest, or all of it, would not be ordered."""


class OrdersByPlan(_View):
    """Orders by plan of the next eight hours, in their order."""

    orders: tuple[PlannedOrdersView, ...]
    fault: Text | None = None
    """Why nothing was simulated."""


@router.post("/commands/preview", responses=refusals(reasons.NO_STATE))
async def preview(
    wish: CommandWish, context: ContextDep, client: ClientDep, served: EnvironmentDep
) -> CommandPreview:
    """What a command would do; nothing is sent, kept or counted. As `omf send --dry-run`."""
    _current(served)
    state, now = served.reader.state, await journal.message_now(served.bus)
    sequence = wish.kind == SEQUENCE_START

    ids = wish.edited.ids if wish.edited else uuid4()
    new_id = derived_ids(str(ids))
    try:
        plan = prepare(
            wish.kind, wish.parameters, state, now=now, new_id=new_id, edited=wish.edited
        )
        steps = previewed(plan.parameters, state, now, new_id) if sequence else []
    except CommandError as error:
        at_fault = FieldError(wish.field_of(error), error.text)
        raise RefusalError(reasons.INVALID, field_errors=[at_fault]) from error
    here = place_checks(plan, kind_of(served.environment))
    read = fingerprint(plan.kind, plan.parameters, state, wish.edited)
    back = undo(plan.kind, plan.parameters, state)
    found, fault = await _impact(context, client.name, served, plan)
    return CommandPreview(
        allowed=plan.allowed and not standing(here),
        messages=tuple(map(MessagePreview.of, plan.steps)),
        ids=ids,
        checks=(*plan.checks, *here),
        losses=plan.losses,
        plan=read,
        impact=found.to_dict() if found else None,
        undo=UndoView(kind=back.kind, parameters=back.parameters) if back else None,
        steps=tuple(StepView(**one._asdict()) for one in steps),
        fault=fault,
    )


@router.get("/standstills", responses=refusals(reasons.NO_STATE))
async def standstills(
    context: ContextDep, client: ClientDep, served: EnvironmentDep
) -> Standstills:
    """Orders that stand still, and what may free them: each remedy was tried in a simulation."""
    _current(served)
    if context.foresight is None:
        return Standstills(standstills=(), fault=_BUSY)
    who = f"{client.name} {uuid4().hex}"
    try:
        found = await context.foresight.standstills(who, served.environment)
    except NoForesightError as error:
        return Standstills(standstills=(), fault=verbatim(str(error)))
    views = tuple(StandstillView.of(one) for one in found or ())
    return Standstills(standstills=views, fault=_BUSY if found is None else None)


@router.get("/plans/future", responses=refusals(reasons.NO_STATE))
async def plans_ahead(
    context: ContextDep, client: ClientDep, served: EnvironmentDep
) -> OrdersByPlan:
    """What the plans would order within the next eight hours, and when it would be done."""
    _current(served)
    now, zone = await served.bus.time(), context.shifts.zone
    due = due_orders(await order_plans.read_plans(served.bus), now, zone)
    if not due:
        return OrdersByPlan(orders=())
    if context.foresight is None:
        return OrdersByPlan(orders=(), fault=_BUSY)
    who = f"{client.name} {uuid4().hex}"
    try:
        found = await context.foresight.orders_by_plan(who, served.environment, due)
    except NoForesightError as error:
        return OrdersByPlan(orders=(), fault=verbatim(str(error)))
    views = tuple(PlannedOrdersView(**_fields(one)) for one in found or ())
    return OrdersByPlan(orders=views, fault=_BUSY if found is None else None)


def _fields(one: ForeseenOrders) -> dict[str, Any]:
    return {name: getattr(one, name) for name in PlannedOrdersView.model_fields}


def _current(served: ServedEnvironment) -> None:
    if not served.reader.current:
        raise RefusalError(reasons.NO_STATE)


async def _impact(
    context: AppContext, client: str, served: ServedEnvironment, plan: Plan
) -> tuple[Impact | None, Text | None]:
    if plan.edited:
        return None, _EDITED
    if context.foresight is None:
        return None, _BUSY
    who = f"{client} {uuid4().hex}"
    sequence = plan.kind == SEQUENCE_START
    several = commands_of(plan.parameters) if sequence else []
    if sequence and not several:
        return None, _WAITS
    try:
        if several:
            found = await context.foresight.ask_several(who, served.environment, several)
        else:
            found = await context.foresight.ask(who, served.environment, plan)
    except NoForesightError as error:
        return None, verbatim(str(error))
    return found, _BUSY if found is None else None
