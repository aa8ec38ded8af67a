"""Nobody can end a simulated device by what they publish."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from omf.simulation import simulated_factory
from omf.simulation.device import message
from omf.simulation.simulated_factory import HBW, PLC_MODULES
from omf.topics import catalogue
from services.mock.process import build
from services.mock.settings import MOCK_PARTS, MockSettings
from tests.support.mock_world import STAMP, World, order

WORDS = st.sampled_from(
    [
        "modules",
        "serialNumber",
        "orderId",
        "nodes",
        "edges",
        "action",
        "actions",
        "metadata",
        "type",
    ]
    + ["timestamp", "loads", "actionState", "errors", "state", "steps", "RED", "id", "batteryState"]
    + ["connectionState", "ONLINE", "lastNodeId", "orderType", "PRODUCTION", "STORAGE", "FINISHED"]
    + [
        "ftsSettings",
        "productionSettings",
        "productionDurations",
        "contents",
        "command",
        "workpiece",
    ]
    + [facts.serial for facts in PLC_MODULES]
    + ["5iO4", "1", "", "reset", "charge", "period", "fps", "on", "orderUpdateId", "loadPosition"]
)
SCALARS = WORDS | st.integers(-5, 5) | st.booleans() | st.none() | st.floats(allow_nan=False)
BODIES = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(WORDS, part, max_size=6)
)
TOPICS = st.sampled_from([entry.topic for entry in catalogue.TOPICS])
SERIALS = st.sampled_from([facts.serial for facts in PLC_MODULES] + ["5iO4", "CHRG0", "nobody"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(TOPICS, SERIALS, BODIES), min_size=1, max_size=8))
def test_no_json_on_any_topic_stops_a_device_and_a_reset_mends_all(mails):
    world = World(
        build(MockSettings(mock_speed=1.0, mock_seed=0, mock_parts=MOCK_PARTS[:3])), tolerant=True
    )
    world.run(1)
    for pattern, serial, body in mails:
        world.press(pattern.replace("{serial}", serial), json.dumps(body).encode())
    world.run(60)
    world.reconnect()
    mend(world)
    world.run(2000, lambda: world.last("ccu/order/completed") != [])
    assert [done["state"] for done in world.last("ccu/order/completed")] == ["FINISHED"]


def mend(world):
    """What an operator does to begin anew; then one order."""
    begin_anew = {"actionType": "reset", "actionId": "x"}
    vehicle = {"serialNumber": "5iO4", "timestamp": STAMP, "actions": [begin_anew]}
    world.publish(message("fts_instant_action", vehicle, {"serial": "5iO4"}))
    world.run(1)
    pieces = {"contents": {"A1": {"type": "RED", "workpieceId": "04a1b2c3d4e5f6"}}}
    refill = {"actionType": "SET_STORAGE", "actionId": "x", "metadata": pieces}
    instant = {"serialNumber": HBW.serial, "timestamp": STAMP, "actions": [refill]}
    for name, body, seconds in (
        ("ccu_set_default_layout", {"timestamp": STAMP}, 1),
        ("ccu_set_flows", simulated_factory.flows(), 1),
        ("ccu_set_config", simulated_factory.config(), 1),
        ("ccu_set_reset", {"timestamp": STAMP}, 60),
        ("ccu_pairing_pair_fts", {"serialNumber": "5iO4"}, 20),
    ):
        world.publish(message(name, body))
        world.run(seconds)
    world.publish(message("module_instant_action", instant, {"serial": HBW.serial}))
    world.run(1)
    order(world, "RED")
