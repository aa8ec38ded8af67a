"""How the control lease passes from hand to hand. Pure; the store's clock is handed in."""

from typing import Any

from services.common.store.keys import Reason
from services.common.store.lease import Lease
from services.orders import lease_reasons

MINUTE_S = 60.0


def passed(
    kind: str, parameters: dict[str, Any], operator: str, lease: Lease, now: float
) -> Lease | Reason:
    """The lease after a command of `operator` about it, or why it stays as it is."""
    holder = lease.holder_at(now)
    if kind == "control-request":
        return _asked(operator, holder, lease, now)
    if holder not in (operator, "") or not (holder or kind == "control-take"):
        return lease_reasons.barred(lease, now) if holder else lease_reasons.CONTROL_FREE
    if kind == "control-release":
        return Lease(required=lease.required)
    minutes_s = parameters["minutes"] * MINUTE_S
    if kind == "control-hand-over":
        return _handed(parameters.get("to") or lease.asked_by, lease, now, minutes_s)
    kept = lease if holder else Lease(required=lease.required, holder=operator, since=now)
    return kept.model_copy(update={"until": now + minutes_s})


def _asked(operator: str, holder: str, lease: Lease, now: float) -> Lease | Reason:
    if not holder:
        return lease_reasons.CONTROL_FREE
    if holder == operator:
        return lease_reasons.CONTROL_YOURS
    if lease.asked_by not in (operator, ""):
        return lease_reasons.asked_before(lease)
    return lease.model_copy(update={"asked_by": operator, "asked_at": now})


def _handed(to: str, lease: Lease, now: float, minutes_s: float) -> Lease | Reason:
    if not to:
        return lease_reasons.NOBODY_ASKED
    return Lease(required=lease.required, holder=to, since=now, until=now + minutes_s)
