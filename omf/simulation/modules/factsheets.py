"""Factsheets: what a module says it can do (PROTOCOL A.2)."""

from typing import Any

from omf.constants import COLOURS
from omf.simulation.simulated_factory import BAYS_PER_COLOUR, WAREHOUSE_BAYS, ModuleFacts

_TEACH = ("startCalibration", "stopCalibration")
_POSITION = ("selectCalibrationPosition", "testCalibrationPosition")
_VALUES = ("setCalibrationValues", "storeCalibrationValues")


def module(facts: ModuleFacts, at: str) -> dict[str, Any]:
    """The factsheet Node-RED publishes for a PLC module; `at` is its timestamp."""
    features: dict[str, Any] = {"moduleActions": _actions(facts)}
    if facts.type in ("HBW", "DPS"):
        features["moduleParameters"] = {"clearModuleOnPick": True}
    return {
        **_head(facts, facts.version, at),
        "typeSpecification": {
            "seriesName": f"MOD-FF22+{facts.type}+24V",
            "moduleClass": facts.type,
        },
        "protocolFeatures": features,
        "loadSpecification": _loads(facts),
    }


def controller(facts: ModuleFacts, version: str, at: str) -> dict[str, Any]:
    """The factsheet a TXT controller publishes for itself."""
    suffix = "+24V+TXT" if facts.type == "AIQS" else ""
    klass = "AIQS24" if facts.type == "AIQS" else facts.type
    orders = [a for a in _actions(facts) if facts.type != "AIQS" or a["actionType"] == _CHECK]
    features: dict[str, Any] = {"moduleActions": orders}
    if facts.type == "DPS":
        features["moduleParameters"] = {"clearModuleOnPick": True}
    sets = {"loadSets": []} if facts.type == "AIQS" else _loads(facts)
    return {
        **_head(facts, version, at),
        "typeSpecification": {
            "seriesName": f"MOD-FF22+{facts.type}{suffix}",
            "moduleClass": klass,
        },
        "protocolFeatures": features,
        "loadSpecification": sets,
    }


_CHECK = "CHECK_QUALITY"


def _head(facts: ModuleFacts, version: str, at: str) -> dict[str, Any]:
    return {
        "headerId": 1,
        "timestamp": at,
        "version": version,
        "manufacturer": "Fischertechnik",
        "serialNumber": facts.serial,
        "physicalParameters": {},
        "protocolLimits": {},
        "localizationParameters": {},
    }


def _actions(facts: ModuleFacts) -> list[dict[str, Any]]:
    own = {"MILL": ["MILL"], "DRILL": ["DRILL"], "AIQS": [_CHECK]}.get(facts.type, [])
    actions = [_order(command) for command in ("DROP", "PICK", *own)]
    if facts.calibration:
        actions += [_instant(name) for name in _TEACH]
        actions += [_instant(name, "references", "array") for name in _VALUES]
        actions += [_instant(name, "position", "string") for name in _POSITION]
        actions.append(_instant("resetCalibration", "factory", "boolean"))
    if facts.type == "DPS":
        actions += [_instant("announceOutput", "orderId", "string"), _instant("cancelStorageOrder")]
        actions.append(_instant("setStatusLED", "green", "boolean"))
    return actions


def _order(command: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [_parameter("type", "string", "Colour of the piece")]
    if command in ("MILL", "DRILL"):
        parameters.insert(0, _parameter("duration", "number", "Seconds to work on it"))
    if command != "PICK":
        parameters[-1]["isOptional"] = True
    return {"actionType": command, "actionParameters": parameters}


def _instant(name: str, parameter: str = "", kind: str = "") -> dict[str, Any]:
    action: dict[str, Any] = {"actionType": name, "actionScopes": ["INSTANT"]}
    if parameter:
        action["actionParameters"] = [_parameter(parameter, kind, f"The {parameter} to use")]
        if name in ("storeCalibrationValues", "resetCalibration"):
            action["actionParameters"][0]["isOptional"] = True
    return action


def _parameter(name: str, kind: str, text: str) -> dict[str, Any]:
    return {"parameterName": name, "parameterType": kind, "parameterDescription": text}


def _loads(facts: ModuleFacts) -> dict[str, Any]:
    sets = [{"setName": f"{colour}S", "loadType": colour} for colour in COLOURS]
    if facts.type != "HBW":
        return {"loadSets": sets}
    limited = [{**one, "maxAmount": BAYS_PER_COLOUR} for one in sets]
    return {"loadPositions": list(WAREHOUSE_BAYS), "loadSets": limited}
