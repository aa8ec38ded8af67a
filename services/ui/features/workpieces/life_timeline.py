"""Everything that happened to a workpiece, event by event, with what the sensors said then."""

from omf.messages.message import Message
from omf.workpieces import wording
from omf.workpieces.life import LifeEvent
from omf.workpieces.record import timeline
from services.ui import formats
from services.ui.features.workpieces.shown_life import ShownLife
from services.ui.live.screen import Screen, past_address
from services.ui.views import message_rows
from services.ui.widgets.elements import div, fold, link, text
from services.ui.widgets.keyed_list import Draw, KeyedList

TIMELINE_COLUMNS = ("order", "station", "transport")
MAX_SHOWN_EVENTS = 300


class LifeTimeline:
    """Four columns on one time line: order, station, transport, surroundings."""

    def __init__(self, screen: Screen, shown: ShownLife) -> None:
        self._screen = screen
        self._shown = shown
        self._events: dict[str, LifeEvent] = {}
        self._around: dict[str, dict[str, Message]] = {}
        say = screen.say
        with div("life-line life-head"):
            for name in ("time", *TIMELINE_COLUMNS, "surroundings"):
                text(say(f"workpiece.column.{name}"))
        empty = text(say("workpiece.nothing_yet"), "empty")
        self._listing = KeyedList(div("life-lines"), self._line, empty)
        screen.live(self._draw)

    def _draw(self) -> None:
        life = self._shown.life
        events = timeline(life)[-MAX_SHOWN_EVENTS:] if life else []
        keys = [f"{one.message_id} {one.what} {one.result}" for one in events]
        named = dict(zip(keys, events, strict=True))
        if named.keys() != self._events.keys():
            around = self._shown.around(list(named.values()))
            self._around = dict(zip(named, around, strict=False))
        self._events = named
        self._listing.show(list(named))

    def _line(self, key: str) -> Draw:
        screen, event = self._screen, self._events[key]
        with div("life-line"):
            with div("life-when"):
                target = self._shown.to_message(event.message_id)
                link(screen.when(event.at, millis=True), target, "way-in mono")
                then = past_address(f"/{screen.environment}/floor", event.at)
                link(screen.say("workpiece.map_then"), then, "way-in hint")
            for name in TIMELINE_COLUMNS:
                words = event.column == name
                said = wording.event_words(event, screen.model.factory, screen.say)
                text(said if words else "", f"life-{name}" if words else "life-none")
            first, *others = self._surroundings(event, self._around.get(key, {}))
            # One sensor is seen, the others by choice: seven lines an event would bury the life.
            holder = fold(first, "life-around") if others else div("life-around")
            with holder:
                for line in others or [first]:
                    text(line, "dim")
        return lambda: None

    def _surroundings(self, event: LifeEvent, readings: dict[str, Message]) -> list[str]:
        language, factory = self._screen.say.language, self._screen.model.factory
        told = [
            (message_rows.means(one, factory, language), event.at - one.received_at)
            for one in readings.values()
        ]
        lines = [f"{words} · {formats.age(age, language)}" for words, age in told if words]
        return lines or [self._screen.say("unknown")]
