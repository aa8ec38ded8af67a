"""The factory's list of tags, what is not on it, and a way to read it from a file."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui.events import GenericEventArguments

from omf.commands import Kind, kind_of
from omf.commands.site_changes import SITE_TAGS
from services.common.store.keys import Role
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.rack import disc, paint

OpenCard = Callable[[Kind, Mapping[str, Any]], None]
READ_FILE = """async (event) => {
  const file = event.target.files[0];
  event.target.value && file && emit(file.size > 100000 ? null : await file.text());
}"""
"""In the browser: the text of the chosen file, null for one that is too large for a list."""


def tag_list(screen: Screen, open_card: OpenCard) -> None:
    """Every tag on the list with its piece; tags that were seen and are not on it."""
    say = screen.say
    text(say("configuration.tags_hint"), "hint")
    empty = text(say("configuration.no_tags"), "empty")
    listed = KeyedList(div("config-lines"), lambda tag: _tag(screen, tag), empty)
    unlisted = text("", "hint wrong").mark("tags-unlisted")

    def draw() -> None:
        factory = screen.model.factory
        listed.show(sorted(factory.site.content.tags))
        seen = [life.tag for life in factory.workpieces.open.values()]
        found = ", ".join(sorted(tag for tag in seen if tag and factory.site.unlisted(tag)))
        unlisted.say(say("configuration.tags_unlisted", tags=found) if found else "")
        set_classes(unlisted, hidden=not found)

    screen.live(draw)
    if screen.user.may(Role.ADMIN) and screen.past is None:
        _file(screen, open_card)


def _tag(screen: Screen, tag: str) -> Draw:
    with div("config-line wide"):
        with div("row"):
            piece = disc(None)
            colour = text("")
        link(tag, urls.to_workpiece(screen, tag), "way-in mono")
        number, note = text(""), text("")
        seen = text("", "hint")

    def draw() -> None:
        factory, say = screen.model.factory, screen.say
        entry = factory.site.tag(tag)
        if entry is None:
            return
        paint(piece, entry.colour or None)
        colour.say(say.known("colour", entry.colour) if entry.colour else "")
        number.say(entry.number)
        note.say(entry.note)
        known = factory.workpieces.find(tag)
        differs = known is not None and entry.colour and known.colour not in (None, entry.colour)
        key = "other_colour" if differs else "here" if known else "away"
        told = say.known("colour", known.colour) if known is not None else ""
        seen.say(say(f"configuration.tag.{key}", colour=told))
        set_classes(seen, wrong=bool(differs))

    return draw


def _file(screen: Screen, open_card: OpenCard) -> None:
    """A file is shown on the card, with what would differ, before anything changes."""
    say = screen.say
    with div("row wraps"):
        text(say("configuration.tags_file"), "hint")
        chosen = div("entry", "input").props('type=file accept=".csv,.txt,text/csv,text/plain"')
    wrong = text("", "hint wrong hidden").props("role=alert")
    attribute(chosen, "aria-label", say("configuration.tags_file"))
    chosen.mark("tags-file")

    def take(event: GenericEventArguments) -> None:
        told = event.args
        wrong.say("" if isinstance(told, str) else say("configuration.file_too_large"))
        set_classes(wrong, hidden=isinstance(told, str))
        if isinstance(told, str):
            open_card(kind_of(SITE_TAGS), {"tags": told})

    chosen.on("change", take, js_handler=READ_FILE)
