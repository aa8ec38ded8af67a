"""The tiles: each value with unit, accuracy, limits and age; one is chosen for the trend."""

from collections.abc import Callable
from functools import partial

from services.ui.live.screen import Screen
from services.ui.views import sensor_tiles
from services.ui.views.sensor_tiles import ShownTile, TileFacts, shown_tiles
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


class TileGrid:
    """Draws them, and tells which was pressed."""

    def __init__(
        self,
        screen: Screen,
        chosen: Callable[[], ShownTile | None],
        on_choice: Callable[[ShownTile], None],
    ) -> None:
        self._screen, self._chosen, self._on_choice = screen, chosen, on_choice
        self._shown: dict[str, ShownTile] = {}
        self._current = ""
        empty = text(screen.say("sensors.no_tiles"), "empty")
        self._list = KeyedList(div("sensor-tiles"), self._tile, empty)
        screen.live(self.draw)

    def draw(self) -> None:
        """Bring all of them up to date."""
        self._shown = {one.key: one for one in shown_tiles(self._screen)}
        chosen = self._chosen()
        self._current = chosen.key if chosen else ""
        self._list.show(list(self._shown))

    def _tile(self, key: str) -> Draw:
        screen = self._screen
        shown = self._shown[key]
        with div("sensor-tile", "button") as tile:
            text(sensor_tiles.title(screen, shown), "sensor-name")
            with div("row"):
                shape = div("alarm-shape warning hidden")
                value = text("", "sensor-value")
            accuracy, limits, age = text("", "hint"), text("", "hint"), text("", "hint")
        tile.on("click", lambda: self._on_choice(self._shown[key])).mark(f"tile-{shown.name}")

        def paint(facts: TileFacts) -> None:
            shown, beyond = facts.shown, facts.beyond
            old = sensor_tiles.tile_age(screen, facts)
            value.say(sensor_tiles.value_words(screen, shown))
            accuracy.say(sensor_tiles.accuracy_words(screen, shown))
            set_classes(accuracy, hidden=not accuracy.text)
            words = sensor_tiles.limit_words(screen, shown)
            limits.say(screen.say("sensors.beyond", limits=words) if beyond and words else words)
            set_classes(limits, hidden=not words, warn=beyond)
            age.say(old.words)
            set_classes(age, wrong=old.old)
            set_classes(shape, hidden=not beyond)
            set_classes(tile, aged=old.old, current=facts.current)
            attribute(tile, "aria-pressed", str(facts.current).lower())

        return drawn_from(partial(self._facts, key), paint)

    def _facts(self, key: str) -> TileFacts:
        current = key == self._current
        return sensor_tiles.tile_facts(self._screen, self._shown[key], current=current)
