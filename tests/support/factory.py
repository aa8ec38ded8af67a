"""The factory of the tests: what each device says, in true shapes, told message by message."""

import json
from typing import Any, Self

from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics import catalogue

HBW, DRILL, MILL, DPS, AIQS = "SVR3QA0022", "SVR4H76449", "SVR3QA2098", "SVR4H73275", "SVR4H76530"
SERIALS = {"HBW": HBW, "DRILL": DRILL, "MILL": MILL, "DPS": DPS, "AIQS": AIQS, "CHRG": "CHRG0"}
"""Serial of each module by its type."""
FTS, OTHER_FTS = "5iO4", "leJ4"
LISTED = {"serialNumber": FTS, "type": "FTS", "connected": True}
"""The vehicle as the CCU lists it."""
NOW = 1_786_094_460.248
"""2026-08-07T09:21:00.248Z"""
TAG = "43e2b7c96f3562"
STAMP = "2026-08-07T09:20:00.000Z"
FLOWS = {"BLUE": ["DRILL", "MILL", "AIQS"], "RED": ["MILL", "AIQS"], "WHITE": ["DRILL", "AIQS"]}
_ROADS = (
    ("1", "2", 360, "EAST"),
    ("3", "1", 360, "NORTH"),
    ("3", "4", 360, "EAST"),
    ("4", "2", 360, "NORTH"),
    (HBW, "1", 380, "EAST"),
    (DRILL, "3", 380, "EAST"),
    (MILL, "1", 380, "SOUTH"),
    (DPS, "2", 380, "WEST"),
    (AIQS, "2", 380, "SOUTH"),
    (SERIALS["CHRG"], "4", 430, "WEST"),
)


class Factory:
    """Folds what is said into `state`; in a new one a second passes with each, from 1000 s on.

    One that goes on with a state says all at the moment of the state's last message.
    """

    usual_ago = 0.0
    """How long ago what is said was said, unless it is told."""

    def __init__(self, state: FactoryState | None = None) -> None:
        self.state = state or FactoryState()
        self.now = (state and state.last_received) or 1_000.0
        self.step_s = 0.0 if state else 1.0
        self.heard: list[Message] = []

    @classmethod
    def known(cls, node: str = DPS, at: float = NOW) -> Self:
        """As `known_factory`."""
        factory = cls()
        factory.now, factory.step_s = at, 0.0
        factory.say("ccu_state_layout", layout_message())
        steps = {colour: {"steps": steps} for colour, steps in FLOWS.items()}
        factory.say("ccu_state_flows", steps).say("ccu_pairing_state", pairing())
        factory.say("module_factsheet", warehouse_factsheet(HBW), serial=HBW)
        factory.stock(A1="RED", B1="WHITE").orders().say("ccu_order_completed", [])
        factory.say("nodered_status", {"connectionState": "ONLINE"})
        for serial in (HBW, DRILL, MILL, DPS, AIQS):
            stored = warehouse_loads(A1="RED", B1="WHITE") if serial == HBW else []
            factory.module(serial, loads=stored).online(serial)
        return factory.online(FTS).vehicle(node)

    def receive(self, message: Message) -> None:
        """Take a message in."""
        self.heard.append(message)
        self.state.apply(message, message.received_at)

    def raw(
        self, topic: str, payload: object, *, retain: bool = False, ago: float | None = None
    ) -> Self:
        """Any bytes on any topic; what is no bytes as JSON. `ago` in seconds."""
        self.now += self.step_s
        told = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        at = self.now - (self.usual_ago if ago is None else ago)
        self.receive(Message(topic, told, f"{int(at * 1000)}-0", retain=retain))
        return self

    def say(
        self,
        name: str,
        payload: object,
        *,
        retain: bool = False,
        ago: float | None = None,
        **levels: str,
    ) -> Self:
        """A payload on the topic of a catalogue entry."""
        return self.raw(catalogue.address(name, **levels), payload, retain=retain, ago=ago)

    def delete(self, name: str, **levels: str) -> Self:
        """The empty payload that clears a retained message."""
        return self.raw(catalogue.address(name, **levels), b"")

    def wait(self, seconds: float) -> Self:
        """Time passes in silence."""
        self.now += seconds
        return self

    def online(self, serial: str, word: str = "ONLINE", **when: Any) -> Self:
        """The connection of a module or a vehicle."""
        name = "fts_connection" if serial in (FTS, OTHER_FTS) else "module_connection"
        return self.say(name, connection(serial, word), serial=serial, **when)

    def module(
        self,
        serial: str,
        command: str | None = None,
        action: str = "FINISHED",
        *,
        retain: bool = False,
        ago: float | None = None,
        **more: Any,
    ) -> Self:
        """The state of a module."""
        told = module_state(serial, command, action, **more)
        return self.say("module_state", told, serial=serial, retain=retain, ago=ago)

    def vehicle(
        self,
        node: str,
        serial: str = FTS,
        *,
        retain: bool = False,
        ago: float | None = None,
        **more: Any,
    ) -> Self:
        """The state of a vehicle."""
        told = vehicle_state(node, serial, **more)
        return self.say("fts_state", told, serial=serial, retain=retain, ago=ago)

    def orders(self, *orders: dict[str, Any], **when: Any) -> Self:
        """The active orders."""
        return self.say("ccu_order_active", orders, **when)

    def stock(self, *, retain: bool = False, ago: float | None = None, **pieces: str) -> Self:
        """The bays of the warehouse, as `stock_message`."""
        return self.say("ccu_state_stock", stock_message(**pieces), retain=retain, ago=ago)

    def alarms(self) -> dict[str, float | None]:
        """The alarms of now by id, with since when."""
        return {alarm.id: alarm.since for alarm in self.state.alarms(self.now)}


