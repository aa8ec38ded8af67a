"""Sensors & camera: tiles with their trend, the camera with its pad, the pictures of the checks."""

from urllib.parse import urlencode

from nicegui import ui

from services.ui.features.sensors.camera import camera_panel
from services.ui.features.sensors.gallery import gallery_panel
from services.ui.features.sensors.tile_grid import TileGrid
from services.ui.features.sensors.trend import TREND_RANGES, SensorTrend
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views.sensor_tiles import ShownTile, shown_tiles
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import div, panel, text

MAX_KEY_CHARS = 600


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `tile`, `topic` and `range` in the address say which trend is shown."""
    SensorsPage(screen, address)


class SensorsPage:
    """One tile is chosen, and its trend stands below them all."""

    def __init__(self, screen: Screen, address: Address) -> None:
        self._screen = screen
        self._name = address.get("tile", "")[:MAX_KEY_CHARS]
        self._topic = address.get("topic", "")[:MAX_KEY_CHARS]
        wanted = address.get("range", TREND_RANGES[0])
        self._range = wanted if wanted in TREND_RANGES else TREND_RANGES[0]
        say = screen.say
        with div("sensors-page"):
            with div("detail-column"):
                with panel(say("sensors.tiles")):
                    self._grid = TileGrid(screen, self._chosen, self._choose)
                    text(say("sensors.no_thresholds"), "hint")
                with panel(say("sensors.trend")):
                    self._trend = SensorTrend(screen, self._range, self._took_range)
                gallery_panel(screen)
            with div("detail-column"):
                # Above the card, which is opened from below it.
                slot = CommandCardSlot(screen)
                camera_panel(screen, slot.open)
        self._trend.show(self._chosen())

    def _chosen(self) -> ShownTile | None:
        """The tile whose trend is shown: as asked, else the first that was told."""
        tiles = shown_tiles(self._screen)
        named = [one for one in tiles if one.name == self._name]
        exact = next((one for one in named if one.topic == self._topic), None)
        told = next((one for one in tiles if one.reading is not None), None)
        return exact or next(iter(named), None) or told or next(iter(tiles), None)

    def _choose(self, shown: ShownTile) -> None:
        self._name, self._topic = shown.name, shown.topic
        self._note()
        self._trend.show(shown)
        self._grid.draw()

    def _took_range(self, chosen: str) -> None:
        self._range = chosen
        self._note()

    def _note(self) -> None:
        """Keep the address true."""
        parts = {"tile": self._name, "topic": self._topic}
        parts["range"] = "" if self._range == TREND_RANGES[0] else self._range
        query = urlencode({name: value for name, value in parts.items() if value})
        ui.navigate.history.replace(self._screen.path(f"sensors?{query}" if query else "sensors"))


PAGE = Page("sensors", "overview", "k", build)
