"""Alarms against a second derivation, straight from the JSON of the recordings, none of our models.

Which alarm, of which device or order, from when to when; of the rules that are met in a recording
(PROTOCOL B.7, B.9, D.2, D.5, D.6). Any other alarm of ours would be one too many.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omf.alarms.lifecycle import AlarmEvent
from omf.analysis.golden import golden_rows
from omf.analysis.shifts import default_shifts
from omf.messages.message import Message
from omf.state import FactoryState
from tests.contract.test_shift_truth import rows
from tests.support.folds import every_recording
from tests.support.kept_alarms import KeptAlarms
from tests.support.shared import recording

Row = tuple[float, str, Any, bool]
Stood = tuple[str, float, float | None]
"""Alarm, when it came, when it was over; None: it stands at the end."""
RESET_TAKES_S, NOTICE_S, LATE_S = 15.0, 600.0, 0.11
RULES = ("quality-failed", "collision", "position-unknown", "danger", "bridge-down")


class SecondDerivation:
    """Goes through the messages and notes when each condition came and went."""

    def __init__(self, told: list[Row]) -> None:
        self.since: dict[str, float] = {}
        self.stood: list[Stood] = []
        self.seen_active: set[str] = set()
        self.failed_at: dict[str, float] = {}
        self.node: dict[str, str] = {}
        self.gone: set[str] = set()
        self.spoke: set[str] = set()
        self.reset_at = float("-inf")
        self.bridge_off: float | None = None
        for at, topic, said, retained in told:
            self.time(at)
            self.hear(at, topic.split("/"), said, retained=retained)
        self.stood += [(name, at, None) for name, at in self.since.items()]

    def note(self, name: str, at: float, *, met: bool) -> None:
        if met:
            self.since.setdefault(name, at)
        elif name in self.since:
            self.stood.append((name, self.since.pop(name), at))

    def time(self, at: float) -> None:
        """What only the clock decides."""
        for order, failed in list(self.failed_at.items()):
            if at - failed > NOTICE_S:
                self.note(f"quality-failed:{order}", failed + NOTICE_S, met=False)
        if self.bridge_off is not None:
            due = self.bridge_off
            if self.reset_at <= self.bridge_off:
                due = max(due, self.reset_at + RESET_TAKES_S)
            if at > due:
                self.note("bridge-down:nodered", due, met=True)

    def hear(self, at: float, level: list[str], said: Any, *, retained: bool) -> None:
        topic = "/".join(level)
        if topic == "ccu/order/active":
            self.seen_active |= {one["orderId"] for one in said}
        elif topic == "ccu/order/completed":
            self.completed(at, said, retained=retained)
        elif topic == "ccu/pairing/state":
            self.pairing(at, said)
        elif topic == "ccu/set/reset" and not retained:
            self.reset_at = at
        else:
            self.device(at, level, said)

    def device(self, at: float, level: list[str], said: Any) -> None:
        if level[0] == "fts":
            self.vehicle(at, level[3], level[4], said)
        elif level[:2] == ["osf", "arduino"] and level[-1] == "state":
            danger = said.get("flameDetected") is True or said.get("gasDetected") is True
            self.note(f"danger:{level[2]}/{level[3]}", at, met=danger)
        elif level[3:] == ["NodeRed", "status"]:
            self.bridge(at, online=said["connectionState"] == "ONLINE")

    def pairing(self, at: float, said: Any) -> None:
        """The CCU's copy of a position counts as long as the vehicle said nothing (B.8)."""
        for one in said["transports"]:
            if one["serialNumber"] not in self.spoke:
                self.node[one["serialNumber"]] = one.get("lastNodeId", "")
                self.place(at, one["serialNumber"])

    def completed(self, at: float, orders: Any, *, retained: bool) -> None:
        listed = set()
        for one in orders:
            steps = one.get("productionSteps", [])
            checked = any(
                step.get("command") == "CHECK_QUALITY" and step["state"] == "ERROR"
                for step in steps
            )
            order = one["orderId"]
            listed.add(order)
            news = order in self.seen_active and order not in self.failed_at and not retained
            if one["state"] == "ERROR" and checked and news:
                self.failed_at[order] = at
                self.note(f"quality-failed:{order}", at, met=True)
        for order in set(self.failed_at) - listed:
            self.note(f"quality-failed:{order}", at, met=False)

    def bridge(self, at: float, *, online: bool) -> None:
        if online:
            self.bridge_off = None
            self.note("bridge-down:nodered", at, met=False)
        elif self.bridge_off is None:
            self.bridge_off = at
            if self.reset_at > at or at - self.reset_at > RESET_TAKES_S:
                self.note("bridge-down:nodered", at, met=True)

    def vehicle(self, at: float, serial: str, what: str, said: Any) -> None:
        if what == "connection":
            online = said["connectionState"] == "ONLINE"
            (self.gone.discard if online else self.gone.add)(serial)
        elif what == "state":
            self.spoke.add(serial)
            self.node[serial] = said["lastNodeId"]
            kinds = {error.get("errorType") for error in said.get("errors") or []}
            self.note(f"collision:{serial}", at, met="COLLISION" in kinds)
        self.place(at, serial)

    def place(self, at: float, serial: str) -> None:
        lost = self.node.get(serial) == "UNKNOWN" and serial not in self.gone
        self.note(f"position-unknown:{serial}", at, met=lost)


