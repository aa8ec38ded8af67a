"""How long things take and how often things are said in the simulation, against the recordings."""

import json
from collections import defaultdict
from functools import cache

import pytest

from tests.support.mock_world import factory, finish, order
from tests.support.shared import RECORDINGS, recording

SLACK = 0.05
"""The recordings at hand are a part of those whose least and most times the simulation uses."""
LONGEST_S = {("SVR3QA0022", "DROP"): 70.5}
"""Of a recording that is not at hand (PROTOCOL D.2)."""
RATE_TOLERANCE = 0.2
OWN_PACE = ("/i/bme680", "/i/ldr", "/i/cam", "osf/", "/broadcast")
"""Sensors and user interfaces keep their own time and are counted by their own tests."""
NAMES = {
    "WHITE": "white-storage-production_20260807_111716",
    "RED": "red-storage-production_20260807_113213",
    "BLUE": "blue-storage-production_20260807_112530",
}


def durations(traffic):
    """Seconds from a module order to its FINISHED, by serial and command."""
    asked, found = {}, defaultdict(list)
    for at, topic, body in traffic:
        if topic.startswith("module/v1/ff/SVR") and topic.endswith("/order"):
            asked[body["action"]["id"]] = (at, topic.split("/")[3], body["action"]["command"])
        elif topic.startswith("module/v1/ff/SVR") and topic.endswith("/state"):
            action = body["actionState"] or {}
            if action.get("state") == "FINISHED" and action.get("id") in asked:
                begun, serial, command = asked.pop(action["id"])
                found[serial, command].append(at - begun)
    return found


def recorded(name):
    return [(m.received_at, m.topic, json.loads(m.payload)) for m in recording(name)]


@cache
def simulated(colour):
    """One piece stored and produced, the first drive to the warehouse left out."""
    world = factory(stock={})
    world.fault("input", colour)
    finish(world)
    world.run(5)
    order(world, colour)
    finish(world, 2)
    return [(seen.at, seen.topic, seen.body) for seen in world.seen]


def production(traffic):
    """From the request of a production to its end."""
    begun = False
    for row in traffic:
        begun = begun or (row[1] == "ccu/order/request" and row[2]["orderType"] == "PRODUCTION")
        if begun:
            yield row
        if begun and row[1] == "ccu/order/completed":
            return


def test_every_module_takes_as_long_as_recorded():
    known = defaultdict(list)
    for name in RECORDINGS:
        for key, seconds in durations(recorded(name)).items():
            known[key] += seconds
    for colour in NAMES:
        for key, seconds in durations(simulated(colour)).items():
            least = min(known[key]) * (1 - SLACK)
            most = max(*known[key], LONGEST_S.get(key, 0.0)) * (1 + SLACK)
            assert all(least <= took <= most for took in seconds), (key, seconds, least, most)


@pytest.mark.parametrize("colour", NAMES)
def test_a_production_says_as_much_a_minute_as_the_recorded_one(colour):
    def per_minute(traffic):
        rows = [row for row in production(traffic) if not any(part in row[1] for part in OWN_PACE)]
        return len(rows) / (rows[-1][0] - rows[0][0]) * 60

    said = per_minute(simulated(colour)) / per_minute(recorded(NAMES[colour]))
    assert 1 - RATE_TOLERANCE <= said <= 1 + RATE_TOLERANCE


@pytest.mark.parametrize("colour", NAMES)
def test_a_production_takes_as_long_as_the_recorded_one(colour):
    def length(traffic):
        rows = list(production(traffic))
        return rows[-1][0] - rows[0][0]

    took = length(simulated(colour)) / length(recorded(NAMES[colour]))
    assert 0.75 <= took <= 1.25
