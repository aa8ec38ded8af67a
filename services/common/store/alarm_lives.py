"""The alarms as their owner keeps them, for everybody who shows them or acts on them.

The owner (services/alarms) writes each passage into the stream `alarms`, and in the same step the
alarms that are not normal into `alarms:now` and its own word into `alarms:owner`.
"""

from collections.abc import AsyncIterator

from omf.alarms.handover import HANDOVER_TOPIC, HandoverEntry, PendingHandover
from omf.alarms.life import ALARM_TOPIC, AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.monitoring import MonitoringAlert
from omf.alarms.rule_data import BUILT_IN
from omf.constants import SERVICE_SILENCE_S
from omf.messages.message import Message
from omf.payload_shapes.shape import ShapeDrift
from omf.state import FactoryState
from services.common.store.alarm_rules import StoredRules, read_rules
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable
from services.common.store.journal import BEGINNING, id_at
from services.common.store.keys import StreamModel
from services.common.store.monitoring_alerts import read_alerts
from services.common.store.payload_drifts import read_drifts

ALARMS, ALARMS_NOW, ALARMS_OWNER = "alarms", "alarms:now", "alarms:owner"
HANDOVERS = "handovers"
ACTS_PAST_S = 60.0
"""An act that was handed over earlier is not awaited any more."""


class AlarmsOwner(StreamModel):
    """What the owner tells of itself, at least once a second and with each passage."""

    owner: str
    """Name of the process; another one means that this one was taken over."""
    at: float
    """Store clock, Unix s."""
    revision: int = 0
    """Rises whenever an alarm in `alarms:now` changes."""
    heard: str = BEGINNING
    """Events of commands up to this id are taken into account."""
    session: str = ""
    """The replayed session the alarms are of; "" for a factory of now."""
    load: AlarmLoad = AlarmLoad()
    rules: str = ""
    """Changes whenever `alarms:rules` does."""

    handover: PendingHandover | None = None
    """The shift that was given and waits to be taken."""

    def silent(self, now: float) -> bool:
        """True if the owner itself is gone: it would have written by the store's time `now`."""
        return abs(now - self.at) > SERVICE_SILENCE_S


class AlarmLives:
    """The alarms of one environment, read again whenever they have changed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lives: dict[str, AlarmLife] = {}
        self._known: tuple[str, int] | None = None
        self.load = AlarmLoad()
        """How much they ask of people, as of the last look."""
        self._rules, self._in_force, self._rules_known = StoredRules(), BUILT_IN, ""
        self.alerts: tuple[MonitoringAlert, ...] = ()
        """What the monitoring says, as of the last change."""
        self.drifts: tuple[ShapeDrift, ...] = ()
        """Fields that are not as they were learned, as of the last change."""
        self.handover: PendingHandover | None = None
        """The shift that waits to be taken, as of the last look."""

    async def note(self, state: FactoryState) -> None:
        """Tell a state what the alarms are like; None while their owner is away or silent."""
        state.lives, state.alarm_load = await self.current(), self.load
        state.handover = self.handover
        state.monitoring_alerts, state.payload_drifts = self.alerts, self.drifts
        self._tell_rules(state)

    async def note_rules(self, state: FactoryState) -> None:
        """Tell a state by which rules it is judged; before it folds, for some watch messages."""
        if (owner := await read_owner(self._bus)) is not None:
            await self._renew_rules(owner)
        self._tell_rules(state)

    def _tell_rules(self, state: FactoryState) -> None:
        state.alarm_rules, state.rules_fault = self._in_force, self._rules.fault

    async def _renew_rules(self, owner: AlarmsOwner) -> None:
        if owner.rules != self._rules_known:
            self._rules = await read_rules(self._bus) or StoredRules()
            self._in_force, self._rules_known = self._rules.in_force(), owner.rules

    async def current(self) -> dict[str, AlarmLife] | None:
        """The alarms that are not normal, by id; the same object until one of them changes."""
        owner = await read_owner(self._bus)
        if owner is None or owner.silent(await self._bus.time()):
            self._known, self.load, self.alerts, self.handover = None, AlarmLoad(), (), None
            self.drifts = ()
            return None
        self.load, self.handover = owner.load, owner.handover
        await self._renew_rules(owner)
        if (known := (owner.owner, owner.revision)) != self._known:
            self._lives, self._known = await read_lives(self._bus), known
            self.alerts = await read_alerts(self._bus)
            self.drifts = await read_drifts(self._bus)
        return self._lives


async def read_owner(bus: Bus) -> AlarmsOwner | None:
    """What the owner told last; None where there never was one."""
    return readable(AlarmsOwner, await bus.call(bus.client.get(bus.key(ALARMS_OWNER))))


async def read_lives(bus: Bus) -> dict[str, AlarmLife]:
    """The alarms that are not normal, by id."""
    found = await bus.call(bus.client.hvals(bus.key(ALARMS_NOW)))
    return {life.id: life for life in all_readable(AlarmLife, found)}


async def past_passages(bus: Bus) -> list[Message]:
    """What may prove an act that is still awaited, oldest first."""
    since = await bus.time() - ACTS_PAST_S
    passed = [_message(ALARM_TOPIC, *one) for one in await _since(bus, since)]
    signed = await bus.models(HANDOVERS, HandoverEntry, after=id_at(since))
    return passed + [_message(HANDOVER_TOPIC, *one) for one in signed]


async def passages_since(bus: Bus, at: float) -> list[AlarmEntry]:
    """The entries from a moment of the store's clock on, oldest first."""
    return [entry for _, entry in await _since(bus, at)]


async def _since(bus: Bus, at: float) -> list[tuple[str, AlarmEntry]]:
    after, entries = id_at(at), list[tuple[str, AlarmEntry]]()
    while found := await bus.models(ALARMS, AlarmEntry, after=after):
        after = found[-1][0]
        entries += found
    return entries


async def passages(bus: Bus) -> AsyncIterator[list[Message]]:
    """Batches of entries, the first of what was just before; an empty one each idle second."""
    after = id_at(await bus.time() - ACTS_PAST_S)
    async for found in bus.follow_models(ALARMS, AlarmEntry, after):
        yield [_message(ALARM_TOPIC, *one) for one in found]


async def signatures(bus: Bus) -> AsyncIterator[list[Message]]:
    """As `passages`, of the hand-overs of shifts."""
    after = id_at(await bus.time() - ACTS_PAST_S)
    async for found in bus.follow_models(HANDOVERS, HandoverEntry, after):
        yield [_message(HANDOVER_TOPIC, *one) for one in found]


def _message(topic: str, entry_id: str, entry: AlarmEntry | HandoverEntry) -> Message:
    """As a command's effect is recognised in it: among the messages of the factory."""
    return Message(topic=topic, payload=entry.model_dump_json().encode(), id=entry_id)
