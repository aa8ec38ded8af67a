"""What the gateway refuses whoever asks: the last gate before the factory. Pure."""

from omf.commands import FREE_MESSAGE, KINDS
from omf.commands.hazards import hazard
from omf.constants import MAX_PAYLOAD_BYTES
from omf.messages.reading import Rejected, parse_strictly
from omf.messages.writing import check_command
from omf.texts import text
from omf.topics import catalogue
from omf.topics.filters import TopicError, check_topic
from services.common.store.keys import Outgoing, Reason, Role
from services.gateway.reasons import refused

"""Far above any command; a broker may cut the whole link for one fat message."""
CLEAR_RETAINED = "clear-retained"


def refusal(outgoing: Outgoing) -> Reason | None:
    """Why this must not be published, or None."""
    for check in (_kind, _role, _size, _topic, _retain, _model, _hazard):
        if why := check(outgoing):
            return why
    return None


def device(topic: str) -> str:
    """Whom a topic addresses: a serial number, or `ccu` for all that shares one receiver."""
    entry = catalogue.of(topic)
    return catalogue.levels(entry.name, topic).get("serial", "ccu") if entry else "ccu"


def _kind(outgoing: Outgoing) -> Reason | None:
    if outgoing.kind in KINDS:
        return None
    return refused("kind", text("reason.kind_unknown", kind=outgoing.kind))


def _role(outgoing: Outgoing) -> Reason | None:
    needed = Role(KINDS[outgoing.kind].role)
    if outgoing.role.includes(needed):
        return None
    said = text("reason.gateway.role", role=outgoing.role.value, needed=needed.value)
    return refused("role", said)


def _size(outgoing: Outgoing) -> Reason | None:
    size = len(outgoing.payload.encode())
    if size <= MAX_PAYLOAD_BYTES:
        return None
    return refused("size", text("reason.gateway.size", size=size, most=MAX_PAYLOAD_BYTES))


def _topic(outgoing: Outgoing) -> Reason | None:
    try:
        check_topic(outgoing.topic)
    except TopicError as error:
        return refused("topic", text("reason.gateway.topic", error=error.text))
    if outgoing.topic.startswith("$"):
        return refused("topic", text("reason.topic_of_broker"))
    if outgoing.kind == FREE_MESSAGE or _clears(outgoing) or _commanded(outgoing.topic):
        return None
    return refused("topic", text("reason.topic_not_command", topic=outgoing.topic))


def _retain(outgoing: Outgoing) -> Reason | None:
    """A retained command would run again at each reconnect of its receiver (PROTOCOL F.34)."""
    entry = catalogue.of(outgoing.topic)
    free = outgoing.kind == FREE_MESSAGE and not (entry is not None and entry.carried_out)
    if free or not outgoing.retain or _clears(outgoing):
        return None
    return refused("retain", text("reason.retained"))


def _model(outgoing: Outgoing) -> Reason | None:
    """Our own commands are held to what we may write; a free message only to its topic's model.

    An administrator may override the latter with a reason.
    """
    if _clears(outgoing) or _overrides(outgoing):
        return None
    test = parse_strictly if outgoing.kind == FREE_MESSAGE else check_command
    read = test(outgoing.topic, outgoing.payload.encode())
    if not isinstance(read, Rejected):
        return None
    return refused("model", text("reason.gateway.payload", error=read.detail))


def _hazard(outgoing: Outgoing) -> Reason | None:
    """The vendor's CCU would end at it; only somebody who gave a reason sends it (PROTOCOL H)."""
    found = hazard(outgoing.topic, outgoing.payload)
    if found is None or _overrides(outgoing):
        return None
    return refused("ccu", text("reason.gateway.ccu", hazard=found))


def _overrides(outgoing: Outgoing) -> bool:
    return bool(outgoing.override) and outgoing.kind in (FREE_MESSAGE, CLEAR_RETAINED)


def _clears(outgoing: Outgoing) -> bool:
    """An empty retained message is nothing to carry out; it takes away what would be."""
    return outgoing.kind == CLEAR_RETAINED and outgoing.retain and not outgoing.payload


def _commanded(topic: str) -> bool:
    entry = catalogue.of(topic)
    return entry is not None and entry.command
