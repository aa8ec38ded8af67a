"""Causes before symptoms: which alarm explains which, as one table.

An alarm whose cause stands is no news of its own: it is shown under its cause, and its life goes to
*suppressed by design* (omf/alarms/lifecycle.py). It comes to the fore as soon as its cause is over
and it still stands, or once it lasts longer than its cause explains.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

from omf.alarms.alarm import MOST_ALARM_NAMES, Alarm, gravest_first
from omf.alarms.rule_data import SEVERITIES
from omf.constants import DAY_S, MINUTE_S, MODULE_SILENCE_S, VEHICLE_SILENCE_S
from omf.texts import joined, text

Scope: TypeAlias = Literal["all", "modules", "same"]
"""Whom a cause reaches: everybody, the modules behind Node-RED, or the device it is about."""


class Explanation(NamedTuple):
    """One row: an alarm of rule `cause` explains those of the rules `explained`."""

    cause: str
    explained: tuple[str, ...]
    scope: Scope = "all"
    before_s: float = 15.0
    """What began this much earlier may still be of the cause, which is recognised later."""
    within_s: float | None = None
    """Only what began so long after the cause began."""
    lasts_s: float | None = None
    """Only so long: what stands longer has another cause, or does not end by itself."""
    advised: bool = False
    """What it asks for is to be done besides and does not end with the cause, which says it too."""


_SILENCES = ("device-silent", "sensor-silent", "camera-silent", "ccu-silent", "topic-silent")
_GONE = ("bridge-down", "connection-lost", "plc-lost")
_ORDERS = (
    *("order-held-up", "order-deadlock", "order-standstill", "order-stuck", "order-overdue"),
    "request-unanswered",
)
_PLACES = ("position-unknown", "vehicle-unlisted", "module-unpaired", "device-blocked")
_ALL = (*_SILENCES, *_GONE, *_ORDERS, *_PLACES)
_LATE_S = 2 * MINUTE_S
"""Last wills come one by one, and so late is a broken connection noticed."""

EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation("ingest-silent", (*_ALL, "broker-lost", "power-off"), before_s=_LATE_S),
    Explanation("broker-lost", (*_ALL, "power-off"), before_s=_LATE_S),
    Explanation("power-off", _ALL, before_s=_LATE_S),
    Explanation(
        "ccu-silent",
        (*_ORDERS, "vehicle-unlisted", "module-unpaired"),
        before_s=VEHICLE_SILENCE_S,
    ),
    # It resets the factory 30 s after its start, and Node-RED begins anew with it (PROTOCOL D.5).
    Explanation("ccu-restarted", ("bridge-down", "connection-lost"), within_s=60, lasts_s=45),
    Explanation("ccu-restarted", (*_ORDERS, "orders-lost"), within_s=_LATE_S),
    Explanation("ccu-restarted", _PLACES, within_s=_LATE_S, advised=True),
    Explanation(
        "bridge-down",
        ("device-silent", "connection-lost", "plc-lost", "device-blocked"),
        "modules",
        before_s=MODULE_SILENCE_S,
    ),
    Explanation("connection-lost", ("device-silent", "plc-lost", "sensor-silent"), "same"),
    Explanation("connection-lost", ("position-unknown", "device-blocked"), "same"),
    Explanation("device-silent", ("position-unknown", "device-blocked"), "same"),
    Explanation("storage-unknown-colour", ("request-unanswered",), "same"),
    Explanation("order-standstill", ("order-overdue",), "same", before_s=DAY_S),
    Explanation("order-held-up", ("order-overdue",), "same", before_s=DAY_S),
    Explanation("device-fatal", ("action-failed", "device-blocked"), "same"),
)

ALIKE_FROM = 3
"""So many of one rule stand in one line while a flood lasts."""


def explain(alarms: Iterable[Alarm], modules: Collection[str], now: float) -> tuple[Alarm, ...]:
    """Return the alarms, each that another one explains with that one as its cause.

    `modules` are the serials of the modules, `now` is Unix s. Of several causes it is the one that
    explains the others. A cause is as grave as the gravest alarm under it.
    """
    every = tuple(alarms)
    direct = _direct_causes(every, modules, now)
    roots = {alarm.id: _root(alarm, direct) for alarm in every}
    under: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in every:
        under[roots[alarm.id].id].append(alarm)
    return gravest_first(
        _cause(alarm, under[alarm.id]) if roots[alarm.id] is alarm else _symptom(alarm, roots)
        for alarm in every
    )


def symptoms(alarms: Iterable[Alarm]) -> dict[str, tuple[Alarm, ...]]:
    """Return what is shown under another alarm, by the id of that one."""
    under: dict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        if alarm.cause and alarm.hidden:
            under[alarm.cause].append(alarm)
    return {cause: tuple(found) for cause, found in under.items()}


def alike(rules: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return which alarms stand in one line with the first of their rule, by the id of that one.

    `rules` are ids with their rules, in the order of the list.
    """
    by_rule: dict[str, list[str]] = defaultdict(list)
    for name, rule in rules:
        by_rule[rule].append(name)
    groups = [names for names in by_rule.values() if len(names) >= ALIKE_FROM]
    return {first: tuple(others) for first, *others in groups}


