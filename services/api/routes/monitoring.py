"""`/api/v1/alertmanager`: alerts of Prometheus come into the list of alarms."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from omf import faults
from omf.alarms.monitoring import AlertWebhook, WebhookAlert
from services.api import reasons
from services.api.access import ClientDep, ContextDep, EnvironmentDep
from services.api.context import ServedEnvironment
from services.api.description import PREFIX, refusals
from services.api.metrics import ALERTS_REFUSED, ALERTS_TAKEN
from services.api.problems import FieldError, RefusalError
from services.common.store.monitoring_alerts import put_alerts

router = APIRouter(prefix=f"{PREFIX}/alertmanager", tags=["alarms"])
MAX_NAMED_FAULTS = 10
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": AlertWebhook.model_json_schema()}},
    }
}


class TakenAlerts(BaseModel):
    """What became of the alerts of one webhook."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    standing: int = 0
    """Alerts that stand now."""
    ended: int = 0
    """Alerts that are resolved."""
    left_out: int = 0
    """Of an environment that is not served here or closed to this client, or too many."""


@router.post("", responses=refusals(reasons.NO_ALERT), openapi_extra=BODY)
async def take(
    request: Request, context: ContextDep, client: ClientDep, served: EnvironmentDep
) -> TakenAlerts:
    """Take the webhook of an Alertmanager (version 4).

    An alert belongs to the environment its label `environment` names, else to that of the address.
    The client needs the role operator, or `alerts` in its line of the tokens file.
    """
    if not client.may_tell_alerts:
        raise RefusalError(reasons.ROLE)
    alerts = _read(await request.body()).alerts
    standing = ended = 0
    for environment, place in context.environments.items():
        own = [one for one in alerts if _environment(one, served) == environment]
        if not own or not client.enters(environment):
            continue
        now = await place.bus.time()
        firing = [one.stands(now) for one in own if one.status == "firing"]
        over = [one.id for one in own if one.status == "resolved"]
        standing += len(firing) - await put_alerts(place.bus, firing, over)
        ended += len(over)
    ALERTS_TAKEN.inc(standing + ended)
    left_out = len(alerts) - standing - ended
    return TakenAlerts(standing=standing, ended=ended, left_out=left_out)


def _read(body: bytes) -> AlertWebhook:
    try:
        return AlertWebhook.read(body)
    except ValidationError as error:
        ALERTS_REFUSED.inc()
        named = [
            FieldError(".".join(map(str, one["loc"])) or "body", faults.fault_text(one))
            for one in error.errors()[:MAX_NAMED_FAULTS]
        ]
        raise RefusalError(reasons.NO_ALERT, field_errors=named) from None


def _environment(alert: WebhookAlert, served: ServedEnvironment) -> str:
    """Where an alert belongs."""
    return alert.labels.get("environment") or served.environment
