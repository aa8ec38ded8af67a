"""Every kind of command on the mock factory, through orders and gateway, to its shown effect."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from omf.commands import KINDS
from omf.simulation.simulated_factory import AIQS, DPS, DRILL, HBW, MILL, layout
from services.common.store.keys import Stage
from tests.support.floor_work import Floor
from tests.support.processes import Processes
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

TAG = "04a1b2c3d4e5f6"
VEHICLE = {"serial": "5iO4"}
SETTINGS = {"duration_red": 560, "duration_white": 580, "duration_blue": 550}
SETTINGS |= {"max_parallel_orders": 1, "charge_threshold_percent": 10}
STORE: dict[str, dict[str, str]] = {f"{row}{column}": {} for row in "ABC" for column in "123"} | {
    bay: {"type": "RED", "workpieceId": f"{TAG[:-1]}{n}"} for n, bay in enumerate(("A1", "B2"))
}
"""Each bay by name: what is not named would keep its piece, and none would be free."""
PRESETS = ("DPS-HBW", "HBW-DPS", "RED-Prod", "BLUE-Prod", "WHITE-Prod")
QUEUED = "<queued>"
"""Stands for the order that waits in the CCU's list."""
MOCK = {"mock_speed": "50", "mock_faults": f"unreachable:{DRILL.serial}@60"}


class Asked(NamedTuple):
    """One command of the round, and how it shows."""

    kind: str
    parameters: Mapping[str, Any]
    stage: Stage = Stage.EFFECT


ROUND = (
    Asked("status-led", {"light": "red"}),
    Asked("camera-stream", {"on": True, "fps": 2}),
    Asked("camera", {"move": "relmove_left"}),
    Asked("sensor-period", {"sensor": "bme680", "period": 5}),
    Asked("free-message", {"topic": "omf/test", "payload": "{}"}),
    Asked("clear-retained", {"topic": f"module/v1/ff/{MILL.serial}/order", "confirm": "CLEAR"}),
    Asked("module-factsheet", {"serial": HBW.serial}),
    Asked("fts-factsheet", VEHICLE),
    Asked("module-duration", {"serial": MILL.serial, "duration": 9}),
    Asked("flows", {"red": "AIQS"}),
    Asked("config", SETTINGS),
    Asked("set-storage", {"contents": STORE, "confirm": "LAGER"}),
    Asked("layout", {"layout": layout(), "confirm": "LAYOUT"}),
    Asked("default-layout", {"confirm": "LAYOUT"}),
    Asked("charge", {**VEHICLE, "charge": True}),
    Asked("stop-charging", VEHICLE),
    *(Asked("fts-navigate", {"preset": preset}) for preset in PRESETS),
    Asked("fts-navigate", {**VEHICLE, "target": HBW.serial, "empty": True}),
    Asked("storage-drop", {"colour": "RED"}),
    Asked("storage-pick", {"colour": "RED", "workpiece_id": TAG}),
    Asked("fts-navigate", {**VEHICLE, "target": MILL.serial, "load_type": "RED"}),
    Asked("clear-load-handler", {**VEHICLE, "load_dropped": True}),
    Asked("module-sequence", {"module": "MILL", "colour": "RED"}),
    Asked("module-step", {"serial": MILL.serial, "command": "PICK", "colour": "RED"}),
    Asked("delivery-pick", {"colour": "RED", "workpiece_id": TAG}),
    Asked("nfc-read", {}),
    Asked("nfc-delete", {}),
    # No piece was laid in: the station would stay busy. With one it works: test_mock_commands.
    Asked("delivery-drop", {"colour": "RED", "workpiece_id": TAG}, Stage.REFUSED),
    Asked("module-reset", {"serial": DPS.serial}),
    *(
        Asked("calibration", {"serial": serial, "command": f"{word}Calibration"})
        for serial in (HBW.serial, DPS.serial, AIQS.serial)
        for word in ("start", "stop")
    ),
    Asked("park", {}),
    Asked("factory-reset", {"with_storage": False, "confirm": "RESET"}),
    Asked("fts-dock", VEHICLE),
    Asked("fts-reset", VEHICLE),
    # The CCU must have heard of the reset: to a vehicle it has paired it does nothing.
    Asked("sensor-period", {"sensor": "bme680", "period": 8}),
    Asked("fts-pair", VEHICLE),
    Asked("delete-module", {"serial": DRILL.serial}),
    Asked("storage-order", {"colour": "RED", "workpiece_id": TAG}),
    Asked("cloud-order", {"colour": "RED"}),
    Asked("production-order", {"colour": "RED"}),
    Asked("cancel-order", {"order_ids": QUEUED}),
    Asked("mock-refill", {}),
    Asked("mock-module-fault", {"fault": "warning", "module": "MILL"}),
    Asked("mock-vehicle-fault", {"fault": "collision"}),
    Asked("mock-factory-fault", {"fault": "nok"}),
    # A piece is laid in while nothing else lies in the station.
    Asked("factory-reset", {"with_storage": False, "confirm": "RESET"}),
    Asked("mock-piece", {"colour": "RED"}),
)


def test_every_kind_is_on_the_round() -> None:
    assert {asked.kind for asked in ROUND} == set(KINDS)


@pytest.mark.timeout(240)
def test_every_kind_of_command_ends_in_what_the_factory_shows(
    processes: Processes, servers: Addresses
) -> None:
    floor = Floor(processes, servers).run(**MOCK)
    for asked in ROUND:
        parameters = dict(asked.parameters)
        if QUEUED in parameters.values():
            parameters["order_ids"] = floor.queued()
        refused = asked.stage is Stage.REFUSED
        end = (floor.done if refused else floor.carried_out)(asked.kind, **parameters)
        assert end.stage is asked.stage, (asked.kind, end.reasons)
        assert end.evidence or refused, asked.kind
