"""No kind ends in an effect by what was coming anyway: periodic reports, and retained copies."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from omf.commands import KINDS, CommandError, Effect, judge
from omf.messages.message import Message
from omf.state import FactoryState
from tests.support import known_factory as known
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.floor import SERIALS
from tests.support.known_factory import NOW, TAG, VEHICLE, pairing, vehicle_state, warehouse_loads

ON_DEMAND = ("state/layout", "state/flows", "state/config", "factsheet")
"""Said at a start, on a change or on request; what else is here is repeated by itself (B.1)."""
CONFIG = {
    "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}
Tell = Callable[..., Message]


def _reset(tell: Tell, order_id: str = "") -> None:
    note = {"errorType": "RESET", "errorLevel": "WARNING"}
    note["errorReferences"] = [{"referenceKey": "orderId", "referenceValue": order_id}]
    lost = vehicle_state(VEHICLE, "UNKNOWN", errors=[note])
    tell(f"fts/v1/ff/{VEHICLE}/state", lost)
    listed = pairing()
    del listed["transports"][0]["pairedSince"]
    tell("ccu/pairing/state", listed)


def _reset_with_order(tell: Tell) -> None:
    _reset(tell, "an-order")


def _charging(tell: Tell) -> None:
    battery = {"charging": True, "percentage": 40}
    at_charger = vehicle_state(VEHICLE, "CHRG0", paused=True, batteryState=battery)
    tell(f"fts/v1/ff/{VEHICLE}/state", at_charger)


def _calibrating(tell: Tell) -> None:
    for serial in (SERIALS["DPS"], SERIALS["HBW"]):
        step = {"id": "x", "command": "startCalibration", "state": "FINISHED"}
        told = known.module_state(serial, operatingMode="TEACHIN", paused=True, actionState=step)
        tell(f"module/v1/ff/{serial}/state", told)


def _worked(tell: Tell) -> None:
    for kind, serial in SERIALS.items():
        if kind != "CHRG":
            done = {"id": f"done-{kind}", "command": "DROP", "state": "FINISHED"}
            loads = warehouse_loads(A1="RED") if kind == "HBW" else []
            told = known.module_state(serial, actionState=done, loads=loads)
            tell(f"module/v1/ff/{serial}/state", told)


def _measuring(tell: Tell) -> None:
    controller = f"module/v1/ff/NodeRed/{SERIALS['DPS']}/state"
    tell(controller, known.module_state(SERIALS["DPS"]))
    for times in range(3):
        tell("/j1/txt/1/i/ldr", {"ts": "x", "br": 50.0, "ldr": 900}, at=NOW + 60 * times)
        tell("/j1/txt/1/i/bme680", {"ts": "x", "t": 21.0}, at=NOW + 60 * times)
        tell("/j1/txt/1/i/cam", {"ts": "x", "data": "data:image/jpeg;base64,AA"}, at=NOW + 121)


def _set(tell: Tell) -> None:
    tell("ccu/state/config", CONFIG)
    tell("module/v1/ff/NodeRed/status", {"connectionState": "ONLINE"})
    order = {"orderId": "one", "orderType": "PRODUCTION", "type": "RED", "state": "ENQUEUED"}
    second = {**order, "orderId": "two"}
    tell("ccu/order/active", [{**one, "productionSteps": []} for one in (order, second)])


def _waiting(tell: Tell) -> None:
    tell(f"fts/v1/ff/{VEHICLE}/state", vehicle_state(VEHICLE, SERIALS["MILL"]))
    old = [{"id": "dock-1", "command": "DOCK", "state": "FINISHED"}]
    at_mill = vehicle_state(VEHICLE, SERIALS["MILL"], waitingForLoadHandling=True, actionStates=old)
    tell(f"fts/v1/ff/{VEHICLE}/state", at_mill)


def _gone(tell: Tell) -> None:
    offline = {"connectionState": "OFFLINE", "serialNumber": SERIALS["MILL"]}
    tell(f"module/v1/ff/{SERIALS['MILL']}/connection", offline)
    listed = pairing()
    for module in listed["modules"]:
        module["connected"] = module["subType"] != "MILL"
    tell("ccu/pairing/state", listed)


def _handed_in(tell: Tell) -> None:
    serial = SERIALS["DPS"]
    lying = [{"type": "RED", "loadId": TAG, "loadPosition": None}]
    read = {"id": "r", "command": "RGB_NFC", "state": "FINISHED", "result": TAG}
    tell(f"module/v1/ff/{serial}/state", known.module_state(serial, loads=lying, actionState=read))


def _nothing(_: Tell) -> None:
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


@pytest.fixture
def situation(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], tuple[FactoryState, list]]:
    """The factory in a situation, and every message that told it."""

    def make(change: Callable[[Tell], None]) -> tuple[FactoryState, list[Message]]:
        heard: list[Message] = []
        original = known.tell

        def tell(*given: Any, **named: Any) -> Message:
            message = original(*given, **named)
            heard.append(message)
            return message

        with monkeypatch.context() as patched:
            patched.setattr(known, "tell", tell)
            state = known.known_factory()
            tell(state, "site/lamp", "on")
            change(lambda topic, body, at=NOW: tell(state, topic, body, at=at))
        return state, heard

    return make


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
def test_what_was_coming_anyway_proves_no_command(
    kind: str, changes: dict[str, Any], situation: Callable[[Any], Any]
) -> None:
    for change in SITUATIONS:
        state, heard = situation(change)
        messages = list(_coming_anyway(heard))
        try:
            plan = plan_of(kind, state, **changes)
        except CommandError:
            continue
        for step in plan.steps if plan.allowed else ():
            assert list(_proven(step.effect, messages)) == [], change.__name__


def test_every_kind_may_be_given_in_one_of_the_situations(situation: Callable[[Any], Any]) -> None:
    allowed = set()
    for change in SITUATIONS:
        state, _ = situation(change)
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
