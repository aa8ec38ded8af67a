"""Messages as the factory would say them, for tests of the fold: short words, true shapes."""

import json
from typing import Any

from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics import catalogue

HBW, DRILL, MILL, DPS, AIQS = "SVR3QA0022", "SVR4H76449", "SVR3QA2098", "SVR4H73275", "SVR4H76530"
FTS = "5iO4"
LISTED = {"serialNumber": FTS, "type": "FTS", "connected": True}
"""The vehicle as the CCU lists it."""


class Teller:
    """Applies messages to one state, one a second unless told otherwise, and counts the time."""

    def __init__(self) -> None:
        self.state = FactoryState()
        self.now = 1_000.0

    def wait(self, seconds: float) -> None:
        """Let time pass in silence."""
        self.now += seconds

    def raw(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Apply any bytes on any topic."""
        self.now += 1
        message = Message(topic, payload, f"{int(self.now * 1000)}-0", retain=retain)
        self.state.apply(message, self.now)

    def say(self, name: str, payload: Any, *, retain: bool = False, **levels: str) -> None:
        """Apply a payload on the topic of a catalogue entry."""
        topic = catalogue.address(name, **levels)
        self.raw(topic, json.dumps(payload).encode(), retain=retain)

    def delete(self, name: str, **levels: str) -> None:
        """Apply the empty payload that clears a retained message."""
        self.raw(catalogue.address(name, **levels), b"")

    def alarms(self) -> dict[str, float | None]:
        """Return the alarms of now by id, with since when."""
        return {alarm.id: alarm.since for alarm in self.state.alarms(self.now)}


def online(serial: str, state: str = "ONLINE") -> dict[str, Any]:
    """Return a connection message (PROTOCOL B.2)."""
    return {"serialNumber": serial, "connectionState": state, "version": "1.3.0", "ip": "10.0.0.1"}


def doing(
    serial: str, command: str | None, action: str = "FINISHED", **more: Any
) -> dict[str, Any]:
    """Return a module state (PROTOCOL B.3); no command is an idle module."""
    acting = {"id": f"{serial}-{command}", "command": command, "state": action}
    return {
        "serialNumber": serial,
        "orderId": "",
        "orderUpdateId": 0,
        "paused": False,
        "actionState": acting if command else None,
        "errors": [],
        "loads": [],
        **more,
    }


def standing(node: str, **more: Any) -> dict[str, Any]:
    """Return a vehicle state (PROTOCOL B.7)."""
    return {
        "serialNumber": FTS,
        "orderId": "",
        "lastNodeId": node,
        "driving": False,
        "paused": False,
        "waitingForLoadHandling": False,
        "actionStates": [],
        "load": [],
        "errors": [],
        "batteryState": {"charging": False, "percentage": 50, "currentVoltage": 8.5},
        **more,
    }


def order(order_id: str, state: str = "IN_PROGRESS", **more: Any) -> dict[str, Any]:
    """Return an order as the CCU lists it (PROTOCOL B.8)."""
    step = {"id": f"{order_id}-1", "type": "NAVIGATION", "state": "IN_PROGRESS"}
    return {
        "orderId": order_id,
        "orderType": "PRODUCTION",
        "type": "RED",
        "state": state,
        "timestamp": "2026-08-07T09:00:00.000Z",
        "productionSteps": [step],
        **more,
    }


def bays(**pieces: str) -> dict[str, Any]:
    """Return a stock message with nine bays, `A1="RED:tag"`; the others are empty (B.8)."""
    items = []
    for name in (row + column for row in "ABC" for column in "123"):
        colour, _, tag = pieces.get(name, ":").partition(":")
        piece = {"id": tag, "type": colour, "state": "RAW"}
        items.append({"workpiece": piece, "location": name, "hbw": HBW})
    return {"ts": "2026-08-07T09:00:00.000Z", "stockItems": items}


def loads(**pieces: str) -> list[dict[str, Any]]:
    """Return the nine loads of a warehouse, as `bays` (PROTOCOL B.3)."""
    told = []
    for name in (row + column for row in "ABC" for column in "123"):
        colour, _, tag = pieces.get(name, ":").partition(":")
        told.append({"loadType": colour, "loadId": tag, "loadPosition": name, "loadTimestamp": 0})
    return told


def paired(serial: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return one module of a pairing state (PROTOCOL B.8)."""
    return {
        "serialNumber": serial,
        "type": "MODULE",
        "subType": kind,
        "pairedSince": "2026-08-07T07:00:12.000Z",
        "connected": True,
        "available": "READY",
        "assigned": False,
        **more,
    }
