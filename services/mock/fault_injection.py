"""Faults asked for while the mock runs, over its own topic; so a page can set them off."""

from collections.abc import Callable
from typing import Any

from omf import catalogue
from services.mock.machine import Machine

FAULT = "mock_fault"


class FaultInjector(Machine):
    """Takes faults from `omf/mock/fault`, hands them to the devices and says which took them."""

    client = "faults"

    def __init__(self, begin: Callable[[str, str], tuple[str, ...]], *, speed: float) -> None:
        """`begin(kind, target)` sets a fault off and returns the names of the devices it hit."""
        super().__init__(speed=speed)
        self._begin = begin

    def filters(self) -> tuple[str, ...]:
        """Its one topic."""
        return (catalogue.find(FAULT).pattern,)

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Set the fault off; a kept message is an old one and does nothing."""
        del levels
        if name != FAULT or self.retained or not isinstance(body, dict):
            return
        kind, target = str(body.get("fault") or ""), str(body.get("target") or "")
        self.send(
            "mock_fault_done",
            {
                "timestamp": self.stamp,
                "requestId": body.get("requestId"),
                "fault": kind,
                "devices": list(self._begin(kind, target)),
            },
        )
