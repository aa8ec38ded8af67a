"""The life record of a workpiece on paper: what is known of it, its orders, and every event."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.device_names import device_name
from omf.summaries import meaning
from omf.texts import Language, Text
from omf.texts.figures import NONE, took
from omf.texts.translator import Translator
from omf.workpieces import wording
from omf.workpieces.deviations import STATION_OF, deviations
from omf.workpieces.life import LifeEvent, OrderTrace, WorkpieceLife
from omf.workpieces.record import timeline
from omf.workpieces.surroundings import ReadingWindow, windows
from services.common.documents.pdf import Cell, Document, Section

COLUMNS = ("time", "order", "station", "transport", "surroundings")
WIDTHS = (1.7, 2, 2.4, 2.4, 2.3)
DITTO = Cell("", "″")
"""For an event of the same moment as the one above."""

Readings = Callable[[ReadingWindow], Iterable[Message]]


class Reader:
    """For whom a document is made: in which language, and in the time of which zone."""

    def __init__(self, language: Language, zone: tzinfo | None) -> None:
        """`zone` None is that of this machine."""
        self.say = Translator(language)
        self.zone = zone

    def moment(self, at: float | None) -> str:
        """Date and time of day to the millisecond."""
        if at is None:
            return NONE
        when = datetime.fromtimestamp(at, self.zone)
        return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}"

    def zone_name(self, at: float) -> str:
        """`CET`, `UTC`."""
        return datetime.fromtimestamp(at, self.zone).astimezone(self.zone).tzname() or NONE


def life_record(
    lives: Sequence[WorkpieceLife], state: FactoryState, readings: Readings, reader: Reader
) -> Document:
    """The document of the lives of one tag, at least one; `readings` gives their surroundings."""
    say, newest = reader.say, lives[-1]
    sections: list[Section] = []
    for number, life in enumerate(lives, 1):
        if len(lives) > 1:
            sections.append(_which(life, (number, len(lives)), reader))
        sections += [
            Section(say("workpiece.facts"), rows=list(_facts(life, state, reader))),
            _orders(life, reader),
            _findings(life, state, reader),
            _events(life, state, readings, reader),
        ]
    zone = reader.zone_name(newest.begun_at)
    footer = say("document.life_footer", life=", ".join(one.id for one in lives), zone=zone)
    title, status = wording.title(newest, say), wording.status_word(newest, say)
    return Document(say.language, title, status, sections, footer, landscape=True)


def _which(life: WorkpieceLife, place: tuple[int, int], reader: Reader) -> Section:
    number, count = place
    heading = reader.say("document.life_number", number=number, count=count)
    return Section(heading, note=wording.status_word(life, reader.say))


def _facts(life: WorkpieceLife, state: FactoryState, reader: Reader) -> Iterator[Sequence[Cell]]:
    say = reader.say
    place = wording.place_words(life.claims, state, say) or say("unknown")
    shown = {
        "piece": (say.known("colour", wording.colour_of(life)), life.colour_by),
        "workpiece": (life.tag or say("workpieces.no_tag"), None),
        "began": (reader.moment(life.begun_at), life.begun_by),
        "piece_place": None
        if life.end
        else (place, life.claims[-1].message_id if life.claims else None),
        "ended": (reader.moment(life.ended_at), life.ended_by) if life.end else None,
        "piece_result": (wording.result_word(life, say) or say("unknown"), None),
        "piece_vehicles": (_vehicles(life, state, say) or NONE, None),
    }
    for name, found in shown.items():
        if found is not None:
            yield Cell(say(f"fact.{name}")), Cell(found[0], _by(found[1], say))


def _vehicles(life: WorkpieceLife, state: FactoryState, say: Translator) -> str:
    carried = (one.device for one in life.events if one.what == "loaded" and one.device)
    return ", ".join(say.either(device_name(state, one)) for one in dict.fromkeys(carried))


def _by(message_id: str | None, say: Translator) -> str:
    return say("document.message", id=message_id) if message_id else ""


def _orders(life: WorkpieceLife, reader: Reader) -> Section:
    say = reader.say
    names = ("document.order", "document.planned", "document.done", "column.began", "column.ended")
    return Section(
        say("page.orders"),
        (3, 2, 2, 2, 2),
        [say(name) for name in names] if life.orders else (),
        [_order(one, life, reader) for one in life.orders],
        "" if life.orders else say("workpiece.no_order"),
    )


def _order(trace: OrderTrace, life: WorkpieceLife, reader: Reader) -> Sequence[Cell]:
    say = reader.say
    kind, state = say.known("order.type", trace.type), say.known("order.state", trace.state)
    done = [
        STATION_OF[one.what]
        for one in life.events
        if one.what in STATION_OF and one.order_id == trace.order_id
    ]
    return (
        Cell(f"{kind} · {state}", trace.order_id),
        Cell(" → ".join(trace.planned) or NONE, _by(trace.planned_by, say)),
        Cell(" → ".join(done) or NONE),
        Cell(reader.moment(trace.seen_at), _by(trace.seen_by, say)),
        Cell(reader.moment(trace.ended_at), _by(trace.ended_by, say)),
    )


def _findings(life: WorkpieceLife, state: FactoryState, reader: Reader) -> Section:
    say = reader.say
    rows = []
    for one in life.contradictions:
        words = wording.contradiction_words(one, state, say)
        settled = one.until is not None
        words = say("workpiece.settled", what=words) if settled else words
        cell = Cell(words, _all(one.evidence, say), "plain" if settled else "wrong")
        rows.append((Cell(reader.moment(one.at)), cell))
    for other in deviations(life):
        cell = Cell(wording.deviation_words(other, state, say), _all(other.evidence, say), "warn")
        rows.append((Cell(reader.moment(other.at)), cell))
    none = "" if rows else say("workpiece.no_findings")
    return Section(say("workpiece.findings"), (1, 4), (), rows, none)


def _all(evidence: Iterable[str], say: Translator) -> str:
    return " · ".join(_by(one, say) for one in evidence)


def _events(
    life: WorkpieceLife, state: FactoryState, readings: Readings, reader: Reader
) -> Section:
    say, events = reader.say, timeline(life)
    around: list[Mapping[str, Message]] = []
    for window in windows(events):
        around += wording.readings_before(window.times, readings(window))
    before = [None, *(one.at for one in events)]
    rows = [
        (*_row(one, state, reader), _around(said, one, state, say) if one.at != last else DITTO)
        for one, said, last in zip(events, around, before, strict=False)
    ]
    left_out = say("document.left_out", count=life.dropped_events) if life.dropped_events else ""
    names = [say(f"workpiece.column.{one}") for one in COLUMNS]
    return Section(say("workpiece.timeline"), WIDTHS, names, rows, left_out)


def _row(event: LifeEvent, state: FactoryState, reader: Reader) -> Sequence[Cell]:
    say = reader.say
    words = wording.event_words(event, state, say)
    lasted = None if event.began_at is None else event.at - event.began_at
    words = words if lasted is None else f"{words} ({took(lasted, say.language)})"
    evidence = _all(event.evidence, say)
    told = [Cell(words, evidence) if event.column == one else Cell("") for one in COLUMNS[1:4]]
    return (Cell(reader.moment(event.at), event.message_id), *told)


def _around(
    readings: Mapping[str, Message], event: LifeEvent, state: FactoryState, say: Translator
) -> Cell:
    said = [_said(one, event, state, say) for one in readings.values()]
    return Cell("", "; ".join(said) or say("unknown"))


def _said(message: Message, event: LifeEvent, state: FactoryState, say: Translator) -> str:
    def name(serial: str) -> tuple[Text, str | None]:
        module = state.modules.get(serial)
        return device_name(state, serial), module.type if module else None

    words = meaning(message.topic, message.payload, name).in_(say.language) or message.topic
    if message.retain:
        return words
    return f"{words} · {took(max(0.0, event.at - message.received_at), say.language)}"
