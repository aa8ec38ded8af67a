"""One wish of every kind, and the plan it gives in a factory of which everything is known."""

import itertools
import json
from collections.abc import Callable
from typing import Any

from omf.commands import Plan, prepare
from omf.state import FactoryState
from services.common.store.keys import Command, Role
from tests.support.factory import NOW, SERIALS, TAG, known_factory, layout_message

EXAMPLES: dict[str, dict[str, Any]] = {
    "production-order": {"colour": "RED"},
    "storage-order": {"colour": "BLUE", "workpiece_id": TAG},
    "cancel-order": {"order_ids": "one,two"},
    "cloud-order": {"colour": "WHITE"},
    "factory-reset": {"with_storage": "true", "confirm": "RESET"},
    "park": {},
    "calibration": {"serial": SERIALS["DPS"], "command": "startCalibration"},
    "fts-navigate": {"preset": "RED-Prod"},
    "charge": {"charge": True},
    "fts-dock": {},
    "fts-pair": {},
    "clear-load-handler": {"load_dropped": True, "load_position": "1"},
    "fts-reset": {},
    "stop-charging": {},
    "fts-factsheet": {},
    "module-sequence": {"module": "MILL", "colour": "RED"},
    "module-step": {"serial": SERIALS["DRILL"], "command": "PICK", "colour": "WHITE"},
    "storage-drop": {"colour": "RED"},
    "storage-pick": {"colour": "RED", "workpiece_id": TAG},
    "delivery-drop": {"colour": "RED", "workpiece_id": TAG},
    "delivery-pick": {"colour": "RED", "workpiece_id": TAG, "history": '[{"ts":1,"code":100}]'},
    "module-reset": {"serial": SERIALS["AIQS"]},
    "module-factsheet": {"serial": SERIALS["HBW"]},
    "status-led": {"light": "yellow"},
    "set-storage": {
        "contents": {"A1": {"type": "RED", "workpieceId": TAG}, "B1": {}},
        "confirm": "LAGER",
    },
    "camera": {"move": "relmove_left"},
    "mock-piece": {"colour": "RED"},
    "mock-refill": {},
    "mock-module-fault": {"fault": "fatal", "module": "DRILL"},
    "mock-vehicle-fault": {"fault": "lost"},
    "mock-factory-fault": {"fault": "nok"},
    "camera-stream": {"on": True},
    "sensor-period": {"sensor": "ldr", "period": 60},
    "nfc-read": {},
    "nfc-delete": {},
    "flows": {"red": "MILL,AIQS"},
    "config": {
        "duration_red": 560,
        "duration_white": 580,
        "duration_blue": 550,
        "max_parallel_orders": 4,
        "charge_threshold_percent": 10,
    },
    "layout": {"layout": json.dumps(layout_message()), "confirm": "LAYOUT"},
    "default-layout": {"confirm": "LAYOUT"},
    "module-duration": {"serial": SERIALS["MILL"], "duration": 7},
    "delete-module": {"serial": SERIALS["MILL"]},
    "free-message": {"topic": "site/lamp", "payload": "on"},
    "clear-retained": {"topic": f"module/v1/ff/{SERIALS['MILL']}/order", "confirm": "CLEAR"},
}
"""Parameters by kind; some as text, the way a command line hands them over."""
STEERING: dict[str, dict[str, Any]] = {
    "bracket-next": {"order_id": "one"},
    "bracket-cancel": {"order_id": "one"},
    "sequence-start": {
        "name": "red-and-park",
        "title": {"de": "Eine rote und parken", "en": "A red one and park"},
        "steps": [
            {"kind": "production-order", "parameters": {"colour": "RED"}},
            {"kind": "park", "patient": True},
        ],
    },
    "sequence-hold": {"run": "one"},
    "sequence-continue": {"run": "one"},
    "sequence-cancel": {"run": "one"},
    "plan-set": {"name": "early", "colours": "RED,WHITE", "times": "06:00,14:00"},
    "plan-pause": {"name": "early"},
    "plan-resume": {"name": "early"},
    "plan-remove": {"name": "early"},
    "purchase-enter": {"colour": "RED", "amount": "2", "note": "order 4711"},
    "purchase-withdraw": {"purchase": "c-1"},
    "site-name": {"name": "Plant 1"},
    "site-module": {"serial": SERIALS["DRILL"], "name_en": "Left drill", "enabled": "false"},
    "site-tags": {"tags": "tag;colour;note\n04A189CA341290;red;scratched"},
    "site-links": {"links": "Wiki, https://wiki.example.org"},
    "site-order": {"module_order": SERIALS["DRILL"]},
    "site-import": {"document": '{"name": "Plant 1"}'},
    "control-take": {"minutes": "20"},
    "control-release": {},
    "control-request": {},
    "control-hand-over": {"to": "bert"},
    "approval-give": {"command": "c-1"},
    "approval-decline": {"command": "c-1"},
    "alarm-acknowledge": {"alarm": "collision:5iO4"},
    "alarm-comment": {"alarm": "collision:5iO4", "reason": "tool on the track"},
    "alarm-shelve": {"alarm": "collision:5iO4", "duration": "1h", "reason": "known"},
    "alarm-unshelve": {"alarm": "collision:5iO4"},
    "alarm-reset": {"alarm": "danger:gas"},
    "alarm-out-of-service": {"alarm": "collision:5iO4", "days": "3", "reason": "in repair"},
    "alarm-return-to-service": {"alarm": "collision:5iO4"},
    "handover-give": {"note": "the gripper of the warehouse sticks"},
    "handover-take": {"handover": "c-1", "note": "read"},
    "handover-withdraw": {"handover": ""},
}
"""The same for the kinds the factory hears nothing of."""


def ids() -> Callable[[], str]:
    """A source of predictable ids."""
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers)}"


def plan_of(kind: str, state: FactoryState | None = None, **changes: Any) -> Plan:
    """The plan of the example of that kind, with some parameters changed."""
    parameters = (EXAMPLES | STEERING)[kind] | changes
    return prepare(kind, parameters, state or known_factory(), now=NOW, new_id=ids())


def command_of(kind: str, **changes: Any) -> Command:
    """A command of that kind as an administrator, anna, asks for it in the mock."""
    asked = {"command_id": "c", "kind": kind, "environment": "mock", "operator": "anna"}
    return Command.model_validate({**asked, "role": Role.ADMIN, "created_at": NOW, **changes})
