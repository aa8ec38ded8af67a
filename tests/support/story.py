"""An order told as events: what each sender said, without ids and times, repeats left out."""

from collections.abc import Iterable, Iterator
from typing import Any

Told = tuple[str, Any]
MODULES = {
    "SVR3QA0022": "HBW",
    "SVR4H76449": "DRILL",
    "SVR3QA2098": "MILL",
    "SVR4H73275": "DPS",
    "SVR4H76530": "AIQS",
}


def story(traffic: Iterable[Told]) -> dict[str, list[str]]:
    """Events by sender: between two senders the wire's order is a race, within one it is not."""
    told: dict[str, list[str]] = {}
    for topic, body in traffic:
        sender, event = _event(topic.split("/"), topic, body)
        if event and told.setdefault(sender, [""])[-1] != event:
            told[sender].append(event)
    return {sender: events[1:] for sender, events in told.items() if sender}


def between(traffic: Iterable[Told], kind: str) -> Iterator[Told]:
    """The messages of one order, from its request to the active list empty again."""
    begun = False
    for topic, body in traffic:
        begun = begun or (topic == "ccu/order/request" and body["orderType"] == kind)
        if not begun:
            continue
        yield topic, body
        if topic == "ccu/order/completed":
            return


def _event(levels: list[str], topic: str, body: Any) -> tuple[str, str]:
    if topic.startswith("module/v1/ff/NodeRed/SVR"):
        return _controller(MODULES[levels[4]], levels[-1], body)
    if topic.startswith("module/v1/ff/SVR"):
        return _module(MODULES[levels[3]], levels[-1], body)
    if topic.startswith("fts/v1/ff/"):
        return _vehicle(levels[-1], body)
    return _ccu(topic, body)


def _module(name: str, aspect: str, body: Any) -> tuple[str, str]:
    if aspect == "order":
        return "ccu", f"order {name} {body['action']['command']} {body['orderUpdateId']}"
    if aspect == "state":
        action = body["actionState"] or {}
        loads = [x.get("loadType", x.get("type")) for x in body.get("loads", ())]
        result = action.get("result") if name == "AIQS" else ""
        words = (action.get("command"), action.get("state"), result, list(filter(None, loads)))
        return name, f"{words} {body['orderUpdateId']}"
    if aspect == "instantAction" and body["actions"][0]["actionType"] != "setStatusLED":
        return "ccu", f"act {name} {body['actions'][0]['actionType']}"
    return "", ""


def _controller(name: str, aspect: str, body: Any) -> tuple[str, str]:
    if aspect == "order":
        return f"bridge of {name}", f"{body['action']['command']} {body['orderUpdateId']}"
    if aspect == "state":
        action = body.get("actionState") or {}
        return f"TXT of {name}", f"{action.get('command')} {action.get('state')}"
    return "", ""


def _vehicle(aspect: str, body: Any) -> tuple[str, str]:
    if aspect == "order":
        way = "-".join(MODULES.get(node["id"], node["id"]) for node in body["nodes"])
        return "ccu", f"drive {way} {body['orderUpdateId']}"
    if aspect == "instantAction":
        action = body["actions"][0]
        return "ccu", f"{action['actionType']} {action.get('metadata', {}).get('loadDropped')}"
    if aspect == "state":
        words = (
            MODULES.get(body["lastNodeId"], body["lastNodeId"]),
            "drives" if body["driving"] else "stands",
            "waits" if body["waitingForLoadHandling"] else "",
            [f"{action['command']} {action['state']}" for action in body["actionStates"]],
            sorted(load["loadType"] for load in body["load"] if load["loadType"]),
        )
        return "vehicle", f"{words} {body['orderUpdateId']}"
    return "", ""


def _ccu(topic: str, body: Any) -> tuple[str, str]:
    if topic == "ccu/order/active":
        steps = ["".join(s["state"][0] for s in order["productionSteps"]) for order in body]
        return "ccu", f"active {steps}"
    if topic == "ccu/order/completed":
        return "ccu", f"completed {body[-1]['state']}"
    if topic == "ccu/order/response":
        return "ccu", f"response {body['state']}"
    if topic == "/j1/txt/1/f/i/order":
        return "ccu", f"cloud {body['state']}"
    if topic == "ccu/state/stock":
        states = [
            item["workpiece"]["state"] for item in body["stockItems"] if item["workpiece"]["type"]
        ]
        return "ccu", f"stock {states}"
    return "", ""
