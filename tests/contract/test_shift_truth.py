"""Figures of a shift against a second derivation, straight from the JSON of the recordings."""

import json
from collections import defaultdict
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from omf.analysis.module_figures import disturbances
from omf.analysis.shift_clock import CONDITIONS, ShiftClock
from omf.analysis.shift_figures import RangeFigures, shift_figures
from omf.messages.message import Message
from tests.contract.test_workpieces_truth import told, types
from tests.support.folds import every_recording
from tests.support.shared import recording

Row = tuple[float, str, Any, bool]
ENDED = ("FINISHED", "FAILED")


@cache
def figures(name: str) -> tuple[ShiftClock, RangeFigures]:
    messages: list[Message] = list(recording(name))
    span = messages[0].received_at, messages[-1].received_at
    clock = ShiftClock(None, span[0])
    for message in messages:
        clock.take(message)
    clock.close(span[1])
    return clock, shift_figures(clock, span, [span])


def values(name: str, group: str, subject: str = "") -> dict[str, float | None]:
    found = figures(name)[1].figures
    return {one.name: one.value for one in found if one[:2] == (group, subject)}


@cache
def rows(name: str) -> list[Row]:
    return told(name)


def lists(name: str, which: str) -> list[Row]:
    return [row for row in rows(name) if row[1] == f"ccu/order/{which}"]


def begun(name: str) -> dict[str, tuple[float, str, str | None]]:
    """Order -> first live list, and its kind."""
    found: dict[str, tuple[float, str, str | None]] = {}
    for at, _, orders, retained in lists(name, "active"):
        for one in orders if not retained else ():
            found.setdefault(one["orderId"], (at, one["orderType"], one.get("type")))
    return found


def ended(name: str) -> dict[str, tuple[float, str]]:
    found: dict[str, tuple[float, str]] = {}
    for at, _, orders, _ in lists(name, "completed"):
        for one in orders:
            if one["orderId"] in begun(name):
                found.setdefault(one["orderId"], (at, one["state"]))
    return found


@every_recording
def test_orders_and_their_times(name: str) -> None:
    ours, first, last = values(name, "orders"), begun(name), ended(name)
    finished = [order for order, (_, state) in last.items() if state == "FINISHED"]
    assert ours["begun"] == len(first)
    assert ours["finished"] == len(finished)
    assert ours["not_finished"] == len(last) - len(finished)
    times = defaultdict(list)
    for order in finished:
        at, kind, colour = first[order]
        times[f"{kind} {colour}"].append(last[order][0] - at)
    for kind, lasted in times.items():
        assert values(name, "orders", kind)["lead_median"] == pytest.approx(median(lasted))
        assert values(name, "orders", kind)["lead_most"] == pytest.approx(max(lasted))


@every_recording
def test_how_many_passed_their_first_check(name: str) -> None:
    tags: dict[str, str] = {}
    for _, topic, said, _ in rows(name):
        if topic.startswith("ccu/order/") and isinstance(said, list):
            tags |= {one["orderId"]: one.get("workpieceId", "") for one in said}
    checks: dict[str, str] = {}
    for _, topic, said, retained in rows(name):
        action = said.get("actionState") or {} if isinstance(said, dict) else {}
        checked = topic.startswith("module/v1/ff/") and topic.endswith("/state") and not retained
        if checked and (action.get("command"), action.get("state")) == (
            "CHECK_QUALITY",
            "FINISHED",
        ):
            checks.setdefault(tags[said["orderId"]], action["result"])
    ours = values(name, "quality")
    results = list(checks.values())
    assert (ours["passed_first"], ours["failed_first"]) == (
        results.count("PASSED"),
        results.count("FAILED"),
    )
    share = results.count("PASSED") / len(results) if results else None
    assert ours["first_pass_yield"] == (None if share is None else pytest.approx(share))


