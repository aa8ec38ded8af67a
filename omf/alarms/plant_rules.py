"""Alarm rules on the factory as a whole: stock, links, layout, messages."""

from collections.abc import Iterator

from omf.alarms.alarm import MOST_ALARM_NAMES, Finding, listed
from omf.alarms.kpis import FLOOD_RULE
from omf.alarms.monitoring import MONITORING_RULE
from omf.layout import parts
from omf.payload_shapes.shape import ShapeDrift
from omf.payload_shapes.wording import drift_what
from omf.state.device_names import device_name
from omf.state.links import BRIDGE, CCU
from omf.state.model import Factory
from omf.state.staleness import SAYS_ONLINE, bridge_away, ccu_silent_since
from omf.state.stock import Piece
from omf.state.traffic import MAX_COUNTED_TOPICS, crowded
from omf.state.values import MAX_TEXT_CHARS
from omf.terms import term
from omf.texts import Text, joined, text, verbatim
from omf.topics import catalogue

BROKER = "broker"
"""Subject of what the broker itself does."""
DRIFT_RULE = "payload-drift"
MIN_GONE = 3
"""Fewer parts that are gone at once are no sign that the power is."""
TOPICS_S = 600.0
"""A limit on topics is worth a notice for ten minutes after it was last met."""

_CLEAR = text("alarm_part.clear")
_CLEAR_STOPPED = text("alarm_part.clear_with_ccu_stopped")
MOST_CHARS = 40
"""Characters of each word told about a module of another version."""


def stock_conflict(state: Factory, now: float) -> Iterator[Finding]:
    """A bay of which the CCU and another teller say different things for long."""
    limit_s = state.alarm_rules.number("stock-conflict", "limit_s")
    for conflict in state.stock.conflicts:
        if now - conflict.since <= limit_s:
            continue
        words = (
            ("bay", conflict.bay),
            ("ccu", _piece(conflict.ccu)),
            ("teller", _teller(state, conflict.other)),
            ("told", _piece(conflict.told)),
        )
        subject = f"{conflict.bay}/{conflict.other}"
        yield Finding("stock-conflict", subject, conflict.since, words)


def ingest_silent(state: Factory, _now: float) -> Iterator[Finding]:
    """Nobody reads the broker: everything shown of the factory is old."""
    loss = state.link_loss
    if loss is not None and loss.part == "ingest":
        yield Finding("ingest-silent", "ingest", loss.since)


def broker_lost(state: Factory, now: float) -> Iterator[Finding]:
    """The broker is out of reach for longer than connecting anew takes."""
    loss, limit_s = state.link_loss, state.alarm_rules.number("broker-lost", "limit_s")
    if loss is not None and loss.part == "broker" and now > loss.since + limit_s:
        yield Finding("broker-lost", BROKER, loss.since)


def power_off(state: Factory, now: float) -> Iterator[Finding]:
    """All that speaks for itself is gone: Node-RED, the vehicles, the TXTs, the sensor boards.

    The CCU counts as one of them once it is silent; it may have a supply of its own.
    """
    parts = [*_parts(state)]
    silent = ccu_silent_since(state, now)
    gone = [*(at for at, is_gone in parts if is_gone), *([silent] if silent else [])]
    if bridge_away(state) and len(gone) >= MIN_GONE and all(is_gone for _, is_gone in parts):
        known = [at for at, _ in parts if at is not None]
        yield Finding("power-off", "factory", max(known, default=None))


def _parts(state: Factory) -> Iterator[tuple[float | None, bool]]:
    """Of each part with a connection of its own since when it is as it is, and if it is gone."""
    for name, link in state.links.items():
        if name != CCU and link.connection is not None:
            yield link.since, link.connection != SAYS_ONLINE
    txts = (one.nodered for one in state.modules.values() if one.nodered is not None)
    for channel in (*state.vehicles.values(), *txts):
        if channel.connection is not None:
            changes = channel.connection_changes
            live = bool(changes) and not changes[-1].retained
            gone = channel.connection != SAYS_ONLINE
            yield changes[-1].at if live else None, gone


