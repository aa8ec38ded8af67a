"""Alarm rules on the factory as a whole: stock, links, layout, messages."""

from collections.abc import Iterator

from omf.alarms.alarm import MOST_ALARM_NAMES, Finding, listed
from omf.layout import parts
from omf.state.device_names import device_name
from omf.state.links import BRIDGE, CCU
from omf.state.model import Factory
from omf.state.staleness import bridge_away, ccu_silent_since
from omf.state.stock import Piece
from omf.state.traffic import MAX_COUNTED_TOPICS, crowded
from omf.state.values import MAX_TEXT_CHARS
from omf.terms import term
from omf.texts import Text, joined, text, verbatim

BROKER = "broker"
"""Subject of what the broker itself does."""
STOCK_CONFLICT_S = 10.0
"""The tellers report one change up to a second apart; what lasts longer is a conflict."""
REJECTED_S = 300.0
"""An unreadable message is worth a notice for five minutes."""
TOPICS_S = 600.0
"""A limit on topics is worth a notice for ten minutes after it was last met."""

_CLEAR = text("alarm_part.clear")
_CLEAR_STOPPED = text("alarm_part.stop_ccu_first_then_clear")
MOST_CHARS = 40
"""Characters of each word told about a module of another version."""


def stock_conflict(state: Factory, now: float) -> Iterator[Finding]:
    """A bay of which the CCU and another teller say different things for long."""
    for conflict in state.stock.conflicts:
        if now - conflict.since <= STOCK_CONFLICT_S:
            continue
        words = (
            ("bay", conflict.bay),
            ("ccu", _piece(conflict.ccu)),
            ("teller", _teller(state, conflict.other)),
            ("told", _piece(conflict.told)),
        )
        subject = f"{conflict.bay}/{conflict.other}"
        yield Finding("stock-conflict", subject, conflict.since, words)


def bridge_down(state: Factory, _now: float) -> Iterator[Finding]:
    """Node-RED gone: the modules' retained ONLINE stays and means nothing (D.6)."""
    if bridge_away(state):
        link = state.links[BRIDGE]
        yield Finding("bridge-down", BRIDGE, link.since)


def ccu_silent(state: Factory, now: float) -> Iterator[Finding]:
    """No word of the CCU, which has no connection message of its own (A.1)."""
    since = ccu_silent_since(state, now)
    if since is not None:
        yield Finding("ccu-silent", CCU, since)


def subscription_refused(state: Factory, _now: float) -> Iterator[Finding]:
    """The broker takes the connection and refuses topic filters (SUBACK 0x80)."""
    if filters := state.refused_filters:
        words = (("filters", listed([verbatim(one) for one in filters])),)
        yield Finding("subscription-refused", BROKER, state.refused_since, words)


def retained_command(state: Factory, _now: float) -> Iterator[Finding]:
    """A command the broker keeps: the receiver runs it again at each reconnect (F.34)."""
    for topic, at in state.traffic.retained_commands.items():
        words = (("topic", topic), ("clearing", _clearing(topic)))
        yield Finding("retained-command", topic, at, words)


def _clearing(topic: str) -> Text:
    """How a retained command is cleared: the CCU dies of an empty one (PROTOCOL H)."""
    return _CLEAR_STOPPED if topic.startswith(("ccu/", "/j1/txt/1/f/o/")) else _CLEAR


def version_mismatch(state: Factory, _now: float) -> Iterator[Finding]:
    """Modules of a version the CCU does not expect."""
    versions = state.plant.versions
    if versions is not None and versions.mismatched_modules:
        odd = versions.mismatched_modules
        named = [_odd(state, entry) for entry in odd[:MOST_ALARM_NAMES]]
        more = ["…"] if len(odd) > MOST_ALARM_NAMES else []
        words = (
            ("version", versions.ccu_version or "?"),
            ("modules", ", ".join([*named, *more])),
        )
        yield Finding("version-mismatch", CCU, state.plant.versions_at, words)


def _odd(state: Factory, entry: object) -> str:
    """A module with the version it has and the one it should have, as far as that is told."""
    told = entry if isinstance(entry, dict) else {}
    serial = str(told.get("serialNumber") or "?")
    known = state.modules.get(serial)
    version = told.get("version") or (known.version if known else None) or "?"
    kind = told.get("moduleType") or (known.type if known else None)
    required = told.get("requiredVersion")
    words = [kind, serial, version, *(("≠", required) if required else ())]
    return " ".join(str(word)[:MOST_CHARS] for word in words if word)


def layout_unusable(state: Factory, _now: float) -> Iterator[Finding]:
    """A layout of which something cannot be drawn and driven."""
    if faults := state.plant.layout_faults:
        words = (("fault", parts.told(faults)),)
        yield Finding("layout-unusable", "layout", state.plant.layout_at, words)


def rejected(state: Factory, now: float) -> Iterator[Finding]:
    """Messages of late that did not fit their model."""
    traffic = state.traffic
    at = traffic.rejected_at
    if at is not None and now - at <= REJECTED_S:
        yield Finding("messages-rejected", "messages", at, (("topic", traffic.rejects[-1].topic),))


def partly_read(state: Factory, now: float) -> Iterator[Finding]:
    """Messages of late of which a field could not be read."""
    for topic, last in state.traffic.partly_read.items():
        if last.reason == "partly" and now - last.at <= REJECTED_S:
            words = (("topic", topic), ("fault", last.detail))
            yield Finding("message-partly-read", topic, last.at, words)


def overflow(state: Factory, now: float) -> Iterator[Finding]:
    """More topics or devices than are listed, or a topic with a name that cannot be."""
    traffic = state.traffic
    if _lately(traffic.left_at, now) and crowded(traffic):
        yield Finding(
            "topics-overflow", "topics", traffic.left_at, (("limit", str(MAX_COUNTED_TOPICS)),)
        )
    if _lately(traffic.unlisted_at, now):
        values = (("limit", str(MAX_TEXT_CHARS)), ("topic", traffic.unlisted[:MOST_CHARS]))
        yield Finding("topic-unlisted", "topics", traffic.unlisted_at, values)
    if _lately(traffic.crowded_out_at, now):
        kinds = listed([text(f"crowd.{kind}") for kind in traffic.crowded_out])
        count = str(sum(traffic.crowded_out.values()))
        words = (("kinds", kinds), ("count", count))
        yield Finding("crowded-out", "devices", traffic.crowded_out_at, words)


def _lately(at: float | None, now: float) -> bool:
    return at is not None and now - at < TOPICS_S


def _teller(state: Factory, name: str) -> Text:
    """Who told another thing than the CCU: a warehouse, or the copy for the cloud."""
    if name == "cloud":
        return text("alarm_part.copy_for_cloud")
    return verbatim(device_name(state, name))


def _piece(piece: Piece) -> Text:
    colour, tag = piece
    if not colour and not tag:
        return text("alarm_part.empty")
    return joined(" ", [term("colour", colour), *([verbatim(tag)] if tag else [])])
