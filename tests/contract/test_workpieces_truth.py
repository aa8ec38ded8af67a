"""The lives of the pieces against a second derivation, straight from the JSON of the recordings."""

import gzip
import json
from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Any

from omf.workpieces.collect import LifeCollector, collect
from omf.workpieces.deviations import deviations
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import record, summary
from omf.workpieces.surroundings import surroundings
from tests.support.folds import every_recording
from tests.support.shared import recording, shared_path, truth

Told = dict[str, Any]
DONE = {"DRILL": "drilled", "MILL": "milled"}


@cache
def lives(name: str) -> LifeCollector:
    return collect(recording(name))


def told(name: str) -> list[tuple[float, str, Any, bool]]:
    """Time, topic, payload, retained of each message, read without our models."""
    path = shared_path("recordings", f"{name}.jsonl.gz")
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            at = round(datetime.fromisoformat(row["ts"]).timestamp(), 3)
            rows.append((at, row["topic"], json.loads(row["payload"]), row["retain"]))
    return rows


def types(rows: list[tuple[float, str, Any, bool]]) -> dict[str, str]:
    pairings = (said for _, topic, said, _ in rows if topic == "ccu/pairing/state")
    return {one["serialNumber"]: one["subType"] for said in pairings for one in said["modules"]}


def tags_of_orders(rows: list[tuple[float, str, Any, bool]]) -> dict[str, str]:
    lists = (said for _, topic, said, _ in rows if topic.startswith("ccu/order/"))
    orders = (one for said in lists if isinstance(said, list) for one in said)
    return {one["orderId"]: one["workpieceId"] for one in orders if one.get("workpieceId")}


def blank(tag: str, colour: str) -> Told:
    return {
        "tag": tag,
        "colour": colour,
        "intake_at": None,
        "bay": None,
        "drilled": [],
        "milled": [],
        "checks": [],
        "delivered_at": None,
        "vehicles": [],
        "end": None,
    }


class Derivation:
    """Every piece some device or the stock named, by its tag: none comes twice in a recording."""

    def __init__(self, name: str) -> None:
        rows = told(name)
        self.kinds, self.tags = types(rows), tags_of_orders(rows)
        self.found: dict[str, Told] = {}
        self.counted: set[tuple[str, str]] = set()
        self.lying: tuple[float | None, str] = (None, "")
        for at, topic, said, retained in rows:
            level = topic.split("/")
            if topic.startswith("module/v1/ff/") and topic.endswith("/state") and len(level) == 5:
                self.module(at, self.kinds.get(level[3], ""), said, retained=retained)
            elif topic == "ccu/state/stock":
                for item in said["stockItems"]:
                    piece = item["workpiece"]
                    self.lies(piece["id"], piece["type"], item["location"])
            elif topic.startswith("fts/v1/ff/") and topic.endswith("/state"):
                self.vehicle(level[3], said)

    def lies(self, tag: str, colour: str, bay: str) -> None:
        if tag:
            self.found.setdefault(tag, blank(tag, colour))["bay"] = bay

    def module(self, at: float, kind: str, said: Told, *, retained: bool) -> None:
        action = said.get("actionState") or {}
        for load in said["loads"] if kind == "HBW" else ():
            self.lies(load["loadId"], load["loadType"], load["loadPosition"])
        if kind == "DPS":
            self.lying = intake(at, said, action, self.lying, self.found)
        piece = self.found.get(self.tags.get(str(said.get("orderId")), ""))
        key = (action.get("id", ""), action.get("command", ""))
        ended = action.get("state") == "FINISHED" and not retained
        if piece and ended and key not in self.counted:
            self.counted.add(key)
            finished(at, kind, action, piece)

    def vehicle(self, serial: str, said: Told) -> None:
        for load in said["load"] if not said["waitingForLoadHandling"] else ():
            if load["loadId"] and serial not in self.found[load["loadId"]]["vehicles"]:
                self.found[load["loadId"]]["vehicles"].append(serial)