def ours(messages: list[Message]) -> list[Stood]:
    """As the owner of the alarms keeps them, looking at every message and every second."""
    state, kept = FactoryState(), KeptAlarms()
    judged = messages[0].received_at
    for message in messages:
        while judged + 1 < message.received_at:
            judged += 1
            kept.look(state, judged)
        state.apply(message, message.received_at)
        judged = message.received_at
        kept.look(state, judged)
    since: dict[str, float] = {}
    stood: list[Stood] = []
    for entry in kept.told:
        if entry.event in (AlarmEvent.RAISED, AlarmEvent.SUPPRESSED):
            since.setdefault(entry.alarm, entry.at)
        elif entry.event is AlarmEvent.RETURNED:
            stood.append((entry.alarm, since.pop(entry.alarm), entry.at))
    return [*stood, *((name, at, None) for name, at in since.items())]


def same(found: list[Stood], expected: list[Stood], late_s: float = 0.002) -> None:
    found, expected = sorted(found), sorted(expected)
    assert [one[0] for one in found] == [one[0] for one in expected]
    for mine, other in zip(found, expected, strict=True):
        assert -0.002 <= mine[1] - other[1] <= late_s, (mine, other)
        assert (mine[2] is None) == (other[2] is None), (mine, other)
        # What the clock ends is seen at the next look, a second later at most.
        assert mine[2] is None or other[2] is None or -0.002 <= mine[2] - other[2] <= 1 + late_s


def recorded(told: list[Message]) -> list[Row]:
    return [
        (one.received_at, one.topic, json.loads(one.payload), one.retain)
        for one in told
        if one.payload
    ]


@every_recording
def test_the_alarms_are_those_of_a_second_derivation(name: str) -> None:
    same(ours(list(recording(name))), SecondDerivation(rows(name)).stood)


@every_recording
def test_the_golden_rows_have_them_as_the_owner_would_have_told_them(name: str) -> None:
    found = [
        (one.id, one.facts["begin"], one.facts["end"])
        for one in golden_rows(recording(name), default_shifts())
        if one.kind == "alarm"
    ]
    expected = SecondDerivation(rows(name)).stood
    lasting = [one for one in expected if one[2] is None or one[2] - one[1] > LATE_S]
    same(found, joined(lasting), LATE_S)


def joined(stood: list[Stood]) -> list[Stood]:
    """What was over for a moment only, between two looks, was never over for anybody."""
    last: dict[str, Stood] = {}
    done: list[Stood] = []
    for one in sorted(stood, key=lambda one: one[1]):
        before = last.get(one[0])
        if before is not None and before[2] is not None and one[1] - before[2] < LATE_S:
            last[one[0]] = (one[0], before[1], one[2])
            continue
        done += [before] if before is not None else []
        last[one[0]] = one
    return [*done, *last.values()]


def dropped(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A radio link that loses one message in twenty."""
    yield from (one for one in messages if draw.random() > 0.05)


def repeated(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A broker that delivers some of them twice."""
    for one in messages:
        yield one
        if draw.random() < 0.05:
            ms, _, number = one.id.partition("-")
            yield one._replace(id=f"{ms}-{int(number) + 10_000}")


def bumping(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """Vehicles that meet something now and then, or lose their place."""
    for one in messages:
        if one.topic.startswith("fts/") and one.topic.endswith("/state") and draw.random() < 0.1:
            said = json.loads(one.payload)
            if draw.random() < 0.5:
                said["errors"] = [{"errorType": "COLLISION", "errorLevel": "WARNING"}]
            else:
                said["lastNodeId"] = "UNKNOWN"
            yield one._replace(payload=json.dumps(said).encode())
        else:
            yield one


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", [dropped, repeated, bumping], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "name",
    [
        "orbis-fulltopics-baseline_20260409_082701",
        "production-wr-agv2-b-agv1-clean_20260513_135600",
        "startup-clean_20260512_102831",
    ],
)
def test_sessions_nobody_has_seen_have_the_same_alarms_both_ways(
    name: str, change: Callable[[list[Message], random.Random], Iterator[Message]], seed: int
) -> None:
    messages = sorted(
        change(list(recording(name)), random.Random(seed)),  # noqa: S311 - the same at each run
        key=lambda one: one.received_at,
    )
    found = [one for one in ours(messages) if one[0].partition(":")[0] in RULES]
    same(found, SecondDerivation(recorded(messages)).stood)
    by_rule: dict[str, int] = defaultdict(int)
    for one in found:
        by_rule[one[0].partition(":")[0]] += 1
    assert by_rule
