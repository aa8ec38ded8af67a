"""What Prometheus learns of the commands, and of the factory from the fold that decides on them.

Labels of the factory are bounded: colours, rules of the alarm list, and at most
MAX_LABELLED_DEVICES serials, those the CCU lists or that stand in the layout first, for anybody can
invent a serial.
Unknown is absent.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from omf.alarms.rule_data import Severity
from omf.commands import CONTROLS, KINDS
from omf.constants import COLOURS
from omf.state import FactoryState
from omf.state.modules import Module
from omf.state.staleness import SAYS_ONLINE, moment, unheard
from omf.state.vehicles import Vehicle
from services.common.process.factory_metrics import Counter, Gauge, Histogram, prepared
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Command, CommandEvent, Stage
from services.orders.decision import Decision

STAGES = Counter("omf_commands", "Commands that reached a stage", ["kind", "stage"])
COMMAND_SECONDS = Histogram(
    "omf_command_seconds",
    "From the asking to a stage",
    ["stage"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
PENDING = Gauge("omf_commands_awaited", "Commands whose outcome is still awaited")
DUPLICATES = Counter("omf_commands_repeated", "Entries of a command already known")
UNSEEN = Counter(
    "omf_commands_unseen", "Publishes the broker acknowledged that never came back through ingest"
)
COMMAND_BACKLOG = Gauge("omf_orders_backlog", "Commands and receipts in hand")
COMMANDS_TURNED_AWAY = Counter(
    "omf_commands_turned_away", "Commands refused unplanned and unsent", ["reason"]
)
COMMANDS_WAITING = Gauge("omf_commands_waiting", "Commands taken on, not yet with the broker")
SERVICE_RATE = Gauge(
    "omf_commands_service_rate", "Commands a second that got done while some waited"
)
DEAD = Gauge("omf_dead_letters", "Entries of commands, receipts and outbox given up and kept")
EVER_DEAD = Gauge("omf_dead_letters_ever", "Entries given up so far, deleted ones too", told=False)
"""Registered once it is known: a zero before it would look like a rise at every start."""
VIEW_AGE = Gauge("omf_orders_view_age_seconds", "Age of the view decisions are made on")

MAX_LABELLED_DEVICES = 64
FULL_PERCENT = 100.0

Device = Module | Vehicle

OTHER = "other"
"""Anybody can invent a kind; only those of the menu become labels."""
_KINDS = frozenset((*KINDS, *CONTROLS))
_TIMED = (Stage.PUBLISHED, Stage.ACKNOWLEDGED, Stage.EFFECT)


@prepared
def _zeros() -> None:
    """The first command of a day counts too: a rate needs a zero before it."""
    for kind in (*_KINDS, OTHER):
        for stage in Stage:
            STAGES.labels(kind, stage.value)
    for stage in _TIMED:
        COMMAND_SECONDS.labels(stage.value)
    for why in ("too-busy", "too-fast", "expired", "throttled"):
        COMMANDS_TURNED_AWAY.labels(why)


def count(command: Command, events: Iterable[CommandEvent]) -> None:
    """Take events over that were just written."""
    for event in events:
        kind = event.kind if event.kind in _KINDS else OTHER
        STAGES.labels(kind, event.stage.value).inc()
        if event.stage in _TIMED and event.step == 0:
            COMMAND_SECONDS.labels(event.stage.value).observe(
                max(0.0, event.at - command.created_at)
            )


def count_turned_away(away: Iterable[tuple[str, Decision]]) -> None:
    """The same of the kinds of many at once that were turned away, and why."""
    stages: Tally[tuple[str, Stage]] = Tally()
    why: Tally[str] = Tally()
    for name, decision in away:
        kind = name if name in _KINDS else OTHER
        stages[kind, Stage.REQUESTED] += 1
        stages[kind, decision.stage] += 1
        why[decision.reasons[0].id.partition(":")[0]] += 1
    for (kind, stage), times in stages.items():
        STAGES.labels(kind, stage.value).inc(times)
    for name, times in why.items():
        COMMANDS_TURNED_AWAY.labels(name).inc(times)


async def show_dead(bus: Bus) -> None:
    """Count what was given up; what is deleted or grows too old takes nothing off the second."""
    try:
        info = await bus.call(bus.client.xinfo_stream(bus.key("dead")))
    except StoreError as error:
        if "no such key" not in str(error):
            raise
        info = {"length": 0, "entries-added": 0}
    DEAD.set(info["length"])
    EVER_DEAD.set(info["entries-added"])


class FactoryMetrics(Collector):
    """The newest figures as a whole, made by the event loop and scraped by another thread."""

    def __init__(self) -> None:
        self._families: tuple[Metric, ...] = ()

    def update(self, state: FactoryState, now: float) -> None:
        """Take the figures of this moment."""
        self._families = tuple(factory_metrics(state, now))

    def collect(self) -> Iterator[Metric]:
        """Give the figures made last; none before the first time."""
        yield from self._families


def factory_metrics(state: FactoryState, now: float) -> Iterator[Metric]:
    """Every figure of a factory at `now`, Unix seconds."""
    now = moment(state, now)
    yield from _stock(state)
    yield from _orders(state, now)
    yield from _devices(state, now)
    yield _alarms(state, now)
    yield _counter("unmodelled_messages", "Messages no model knows", state.traffic.unmodelled)
    yield _counter("unreadable_messages", "Messages unlike their model", state.traffic.rejected)
    yield _counter("overflow_messages", "Messages on too many topics", state.traffic.overflow)
    yield _missing(state)


def _gauge(name: str, text: str, labels: Iterable[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"omf_factory_{name}", text, labels=list(labels))


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"omf_factory_{name}", text, value)


def _stock(state: FactoryState) -> Iterator[Metric]:
    free = _gauge("stock_free", "Pieces no order has reserved", ["colour"])
    empty = _gauge("stock_empty_bays", "Bays reported as empty")
    if state.stock.known:
        for colour in COLOURS:
            free.add_metric([colour], state.stock.free(colour))
        empty.add_metric([], state.stock.empty_bays)
    yield from (free, empty)


def _orders(state: FactoryState, now: float) -> Iterator[Metric]:
    active = _gauge("orders_active", "Orders the CCU works on")
    age = _gauge("order_age_seconds", "Since the oldest active order was first seen, 0 if none")
    still = _gauge("order_standstill_seconds", "Longest time nothing of a running order changed")
    if state.book.active_known:
        open_orders = [order for order in state.orders.values() if order.open]
        running = [order for order in open_orders if order.state == "IN_PROGRESS"]
        active.add_metric([], len(open_orders))
        age.add_metric([], max((now - order.first_seen for order in open_orders), default=0))
        still.add_metric([], max((now - order.still_since for order in running), default=0))
    yield from (active, age, still)


def _devices(state: FactoryState, now: float) -> Iterator[Metric]:
    named = ["serial", "type"]
    silent = _gauge("device_silent", "1 while a device says nothing for too long", named)
    online = _gauge("device_online", "1 while a device says that it is connected", named)
    age = _gauge("device_age_seconds", "Since the last message of a device", named)
    battery = _gauge("battery_percent", "Charge of a vehicle's battery", ["serial"])
    for device in _chosen(state):
        labels = [device.serial, "FTS" if isinstance(device, Vehicle) else device.type or "?"]
        silent.add_metric(labels, unheard(state, device, now))
        if device.connection is not None:
            online.add_metric(labels, device.connection == SAYS_ONLINE)
        if device.last_message is not None:
            age.add_metric(labels, now - device.last_message)
        if isinstance(device, Vehicle) and device.battery_percentage is not None:
            battery.add_metric(
                [device.serial], min(FULL_PERCENT, max(0.0, device.battery_percentage))
            )
    yield from (silent, online, age, battery)


def _chosen(state: FactoryState) -> list[Device]:
    known = state.layout.modules if state.layout else {}
    devices: list[Device] = [*state.vehicles.values(), *state.modules.values()]
    return sorted(devices, key=lambda d: not (d.listed or d.serial in known))[:MAX_LABELLED_DEVICES]


def _missing(state: FactoryState) -> Metric:
    text = "Messages of a device that never came, by the numbers of those that did"
    family = CounterMetricFamily("omf_factory_missing_messages", text, labels=["serial"])
    missing: Tally[str] = Tally()
    for name, sender in state.senders.items():
        if not sender.mixed:
            missing[_serial(name)] += sender.missing
    for device in _chosen(state):
        if device.serial in missing:
            family.add_metric([device.serial], missing[device.serial])
    return family


def _serial(sender: str) -> str:
    return sender.removesuffix("/state").rpartition("/")[2]


def _alarms(state: FactoryState, now: float) -> Metric:
    """Every rule under its usual severity, and under the graver one where orders are held up."""
    standing: Tally[tuple[str, Severity]] = Tally()
    rules = state.alarm_rules.rules.items()
    standing.update({(name, rule.severity): 0 for name, rule in rules})
    standing.update((alarm.rule, alarm.severity) for alarm in state.alarms(now))
    family = _gauge("alarms", "Alarms that stand, by rule", ["rule", "severity"])
    for labels, count in standing.items():
        family.add_metric(labels, count)
    return family
