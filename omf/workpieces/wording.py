"""Lives of workpieces in words: where each is, how it ended, what happened and what differed."""

from collections.abc import Iterable, Mapping, Sequence

from omf import terms
from omf.constants import COLOURS
from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.device_names import device_name, place_name, station_name, step_name
from omf.texts.figures import took
from omf.texts.translator import Translator
from omf.workpieces.collect import matching
from omf.workpieces.deviations import Deviation
from omf.workpieces.life import Contradiction, LifeEvent, PlaceClaim, WorkpieceLife
from omf.workpieces.record import status
from omf.workpieces.surroundings import is_reading

UNKNOWN_COLOUR = "UNKNOWN"


def all_lives(factory: FactoryState) -> list[WorkpieceLife]:
    """Those in the house and the last ones that left it, newest first."""
    pieces = factory.workpieces
    return [*reversed(pieces.open.values()), *reversed(pieces.ended)]


def find(factory: FactoryState, wanted: str) -> WorkpieceLife | None:
    """The life of an id, or the newest one of a tag or order; None if none is known."""
    return factory.workpieces.life(wanted) or next(iter(matching(all_lives(factory), wanted)), None)


def colour_of(life: WorkpieceLife) -> str:
    """The colour, or that it is unknown."""
    return life.colour if life.colour in COLOURS else UNKNOWN_COLOUR


def title(life: WorkpieceLife, say: Translator) -> str:
    """`Red 04a189ca341290`; without a tag only what is known of the colour."""
    return f"{say.known('colour', colour_of(life))} {life.tag or say('workpieces.no_tag')}"


def tag_words(tag: str | None, factory: FactoryState, say: Translator) -> str:
    """What the factory's list says of a tag; "" of a piece without one, or where it says no more.

    A tag that is not on it is named so only where there is a list.
    """
    if factory.site.unlisted(tag):
        return say("workpieces.unlisted")
    entry = factory.site.tag(tag)
    return entry.words if entry else ""


def status_word(life: WorkpieceLife, say: Translator) -> str:
    """How it ended, or where it stands."""
    return say(f"workpiece.status.{status(life)}")


def place_words(claims: Sequence[PlaceClaim], factory: FactoryState, say: Translator) -> str:
    """Where a piece is; two places that cannot both be right stand beside each other."""
    names = [_place(one, factory, say) for one in claims]
    return say("workpieces.or").join(names)


def _place(claim: PlaceClaim, factory: FactoryState, say: Translator) -> str:
    name = say.either(device_name(factory, claim.device))
    name = f"{name} {claim.position}" if claim.position else name
    return say("workpieces.probably", place=name) if claim.inferred else name


def result_word(life: WorkpieceLife, say: Translator) -> str:
    """What the last check found; nothing while there was none."""
    checks = [one for one in life.events if one.what == "checked"]
    return say.known("result", checks[-1].result) if checks else ""


def event_words(event: LifeEvent, factory: FactoryState, say: Translator) -> str:
    """What happened, in a sentence without its time."""
    words = say(f"workpiece.event.{event.what}")
    details = [part for tell in (_where, _said, _beside) for part in tell(event, factory, say)]
    words = f"{words}: {', '.join(details)}" if details else words
    return say("workpieces.inferred", what=words) if event.inferred else words


def _where(event: LifeEvent, factory: FactoryState, say: Translator) -> list[str]:
    if event.device is None:
        return []
    name = say.either(device_name(factory, event.device))
    found = [f"{name} {event.position}" if event.position else name]
    if event.node and event.node != event.device:
        at = say.either(place_name(factory, event.node))
        found.append(at if event.node in factory.modules else say("workpieces.node", node=at))
    return found


_SAID_AS: Mapping[str, str] = {
    "colour_read": "colour",
    "checked": "result",
    "tag_written": "result",
    "tag_unwritten": "result",
    "requested": "order.type",
    "accepted": "order.type",
}
"""The group of texts that has the words of what an event says, by what happened."""


def _said(event: LifeEvent, factory: FactoryState, say: Translator) -> list[str]:
    result = event.result
    if not result:
        return []
    if (group := _SAID_AS.get(event.what)) is not None:
        return [say.known(group, result)]
    if event.what == "photographed":
        return [say.known("result", result.split(" ")[0])]
    if event.what == "order_ended":
        return [say.known("order.state", "lost" if result == "VANISHED" else result)]
    if event.what == "failed":
        return [say.either(terms.spoken(result, None, "failed"))]
    return [step_words(result, factory, say) if event.column == "order" else result]


def step_words(name: str, factory: FactoryState, say: Translator) -> str:
    """`DRILL takes the piece`, `vehicle drives HBW → DRILL`, of `DRILL.PICK`, `HBW > DRILL`."""
    return say.either(step_name(factory, name))


def _beside(event: LifeEvent, factory: FactoryState, say: Translator) -> list[str]:
    named = [_named(one, factory, say) for one in event.companions]
    return [say("workpieces.with", pieces=", ".join(named))] if named else []


def _named(name: str, factory: FactoryState, say: Translator) -> str:
    life = find(factory, name)
    return title(life, say) if life else name


def contradiction_words(found: Contradiction, factory: FactoryState, say: Translator) -> str:
    """What the two messages say."""
    if found.kind == "colour":
        one, other = (say.known("colour", said) for said in found.said)
    elif found.kind == "tag":
        one, other = found.said
    else:
        one, other = (_named_place(said, factory, say) for said in found.said)
    return say(f"workpiece.contradiction.{found.kind}", one=one, other=other)


def _named_place(said: str, factory: FactoryState, say: Translator) -> str:
    device, _, position = said.partition("/")
    name = say.either(device_name(factory, device))
    return f"{name} {position}" if position else name


def deviation_words(found: Deviation, factory: FactoryState, say: Translator) -> str:
    """What went otherwise than planned or usual."""
    if found.kind != "waited":
        station = station_name(factory, found.what)
        return say(f"workpiece.deviation.{found.kind}", station=station)
    usual = found.usual.usual if found.usual else None
    lasted, usually = (took(one, say.language) for one in (found.seconds, usual))
    step = step_words(found.what, factory, say)
    return say("workpiece.deviation.waited", step=step, took=lasted, usual=usually)


def readings_before(
    times: Sequence[float], messages: Iterable[Message]
) -> list[dict[str, Message]]:
    """The last reading by topic before each time; both in order of time.

    Of several replayed sessions the last one is meant.
    """
    last: dict[str, Message] = {}
    found: list[dict[str, Message]] = []
    session = ""
    for message in messages:
        if not is_reading(message):
            continue
        if message.session != session:
            session = message.session
            last.clear()
            found.clear()
        while len(found) < len(times) and times[len(found)] < message.received_at:
            found.append(dict(last))
        last[message.topic] = message
    return [*found, *(dict(last) for _ in times[len(found) :])]
