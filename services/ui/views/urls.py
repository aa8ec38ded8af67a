"""Where each thing of the factory has its page, and where its messages are."""

from urllib.parse import quote, urlencode

from omf.alarms.plant_rules import BROKER
from omf.messages.stream_id import StreamId
from omf.topics.catalogue import address
from omf.topics.filters import TopicError
from services.common.process import clock
from services.ui.live.screen import Screen

LIVE_MESSAGES_S = 1800.0
"""Messages so new are opened in the message centre, older ones beside a question to the archive."""
_PAGES = {BROKER: "system", "messages": "messages?misfit=1"}
"""Pages of what is no thing of the factory."""


def to_device(screen: Screen, serial: str) -> str:
    """The page of a module or vehicle."""
    kind = "vehicle" if serial in screen.model.factory.vehicles else "module"
    return screen.path(f"{kind}/{quote(serial, safe='')}")


def to_order(screen: Screen, order_id: str) -> str:
    """The page of an order."""
    return screen.path(f"order/{quote(order_id, safe='')}")


def to_command(screen: Screen, command_id: str) -> str:
    """One command, opened in the list of commands."""
    return screen.path(f"commands?command={quote(command_id, safe='')}")


def to_alarm(screen: Screen, alarm: str) -> str:
    """One alarm, opened in the list of those that stand."""
    return screen.path(f"alarms?alarm={quote(alarm, safe='')}")


def to_alarm_passages(screen: Screen, alarm: str, since: float, until: float) -> str:
    """What became of an alarm in a range, in the history of alarms; Unix s."""
    rule = alarm.partition(":")[0]
    ends = {"since": clock.iso(since), "until": clock.iso(until)}
    return screen.path(f"alarms/history?{urlencode({**ends, 'rule': rule, 'alarm': alarm})}")


def to_workpiece(screen: Screen, wanted: str) -> str:
    """The life of a workpiece, by its tag, an order or the id of the life."""
    return screen.path(f"workpiece/{quote(wanted, safe='')}")


def to_text(screen: Screen, wanted: str) -> str:
    """The messages whose topic or payload holds a text."""
    return screen.path(f"messages?text={quote(wanted, safe='')}")


def to_message(screen: Screen, message_id: str) -> str:
    """One message, opened in the message centre."""
    return screen.path(message_page(message_id))


def to_archived_message(screen: Screen, message_id: str) -> str:
    """One message of the archive, opened beside a question to it."""
    return screen.path(f"history?message={quote(message_id, safe='')}")


def to_kept_message(screen: Screen, message_id: str) -> str:
    """One message, wherever it is: in the message centre while it is new, else in the archive."""
    recent = StreamId.parse(message_id).seconds > screen.model.now - LIVE_MESSAGES_S
    return (to_message if recent else to_archived_message)(screen, message_id)


def message_page(message_id: str) -> str:
    """The same below the address of an environment."""
    return f"messages?message={quote(message_id, safe='')}"


def to_topic(screen: Screen, entry: str, serial: str) -> str:
    """The messages of one topic of a device; by its serial if that cannot stand in a topic."""
    try:
        topic = address(entry, serial=serial)
    except (KeyError, TopicError):
        return to_text(screen, serial)
    return screen.path(f"messages?topic={quote(topic, safe='')}")


def said_about(screen: Screen, subject: str) -> tuple[str, str]:
    """Topic filter and text by which the messages about a subject are found; "" narrows nothing."""
    factory, device = screen.model.factory, subject.split("/", maxsplit=1)[0]
    if subject in factory.orders:
        return "", subject
    if device not in factory.vehicles and device not in factory.modules:
        return "", ""
    entry = "fts_state" if device in factory.vehicles else "module_state"
    try:
        return f"{address(entry, serial=device).rpartition('/')[0]}/#", ""
    except (KeyError, TopicError):
        return "", device


def to_floor(screen: Screen, serial: str | None) -> str:
    """The map, with one module or vehicle marked if there is one."""
    return screen.path(f"floor?show={quote(serial, safe='')}" if serial else "floor")


def to_subject(screen: Screen, subject: str) -> str:
    """The page of what an alarm is about; empty where there is none."""
    factory = screen.model.factory
    device = subject.removesuffix("/txt")
    if device in factory.modules or device in factory.vehicles:
        return to_device(screen, device)
    if subject in factory.orders:
        return to_order(screen, subject)
    if subject in factory.traffic.retained_commands:
        return screen.path(f"steering?kind=clear-retained&topic={quote(subject, safe='')}")
    drifted = any(one.filter == subject for one in factory.payload_drifts)
    if page := "system/drift" if drifted else _PAGES.get(subject):
        return screen.path(page)
    if (partly := factory.traffic.partly_read.get(subject)) is not None:
        return to_message(screen, partly.id)
    bay = subject.split("/", maxsplit=1)[0]
    return screen.path("stock") if bay in factory.stock.bays else ""
