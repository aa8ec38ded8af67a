"""TEACHIN: what HBW, DPS and AIQS do while a person sets their positions (PROTOCOL C.8)."""

from collections.abc import Mapping
from typing import Any

from omf.simulation.modules.plc import Plc
from omf.simulation.payloads import get_object, get_objects

POSITIONS = ("PARK", "HOME", "PICK", "DROP")
"""What this simulation offers; the real lists differ by module."""
REFERENCES: dict[str, int] = {f"{at}.{axis}": 100 for at in POSITIONS for axis in ("X", "Y")}


class Calibration(Plc):
    """A module that can be calibrated: paused and TEACHIN from start to stop."""

    def restart(self) -> None:
        """Calibration ends with the bridge."""
        super().restart()
        self.calibrating = False
        self.references: dict[str, Any] = dict(REFERENCES)
        self.position = ""

    def extra(self) -> dict[str, Any]:
        """Mode and, while calibrating, the reference values."""
        if not self.calibrating:
            return {"operatingMode": "AUTOMATIC", "information": []}
        return {"paused": True, "operatingMode": "TEACHIN", "information": self._information()}

    def instant(self, action: Mapping[str, Any]) -> None:
        """Start from IDLE, all else only while calibrating; otherwise a Validation error."""
        kind = str(action.get("actionType") or "")
        steps = {
            "startCalibration": not self.running,
            "stopCalibration": self.calibrating,
            "setCalibrationValues": self.calibrating,
            "storeCalibrationValues": self.calibrating,
            "resetCalibration": self.calibrating,
            "selectCalibrationPosition": self.calibrating and _position(action) in POSITIONS,
            "testCalibrationPosition": self.calibrating and _position(action) in POSITIONS,
        }
        if kind not in steps:
            super().instant(action)
        elif steps[kind]:
            self._step(kind, action)
        else:
            self.refuse({"action": {"id": action.get("actionId"), "command": kind}}, "Not allowed")

    def _step(self, kind: str, action: Mapping[str, Any]) -> None:
        metadata = get_object(action, "metadata")
        if kind in ("startCalibration", "stopCalibration"):
            self.calibrating = kind == "startCalibration"
        if kind == "resetCalibration":
            self.references = dict(REFERENCES)
        self.position = _position(action) or self.position
        for pair in get_objects(metadata, "references"):
            self.references[str(pair.get("referenceKey"))] = pair.get("referenceValue")
        self.action = {"id": action.get("actionId"), "command": kind, "state": "FINISHED"}
        self.publish()

    def _information(self) -> list[dict[str, Any]]:
        pairs = self.references.items()
        listed = [{"referenceKey": key, "referenceValue": value} for key, value in pairs]
        status = [
            {"referenceKey": "POSITIONS.AVAILABLE", "referenceValue": ",".join(POSITIONS)},
            {"referenceKey": "POSITIONS.CURRENT", "referenceValue": self.position},
        ]
        return [_info("calibration_data", listed), _info("calibration_status", status)]


def _position(action: Mapping[str, Any]) -> str:
    return str(get_object(action, "metadata").get("position") or "")


def _info(kind: str, references: list[dict[str, Any]]) -> dict[str, Any]:
    return {"infoLevel": "DEBUG", "infoType": kind, "infoReferences": references}
