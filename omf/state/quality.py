"""The results of the quality station, one for each check it reported with its picture."""

from dataclasses import dataclass, field

from omf.messages.sensors import QualityCheck
from omf.state.links import CameraPicture
from omf.state.modules import Module
from omf.state.values import Arrival, clip, push

MAX_CHECKS = 100


@dataclass(slots=True)
class CheckResult:
    """One result; `order_id` and `workpiece_id` only if exactly one station was checking."""

    result: str | None
    classification: str | None
    description: str | None
    number: int | None
    device_time: str | None
    picture: CameraPicture
    order_id: str | None = None
    workpiece_id: str | None = None
    colour: str | None = None


@dataclass(slots=True)
class Quality:
    """All results counted, the last ones kept."""

    checks: list[CheckResult] = field(default_factory=list)
    by_result: dict[str, int] = field(default_factory=dict)


def read_check(
    quality: Quality, payload: QualityCheck, modules: dict[str, Module], arrival: Arrival
) -> None:
    """Take over a result; a retained copy of the last one known is no second check."""
    known = quality.checks[-1] if quality.checks else None
    if arrival.retained and known is not None and known.device_time == payload.ts:
        return
    picture = CameraPicture(arrival.id, arrival.at, len(payload.data or ""), arrival.retained)
    check = CheckResult(
        result=clip(payload.result),
        classification=clip(payload.classification),
        description=clip(payload.classification_desc),
        number=payload.num,
        device_time=clip(payload.ts),
        picture=picture,
    )
    if not arrival.retained:
        _attribute(check, modules)
    push(quality.checks, check, MAX_CHECKS)
    result = check.result if check.result in ("PASSED", "FAILED") else "other"
    quality.by_result[result] = quality.by_result.get(result, 0) + 1


def _attribute(check: CheckResult, modules: dict[str, Module]) -> None:
    busy = [
        module
        for module in modules.values()
        if (action := module.action) is not None
        and action.command == "CHECK_QUALITY"
        and action.state == "RUNNING"
    ]
    if len(busy) == 1 and busy[0].action is not None:
        check.order_id = busy[0].order_id or None
        check.workpiece_id = busy[0].action.workpiece_id
        check.colour = busy[0].action.colour
