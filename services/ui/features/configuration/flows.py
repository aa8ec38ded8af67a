"""The flow of each colour as boxes, with the orders that stand at each of them now."""

from omf.commands.facts.factory import unpaired_types, unplaced
from omf.constants import COLOURS
from omf.state.device_names import short, station_name
from omf.state.modules import WAREHOUSE
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.flow_marks import FlowMark, flow_marks, stations
from services.ui.widgets.elements import div, link, set_classes, text
from services.ui.widgets.rack import disc, paint


def flow_lines(screen: Screen) -> None:
    """One line per colour; drawn anew when its flow or an order on it changes."""
    for colour in COLOURS:
        with div("flow-line"):
            with div("row"):
                paint(disc(None), colour)
                text(screen.say(f"colour.{colour}"), "flow-name")
            _FlowLine(screen, colour)


class _FlowLine:
    def __init__(self, screen: Screen, colour: str) -> None:
        self._screen, self._colour = screen, colour
        self._shown: object = None
        self._holder = div("flow-boxes").mark(f"flow-{colour}")
        screen.live(self._draw)

    def _draw(self) -> None:
        factory = self._screen.model.factory
        steps = factory.flows.of(self._colour) if factory.flows else None
        marks = flow_marks(factory, self._colour)
        lacking = (unplaced(factory, steps or ()), unpaired_types(factory, steps or ()))
        named = [station_name(factory, one) for one in stations(steps)]
        stand = [(m.order.id, m.order.state, m.box, m.driving) for m in marks]
        shown = (steps, named, stand, lacking)
        if shown == self._shown:
            return
        self._shown = shown
        self._holder.clear()
        with self._holder:
            if steps is None:
                text(self._screen.say("flow.untold"), "empty")
                return
            for index, station in enumerate(stations(steps)):
                self._box(station, [mark for mark in marks if mark.box == index], lacking)
            self._elsewhere([mark for mark in marks if mark.box is None])

    def _box(
        self,
        station: str,
        marks: list[FlowMark],
        lacking: tuple[tuple[str, ...] | None, tuple[str, ...] | None],
    ) -> None:
        say, (absent, unpaired) = self._screen.say, lacking
        with div("flow-box") as box:
            text(say.either(station_name(self._screen.model.factory, station)), "flow-name")
            text(say.known("module", station), "hint")
            if station in (absent or ()):
                text(say("flow.unplaced"), "hint wrong")
            elif station in (unpaired or ()):
                text(say("flow.unpaired"), "hint wrong")
            for mark in marks:
                self._order(mark, station)
        set_classes(box, here=bool(marks))

    def _order(self, mark: FlowMark, station: str) -> None:
        say = self._screen.say
        waits = mark.order.state == "ENQUEUED"
        key = "waits" if waits else "driving" if mark.driving else "at"
        if key == "driving" and station == WAREHOUSE:
            key = "fetched"
        words = say(f"flow.order.{key}", order=short(mark.order.id))
        link(words, urls.to_order(self._screen, mark.order.id), "flow-order")

    def _elsewhere(self, marks: list[FlowMark]) -> None:
        for mark in marks:
            words = self._screen.say("flow.order.elsewhere", order=short(mark.order.id))
            link(words, urls.to_order(self._screen, mark.order.id), "flow-order")
