"""A factory of which everything is known: idle, stocked, one vehicle docked at the DPS."""

import json
from functools import partial
from typing import Any

from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics.catalogue import address
from tests.support.floor import SERIALS, layout_message

VEHICLE = "5iO4"
OTHER_VEHICLE = "leJ4"
NOW = 1_786_094_460.248
"""2026-08-07T09:21:00.248Z"""
TAG = "43e2b7c96f3562"
FLOWS = {"BLUE": ["DRILL", "MILL", "AIQS"], "RED": ["MILL", "AIQS"], "WHITE": ["DRILL", "AIQS"]}


def tell(state: FactoryState, topic: str, body: object, at: float = NOW) -> Message:
    """Apply one live message to the state and return it."""
    text = body if isinstance(body, str) else json.dumps(body)
    message = Message(topic=topic, payload=text.encode(), id=f"{int(at * 1000)}-0")
    state.apply(message, at)
    return message


def module_state(serial: str, **changes: Any) -> dict[str, Any]:
    """An idle module's state, as B.3 has it."""
    return {
        "headerId": 1,
        "timestamp": "2026-08-07T09:20:00.000Z",
        "serialNumber": serial,
        "orderId": "",
        "orderUpdateId": 0,
        "paused": False,
        "actionState": None,
        "errors": [],
        "loads": [],
        "metadata": {"opcuaState": "connected"},
        **changes,
    }


def vehicle_state(serial: str, node: str, **changes: Any) -> dict[str, Any]:
    """A docked vehicle's state, as B.7 has it."""
    return {
        "headerId": 1,
        "timestamp": "2026-08-07T09:20:00.000000Z",
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
        **changes,
    }


def pairing(**available: str) -> dict[str, Any]:
    """`ccu/pairing/state` with every module READY unless named otherwise by its type."""
    modules = [
        {
            "serialNumber": serial,
            "type": "MODULE",
            "subType": kind,
            "connected": True,
            "available": available.get(kind, "READY"),
            "assigned": False,
            "pairedSince": "2026-08-07T07:00:12.000Z",
            "hasCalibration": kind in ("HBW", "DPS", "AIQS"),
        }
        for kind, serial in SERIALS.items()
    ]
    vehicle = {"serialNumber": VEHICLE, "type": "FTS", "connected": True, "available": "READY"}
    vehicle |= {"lastNodeId": SERIALS["DPS"], "pairedSince": "2026-08-07T07:00:16.228Z"}
    return {"modules": modules, "transports": [vehicle]}


def stock(**pieces: str) -> dict[str, Any]:
    """`ccu/state/stock` with these pieces, e.g. A1="RED", all unreserved."""
    items = [
        {
            "workpiece": {"id": TAG if kind else "", "type": kind, "state": "RAW"},
            "location": bay,
            "hbw": SERIALS["HBW"],
        }
        for bay in ("A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3")
        for kind in (pieces.get(bay, ""),)
    ]
    return {"ts": "2026-08-07T09:20:00.000Z", "stockItems": items}


def warehouse_loads(**pieces: str) -> list[dict[str, Any]]:
    """`loads` of the HBW with these pieces, empty bays as it writes them."""
    return [
        {
            "loadType": pieces.get(bay, ""),
            "loadId": TAG if bay in pieces else "",
            "loadPosition": bay,
            "loadTimestamp": 0,
        }
        for bay in ("A1", "B1", "C1", "A2", "B2", "C2", "A3", "B3", "C3")
    ]


def warehouse_factsheet(serial: str, **most: int) -> dict[str, Any]:
    """The factsheet of a high-bay warehouse that takes so many pieces of each colour."""
    sets = [
        {"setName": f"{colour}S", "loadType": colour, "maxAmount": most.get(colour, 3)}
        for colour in ("RED", "WHITE", "BLUE")
    ]
    bays = [f"{letter}{number}" for number in "123" for letter in "ABC"]
    return {
        "serialNumber": serial,
        "version": "1.3.0",
        "typeSpecification": {"seriesName": "MOD-FF22+HBW+24V", "moduleClass": "HBW"},
        "loadSpecification": {"loadPositions": bays, "loadSets": sets},
    }


def known_factory(node: str = SERIALS["DPS"], at: float = NOW) -> FactoryState:
    """The idle factory; the vehicle stands at `node`, one RED and one WHITE piece are in store.

    All of it was told `at` that moment.
    """
    state = FactoryState()
    said = partial(tell, state, at=at)
    said(address("ccu_state_layout"), layout_message())
    flows = {colour: {"steps": steps} for colour, steps in FLOWS.items()}
    said(address("ccu_state_flows"), flows)
    said(address("ccu_pairing_state"), pairing())
    store = SERIALS["HBW"]
    said(address("module_factsheet", serial=store), warehouse_factsheet(store))
    said(address("ccu_state_stock"), stock(A1="RED", B1="WHITE"))
    said(address("ccu_order_active"), [])
    said(address("ccu_order_completed"), [])
    said(address("nodered_status"), {"connectionState": "ONLINE"})
    for kind, serial in SERIALS.items():
        if kind != "CHRG":
            loads = warehouse_loads(A1="RED", B1="WHITE") if kind == "HBW" else []
            said(address("module_state", serial=serial), module_state(serial, loads=loads))
            online = {"connectionState": "ONLINE", "serialNumber": serial}
            said(address("module_connection", serial=serial), online)
    online = {"connectionState": "ONLINE", "serialNumber": VEHICLE}
    said(address("fts_connection", serial=VEHICLE), online)
    said(address("fts_state", serial=VEHICLE), vehicle_state(VEHICLE, node))
    return state