def _direct_causes(
    alarms: Iterable[Alarm], modules: Collection[str], now: float
) -> dict[str, list[Alarm]]:
    """The alarms that explain each, by its id."""
    by_rule: dict[str, list[Alarm]] = defaultdict(list)
    by_device: dict[tuple[str, str], list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        by_rule[alarm.rule].append(alarm)
        by_device[alarm.rule, _device(alarm)].append(alarm)
    direct: dict[str, list[Alarm]] = defaultdict(list)
    for row in EXPLANATIONS:
        for symptom in (one for name in row.explained for one in by_rule.get(name, ())):
            same = (row.cause, _device(symptom))
            near = by_device.get(same) if row.scope == "same" else by_rule.get(row.cause)
            for cause in near or ():
                if _explains(row, cause, symptom, modules, now):
                    direct[symptom.id].append(cause)
    return direct


def _explains(
    row: Explanation, cause: Alarm, symptom: Alarm, modules: Collection[str], now: float
) -> bool:
    if symptom.severity == "critical":  # nobody shall have to look for it
        return False
    if cause is symptom or (row.scope == "modules" and _device(symptom) not in modules):
        return False
    if row.lasts_s is not None and (symptom.since is None or now - symptom.since > row.lasts_s):
        return False
    if cause.since is None or symptom.since is None:
        return row.within_s is None
    after_s = symptom.since - cause.since
    return after_s >= -row.before_s and (row.within_s is None or after_s <= row.within_s)


def _root(alarm: Alarm, direct: Mapping[str, list[Alarm]]) -> Alarm:
    """The alarm at the end of the row of causes; the table knows no circle."""
    causes = direct.get(alarm.id)
    while causes:
        alarm = min(causes, key=lambda one: one.id in direct)
        causes = direct.get(alarm.id)
    return alarm


def _cause(alarm: Alarm, under: list[Alarm]) -> Alarm:
    """As grave as the gravest under it; with what is to be done about those besides."""
    gravest = min((one.severity for one in under), key=SEVERITIES.index)
    wanted = [one.action for one in under if one is not alarm and _advised(alarm, one)]
    actions = list(dict.fromkeys([alarm.action, *wanted]))[: 1 + MOST_ALARM_NAMES]
    action = alarm.action if len(actions) == 1 else joined(" ", actions)
    return replace(alarm, severity=gravest, action=action)


def _symptom(alarm: Alarm, roots: Mapping[str, Alarm]) -> Alarm:
    root = roots[alarm.id]
    return replace(alarm, cause=root.id, suppressed=text("alarm_part.explained", alarm=root.text))


def _advised(cause: Alarm, symptom: Alarm) -> bool:
    rows = (row for row in EXPLANATIONS if row.advised and row.cause == cause.rule)
    return any(symptom.rule in row.explained for row in rows)


def _device(alarm: Alarm) -> str:
    return alarm.subject.removesuffix("/txt")
