"""Every reason the gateway can give, in both languages."""

from services.common.store.keys import Reason

ALREADY_SENT = Reason(
    id="restarted",
    de="Das Gateway wurde zwischen Senden und Bestätigung neu gestartet; ob der Befehl ankam, "
    "zeigt nur die Fabrik.",
    en="The gateway restarted between sending and acknowledgement; only the factory shows whether "
    "the command arrived.",
)
NO_PUBACK = Reason(
    id="no-puback",
    de="Der Broker hat den Empfang nicht bestätigt; ob der Befehl ankam, zeigt nur die Fabrik.",
    en="The broker did not acknowledge; only the factory shows whether the command arrived.",
)
EXPIRED = Reason(
    id="expired",
    de="Die Frist lief ab, bevor gesendet werden konnte; es wurde nichts gesendet.",
    en="It expired before it could be sent; nothing was sent.",
)
BROKER_AWAY = Reason(
    id="broker-away",
    de="Der Broker war bis zum Ablauf der Frist nicht verbunden; es wurde nichts gesendet.",
    en="The broker was not connected until the deadline passed; nothing was sent.",
)

GIVEN_UP = Reason(
    id="given-up",
    de="Fünfmal begonnen und nie gesendet. Das Protokoll des Gateways nennt den Fehler.",
    en="Begun five times and never sent. The log of the gateway names the error.",
)

GIVEN_UP_SENT = Reason(
    id="given-up",
    de="Fünfmal begonnen und vielleicht gesendet; ob der Befehl ankam, zeigt nur die Fabrik. Das "
    "Protokoll des Gateways nennt den Fehler.",
    en="Begun five times and perhaps sent; only the factory shows whether the command arrived. The "
    "log of the gateway names the error.",
)


def refused(what: str, de: str, en: str) -> Reason:
    """A refusal by the checks; `what` names the rule."""
    return Reason(id=f"gateway-{what}", de=de, en=en)
