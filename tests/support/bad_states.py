"""States in which the factory would not do a command, or not answer: by whom it is refused then."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omf.constants import CCU_SILENCE_S
from omf.state import FactoryState
from tests.support.factory import FTS, SERIALS, Factory, pairing, stock_message

Change = Callable[[FactoryState], None]
ORDER = {"orderId": "one", "state": "IN_PROGRESS", "type": "RED", "orderType": "PRODUCTION"}


class BadState(NamedTuple):
    """One bad state."""

    change: Change
    refused: dict[str, str]
    """Interlock by kind; what is not named goes as in the good state."""
    parameters: Mapping[str, Any] = MappingProxyType({})


def _unlisted(state: FactoryState) -> None:
    Factory(state).say("ccu_pairing_state", {**pairing(), "transports": []})


def _unpaired(kind: str) -> Change:
    def change(state: FactoryState) -> None:
        told = pairing()
        for module in told["modules"]:
            if module["subType"] == kind:
                del module["pairedSince"]
        Factory(state).say("ccu_pairing_state", told)

    return change


def _gone(kind: str) -> Change:
    def change(state: FactoryState) -> None:
        told = pairing()
        told["modules"] = [one for one in told["modules"] if one["subType"] != kind]
        Factory(state).say("ccu_pairing_state", told)

    return change


def _offline(kind: str) -> Change:
    def change(state: FactoryState) -> None:
        Factory(state).online(SERIALS[kind], "CONNECTIONBROKEN")

    return change


def _vehicle(**changes: Any) -> Change:
    def change(state: FactoryState) -> None:
        node = changes.get("lastNodeId", SERIALS["DPS"])
        Factory(state).vehicle(node, **changes)

    return change


def _vehicle_gone(state: FactoryState) -> None:
    Factory(state).online(FTS, "OFFLINE")


def _vehicle_later(state: FactoryState) -> None:
    """Everybody but the CCU spoke a moment ago."""
    Factory(state).wait(CCU_SILENCE_S + 1).vehicle(SERIALS["DPS"])


def _working(state: FactoryState) -> None:
    Factory(state).orders(ORDER)


def _bridge_dead(state: FactoryState) -> None:
    Factory(state).say("nodered_status", {"connectionState": "OFFLINE"})


def _empty_store(state: FactoryState) -> None:
    Factory(state).stock()
    loads = [{"loadType": "", "loadId": "", "loadPosition": "A1", "loadTimestamp": 0}]
    Factory(state).module(SERIALS["HBW"], loads=loads)


def _full_store(state: FactoryState) -> None:
    bays = {f"{letter}{number}": "BLUE" for letter in "ABC" for number in "123"}
    Factory(state).say("ccu_state_stock", stock_message(**bays))
    loads = [{"loadType": "BLUE", "loadId": "x", "loadPosition": bay} for bay in bays]
    Factory(state).module(SERIALS["HBW"], loads=loads)


def _reported(kind: str, **changes: Any) -> Change:
    def change(state: FactoryState) -> None:
        serial = SERIALS[kind]
        Factory(state).module(serial, **changes)

    return change


FATAL = [{"errorType": "x", "errorLevel": "FATAL"}]
MOVED = ("fts-navigate", "charge", "fts-dock", "clear-load-handler", "stop-charging")
BAD: dict[str, BadState] = {
    "the CCU lists no vehicle": BadState(
        _unlisted, dict.fromkeys((*MOVED, "fts-pair"), "vehicle-listed")
    ),
    "a serial no vehicle has": BadState(
        lambda _: None,
        dict.fromkeys((*MOVED, "fts-pair"), "vehicle-listed")
        | dict.fromkeys(("fts-reset", "fts-factsheet"), "vehicle-connected"),
        {"serial": "nobody"},
    ),
    "the vehicle is off": BadState(
        _vehicle_gone,
        dict.fromkeys((*MOVED, "fts-pair", "fts-reset", "fts-factsheet"), "vehicle-connected"),
    ),
    "the vehicle has lost its place": BadState(
        _vehicle(lastNodeId="UNKNOWN"),
        dict.fromkeys(("fts-navigate", "charge"), "position-known"),
    ),
    "the vehicle drives": BadState(
        _vehicle(driving=True),
        dict.fromkeys(("fts-navigate", "charge", "fts-dock"), "vehicle-still"),
    ),
    "MILL is not paired": BadState(
        _unpaired("MILL"), dict.fromkeys(("production-order",), "flow-paired")
    ),
    "MILL is not there": BadState(
        _gone("MILL"),
        {
            "production-order": "flow-paired",
            "delete-module": "module-listed",
            "module-duration": "module-known",
        },
    ),
    "the CCU does not list the station": BadState(
        _gone("DPS"),
        {"calibration": "module-known"}
        | dict.fromkeys(("production-order", "cloud-order"), "flow-paired"),
    ),
    "AIQS is not paired": BadState(
        _unpaired("AIQS"), dict.fromkeys(("production-order", "cloud-order"), "flow-paired")
    ),
    "the store is not paired": BadState(
        _unpaired("HBW"), dict.fromkeys(("production-order", "cloud-order"), "flow-paired")
    ),
    "MILL is off": BadState(
        _offline("MILL"),
        {"module-sequence": "module-connected", "production-order": "flow-connected"},
    ),
    "the station is off": BadState(
        _offline("DPS"),
        dict.fromkeys(("delivery-drop", "delivery-pick", "status-led"), "module-connected")
        | dict.fromkeys(
            (
                "fts-dock",
                "fts-pair",
                "camera",
                "camera-stream",
                "sensor-period",
                "nfc-read",
                "nfc-delete",
            ),
            "delivery-connected",
        )
        | {"calibration": "module-connected"}
        | dict.fromkeys(("production-order", "cloud-order"), "flow-connected"),
    ),
    "a serial no module has": BadState(
        lambda _: None,
        {
            "module-step": "module-type",
            "module-sequence": "module-matches",
            "module-reset": "module-resettable",
            "module-factsheet": "module-answers",
            "module-duration": "duration-settable",
            "delete-module": "module-listed",
            "calibration": "calibratable",
            "storage-drop": "warehouse",
            "storage-pick": "warehouse",
            "set-storage": "warehouse",
            "delivery-drop": "delivery",
            "delivery-pick": "delivery",
            "status-led": "delivery",
        },
        {"serial": "nobody"},
    ),
    "the charger, which has no device": BadState(
        lambda _: None,
        {
            "module-step": "module-type",
            "module-reset": "module-resettable",
            "module-factsheet": "module-answers",
            "module-duration": "duration-settable",
            "calibration": "calibratable",
        },
        {"serial": SERIALS["CHRG"]},
    ),
    "a vehicle's serial": BadState(
        lambda _: None,
        {"delete-module": "module-listed", "module-duration": "duration-settable"},
        {"serial": FTS},
    ),
    "Node-RED is dead": BadState(
        _bridge_dead,
        dict.fromkeys(
            (
                "module-step",
                "module-sequence",
                "storage-drop",
                "storage-pick",
                "delivery-drop",
                "delivery-pick",
                "module-reset",
                "module-factsheet",
                "set-storage",
                "status-led",
                "park",
                "calibration",
                "production-order",
                "cloud-order",
                "storage-order",
            ),
            "bridge-up",
        ),
    ),
    "the CCU works on an order": BadState(
        _working,
        dict.fromkeys(
            (
                "module-step",
                "module-sequence",
                "storage-drop",
                "storage-pick",
                "delivery-drop",
                "delivery-pick",
                "fts-navigate",
                "park",
                "set-storage",
                "default-layout",
                "nfc-delete",
            ),
            "ccu-idle",
        )
        | {"calibration": "calibration-idle", "cancel-order": "orders-queued"},
    ),
    "the CCU is silent": BadState(
        _vehicle_later,
        dict.fromkeys(
            (
                "production-order",
                "cloud-order",
                "storage-order",
                "cancel-order",
                "charge",
                "fts-pair",
                "park",
                "calibration",
            ),
            "ccu-speaks",
        ),
    ),
    "the store is empty": BadState(
        _empty_store,
        dict.fromkeys(("production-order", "cloud-order"), "stock-free")
        | {"storage-drop": "store-has"},
    ),
    "the store is full of BLUE": BadState(
        _full_store,
        {
            "storage-order": "stock-room",
            "storage-pick": "store-room",
            "production-order": "stock-free",
            "cloud-order": "stock-free",
            "storage-drop": "store-has",
            "mock-refill": "refill-room",
        },
    ),
    "DRILL has a piece": BadState(
        _reported("DRILL", loads=[{"loadType": "RED"}]), {"module-step": "piece-there"}
    ),
    "DRILL is broken": BadState(_reported("DRILL", errors=FATAL), {"module-step": "module-sound"}),
    "no piece in the station": BadState(
        _reported("DPS", loads=[]), {"delivery-drop": "input-there"}
    ),
    "nobody told what lies in the station": BadState(
        _reported("DPS", loads=None), {"delivery-drop": "input-there"}
    ),
}
