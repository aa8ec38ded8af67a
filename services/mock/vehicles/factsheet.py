"""What a vehicle says it can do (PROTOCOL A.2)."""

from typing import Any

from omf.constants import COLOURS


def vehicle(serial: str, version: str, at: str) -> dict[str, Any]:
    """The factsheet of a vehicle; `at` is its timestamp."""
    return {
        "headerId": 1,
        "timestamp": at,
        "version": version,
        "manufacturer": "Fischertechnik",
        "serialNumber": serial,
        "typeSpecification": {
            "seriesName": "FTS-FF22+",
            "agvClass": "CARRIER",
            "navigationTypes": ["PHYSICAL_LINE_GUIDED"],
        },
        "physicalParameters": {},
        "protocolLimits": {},
        "agvGeometry": {},
        "localizationParameters": {},
        "protocolFeatures": {"agvActions": [{"actionType": "DOCK", "actionScopes": "NODE"}]},
        "loadSpecification": {
            "loadPositions": ["LEFT", "MIDDLE", "RIGHT"],
            "loadSets": [{"setName": f"{colour}S", "loadType": colour} for colour in COLOURS],
        },
    }
