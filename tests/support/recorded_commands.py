"""Recorded commands, told back as what an operator would have asked for."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from omf.layout.layout import Layout
from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics import catalogue
from tests.support.factory import NOW, SERIALS, Factory, known_factory, layout_message
from tests.support.shared import RECORDINGS, recording, samples

TYPE_OF = {serial: kind for kind, serial in SERIALS.items()}
FRESH = {"timestamp", "ts", "orderId", "orderUpdateId", "requestId", "actionId"}
"""Fields that are new in each command: times and ids."""
CCU_ONLY = {"announceOutput", "cancelStorageOrder"}
"""Instant actions no dashboard should send (PROTOCOL C.25)."""
LAYOUT = Layout.from_message(layout_message())
IDLE = known_factory()
"""Read by all, changed by none."""


class Wish(NamedTuple):
    """A recorded command and the parameters that should rebuild it."""

    kind: str
    parameters: dict[str, Any]
    topic: str
    body: Any
    state: FactoryState


def without_fresh(value: Any, inside: str = "") -> Any:
    """The payload without times and ids; `action.id` is one of them."""
    if isinstance(value, list):
        return [without_fresh(item, inside) for item in value]
    if not isinstance(value, dict):
        return value
    fresh = FRESH | ({"id"} if inside == "action" else set())
    return {key: without_fresh(item, key) for key, item in value.items() if key not in fresh}


def recorded_wishes(name: str) -> Iterator[Wish]:
    """Every command of a recording that an operator may send too."""
    for message in recording(name):
        if (wish := wish_of(message)) is not None:
            yield wish


def sampled_wishes() -> Iterator[Wish]:
    """The same for the protocol samples."""
    for sample in samples().values():
        message = Message(sample["topic"], json.dumps(sample["payload"]).encode())
        if (wish := wish_of(message)) is not None:
            yield wish


def wish_of(message: Message) -> Wish | None:
    """The wish behind a message; None if it is no command, or one only the CCU sends."""
    entry = catalogue.of(message.topic)
    build = _BUILDERS.get(entry.name) if entry else None
    if build is None:
        return None
    body = json.loads(message.payload)
    found = build(body)
    if found is None:
        return None
    kind, parameters, state = found
    return Wish(kind, parameters, message.topic, body, state)


Found = tuple[str, dict[str, Any], FactoryState] | None


def _request(body: dict[str, Any]) -> Found:
    parameters = {"colour": body["type"]}
    if body["orderType"] == "PRODUCTION":
        return "production-order", parameters, IDLE
    parameters["workpiece_id"] = body["workpieceId"]
    return "storage-order", parameters, IDLE


def _reset(body: dict[str, Any]) -> Found:
    return "factory-reset", {"with_storage": body["withStorage"]}, IDLE


def _charge(body: dict[str, Any]) -> Found:
    return "charge", {"serial": body["serialNumber"], "charge": body["charge"]}, IDLE


def _calibration(body: dict[str, Any]) -> Found:
    names = {"serialNumber": "serial", "command": "command", "position": "position"}
    names["references"] = "references"
    parameters = {names[key]: value for key, value in body.items() if key in names}
    return "calibration", parameters, IDLE


def _cloud(body: dict[str, Any]) -> Found:
    return "cloud-order", {"colour": body["type"]}, IDLE


def _period(sensor: str) -> Any:
    def build(body: dict[str, Any]) -> Found:
        return "sensor-period", {"sensor": sensor, "period": body["period"]}, IDLE

    return build


def _camera(body: dict[str, Any]) -> Found:
    return "camera-stream", {"on": body["on"], "fps": body["fps"]}, IDLE


def _module_order(body: dict[str, Any]) -> Found:
    serial, action = body["serialNumber"], body["action"]
    kind, command, metadata = TYPE_OF[serial], action["command"], action["metadata"]
    piece = metadata.get("workpiece", metadata)
    parameters = {"serial": serial, "colour": piece["type"]}
    if "workpieceId" in piece:
        parameters["workpiece_id"] = piece["workpieceId"]
    if kind == "HBW":
        return f"storage-{command.lower()}", parameters, IDLE
    if kind == "DPS":
        if piece["history"]:
            parameters["history"] = piece["history"]
        return f"delivery-{command.lower()}", parameters, IDLE
    if "duration" in metadata:
        parameters["duration"] = metadata["duration"]
    return "module-step", parameters | {"command": command}, IDLE


def _drive(body: dict[str, Any]) -> Found:
    nodes, serial = [node["id"] for node in body["nodes"]], body["serialNumber"]
    dock = body["nodes"][-1]["action"]["metadata"]
    if dock.get("charge"):
        return None  # the CCU's own; an operator sends ccu/set/charge
    names = {"loadType": "load_type", "loadId": "workpiece_id", "loadPosition": "load_position"}
    parameters = {names[key]: value for key, value in dock.items() if key in names}
    parameters |= {"serial": serial, "target": nodes[-1]}
    factory = Factory.known(nodes[0]).vehicle(nodes[0], serial)
    # Where the CCU drove round, the other vehicle held the crossing of the shortest way.
    avoided = set(LAYOUT.route(nodes[0], nodes[-1]).nodes) - set(nodes)
    for node in sorted(avoided)[:1]:
        factory.vehicle(node, "other")
    return "fts-navigate", parameters, factory.state


def _instant(body: dict[str, Any]) -> Found:
    serial, action = body["serialNumber"], body["actions"][0]
    name, metadata = action["actionType"], action.get("metadata", {})
    moves = "vehicle" if serial not in TYPE_OF else "module"
    state = IDLE
    if name == "setStatusLED":
        light = next((colour for colour, on in metadata.items() if on), "off")
        return "status-led", {"serial": serial, "light": light}, state
    if name == "clearLoadHandler":
        names = {"loadDropped": "load_dropped", "loadType": "load_type", "loadId": "load_id"}
        names["loadPosition"] = "load_position"
        parameters = {names[key]: value for key, value in metadata.items()}
        return "clear-load-handler", {"serial": serial, **parameters}, state
    plain = {
        ("vehicle", "findInitialDockPosition"): "fts-dock",
        ("vehicle", "reset"): "fts-reset",
        ("vehicle", "stopCharging"): "stop-charging",
        ("vehicle", "factsheetRequest"): "fts-factsheet",
        ("module", "reset"): "module-reset",
        ("module", "factsheetRequest"): "module-factsheet",
    }
    kind = plain.get((moves, name))
    return None if kind is None else (kind, {"serial": serial}, state)


_BUILDERS: dict[str, Any] = {
    "ccu_order_request": _request,
    "ccu_set_reset": _reset,
    "ccu_set_charge": _charge,
    "ccu_set_calibration": _calibration,
    "cloud_order_request": _cloud,
    "txt_set_bme680": _period("bme680"),
    "txt_set_ldr": _period("ldr"),
    "txt_set_cam": _camera,
    "module_order": _module_order,
    "fts_order": _drive,
    "module_instant_action": _instant,
    "fts_instant_action": _instant,
}

__all__ = ["NOW", "RECORDINGS", "recorded_wishes", "sampled_wishes", "without_fresh"]
