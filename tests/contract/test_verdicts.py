"""Each verdict against what the simulated factory really did, in good and in bad states.

What may go out has its effect, or there was nothing to change. What is refused because the factory
would not do it is sent all the same, and must have no effect.
"""

import pytest

from omf.commands import KINDS, CommandError, Plan
from omf.commands.proof.rules import RULES
from omf.simulation.simulated_factory import AIQS, DPS, DRILL, HBW, MILL, layout
from services.mock.process import build
from services.mock.settings import MockSettings
from tests.contract.test_mock_commands import TAG, UNCHANGED, command, planned, run
from tests.support.mock_world import World, order, say

VEHICLE = {"serial": "5iO4"}
RED = {"colour": "RED", "workpiece_id": TAG}
STATIONS = (HBW, DPS, AIQS)
UNSEEN = ("store-has", "store-room")
"""What the warehouse does then nobody has seen; the simulated one does as it is told."""
LIST_WAITS = ("production-order", "storage-order", "cloud-order")
"""They are proven by the answer of the CCU; how the order ends is asked elsewhere."""


def changed(**parts):
    body = layout()
    body["modules"][0] |= parts
    return body


def full(colour):
    return {
        f"{a}{n}": {"type": colour, "workpieceId": f"{TAG[:-2]}{a.lower()}{n}"}
        for a in "ABC"
        for n in "123"
    }


def idle(world):
    del world


def parked(world):
    assert command(world, "park") == "effect"
    world.run(20)


def calibrating(world):
    assert command(world, "calibration", serial=HBW.serial, command="startCalibration") == "effect"


def without_bridge(world):
    world.fault("bridge-dead")
    world.run(5)


def without_mill(world):
    body = layout()
    body["modules"] = [one for one in body["modules"] if one["type"] != "MILL"]
    say(world, "ccu_set_layout", body, 5)


def forgotten(world):
    world.fault("unreachable", "MILL")
    world.run(20)
    assert command(world, "delete-module", serial=MILL.serial) == "effect"


def restarted(world):
    world.fault("ccu-restart")
    world.run(60)


def reset(world):
    assert command(world, "factory-reset", with_storage=False, confirm="RESET") == "effect"
    world.run(40)


def stocked(world, contents):
    assert command(world, "set-storage", contents=contents, confirm="LAGER") == "effect"
    world.run(5)


def filled(world):
    stocked(world, full("RED"))


def emptied(world):
    stocked(world, {})


def last_bay_reserved(world):
    stocked(world, dict(list(full("RED").items())[:2]))
    world.fault("input", "RED")
    world.run(25)


def working(world):
    order(world, "RED")
    world.run(60)


def failed(world):
    world.fault("fatal", "HBW")
    order(world, "RED")
    world.run(60)


SITUATIONS = (
    *(idle, parked, calibrating, without_bridge, without_mill, forgotten, restarted, reset),
    *(filled, emptied, last_bay_reserved, working, failed),
)
ASKED = (
    *(("production-order", {"colour": colour}) for colour in ("RED", "WHITE", "BLUE")),
    *(("storage-order", {**RED, "colour": colour}) for colour in ("RED", "BLUE")),
    ("cancel-order", {"order_ids": "nobody"}),
    ("park", {}),
    *(
        ("calibration", {"serial": station.serial, "command": word})
        for station in (*STATIONS, MILL)
        for word in ("startCalibration", "stopCalibration", "resetCalibration")
    ),
    *(("fts-navigate", {**VEHICLE, "target": s.serial, "empty": True}) for s in (HBW, MILL)),
    *(("charge", {**VEHICLE, "charge": wanted}) for wanted in (True, False)),
    ("charge", {"serial": "nobody", "charge": True}),
    *((kind, VEHICLE) for kind in ("stop-charging", "fts-dock", "fts-reset", "fts-factsheet")),
    ("clear-load-handler", {**VEHICLE, "load_dropped": True}),
    *(("module-sequence", {"module": kind, "colour": "RED"}) for kind in ("MILL", "AIQS")),
    *(
        ("module-step", {"serial": DRILL.serial, "command": word, "colour": "RED"})
        for word in ("PICK", "DRILL", "DROP")
    ),
    ("storage-drop", {"colour": "RED"}),
    *((kind, RED) for kind in ("storage-pick", "delivery-drop", "delivery-pick")),
    *(("module-reset", {"serial": one.serial}) for one in (*STATIONS, MILL)),
    *(("module-factsheet", {"serial": one}) for one in (HBW.serial, MILL.serial, "CHRG0")),
    ("status-led", {"light": "red"}),
    ("set-storage", {"contents": {"A1": {"type": "RED", "workpieceId": TAG}}}),
    *(("flows", {"red": flow}) for flow in ("AIQS", "OVEN,AIQS")),
    *(
        ("layout", {"layout": changed(**one)})
        for one in ({}, {"type": "MARS"}, {"serialNumber": 7})
    ),
    ("default-layout", {}),
    *(
        ("module-duration", {"serial": one, "duration": 9})
        for one in (MILL.serial, HBW.serial, "x")
    ),
    *(("delete-module", {"serial": one}) for one in (DRILL.serial, "5iO4", "x")),
    ("clear-retained", {"topic": "ccu/set/reset"}),
    ("mock-refill", {}),
)


def in_situation(situation):
    parts = ("ccu", "modules", "vehicles")
    world = World(build(MockSettings(mock_speed=1.0, mock_seed=0, mock_parts=parts)))
    world.run(5)
    situation(world)
    return world


def plan_for(world, kind, parameters) -> Plan | None:
    word = KINDS[kind].typed_word
    confirmed = {"confirm": word.de} if word is not None else {}
    try:
        return planned(world, kind, **parameters, **confirmed)
    except CommandError:
        return None


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_may_go_out_ends_in_what_it_says_and_what_is_ruled_out_has_no_effect(situation):
    as_it_is = in_situation(situation)
    wrong = []
    for kind, parameters in ASKED:
        plan = plan_for(as_it_is, kind, parameters)
        if plan is None:
            continue
        if plan.allowed:
            end = run(in_situation(situation), plan, follow=kind not in LIST_WAITS)
            if end not in ("effect", UNCHANGED):
                wrong.append((kind, parameters, end))
        # Another proof would be given by what comes anyway: only an id shows what was done.
        if (
            impossible(plan)
            and RULES[plan.steps[0].effect.rule].identified
            and run(in_situation(situation), plan, follow=False) == "effect"
        ):
            wrong.append((kind, parameters, [one.id for one in plan.checks if not one.passed]))
    assert wrong == []


def impossible(plan):
    """The factory itself, as far as it is known, stands against it."""
    against = [check for check in plan.checks if check.met is False and check.id not in UNSEEN]
    return bool(plan.steps) and any(check.basis == "factory" for check in against)
