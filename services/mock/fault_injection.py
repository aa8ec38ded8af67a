"""Faults on demand: what can go wrong, and the device that takes them over its own topic."""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from omf.simulation.machine import Machine
from omf.topics import catalogue

FAULT = "mock_fault"
FAULT_KINDS = {
    "fatal": "the module's next action ends FAILED with a FATAL error",
    "warning": "the module's next action ends FAILED with a WARNING",
    "silent": "the module takes no order and says nothing, not even its heartbeat",
    "unreachable": "the bridge cannot reach the PLC: CONNECTIONBROKEN with the next heartbeat",
    "deaf": "the module or vehicle takes no order and goes on telling that it is there",
    "stuck": "what the module or vehicle does next never ends, until it is reset",
    "speaks": "the silent, unreachable or deaf module is back",
    "bridge-dead": "Node-RED is gone: heartbeats stop, the retained ONLINE stays",
    "nok": "the next piece fails the quality check",
    "collision": "an obstacle stops the vehicle for three seconds",
    "lost": "the vehicle is out of reach: its last will tells, what it carried is forgotten",
    "found": "the lost vehicle is back and needs to look for its place",
    "skew": "the clock of the program (nodered, ccu, fts-5iO4, txt-dps, ...) is 12 days behind",
    "bridge-back": "Node-RED is started again",
    "ccu-restart": "the CCU is started anew: empty lists, no vehicle listed until it says ONLINE"
    " again (lost and found, or reset), and 30 s later it resets the factory",
    "race": "the CCU keeps the DPS for nobody: storages and deliveries hang until a reset (F.36)",
    "input": "somebody lays a piece of the target's colour into the DPS",
    "refill": "free bays of the warehouse are filled up to three pieces of each colour",
}


class InjectedFault(NamedTuple):
    """One fault: `KIND[:TARGET]@SECONDS`."""

    kind: str
    target: str
    at: float
    """Plant seconds after the start."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the notation; ValueError names the known kinds."""
        what, _, at = text.partition("@")
        kind, _, target = what.partition(":")
        if kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault {kind!r}; use one of {', '.join(FAULT_KINDS)}")
        try:
            return cls(kind, target, float(at or 0))
        except ValueError:
            raise ValueError(f"{text!r}: use KIND[:TARGET]@SECONDS") from None


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