def alarm_flood(state: Factory, _now: float) -> Iterator[Finding]:
    """More alarms come than anybody can follow, as the owner of the alarms counts them."""
    load = state.alarm_load
    if load.flood_since is not None:
        yield Finding(FLOOD_RULE, "alarms", load.flood_since, (("count", str(load.flood_count)),))


def rules_refused(state: Factory, _now: float) -> Iterator[Finding]:
    """The file of rules of the site has a fault; those before it stay in force."""
    if (fault := state.rules_fault) is not None:
        yield Finding("rules-refused", "rules", None, (("fault", fault),))


def monitoring_alert(state: Factory, now: float) -> Iterator[Finding]:
    """What the monitoring found, so that people look at one list."""
    for alert in state.monitoring_alerts:
        what = (
            ("name", alert.name),
            ("summary", alert.summary),
            ("description", alert.description),
        )
        # A replayed factory has another time than its monitoring, whose clock may be ahead.
        since = None if state.session else min(alert.since, now)
        subject = f"{'_'.join(alert.name.split())}.{alert.id}"
        yield Finding(MONITORING_RULE, subject, since, what, alert.severity)


def bridge_down(state: Factory, now: float) -> Iterator[Finding]:
    """Node-RED gone: the modules' retained ONLINE stays and means nothing (D.6).

    A reset of the factory restarts it; then it is missing only once it should be back (D.5).
    """
    if not bridge_away(state):
        return
    since, reset_at = state.links[BRIDGE].since, state.requests.reset_at
    back_s = state.alarm_rules.number("bridge-down", "reset_s")
    by_reset = since is not None and reset_at is not None and since >= reset_at
    if not by_reset or now > (reset_at or 0.0) + back_s:
        yield Finding("bridge-down", BRIDGE, since)


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
    entry = catalogue.of(topic)
    return _CLEAR_STOPPED if entry is not None and "CCU" in entry.subscriber else _CLEAR


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
    traffic, notice_s = state.traffic, state.alarm_rules.number("messages-rejected", "notice_s")
    at = traffic.rejected_at
    if at is not None and now - at <= notice_s:
        yield Finding("messages-rejected", "messages", at, (("topic", traffic.rejects[-1].topic),))


def partly_read(state: Factory, now: float) -> Iterator[Finding]:
    """Messages of late of which a field could not be read."""
    notice_s = state.alarm_rules.number("message-partly-read", "notice_s")
    for topic, last in state.traffic.partly_read.items():
        if last.reason == "partly" and now - last.at <= notice_s:
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


def payload_drift(state: Factory, _now: float) -> Iterator[Finding]:
    """Fields of a kind of topic that are not as they were learned, until a person says so."""
    by_filter: dict[str, list[ShapeDrift]] = {}
    for drift in state.payload_drifts:
        by_filter.setdefault(drift.filter, []).append(drift)
    for name, drifts in by_filter.items():
        named = [drift_what(one) for one in drifts]
        entry = drifts[0].entry
        topic = text(f"catalogue.{entry}") if entry else verbatim(name)
        words = (("topic", topic), ("fields", listed(named)))
        yield Finding(DRIFT_RULE, name, min(one.at for one in drifts), words)


def _lately(at: float | None, now: float) -> bool:
    return at is not None and now - at < TOPICS_S


def _teller(state: Factory, name: str) -> Text:
    """Who told another thing than the CCU: a warehouse, or the copy for the cloud."""
    if name == "cloud":
        return text("alarm_part.copy_for_cloud")
    return device_name(state, name)


def _piece(piece: Piece) -> Text:
    colour, tag = piece
    if not colour and not tag:
        return text("alarm_part.empty")
    return joined(" ", [term("colour", colour), *([verbatim(tag)] if tag else [])])
