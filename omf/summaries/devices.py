"""What modules and vehicles say, and what they are told."""

from collections.abc import Iterable

from omf import terms, texts
from omf.messages.fts import VehicleOrder, VehicleState
from omf.messages.module import BridgeStatus, Connection, InstantActions, ModuleOrder, ModuleState
from omf.messages.parts import ActionState, DeviceError
from omf.summaries.words import Context, joined, plain, says, todo
from omf.terms import term
from omf.texts import Text, text


@says.register
def _connection(payload: Connection, _: Context) -> Text:
    return term("connection", payload.connection_state)


@says.register
def _bridge(payload: BridgeStatus, _: Context) -> Text:
    return term("connection", payload.connection_state)


def _errors(errors: Iterable[DeviceError]) -> list[Text]:
    return [terms.fault(error.error_type or error.error_level) for error in errors]


def _act(action: ActionState, kind: str | None) -> list[Text]:
    if action.command is None:
        return [term("action", action.phase)]
    judged = terms.judged(action.command, action.result, kind)
    if judged is not None and not action.running:
        return [judged]
    word = plain(terms.act(action.command, action.phase, kind), action.command)
    return [word, term("action", action.phase)] if action.running else [word]


@says.register
def _module_state(payload: ModuleState, context: Context) -> Text:
    action = payload.action_state or next(iter(payload.action_states), None)
    acts = _act(action, context.kind) if action else []
    if payload.paused:
        acts.append(text("meaning.paused"))
    return joined([*_errors(payload.errors), *acts]) if acts or payload.errors else _IDLE


_IDLE = text("meaning.no_action")


@says.register
def _module_order(payload: ModuleOrder, context: Context) -> Text:
    action = payload.action
    about = action.metadata if action else None
    colour = [term("colour", about.type)] if about and about.type else []
    return joined([todo(action.command if action else None, context.kind), *colour])


@says.register
def _instant(payload: InstantActions, context: Context) -> Text:
    kinds = dict.fromkeys(action.action_type for action in payload.actions or ())
    return joined(todo(kind, context.kind) for kind in kinds)


@says.register
def _vehicle_state(payload: VehicleState, context: Context) -> Text:
    where = context.place(payload.node)
    if payload.driving:
        stands = text("meaning.drives_last_at", where=where)
    elif payload.node is None:
        stands = text("meaning.position_unknown")
    else:
        stands = text("meaning.stands_at", where=where)
    action = payload.action_state
    acts = _act(action, context.kind) if action and action.running else []
    charging = payload.battery_state and payload.battery_state.charging
    lades = [text("meaning.charges")] if charging else []
    return joined([*_errors(payload.errors), stands, *lades, *acts])


@says.register
def _vehicle_order(payload: VehicleOrder, context: Context) -> Text:
    nodes = payload.nodes or ()
    if len(nodes) > 1:
        way = texts.joined(" → ", [context.place(nodes[0].id), context.place(nodes[-1].id)])
        return text("meaning.to_drive", way=way)
    action = next((node.action for node in nodes if node.action), None)
    return todo(action.type if action else None, context.kind)
