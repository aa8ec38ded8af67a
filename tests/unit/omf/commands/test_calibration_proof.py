"""Calibration begun and ended, by what the module itself says; each type says it its own way."""

import json
from typing import Any

import pytest

from omf.commands import judge
from omf.messages.message import Message
from omf.topics.catalogue import address
from tests.support.command_examples import plan_of
from tests.support.factory import SERIALS

DPS = SERIALS["DPS"]


def proof(command: str, **state: Any) -> str | None:
    """What a state of the delivery station means for that command, in one word."""
    (step,) = plan_of("calibration", serial=DPS, command=f"{command}Calibration").steps
    whole = {"serialNumber": DPS, "orderId": "0", "orderUpdateId": 0, "errors": [{}], **state}
    found = judge(
        step.effect, Message(address("module_state", serial=DPS), json.dumps(whole).encode())
    )
    return found.outcome if found else None


@pytest.mark.parametrize(
    ("command", "state", "outcome"),
    [
        ("start", {"paused": True, "operatingMode": "TEACHIN"}, "effect"),
        ("start", {"paused": False, "operatingMode": "AUTOMATIC"}, None),
        ("start", {"paused": False}, None),
        ("stop", {"paused": True, "operatingMode": "TEACHIN"}, None),
        ("stop", {"paused": False, "operatingMode": "AUTOMATIC"}, "effect"),
        ("stop", {"paused": False}, "effect"),
        ("stop", {}, None),
    ],
)
def test_a_module_that_names_no_mode_is_known_by_its_pause(
    command: str, state: dict[str, Any], outcome: str | None
) -> None:
    assert proof(command, **state) == outcome


@pytest.mark.parametrize("command", ["start", "stop"])
def test_a_module_that_refuses_is_heard_at_once(command: str) -> None:
    action = {"id": "a", "command": f"{command}Calibration", "state": "FAILED"}
    taught = {"paused": True} if command == "stop" else {"paused": False}
    assert proof(command, **taught, actionState=action) == "failed"
    other = {**action, "command": "selectCalibrationPosition"}
    assert proof(command, **taught, actionState=other) is None
