"""Every command of the menu has its effect on the simulated factory, judged as in operation."""

import itertools

import pytest

from omf.commands import KINDS, judge, prepare
from omf.simulation.device import Send
from omf.simulation.simulated_factory import DPS, HBW, MILL, layout
from omf.state import FactoryState
from services.mock.process import build
from services.mock.settings import MOCK_PARTS, MockSettings
from tests.support.mock_world import START, World, factory, order

TAG = "04a1b2c3d4e5f6"
UNCHANGED = "nothing to change"
UNTOLD = {
    "camera": "the mount tells nothing when it moves",
}
"""Commands that no device answers; there is no effect to see."""


def whole_factory():
    settings = MockSettings(mock_speed=1.0, mock_seed=0, mock_parts=MOCK_PARTS)
    world = World(build(settings))
    world.run(5)
    return world


def folded(world):
    state = FactoryState()
    for message in world.messages():
        state.apply(message, message.received_at)
    return state


_numbers = itertools.count()


def planned(world, kind, **parameters):
    """The plan of a command as the world stands now; no id is given twice."""
    return prepare(
        kind,
        parameters,
        folded(world),
        now=START + world.plant,
        new_id=lambda: f"00000000-0000-4000-8000-{next(_numbers):012d}",
    )


def command(world, kind, **parameters):
    """Send a command that may go out; what became of it."""
    plan = planned(world, kind, **parameters)
    assert plan.allowed, [check.en for check in plan.checks if not check.met]
    return run(world, plan)


def run(world, plan, *, follow=True):
    """Send a plan step by step, as the arbiter does; `follow`: to the end of what it began."""
    for step in plan.steps:
        begins = len(world.seen)
        world.publish(Send(step.topic, step.payload.encode(), step.qos, step.retain))
        effect = step.effect
        while effect is not None:
            if (outcome := outcome_of(world, effect, begins)) != "effect":
                return outcome if outcome == UNCHANGED else f"{outcome}: {effect.text.en}"
            effect = effect.follow_up if follow else None
    return "effect"


def outcome_of(world, effect, begins):
    looked = begins
    deadline = world.plant + effect.window_s
    while world.plant <= deadline:
        messages = world.messages()
        for number, message in enumerate(messages[looked:], looked):
            verdict = judge(effect, message, messages[begins:number])
            if verdict is not None:
                return verdict.outcome
        looked = len(messages)
        world.run(0.5)
    return UNCHANGED if effect.already else "no effect"


def lost(world):
    assert command(world, "fts-reset", serial="5iO4") == "effect"


def out_of_reach(world):
    world.fault("lost")


def without_bridge(world):
    world.fault("bridge-dead")


def charging(world):
    assert command(world, "charge", serial="5iO4", charge=True) == "effect"
    world.run(30)


def queued(world):
    config = {"duration_red": 1, "duration_white": 1, "duration_blue": 1}
    command(world, "config", **config, max_parallel_orders=1, charge_threshold_percent=10)
    order(world, "RED")
    order(world, "WHITE")
    world.run(2)


def docked(world):
    command(world, "fts-navigate", target=HBW.serial, serial="5iO4", empty=True)
    world.run(60)


def waiting(world):
    command(world, "fts-navigate", target=HBW.serial, serial="5iO4", load_type="RED")
    world.run(60)


def gone(world):
    world.fault("unreachable", "MILL")
    world.run(20)


def handed_in(world):
    world.fault("input", "RED")
    world.run(3)


def delivered(world):
    """A tag lies over the reader of the delivery station."""
    assert command(world, "delivery-pick", colour="RED", workpiece_id=TAG) == "effect"


