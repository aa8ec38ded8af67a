"""OEE of the factory, losses of the modules and waiting, derived a second time from the JSON.

By the definitions of docs/shift-report.md; also of sessions with a gap and with lost messages.
"""

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_figures import RangeFigures, shift_figures
from omf.constants import CCU_ANSWER_S
from omf.durations import BETWEEN_MODULES, USUAL_DURATIONS
from omf.messages.message import Message
from omf.workpieces.deviations import deviations
from tests.contract.test_shift_truth import ENDED, Row
from tests.contract.test_workpieces_truth import lives, types
from tests.support.folds import every_recording
from tests.support.shared import recording

SETTLED_S, SILENCE_S = 60.0, 40.0
"""After a minute every module has spoken; nobody is silent for longer than 40 s (D.6)."""
EDGE_S = 0.1
"""What says nothing of a figure is no edge of a silence for us, and one here."""
USUAL_ALONE = {
    ("STORAGE", ""): 50.0,
    ("PRODUCTION", "WHITE"): 167.0,
    ("PRODUCTION", "RED"): 160.0,
    ("PRODUCTION", "BLUE"): 245.0,
}
"""Seconds of a whole order with the factory to itself (D.2)."""
HEARD = (
    *("ccu/order/active", "ccu/order/completed", "ccu/order/request"),
    *("ccu/state/stock", "ccu/state/flows", "ccu/state/layout", "ccu/set/reset"),
)
LOSSES = ("busy", "failed", "waiting_for_vehicle", "blocked", "no_order")
Change = Callable[[list[Message], random.Random], Iterator[Message]]


def as_recorded(messages: list[Message], _draw: random.Random) -> Iterator[Message]:
    yield from messages


