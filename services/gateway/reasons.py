"""Every reason the gateway can give, in every language."""

from omf.texts import Text, text
from services.common.store.keys import Reason

ALREADY_SENT = Reason.of("restarted", text("reason.gateway_restarted"))
NO_PUBACK = Reason.of("no-puback", text("reason.unacknowledged"))
EXPIRED = Reason.of("expired", text("reason.expired"))
BROKER_AWAY = Reason.of("broker-away", text("reason.broker_absent"))

UNSPECIFIED = 0x80
BROKER_REFUSALS = frozenset({UNSPECIFIED, 0x83, 0x87, 0x90, 0x91, 0x95, 0x97, 0x99})
"""Reason codes of a PUBACK that say that the broker did not take the message (MQTT 5, 3.4.2.1)."""

GIVEN_UP_UNSENT = Reason.of("given-up", text("reason.given_up_unsent"))

GIVEN_UP_SENT = Reason.of("given-up", text("reason.given_up_perhaps_sent"))


def broker_refused(code: int, said: str = "") -> Reason:
    """The broker did not hand the command on; its reason code, and what it says itself."""
    known = code if code in BROKER_REFUSALS else UNSPECIFIED
    why = text(f"reason.broker_refused.{known}")
    words = text("reason.broker_refused_command", why=why)
    if said:
        words = text("reason.broker_refused_saying", why=why, said=said)
    return Reason.of("broker-refused", words)


def refused(what: str, said: Text) -> Reason:
    """A refusal by the checks; `what` names the rule."""
    return Reason.of(f"gateway-{what}", said)