def worked(name: str) -> dict[str, dict[str, tuple[float, float, str]]]:
    """Serial -> action -> from when to when, and how it ended."""
    began: dict[tuple[str, str], float] = {}
    done: dict[str, dict[str, tuple[float, float, str]]] = defaultdict(dict)
    for at, topic, said, retained in rows(name):
        level = topic.split("/")
        if not topic.startswith("module/v1/ff/") or len(level) != 5 or retained:
            continue
        action = said.get("action" if level[4] == "order" else "actionState") or {}
        key = (level[3], action.get("id", ""))
        if level[4] not in ("order", "state") or not action:
            continue
        state = action.get("state")
        if state not in ENDED and (level[4] == "order" or action.get("command")):
            began.setdefault(key, at)
        elif state in ENDED and key in began and key[1] not in done[level[3]]:
            done[level[3]][key[1]] = (began[key], at, state)
    return done


@every_recording
def test_how_long_each_module_worked_and_with_what_success(name: str) -> None:
    end = rows(name)[-1][0]
    for serial, actions in worked(name).items():
        ours = values(name, "module", serial)
        assert ours["actions"] == len(actions)
        open_s = sum(
            part.end - part.begin
            for part in figures(name)[0].slices[serial]
            if part.condition == "busy" and part.result is None and part.end == pytest.approx(end)
        )
        lasted = sum(until - since for since, until, _ in actions.values())
        assert ours["busy"] == pytest.approx(lasted + open_s, abs=0.01)
        good = sum(state == "FINISHED" for _, _, state in actions.values())
        assert ours["quality"] == (pytest.approx(good / len(actions)) if actions else None)


@every_recording
def test_each_second_of_a_module_is_told_once(name: str) -> None:
    clock, found = figures(name)
    for serial in clock.state.modules:
        ours = values(name, "module", serial)
        whole = sum(ours[one] or 0.0 for one in CONDITIONS)
        assert whole == pytest.approx(found.until - found.since, abs=0.01)
    for one in disturbances(clock, found.planned):
        assert one.cost_s <= one.end - one.begin + 0.001


@cache
def lengths() -> dict[frozenset[str], float]:
    """The layout, as the one session tells it that begins with the start of the CCU."""
    [layout, *_] = [
        said
        for _, topic, said, _ in rows("orbis-fulltopics-baseline_20260409_082701")
        if topic == "ccu/state/layout"
    ]
    return {
        frozenset((road["from"], road["to"])): road["length"] / 1000 for road in layout["roads"]
    }


@every_recording
def test_how_far_each_vehicle_drove_and_how_long_it_was_charged(name: str) -> None:
    states: dict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
    for at, topic, said, retained in rows(name):
        level = topic.split("/")
        if topic.startswith("fts/v1/ff/") and level[-1] == "state" and not retained:
            states[level[3]].append((at, said))
    end = rows(name)[-1][0]
    for serial, said in states.items():
        nodes = [state["lastNodeId"] for _, state in said]
        moves = [one for one in pairwise(nodes) if one[0] != one[1] and "UNKNOWN" not in one]
        known = [lengths()[road] for one in moves if (road := frozenset(one)) in lengths()]
        ours = values(name, "vehicle", serial)
        inferred = ours["driven_inferred"] or 0.0
        assert (ours["driven"] or 0.0) - inferred == pytest.approx(sum(known))
        assert (inferred > 0 or bool(ours["unknown_moves"])) == (len(known) < len(moves))
        times = [*(at for at, _ in said), end]
        spans = [
            (state, min(after - at, 200.0))
            for (at, state), after in zip(said, times[1:], strict=True)
        ]
        charged = sum(s for state, s in spans if state["batteryState"].get("charging"))
        driven = sum(s for state, s in spans if state["driving"])
        assert ours["charging"] == pytest.approx(charged, abs=0.01)
        assert ours["driving"] == pytest.approx(driven, abs=0.01)


@every_recording
def test_types_are_those_of_the_pairing(name: str) -> None:
    found = figures(name)[1].types
    for serial, kind in types(rows(name)).items():
        assert found[serial] == kind
    assert json.dumps(list(found))