def known_factory(node: str = DPS, at: float = NOW) -> FactoryState:
    """A factory of which everything is known, all of it told `at` that moment: idle, stocked.

    The vehicle stands at `node`; a RED and a WHITE piece are in store.
    """
    return Factory.known(node, at).state


def connection(serial: str, word: str = "ONLINE") -> dict[str, Any]:
    """A connection message (PROTOCOL B.2)."""
    return {"serialNumber": serial, "connectionState": word, "version": "1.3.0", "ip": "10.0.0.1"}


def module_state(
    serial: str, command: str | None = None, action: str = "FINISHED", **more: Any
) -> dict[str, Any]:
    """A module state (PROTOCOL B.3); no command is an idle module."""
    acting = {"id": f"{serial}-{command}", "command": command, "state": action}
    return {
        "headerId": 1,
        "timestamp": STAMP,
        "serialNumber": serial,
        "orderId": "",
        "orderUpdateId": 0,
        "paused": False,
        "actionState": acting if command else None,
        "errors": [],
        "loads": [],
        "metadata": {"opcuaState": "connected"},
        **more,
    }


def vehicle_state(node: str, serial: str = FTS, **more: Any) -> dict[str, Any]:
    """The state of a vehicle that stands (PROTOCOL B.7)."""
    return {
        "headerId": 1,
        "timestamp": STAMP,
        "serialNumber": serial,
        "orderId": "",
        "orderUpdateId": 0,
        "lastNodeId": node,
        "driving": False,
        "paused": False,
        "waitingForLoadHandling": False,
        "actionStates": [],
        "load": [],
        "errors": [],
        "batteryState": {"charging": False, "percentage": 60, "currentVoltage": 8.6},
        **more,
    }


def order(order_id: str, state: str = "IN_PROGRESS", **more: Any) -> dict[str, Any]:
    """An order as the CCU lists it (PROTOCOL B.8)."""
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


def stock_message(**pieces: str) -> dict[str, Any]:
    """A stock message with nine bays (B.8): `A1="RED"`, `A1="RED:tag"`; the others are empty."""
    items = []
    for name in (row + column for row in "ABC" for column in "123"):
        colour, tag = _piece(pieces.get(name, ""))
        piece = {"id": tag, "type": colour, "state": "RAW"}
        items.append({"workpiece": piece, "location": name, "hbw": HBW})
    return {"ts": STAMP, "stockItems": items}


def warehouse_loads(**pieces: str) -> list[dict[str, Any]]:
    """The nine loads of a warehouse, as `stock_message`, in its own order (PROTOCOL B.3)."""
    told = []
    for name in (row + column for column in "123" for row in "ABC"):
        colour, tag = _piece(pieces.get(name, ""))
        told.append({"loadType": colour, "loadId": tag, "loadPosition": name, "loadTimestamp": 0})
    return told


def _piece(text: str) -> tuple[str, str]:
    """Colour and tag of `RED:tag`; a piece that names none has `TAG`."""
    colour, told, tag = text.partition(":")
    return colour, tag if told or not colour else TAG


def paired(serial: str, kind: str, **more: Any) -> dict[str, Any]:
    """One module of a pairing state (PROTOCOL B.8)."""
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


def pairing(**available: str) -> dict[str, Any]:
    """`ccu/pairing/state` with every module READY unless named otherwise by its type."""
    modules = [
        paired(
            serial,
            kind,
            available=available.get(kind, "READY"),
            hasCalibration=kind in ("HBW", "DPS", "AIQS"),
        )
        for kind, serial in SERIALS.items()
    ]
    vehicle = {**LISTED, "available": "READY", "lastNodeId": DPS}
    vehicle["pairedSince"] = "2026-08-07T07:00:16.228Z"
    return {"modules": modules, "transports": [vehicle]}


def warehouse_factsheet(serial: str, **most: int) -> dict[str, Any]:
    """The factsheet of a high-bay warehouse that takes so many pieces of each colour."""
    sets = [
        {"setName": f"{colour}S", "loadType": colour, "maxAmount": most.get(colour, 3)}
        for colour in ("RED", "WHITE", "BLUE")
    ]
    return {
        "serialNumber": serial,
        "version": "1.3.0",
        "typeSpecification": {"seriesName": "MOD-FF22+HBW+24V", "moduleClass": "HBW"},
        "loadSpecification": {
            "loadPositions": [load["loadPosition"] for load in warehouse_loads()],
            "loadSets": sets,
        },
    }


def layout_message() -> dict[str, Any]:
    """`ccu/state/layout` of the shop floor of PROTOCOL E, as the CCU publishes it."""
    return {
        "modules": [{"type": kind, "serialNumber": name} for kind, name in SERIALS.items()],
        "intersections": [{"id": str(number)} for number in range(1, 5)],
        "roads": [
            {"from": start, "to": end, "length": length, "direction": direction}
            for start, end, length, direction in _ROADS
        ],
    }
