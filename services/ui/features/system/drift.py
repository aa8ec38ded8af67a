"""Drift: fields of payloads that are not as they were learned, and which pages read them."""

import asyncio
from collections.abc import Sequence

from nicegui import background_tasks, ui

from omf.alarms.plant_rules import DRIFT_RULE
from omf.commands import KINDS
from omf.payload_shapes.shape import LEARN_MESSAGES, ShapeDrift
from omf.payload_shapes.wording import drift_after, drift_before, drift_what
from services.common.field_readers import FieldReaders, readers_of
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.views import urls
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.table import WHOLE, Table, column

_COLUMNS = {"since": 150, "topic": 0, "what": 0, "before": 110, "after": 110, "readers": 0}


class DriftPanel:
    """Each drift with its message; a kind of topic leads to its alarm, where it is accepted."""

    def __init__(self, screen: Screen) -> None:
        self._screen, say = screen, screen.say
        self._readers: dict[tuple[str, str], FieldReaders] = {}
        self._looking = False
        with panel(say("system.drift"), "fill"):
            text(say("system.drift.is", count=LEARN_MESSAGES), "hint")
            accepted = div("row wraps")
            columns = [
                column(name, say(f"system.drift.{name}"), width, **WHOLE)
                for name, width in _COLUMNS.items()
            ]
            empty = say("system.drift.none")
            self._table = Table(columns, self._rows(), empty=empty, on_pick=self._open)
        self._ways = KeyedList(accepted, self._way)
        screen.live(self.draw)

    @property
    def _drifts(self) -> Sequence[ShapeDrift]:
        return self._screen.model.factory.payload_drifts

    def draw(self) -> None:
        """Bring it up to date."""
        self._table.show(self._rows())
        self._ways.show(list(dict.fromkeys(one.filter for one in self._drifts)))
        unknown = {(one.entry, one.path) for one in self._drifts} - self._readers.keys()
        if unknown and not self._looking:
            self._looking = True
            background_tasks.create(self._look(unknown), name="readers of fields")

    async def _look(self, fields: set[tuple[str, str]]) -> None:
        """Who reads them, found in the sources: the first time that takes some seconds."""
        try:
            for one in fields:
                self._readers[one] = await asyncio.to_thread(readers_of, *one)
        finally:
            self._looking = False

    def _way(self, name: str) -> Draw:
        way = link(self._screen.say("system.drift.accept", topic=name), "", "way-in")
        attribute(way, "href", urls.to_alarm(self._screen, f"{DRIFT_RULE}:{name}"))
        return lambda: set_classes(way, hidden=False)

    def _rows(self) -> list[Row]:
        say, screen = self._screen.say, self._screen
        return [
            {
                "id": f"{one.message_id} {one.filter} {one.key}",
                "since": screen.when(one.at),
                "topic": say(f"catalogue.{one.entry}") if one.entry else one.filter,
                "what": say.either(drift_what(one)),
                "before": say.either(drift_before(one)),
                "after": say.either(drift_after(one)),
                "readers": self._reader_words(one),
            }
            for one in self._drifts
        ]

    def _reader_words(self, one: ShapeDrift) -> str:
        say, readers = self._screen.say, self._readers.get((one.entry, one.path))
        if readers is None:
            return say("system.drift.looking")
        pages = [say(f"page.{name}") for name in readers.pages]
        titles = [say.either(KINDS[name].title) for name in readers.commands]
        return ", ".join((*pages, *titles)) or say("system.drift.nobody")

    def _open(self, picked: str) -> None:
        ui.navigate.to(urls.to_archived_message(self._screen, picked.partition(" ")[0]))
