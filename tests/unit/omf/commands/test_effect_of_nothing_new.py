"""No kind ends in an effect by what was coming anyway: periodic reports, and retained copies."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from omf.commands import KINDS, CommandError, Effect, judge
from omf.messages.message import Message
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.factory import (
    AIQS,
    DPS,
    DRILL,
    HBW,
    MILL,
    NOW,
    SERIALS,
    TAG,
    Factory,
    module_state,
    order,
    pairing,
    warehouse_loads,
)

ON_DEMAND = ("state/layout", "state/flows", "state/config", "factsheet")
"""Said at a start, on a change or on request; what else is here is repeated by itself (B.1)."""
CONFIG = {
    "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}


def _reset(told: Factory, order_id: str = "") -> None:
    note = {"errorType": "RESET", "errorLevel": "WARNING"}
    note["errorReferences"] = [{"referenceKey": "orderId", "referenceValue": order_id}]
    listed = pairing()
    del listed["transports"][0]["pairedSince"]
    told.vehicle("UNKNOWN", errors=[note]).say("ccu_pairing_state", listed)


def _reset_with_order(told: Factory) -> None:
    _reset(told, "an-order")


def _charging(told: Factory) -> None:
    told.vehicle("CHRG0", paused=True, batteryState={"charging": True, "percentage": 40})


def _calibrating(told: Factory) -> None:
    for serial in (DPS, HBW):
        step = {"id": "x", "command": "startCalibration", "state": "FINISHED"}
        told.module(serial, operatingMode="TEACHIN", paused=True, actionState=step)


def _worked(told: Factory) -> None:
    for serial in (HBW, DRILL, MILL, DPS, AIQS):
        told.module(serial, "DROP", loads=warehouse_loads(A1="RED") if serial == HBW else [])


def _measuring(told: Factory) -> None:
    told.say("nodered_state", module_state(DPS), serial=DPS)
    for _ in range(3):
        told.raw("/j1/txt/1/i/ldr", {"ts": "x", "br": 50.0, "ldr": 900})
        told.raw("/j1/txt/1/i/bme680", {"ts": "x", "t": 21.0})
        told.wait(60)
    told.raw("/j1/txt/1/i/cam", {"ts": "x", "data": "data:image/jpeg;base64,AA"})


def _set(told: Factory) -> None:
    told.say("ccu_state_config", CONFIG).say("nodered_status", {"connectionState": "ONLINE"})
    told.orders(*(order(name, "ENQUEUED", productionSteps=[]) for name in ("one", "two")))


def _waiting(told: Factory) -> None:
    old = [{"id": "dock-1", "command": "DOCK", "state": "FINISHED"}]
    told.vehicle(MILL).vehicle(MILL, waitingForLoadHandling=True, actionStates=old)


def _gone(told: Factory) -> None:
    listed = pairing()
    for module in listed["modules"]:
        module["connected"] = module["subType"] != "MILL"
    told.online(MILL, "OFFLINE").say("ccu_pairing_state", listed)


def _handed_in(told: Factory) -> None:
    lying = [{"type": "RED", "loadId": TAG, "loadPosition": None}]
    read = {"id": "r", "command": "RGB_NFC", "state": "FINISHED", "result": TAG}
    told.module(DPS, loads=lying, actionState=read)


def _nothing(_: Factory) -> None:
    """The idle factory as it is."""


SITUATIONS = (
    _nothing,
    _reset,
    _reset_with_order,
    _charging,
    _calibrating,
    _worked,
    _measuring,
    _set,
    _waiting,
    _gone,
    _handed_in,
)
VARIATIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "sensor-period": ({"period": 30}, {"sensor": "bme680", "period": 59}, {"period": 120}),
    "module-reset": tuple({"serial": SERIALS[name]} for name in ("HBW", "DPS")),
    "set-storage": (
        {"contents": {"A1": {"type": "RED", "workpieceId": TAG}, "B1": {"type": "WHITE"}}},
        {
            "contents": {
                bay: {"type": colour, "workpieceId": TAG}
                for bay, colour in (("A1", "RED"), ("B1", "WHITE"))
            }
        },
        {"contents": {}},
    ),
    "charge": ({"charge": False},),
    "calibration": tuple(
        {"serial": SERIALS[name], "command": command}
        for name in ("DPS", "HBW")
        for command in ("startCalibration", "stopCalibration", "storeCalibrationValues")
    ),
    "flows": ({"red": "MILL,AIQS", "blue": "DRILL,MILL,AIQS"},),
    "camera-stream": ({"on": False},),
    "free-message": ({"topic": "site/lamp", "payload": "on", "retain": True, "confirm": "RETAIN"},),
    "delete-module": ({"serial": SERIALS["MILL"]},),
    "cancel-order": ({"order_ids": "one"},),
}


def _asked() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in EXAMPLES:
        yield kind, {}
        yield from ((kind, changes) for changes in VARIATIONS.get(kind, ()))


def _situation(change: Callable[[Factory], None]) -> Factory:
    """The factory in a situation, with every message that told it."""
    told = Factory.known()
    told.receive(Message("site/lamp", b"on", f"{int(NOW * 1000)}-0"))
    change(told)
    return told


def _coming_anyway(heard: Iterable[Message]) -> Iterator[Message]:
    """The newest of each topic as a periodic report, three times, and as a retained copy."""
    newest = {message.topic: message for message in heard}
    for times in range(1, 4):
        for topic, message in newest.items():
            at = int((message.arrived_at + 60 * times) * 1000)
            yield message._replace(id=f"{at}-1", retain=True)
            if not topic.endswith(ON_DEMAND):
                yield message._replace(id=f"{at}-2", payload=_later(message.payload, times))


def _later(payload: bytes, times: int) -> bytes:
    """As the device would say it again: a higher headerId, a newer timestamp."""
    try:
        body = json.loads(payload)
    except ValueError:
        return payload
    if isinstance(body, dict) and "headerId" in body:
        body = copy.copy(body)
        body["headerId"] += times
        body["timestamp"] = f"2026-08-07T09:2{times}:00.000Z"
    return json.dumps(body).encode()


def _proven(effect: Effect | None, messages: list[Message]) -> Iterator[str]:
    while effect is not None:
        for number, message in enumerate(messages):
            found = judge(effect, message, messages[:number])
            if found is not None and found.outcome == "effect" and effect.rule != "echo":
                yield f"{effect.rule} by {message.topic}: {found.en}"
        effect = effect.otherwise


@pytest.mark.parametrize(("kind", "changes"), list(_asked()))
def test_what_was_coming_anyway_proves_no_command(kind: str, changes: dict[str, Any]) -> None:
    for change in SITUATIONS:
        told = _situation(change)
        messages = list(_coming_anyway(told.heard))
        try:
            plan = plan_of(kind, told.state, **changes)
        except CommandError:
            continue
        for step in plan.steps if plan.allowed else ():
            assert list(_proven(step.effect, messages)) == [], change.__name__


def test_every_kind_may_be_given_in_one_of_the_situations() -> None:
    allowed = set()
    for change in SITUATIONS:
        state = _situation(change).state
        for kind, changes in _asked():
            try:
                plan = plan_of(kind, state, **changes)
            except CommandError:
                continue
            if plan.allowed and plan.steps:
                allowed.add(kind)
    assert set(KINDS) - allowed == set()


def test_a_retained_copy_of_the_same_text_is_no_echo() -> None:
    effect = plan_of("free-message", topic="site/lamp", payload="on").steps[0].effect
    assert judge(effect, Message("site/lamp", b"on", "9-0", retain=True)) is None
    assert judge(effect, Message("site/lamp", b"on", "9-0")) is not None