CASES = [
    ("production-order", {"colour": "RED"}, None),
    ("storage-order", {"colour": "RED", "workpiece_id": TAG}, None),
    ("cloud-order", {"colour": "WHITE"}, None),
    ("factory-reset", {"with_storage": False}, None),
    ("factory-reset", {"with_storage": True}, None),
    ("park", {}, None),
    ("calibration", {"serial": HBW.serial, "command": "startCalibration"}, None),
    ("fts-navigate", {"target": HBW.serial, "serial": "5iO4", "empty": True}, None),
    ("fts-navigate", {"preset": "DPS-HBW", "load_type": "RED"}, None),
    ("charge", {"serial": "5iO4", "charge": True}, None),
    ("charge", {"serial": "5iO4", "charge": False}, charging),
    ("stop-charging", {"serial": "5iO4"}, charging),
    ("fts-dock", {"serial": "5iO4"}, lost),
    ("fts-pair", {"serial": "5iO4"}, lost),
    ("fts-reset", {"serial": "5iO4"}, None),
    ("fts-factsheet", {"serial": "5iO4"}, None),
    ("clear-load-handler", {"serial": "5iO4", "load_dropped": True}, waiting),
    ("module-sequence", {"module": "MILL", "colour": "RED"}, None),
    ("module-sequence", {"module": "DRILL", "colour": "WHITE"}, None),
    ("module-sequence", {"module": "AIQS", "colour": "BLUE"}, None),
    ("module-step", {"serial": MILL.serial, "command": "PICK", "colour": "RED"}, None),
    ("storage-drop", {"colour": "RED"}, docked),
    ("storage-pick", {"colour": "RED", "workpiece_id": TAG}, docked),
    ("delivery-drop", {"colour": "RED", "workpiece_id": TAG}, handed_in),
    ("module-reset", {"serial": DPS.serial}, None),
    ("module-factsheet", {"serial": HBW.serial}, None),
    ("status-led", {"light": "red"}, None),
    (
        "set-storage",
        {"contents": {"A1": {"type": "RED", "workpieceId": TAG}}, "confirm": "BAYS"},
        None,
    ),
    ("camera-stream", {"on": True, "fps": 2}, None),
    ("sensor-period", {"sensor": "bme680", "period": 5}, None),
    ("nfc-read", {}, delivered),
    ("nfc-delete", {}, delivered),
    ("flows", {"red": "AIQS"}, None),
    (
        "config",
        {
            "duration_red": 1,
            "duration_white": 2,
            "duration_blue": 3,
            "max_parallel_orders": 2,
            "charge_threshold_percent": 20,
        },
        None,
    ),
    ("layout", {"layout": layout()}, None),
    ("default-layout", {}, None),
    ("module-duration", {"serial": MILL.serial, "duration": 9}, None),
    ("delete-module", {"serial": MILL.serial}, gone),
    ("mock-piece", {"colour": "BLUE"}, None),
    ("mock-refill", {}, None),
    ("mock-module-fault", {"fault": "fatal", "module": "DRILL"}, None),
    ("mock-module-fault", {"fault": "silent", "module": "HBW"}, None),
    ("mock-vehicle-fault", {"fault": "lost"}, None),
    ("mock-vehicle-fault", {"fault": "found"}, out_of_reach),
    ("mock-factory-fault", {"fault": "bridge-back"}, without_bridge),
    ("mock-factory-fault", {"fault": "nok"}, None),
    ("mock-factory-fault", {"fault": "bridge-dead"}, None),
    ("mock-factory-fault", {"fault": "race"}, None),
    ("mock-factory-fault", {"fault": "ccu-restart"}, None),
    ("free-message", {"topic": "omf/test", "payload": "{}"}, None),
    ("clear-retained", {"topic": f"module/v1/ff/{MILL.serial}/order"}, None),
]


@pytest.mark.parametrize(("kind", "parameters", "before"), CASES)
def test_a_command_has_its_effect(kind, parameters, before):
    world = whole_factory()
    if before is not None:
        before(world)
    parameters = dict(parameters)
    if KINDS[kind].typed_word is not None:
        parameters["confirm"] = KINDS[kind].typed_word.de
    assert command(world, kind, **parameters) == "effect"


def test_a_queued_order_is_cancelled():
    world = whole_factory()
    queued(world)
    waiting = [o["orderId"] for o in world.last("ccu/order/active") if o["state"] == "ENQUEUED"]
    assert command(world, "cancel-order", order_ids=waiting) == "effect"


def test_the_delivery_station_delivers_by_hand():
    world = factory()
    assert command(world, "delivery-pick", colour="RED", workpiece_id=TAG) == "effect"


def test_every_command_is_tried_here():
    tried = {kind for kind, _, _ in CASES} | {"cancel-order", "delivery-pick"}
    assert set(KINDS) - tried == set(UNTOLD)
