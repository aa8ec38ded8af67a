"""System: processes and links, buffers and traffic, the archive, what the processes logged."""

from collections.abc import Callable

from omf.messages.stream_id import StreamId
from services.common.store.journal import class_of
from services.common.store.keys import Role
from services.ui import formats
from services.ui.features.system.archive import ArchivePanel
from services.ui.features.system.drift import DriftPanel
from services.ui.features.system.leaders import leader_lines
from services.ui.features.system.mirrored import Mirrored
from services.ui.features.system.notifications import NotificationsPanel
from services.ui.features.system.services import Logs, service_table
from services.ui.features.system.store import store_panels
from services.ui.live import connection_health
from services.ui.live.connection_health import LinkView
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.table import Table, column

TABS = ("services", "store", "buffers", "archive", "drift", "notifications", "logs")
SHOWN_TOPICS = 300
"""A factory has about a hundred; beyond this it is a flood, and the count says so elsewhere."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tab` is part of the address, `about` the command whose lines are wanted."""
    wanted, about = address.get("tab", ""), address.get("about", "")
    tab = wanted if wanted in TABS else TABS[0]
    with div("tabs", "nav") as tabs:
        attribute(tabs, "aria-label", screen.say("page.system"))
        for name in TABS:
            entry = link(screen.say(f"system.tab.{name}"), screen.path(f"system/{name}"), "tab")
            set_classes(entry, current=name == tab)
            if name == tab:
                attribute(entry, "aria-current", "page")
    with div("system"):
        parts: dict[str, Callable[[Screen], object]] = {
            "services": lambda screen: _services(screen, about),
            "store": store_panels,
            "buffers": _flow,
            "archive": ArchivePanel,
            "drift": DriftPanel,
            "notifications": NotificationsPanel,
            "logs": lambda screen: _logs(screen, about),
        }
        parts[tab](screen)


def _services(screen: Screen, about: str) -> None:
    say = screen.say
    with panel(say("system.services"), "services-now"):
        service_table(screen)
    with panel(say("system.links"), "services-now"):
        for view in connection_health.views(screen.model):
            _link(screen, view.name)
    with panel(say("system.leaders"), "services-now"):
        leader_lines(screen)
    # What they said lately fills the rest of the page.
    _logs(screen, about, "services")


def _flow(screen: Screen) -> None:
    say = screen.say
    if screen.user.may(Role.ADMIN):
        Mirrored(screen)
    with div("system-tables"):
        with panel(say("system.buffers"), "fill"):
            _buffers(screen)
        with panel(say("system.traffic"), "fill"):
            _traffic(screen)


def _logs(screen: Screen, about: str, tab: str = "logs") -> None:
    with panel(screen.say("system.logs"), "fill"):
        Logs(screen, about, tab)


def _link(screen: Screen, name: str) -> None:
    say = screen.say
    with div("link-line") as line:
        div("chip-shape")
        text(say(f"link.{name}"), "line-name")
        state, since, facts = text("", "line-state"), text("", "dim"), text("", "hint grow")

    def draw() -> None:
        view = next(v for v in connection_health.views(screen.model) if v.name == name)
        state.say(say(f"link.state.{view.state}"))
        since.say(say("since", time=screen.when(view.since)))
        facts.say(_facts(screen, view))
        set_classes(line, chip=True, broken=view.broken, unknown=view.state == "unknown")

    screen.live(draw)


def _facts(screen: Screen, view: LinkView) -> str:
    model, say, language = screen.model, screen.say, screen.user.language
    link = {"read": model.links.ingest, "gateway": model.links.gateway}.get(view.name)
    if link is None:
        return view.detail
    facts = say(
        "system.link_facts",
        broker=link.broker,
        reconnects=formats.number(link.reconnects, language),
        queue=formats.number(link.queue, language),
    )
    if link.protocol:
        facts += f" · MQTT {link.protocol}"
    return f"{facts} {link.detail}".strip()


def _buffers(screen: Screen) -> None:
    say = screen.say
    right = {"type": "rightAligned"}
    columns = [
        column("filter", say("column.filter"), 0, cellClass="cell-mono", tooltipField="filter"),
        column("priority", say("column.priority"), 78),
        column("length", say("column.length"), 84, **right),
        column("trimmed", say("column.trimmed"), 76, **right),
        column("reach", say("column.reach"), 112, sortable=False, **right),
    ]
    table = Table(columns, _buffer_rows(screen), empty=say("empty.traffic"))
    screen.live(lambda: table.show(_buffer_rows(screen)))


def _buffer_rows(screen: Screen) -> list[Row]:
    model = screen.model
    return model.shared(
        ("buffers", screen.say.language),
        lambda: [
            {
                "id": info.filter,
                "filter": info.filter,
                "priority": class_of(info.filter),
                "length": info.length,
                "trimmed": info.trimmed,
                "reach": formats.age(_reach(info.first_id, model.wall), screen.say.language),
            }
            for info in model.buffers
        ],
    )


def _reach(first_id: str | None, now: float) -> float | None:
    return None if first_id is None else now - StreamId.parse(first_id).seconds


def _traffic(screen: Screen) -> None:
    say = screen.say
    columns = [
        column("topic", say("column.topic"), 0, cellClass="cell-mono", tooltipField="topic"),
        column("count", say("column.messages"), 70, type="rightAligned"),
        column("size", say("column.size"), 88, type="rightAligned", sortable=False),
        column("age", say("column.age"), 64, type="rightAligned", sortable=False),
    ]
    table = Table(columns, _traffic_rows(screen), empty=say("empty.traffic"))
    screen.live(lambda: table.show(_traffic_rows(screen)))


def _traffic_rows(screen: Screen) -> list[Row]:
    model, language = screen.model, screen.user.language

    def make() -> list[Row]:
        topics = sorted(model.factory.traffic.topics.items(), key=lambda item: -item[1].count)
        return [
            {
                "id": topic,
                "topic": topic,
                "count": counted.count,
                "size": formats.size(counted.bytes, language),
                "age": formats.age(model.now - counted.at, language),
            }
            for topic, counted in topics[:SHOWN_TOPICS]
        ]

    return model.shared(("traffic", language), make)


PAGE = Page("system", "system", "z", build, paths=("system", "system/{tab}"), past=False)
