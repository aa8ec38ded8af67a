"""Proof about faults of the mock factory: its own word which devices took one."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import failed, proven, rule, shown
from omf.commands.schemas import Verdict
from omf.messages.extensions import MockFaultDone
from omf.messages.message import Message
from omf.texts import text

NOT_TAKEN = {
    "input": "proof.mock_input_taken",
    "refill": "proof.mock_nothing_to_fill",
    "bridge-back": "proof.mock_bridge_runs",
    "found": "proof.mock_none_lost",
}
"""Why no device takes this fault; of any other one there is none, or none of that name."""


@rule("fault-begun", identified=True)
def _fault_begun(expect: Mapping[str, Any], told: Any, _: Message) -> Verdict | None:
    """The mock factory has passed it on."""
    if not isinstance(told, MockFaultDone) or told.request_id != expect["request_id"]:
        return None
    if not told.devices:
        return failed(text(NOT_TAKEN.get(told.fault or "", "proof.mock_not_taken")))
    names = shown(", ".join(told.devices))
    return proven(text("proof.taken_by", names=names))
