"""Panels that modules and vehicles have in common: errors, past actions, connection, messages."""

from collections.abc import Callable

from omf import terms
from omf.state.device import Channel
from omf.state.modules import Module
from omf.state.values import PastAction, ReportedError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import act_words, short
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

Read = Callable[[], Channel | None]
CHANGES = 10


def error_panel(screen: Screen, read: Read) -> None:
    """The errors a device lists now, worst first."""
    shown: dict[str, ReportedError] = {}
    with panel(screen.say("device.errors")):
        empty = text(screen.say("device.no_errors"), "empty")
        listing = KeyedList(div("lines"), lambda key: _error(screen, shown, key), empty)

    def draw() -> None:
        channel = read()
        shown.clear()
        for fault in sorted(channel.errors if channel else [], key=lambda one: not one.fatal):
            shown.setdefault(f"{fault.type} {fault.level} {fault.message}", fault)
        listing.show(list(shown))

    screen.live(draw)


def _error(screen: Screen, shown: dict[str, ReportedError], key: str) -> Draw:
    with div("alarm"):
        shape = div("alarm-shape")
        with div("note-text"):
            what, level = text("", "alarm-what"), text("", "hint")
            told = text("", "hint mono")
        since = text("", "line-age")

    def draw() -> None:
        fault = shown[key]
        what.say(screen.say.either(terms.fault(fault.type)))
        level.say(screen.say.known("fault.level", fault.level))
        named = (f"{name}: {value}" for name, value in fault.references.items())
        told.say(" · ".join(word for word in (fault.type, fault.message, *named) if word))
        since.say(
            formats.age(
                None if fault.since is None else screen.model.now - fault.since, screen.say.language
            )
        )
        set_classes(shape, critical=fault.fatal, warning=not fault.fatal)

    return draw


def past_panel(screen: Screen, read: Read) -> None:
    """The last actions that ended, newest first, each with its order and how long it took."""
    shown: dict[str, PastAction] = {}
    with panel(screen.say("device.past")):
        empty = text(screen.say("device.no_past"), "empty")
        with div("past-lines") as holder:
            pass
        listing = KeyedList(holder, lambda key: _past(screen, shown[key], _kind(read())), empty)

    def draw() -> None:
        channel = read()
        shown.clear()
        for past in reversed(channel.history if channel else []):
            shown[f"{past.ended_at} {past.id} {past.command}"] = past
        listing.show(list(shown))

    screen.live(draw)


def _kind(channel: Channel | None) -> str | None:
    return channel.type if isinstance(channel, Module) else None


def _past(screen: Screen, past: PastAction, kind: str | None) -> Draw:
    say, user = screen.say, screen.user
    seconds = None if past.began_at is None else past.ended_at - past.began_at
    with div("past-line"):
        at = formats.when(
            past.ended_at, now=screen.model.now, clock=user.clock, language=user.language
        )
        text(at, "mono dim")
        state = text(act_words(past, kind, say), "cut")
        text(formats.took(seconds, say.language), "line-age")
        if past.order_id in screen.model.factory.orders:
            link(short(past.order_id), urls.to_order(screen, past.order_id), "mono way-in")
        else:
            text(short(past.order_id), "mono dim")
    set_classes(state, warn=past.state == "FAILED" or past.result == "FAILED")
    return lambda: None


def connection_panel(screen: Screen, read: Read) -> None:
    """When the connection of a device came and went, as far as it was heard."""
    with panel(screen.say("device.connection")):
        empty = text(screen.say("device.no_connection"), "empty")
        listing = KeyedList(div("past-lines"), lambda key: _change(screen, read, key), empty)

    def draw() -> None:
        channel = read()
        changes = channel.connection_changes if channel else []
        listing.show([f"{change.at} {change.state}" for change in reversed(changes[-CHANGES:])])

    screen.live(draw)


def _change(screen: Screen, read: Read, key: str) -> Draw:
    channel, user = read(), screen.user
    changes = channel.connection_changes if channel else []
    change = next(one for one in changes if f"{one.at} {one.state}" == key)
    with div("change-line"):
        at = formats.when(change.at, now=screen.model.now, clock=user.clock, language=user.language)
        text(at, "mono dim")
        state = text(screen.say.known("connection", change.state))
        text(screen.say("device.kept") if change.retained else "", "hint")
    set_classes(state, comm=change.state not in (None, "ONLINE"))
    return lambda: None


def message_links(screen: Screen, serial: str, entries: tuple[str, ...]) -> None:
    """Ways to the raw messages of a device, by topic."""
    with panel(screen.say("device.messages")), div("link-row"):
        for entry in entries:
            name = entry.split("_", maxsplit=1)[1]
            label = screen.say.known("aspect", name)
            if entry.startswith("nodered"):
                label = f"TXT {label}"
            made = link(label, urls.to_topic(screen, entry, serial), "act small")
            attribute(made, "data-topic", entry)
        link(screen.say("aspect.all"), urls.to_text(screen, serial), "act small")