def intake(
    at: float,
    said: Told,
    action: Told,
    lying: tuple[float | None, str],
    found: dict[str, Told],
) -> tuple[float | None, str]:
    """When the piece at the DPS was first told of, and its colour, until its tag is read."""
    since, colour = lying
    loads = said.get("loads")
    if loads and not action:
        since = since or at
        colour = loads[0].get("type") or loads[0].get("loadType")
    if action.get("command") == "RGB_NFC" and since is not None:
        found[action["result"]] = blank(action["result"], colour) | {"intake_at": since}
        return None, ""
    return since, colour


def finished(at: float, kind: str, action: Told, piece: Told) -> None:
    command = action.get("command")
    if command in DONE:
        piece[DONE[command]].append(at)
    elif command == "CHECK_QUALITY":
        piece["checks"].append({"at": at, "result": action["result"]})
        piece["end"] = "rejected" if action["result"] == "FAILED" else None
    elif command == "PICK" and kind == "DPS":
        piece["delivered_at"], piece["end"] = at, "delivered"


@every_recording
def test_the_lives_are_those_of_a_second_derivation(name: str) -> None:
    found, expected = lives(name), list(Derivation(name).found.values())
    ours = [summary(life, found.state) for life in found.lives]
    shown = [{key: one[key] for key in blank("", "")} for one in ours]
    assert sorted(shown, key=str) == sorted(expected, key=str)


@every_recording
def test_a_real_factory_contradicts_itself_nowhere(name: str) -> None:
    for life in lives(name).lives:
        assert life.contradictions == []
        assert life.end is not None or len(life.claims) == 1


@every_recording
def test_orders_and_their_ends_are_those_of_the_ground_truth(name: str) -> None:
    expected = {order["orderId"]: order for order in truth(name)["orders"]}
    linked: dict[str, list[WorkpieceLife]] = defaultdict(list)
    for life in lives(name).lives:
        for trace in life.orders:
            linked[trace.order_id].append(life)
            order = expected[trace.order_id]
            assert (trace.state, trace.type) == (order["final_state"], order["orderType"])
            assert life.tag == order["workpieceId"]
            assert len(trace.steps) == len(order["steps"])
            assert [step.state for step in trace.steps] == [
                step["state"] for step in order["steps"]
            ]
    own = [key for key, one in expected.items() if not one["carried_over"]]
    assert {key: len(linked[key]) for key in own} == dict.fromkeys(own, 1)


@every_recording
def test_every_piece_went_where_it_was_planned_to(name: str) -> None:
    for life in lives(name).lives:
        assert {one.kind for one in deviations(life)} <= {"waited"}


@every_recording
def test_the_stock_at_the_end_is_where_the_pieces_are(name: str) -> None:
    told_last = truth(name)["stock_final"]
    state = lives(name).state
    lying = {
        claim.position: life.tag
        for life in state.workpieces.open.values()
        for claim in life.claims
        if claim.kind == "bay"
    }
    if told_last is not None:
        places = {place: bay["id"] for place, bay in told_last["locations"].items() if bay["id"]}
        assert lying == places


@every_recording
def test_every_quality_picture_belongs_to_a_piece(name: str) -> None:
    pictures = [
        event.at
        for life in lives(name).lives
        for event in life.events
        if event.what == "photographed"
    ]
    stamps = [check["ts"] for check in truth(name)["quality_checks"]]
    assert sorted(pictures) == [datetime.fromisoformat(stamp).timestamp() for stamp in stamps]


@every_recording
def test_surroundings_are_the_readings_before_each_event(name: str) -> None:
    found = lives(name)
    readings = [
        (at, topic, said)
        for at, topic, said, _ in told(name)
        if topic == "/j1/txt/1/i/bme680" or topic.startswith("osf/arduino/")
    ]
    for life in found.lives[:1]:
        events = record(life, found.state)["events"]
        around = surroundings([one["at"] for one in events], recording(name))
        for event, shown in zip(events, around, strict=True):
            before = [one for one in readings if one[0] < event["at"] - 0.001]
            climate = [said for _, topic, said in before if topic.endswith("bme680")]
            if climate:
                assert shown["bme680"]["values"]["t"]["value"] == climate[-1]["t"]
