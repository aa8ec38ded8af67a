"""Every reason the gateway can give, in every language."""

from omf.texts import Text, text
from services.common.store.keys import Reason

ALREADY_SENT = Reason.of("restarted", text("reason.gateway_restarted"))
NO_PUBACK = Reason.of("no-puback", text("reason.unacknowledged"))
EXPIRED = Reason.of("expired", text("reason.expired"))
BROKER_AWAY = Reason.of("broker-away", text("reason.broker_absent"))

GIVEN_UP_UNSENT = Reason.of("given-up", text("reason.given_up_unsent"))

GIVEN_UP_SENT = Reason.of("given-up", text("reason.given_up_perhaps_sent"))


def refused(what: str, said: Text) -> Reason:
    """A refusal by the checks; `what` names the rule."""
    return Reason.of(f"gateway-{what}", said)
