"""Every reason the gateway can give, in every language."""

from omf.texts import Text, text
from services.common.store.keys import Reason

ALREADY_SENT = Reason.of("restarted", text("reason.gateway_restarted_between_sending_and"))
NO_PUBACK = Reason.of("no-puback", text("reason.broker_did_not_acknowledge_only"))
EXPIRED = Reason.of("expired", text("reason.expired_before_could_be_sent"))
BROKER_AWAY = Reason.of("broker-away", text("reason.broker_was_not_connected_until"))

GIVEN_UP_UNSENT = Reason.of("given-up", text("reason.begun_five_times_and_never"))

GIVEN_UP_SENT = Reason.of("given-up", text("reason.begun_five_times_and_perhaps"))


def refused(what: str, said: Text) -> Reason:
    """A refusal by the checks; `what` names the rule."""
    return Reason.of(f"gateway-{what}", said)