def with_a_gap(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """The link is gone for five minutes; what was said meanwhile nobody knows, and time went on."""
    at = draw.randrange(len(messages) // 3, 2 * len(messages) // 3)
    yield from messages[:at]
    for one in messages[at:]:
        ms, _, number = one.id.partition("-")
        yield one._replace(id=f"{int(ms) + 300_000}-{number}")


def with_losses(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A radio link that loses one message in thirty."""
    yield from (one for one in messages if draw.random() > 1 / 30)


@cache
def messages_of(name: str, change: Change) -> tuple[Message, ...]:
    return tuple(change(list(recording(name)), random.Random(name)))  # noqa: S311 - repeatable


@cache
def told_of(name: str, change: Change) -> list[Row]:
    return [
        (one.received_at, one.topic, json.loads(one.payload), one.retain)
        for one in messages_of(name, change)
    ]


@cache
def figures(name: str, change: Change) -> RangeFigures:
    messages = messages_of(name, change)
    span = messages[0].received_at, messages[-1].received_at
    clock = ShiftClock(None, span[0])
    for message in messages:
        clock.take(message)
    clock.close(span[1])
    return shift_figures(clock, span, [(span[0] + SETTLED_S, span[1])])


def values(found: RangeFigures, group: str, subject: str = "") -> dict[str, float | None]:
    return {one.name: one.value for one in found.figures if one[:2] == (group, subject)}


class Lists:
    """The CCU's lists of orders: which was in work from when to when, and what came next."""

    def __init__(self, told: list[Row]) -> None:
        self.begun: dict[str, tuple[float, str, str, bool]] = {}
        self.ended: dict[str, tuple[float, str]] = {}
        self.active: list[tuple[float, list[dict[str, Any]]]] = []
        now: dict[str, dict[str, Any]] = {}
        for at, topic, said, retained in told:
            if topic == "ccu/order/active":
                for one in said:
                    kind, colour = one["orderType"], one.get("type", "")
                    self.begun.setdefault(one["orderId"], (at, kind, colour, retained))
                for gone in set(now) - {one["orderId"] for one in said}:
                    self.ended.setdefault(gone, (at, "VANISHED"))
                now = {one["orderId"]: one for one in said}
            elif topic == "ccu/order/completed":
                for one in said:
                    order = one["orderId"]
                    if (
                        order in self.begun
                        and self.ended.get(order, (0, "VANISHED"))[1] == "VANISHED"
                    ):
                        self.ended[order] = (at, one["state"])
                    now.pop(order, None)
            else:
                continue
            self.active.append((at, list(now.values())))

    def spans(self, end: float) -> dict[str, tuple[float, float]]:
        return {
            order: (since, self.ended.get(order, (end, ""))[0])
            for order, (since, *_) in self.begun.items()
        }


def seconds(spans: list[tuple[float, float]], begin: float, end: float) -> float:
    """How much of [begin, end) is covered, by cutting it at every edge there is."""
    edges = sorted({begin, end, *(one for span in spans for one in span if begin < one < end)})
    return sum(
        b - a for a, b in pairwise(edges) if any(one[0] <= a and b <= one[1] for one in spans)
    )


def silences(told: list[Row]) -> list[tuple[float, float]]:
    times = [
        at for at, topic, *_ in told if topic.startswith(("module/", "fts/")) or topic in HEARD
    ]
    return [(a, b) for a, b in pairwise([told[0][0], *times, told[-1][0]]) if b - a > SILENCE_S]


@pytest.mark.parametrize("change", [as_recorded, with_a_gap, with_losses])
@every_recording
def test_oee_of_the_factory(name: str, change: Change) -> None:
    told = told_of(name, change)
    lists, (begin, end) = Lists(told), (told[0][0] + SETTLED_S, told[-1][0])
    if end <= begin:
        return
    quiet, spans = silences(told), lists.spans(end)
    whole, unknown = end - begin, seconds(quiet, begin, end)
    working = sum(
        b - a
        for a, b in pairwise(sorted({begin, end, *sum((*spans.values(), *quiet), ())}))
        if begin <= a < b <= end
        and any(one[0] <= a and b <= one[1] for one in spans.values())
        and not any(one[0] <= a and b <= one[1] for one in quiet)
    )
    ours = values(figures(name, change), "factory")
    assert ours["unknown"] == pytest.approx(unknown, abs=EDGE_S)
    if whole - unknown < EDGE_S:
        assert (ours["availability"], ours["oee"]) == (None, None)
        return
    assert ours["availability"] == pytest.approx(working / whole, abs=EDGE_S / whole)
    assert ours["no_order"] == pytest.approx(whole - unknown - working, abs=2 * EDGE_S)
    whole_heard = {
        order: span
        for order, span in spans.items()
        if not any(a < span[1] and span[0] < b for a, b in quiet)
    }
    usual = [
        USUAL_ALONE[kind, "" if kind == "STORAGE" else colour]
        for order, (_, kind, colour, retained) in lists.begun.items()
        if order in whole_heard
        and not retained
        and lists.ended.get(order, (0, ""))[1] == "FINISHED"
    ]
    took = seconds(list(whole_heard.values()), begin, end)
    expected = sum(usual) / took if usual and took else None
    assert ours["effectiveness"] == (expected and pytest.approx(expected, abs=1e-4))


class Module:
    """What one module was told and said, as far as it decides where its time went."""

    def __init__(self, told: list[Row], serial: str, end: float) -> None:
        began: dict[str, float] = {}
        self.busy: list[tuple[float, float]] = []
        self.failed: list[tuple[float, bool]] = []
        self.edges: list[float] = []
        answered: set[str] = set()
        for at, topic, said, retained in told:
            level = topic.split("/")
            if level[:3] != ["module", "v1", "ff"] or level[3] != serial or retained:
                continue
            self.edges.append(at)
            if level[4] not in ("order", "state"):
                continue
            action = said.get("action" if level[4] == "order" else "actionState") or {}
            state, key = action.get("state"), action.get("id", "")
            if level[4] == "state":
                answered |= {key} if key else set()
                fatal = any(e.get("errorLevel") == "FATAL" for e in said.get("errors") or [])
                self.failed.append((at, fatal or state == "FAILED"))
            if key and state not in ENDED and (level[4] == "order" or action.get("command")):
                began.setdefault(key, at)
            elif state in ENDED and key in began:
                self.busy.append((began.pop(key), at))
        for key, at in began.items():
            self.busy.append((at, end if key in answered else min(end, at + SILENCE_S)))

    def at(self, at: float) -> bool:
        return next((bad for since, bad in reversed(self.failed) if since <= at), False)


def loss(kind: str, serial: str, orders: list[dict[str, Any]]) -> str:
    """What a module that is not at work waits for, by the list of orders in force."""
    for one in orders:
        steps = [s for s in one["productionSteps"] if s["state"] not in ("FINISHED", "CANCELLED")]
        if one["state"] != "IN_PROGRESS" or not steps:
            continue
        step = steps[0]
        if step["type"] == "NAVIGATION":
            if kind in (step.get("source"), step.get("target")):
                return "waiting_for_vehicle"
        elif step.get("serialNumber", serial) == serial and step.get("moduleType") == kind:
            return "blocked"
    return "no_order"


@every_recording
def test_where_the_time_of_each_module_went(name: str) -> None:
    told = told_of(name, as_recorded)
    lists, (begin, end) = Lists(told), (told[0][0] + SETTLED_S, told[-1][0])
    for serial, kind in types(told).items():
        if kind == "CHRG" or end <= begin:
            continue
        module, spent = Module(told, serial, end), dict.fromkeys(LOSSES, 0.0)
        edges = {begin, end, *(at for at, _ in lists.active), *module.edges}
        edges |= {one for span in module.busy for one in span}
        for a, b in pairwise(sorted(one for one in edges if begin <= one <= end)):
            if any(one[0] <= a and b <= one[1] for one in module.busy):
                spent["busy"] += b - a
            elif module.at(a):
                spent["failed"] += b - a
            else:
                orders = next((o for at, o in reversed(lists.active) if at <= a), [])
                spent[loss(kind, serial, orders)] += b - a
        ours = values(figures(name, as_recorded), "module", serial)
        if not module.edges:
            assert ours["unknown"] == pytest.approx(end - begin)
            continue
        assert {one: ours[one] for one in LOSSES} == pytest.approx(spent, abs=0.02), (kind, serial)


class Steps:
    """The steps of each order in the order of its last list, and when each was first FINISHED."""

    def __init__(self, told: list[Row]) -> None:
        self.seen: dict[str, float] = {}
        self.done: dict[tuple[str, str], float] = {}
        self.last: dict[str, list[dict[str, Any]]] = {}
        for at, topic, said, retained in told:
            if topic not in ("ccu/order/active", "ccu/order/completed") or retained:
                continue
            for one in said:
                if topic == "ccu/order/active":
                    self.seen.setdefault(one["orderId"], at)
                if one["orderId"] in self.seen:
                    self.take(at, one["orderId"], one["productionSteps"])

    def take(self, at: float, order: str, steps: list[dict[str, Any]]) -> None:
        self.last[order] = steps
        for step in steps:
            if step["state"] == "FINISHED":
                self.done.setdefault((order, step["id"]), at)

    def waited(self) -> Iterator[tuple[str, str, float]]:
        for order, steps in self.last.items():
            times = [self.seen[order], *(self.done.get((order, step["id"])) for step in steps)]
            for step, (before, ended) in zip(steps, pairwise(times), strict=True):
                drives = step["type"] == "NAVIGATION"
                way = f"{step.get('source')} > {step.get('target')}"
                name = way if drives else f"{step['moduleType']}.{step['command']}"
                usual = BETWEEN_MODULES if drives else USUAL_DURATIONS.get(name)
                if usual is None or before is None or ended is None:
                    continue
                if ended - before > usual.most + CCU_ANSWER_S:
                    yield order, name, round(ended - before, 2)


@every_recording
def test_what_waited_longer_than_ever_is_told_of_the_piece(name: str) -> None:
    found = {
        (one.order_id, one.what, round(one.seconds or 0.0, 2))
        for life in lives(name).lives
        for one in deviations(life)
        if one.kind == "waited"
    }
    assert found == set(Steps(told_of(name, as_recorded)).waited())
