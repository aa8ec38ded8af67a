"""One MQTT client that reports a connection and a state: base of modules, vehicles and TXTs."""

from dataclasses import dataclass, field

from omf.messages.fts import VehicleState
from omf.messages.module import Connection, ModuleState
from omf.messages.parts import ActionState, DeviceError
from omf.state.values import Action, Arrival, Change, PastAction, ReportedError, clip, push

MAX_FAULTS = 20
"""MILL and DRILL repeat old errors until a DROP ends (PROTOCOL B.3): twenty say enough."""
MAX_PAST_ACTIONS = 50
"""Past actions and connection changes kept per device; the buffers hold the rest."""
MAX_STAGES = 12
"""Six states exist (PROTOCOL D.4); an action that is paused and resumed passes some twice."""
ACTION_ENDED = frozenset({"FINISHED", "FAILED"})


@dataclass(slots=True, kw_only=True)
class Channel:
    """What one MQTT client last said of itself; None is unknown, times are arrivals in Unix s."""

    connection: str | None = None
    """ONLINE, OFFLINE or CONNECTIONBROKEN."""
    connection_at: float | None = None
    """Newest live connection message: the heartbeat; None while only a retained copy is known."""
    connection_changes: list[Change] = field(default_factory=list)
    ip: str | None = None
    version: str | None = None
    order_id: str = ""
    order_update_id: int | None = None
    paused: bool | None = None
    operating_mode: str | None = None
    action: Action | None = None
    last_action: Action | None = None
    """The last action that was not null: it survives an idle state."""
    history: list[PastAction] = field(default_factory=list)
    errors: list[ReportedError] = field(default_factory=list)
    fatal_until: float | None = None
    """When the last error of level FATAL was gone; None if there was none, or it is there."""
    state_at: float | None = None
    """Newest live state; None while only a retained copy is known."""
    state_known: bool = False
    device_time: str | None = None
    """The sender's clock in its last state, displayed only."""
    heard_at: float | None = None
    """First message of any kind, retained copies too."""
    last_message: float | None = None
    """Newest live message."""
    messages: int = 0

    @property
    def fatal(self) -> bool:
        """Tell whether an error of level FATAL blocks the device."""
        return any(fault.fatal for fault in self.errors)


def hear(channel: Channel, arrival: Arrival) -> None:
    """Count one message of the device itself."""
    channel.messages += 1
    if channel.heard_at is None:
        channel.heard_at = arrival.at
    if not arrival.retained:
        channel.last_message = arrival.at


def hear_heartbeat(channel: Channel, arrival: Arrival) -> None:
    """Note a connection message of the device, whatever it says."""
    if not arrival.retained:
        channel.connection_at = arrival.at


def read_connection(channel: Channel, payload: Connection, arrival: Arrival) -> None:
    """Take over a connection message: the newest state, and a change where it is one."""
    channel.ip = clip(payload.ip) or channel.ip
    channel.version = clip(payload.version) or channel.version
    if payload.connection_state:
        change_connection(channel, clip(payload.connection_state), arrival)


def change_connection(channel: Channel, state: str | None, arrival: Arrival) -> None:
    """Note the connection, as a change only if it differs from the known one."""
    if state == channel.connection:
        return
    channel.connection = state
    push(channel.connection_changes, Change(state, arrival.at, arrival.retained), MAX_PAST_ACTIONS)


def read_state(channel: Channel, payload: ModuleState | VehicleState, arrival: Arrival) -> None:
    """Take over what module, TXT and vehicle states have in common."""
    channel.state_known = True
    if not arrival.retained:
        channel.state_at = arrival.at
    channel.device_time = clip(payload.timestamp)
    channel.order_id = clip(payload.order_id) or ""
    channel.order_update_id = payload.order_update_id
    channel.paused = payload.paused
    errors = payload.errors
    if errors or channel.errors:
        faults, was_fatal = _faults(channel.errors, errors, arrival), channel.fatal
        # 1. an entry cannot be read, 2. it may be any that was listed before: none of them is over
        channel.errors = _both(channel.errors, faults) if "errors" in payload.unread else faults
        if was_fatal or channel.fatal:
            channel.fatal_until = None if channel.fatal else arrival.news_at
    _act(channel, payload.action_state, arrival)


def forget_connection(channel: Channel) -> None:
    """Undo a retained connection that was deleted."""
    channel.connection = channel.connection_at = None
    channel.ip = channel.version = None


def forget_state(channel: Channel) -> None:
    """Undo a retained state that was deleted; the history stays."""
    channel.state_known = False
    channel.state_at = channel.order_update_id = channel.paused = channel.operating_mode = None
    channel.action = channel.device_time = None
    channel.order_id = ""
    channel.errors, channel.fatal_until = [], None


def _act(channel: Channel, payload: ActionState | None, arrival: Arrival) -> None:
    if payload is None:
        channel.action = None
        return
    action = read_action(payload)
    before = channel.last_action
    same = before is not None and before.is_same(action)
    action.began_at = before.began_at if same and before else _begin(action, arrival)
    changed = not (same and before and before.state == action.state)
    action.stages = before.stages if same and before else []
    if changed:
        push(action.stages, Change(action.state, arrival.at, arrival.retained), MAX_STAGES)
    action.since = arrival.news_at if changed or before is None else before.since
    channel.action = channel.last_action = action
    if changed and action.state in ACTION_ENDED and not arrival.retained:
        push(channel.history, _past(channel, action, arrival), MAX_PAST_ACTIONS)


def _begin(action: Action, arrival: Arrival) -> float | None:
    # 1. the RUNNING of an action was missed (F.37), 2. its end is the first we hear of it
    return None if action.state in ACTION_ENDED else arrival.news_at


def read_action(payload: ActionState) -> Action:
    """Make the kept form of a reported action."""
    metadata = payload.metadata
    return Action(
        id=clip(payload.id),
        command=clip(payload.command),
        state=clip(payload.phase),
        result=clip(payload.result),
        duration=payload.duration,
        colour=clip(metadata.type) if metadata else None,
        workpiece_id=clip(metadata.workpiece_id) if metadata else None,
        timestamp=clip(payload.timestamp),
    )


def _past(channel: Channel, action: Action, arrival: Arrival) -> PastAction:
    return PastAction(
        id=action.id,
        command=action.command,
        order_id=channel.order_id,
        state=action.state,
        result=action.result,
        began_at=action.began_at,
        ended_at=arrival.at,
    )


def _faults(
    known: list[ReportedError], listed: tuple[DeviceError, ...], arrival: Arrival
) -> list[ReportedError]:
    since = {(fault.type, fault.level, fault.message): fault.since for fault in known}
    faults = [_fault(entry, arrival.news_at) for entry in listed[:MAX_FAULTS]]
    for fault in faults:
        fault.since = since.get((fault.type, fault.level, fault.message), fault.since)
    return faults


def _both(known: list[ReportedError], listed: list[ReportedError]) -> list[ReportedError]:
    named = {(fault.type, fault.level, fault.message) for fault in listed}
    still = [one for one in known if (one.type, one.level, one.message) not in named]
    return [*listed, *still][:MAX_FAULTS]


def _fault(entry: DeviceError, at: float | None) -> ReportedError:
    return ReportedError(
        type=clip(entry.error_type),
        level=clip(entry.error_level),
        message=clip(entry.error_message),
        references=_references(entry),
        timestamp=clip(entry.timestamp),
        since=at,
    )


def _references(entry: DeviceError) -> dict[str, str]:
    pairs = list(entry.references.items())[:MAX_FAULTS]
    return {clip(key) or "": clip(str(value)) or "" for key, value in pairs}
