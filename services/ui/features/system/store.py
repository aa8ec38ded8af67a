"""Broker and store: the broker's own figures, the last copy, and what waits in the streams."""

from nicegui import ui

from omf.constants import DAY_S
from services.common.store.stream_load import StreamLoad
from services.ui import formats
from services.ui.live.health_poller import BrokerStatus
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import Label, div, panel, set_classes, text
from services.ui.widgets.table import Table, column

OLD_BACKUP_S = 2 * DAY_S
"""A copy a day is usual: after two days one was forgotten."""
BROKER_FACTS = (
    *("clients", "subscriptions", "retained"),
    *("received_per_minute", "sent_per_minute", "dropped"),
)


def store_panels(screen: Screen) -> None:
    """The tab: two lines of facts above the table of the streams."""
    say = screen.say
    with panel(say("system.broker"), "services-now").mark("broker-figures"):
        told = text("", "hint")
        with div("row facts") as facts:
            shown = {name: text("") for name in ("uptime", *BROKER_FACTS)}
        screen.live(lambda: _draw_broker(screen, told, facts, shown))
    with panel(say("system.backup"), "services-now").mark("backup-state"):
        backup = text("")
        screen.live(lambda: _draw_backup(screen, backup))
    with panel(say("system.streams"), "services-now").mark("own-streams"):
        text(say("system.streams.is"), "hint")
        table = Table(_columns(screen), _rows(screen), empty=say("empty.services"), whole=True)
        screen.live(lambda: table.show(_rows(screen)))


def _broker(screen: Screen) -> BrokerStatus | None:
    return next((one.broker for one in screen.model.health.statuses if one.broker), None)


def _draw_broker(screen: Screen, told: Label, facts: ui.element, shown: dict[str, Label]) -> None:
    say, language, found = screen.say, screen.user.language, _broker(screen)
    link = screen.model.links.ingest
    address = link.broker if link else ""
    version = found.version if found else None
    words = (version or "", address) if found else (address, say("system.broker.silent"))
    told.say(" · ".join(filter(None, words)))
    set_classes(facts, hidden=found is None)
    if found is None:
        return
    shown["uptime"].say(say("system.broker.uptime", age=formats.age(found.uptime_s, language)))
    for name in BROKER_FACTS:
        count = formats.number(getattr(found, name), language)
        shown[name].say(say(f"system.broker.{name}", count=count))
    set_classes(shown["dropped"], warn=bool(found.dropped))


def _draw_backup(screen: Screen, line: Label) -> None:
    say, user, made = screen.say, screen.user, screen.model.backup
    if made is None:
        line.say(say("system.backup.none", environment=screen.environment))
        return
    age = screen.model.wall - made.at
    said = say(
        "system.backup.made",
        age=formats.age(age, user.language),
        at=formats.date_and_time(made.at, user.clock, user.language),
        file=made.file,
        size=formats.size(made.size, user.language),
    )
    old = age > OLD_BACKUP_S
    line.say(f"{said} · {say('system.backup.old')}" if old else said)
    set_classes(line, warn=old)


def _columns(screen: Screen) -> list[dict[str, object]]:
    say, right = screen.say, {"type": "rightAligned"}
    waits = {"cellClassRules": {"cell-warn": "data.stuck"}, **right}
    return [
        column("name", say("column.stream"), 0, minWidth=110, cellClass="cell-mono"),
        column("length", say("column.length"), 84, **right),
        column("waiting", say("column.stream_waiting"), 104, **waits),
        column("pending", say("column.stream_pending"), 116, **waits),
        column("group", say("column.stream_group"), 110),
        column("last", say("column.stream_last"), 120, **right),
    ]


def _rows(screen: Screen) -> list[Row]:
    return [_row(screen, one) for one in screen.model.streams]


def _row(screen: Screen, one: StreamLoad) -> Row:
    language = screen.user.language
    worked_on = bool(one.group)
    age = None if one.last_at is None else screen.model.wall - one.last_at
    return {
        "id": one.name,
        "name": one.name,
        "length": formats.number(one.length, language),
        "waiting": formats.number(one.waiting, language) if worked_on else "",
        "pending": formats.number(one.pending, language) if worked_on else "",
        "group": one.group,
        "last": formats.age(age, language),
        "stuck": one.name == "dead" and one.length > 0,
    }
