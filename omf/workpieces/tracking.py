"""Where a piece is: it begins, comes to a place, leaves it, gets its tag, ends.

A tag that two devices hold at once is shown with both messages. A place gives way without that only
where the piece is handed over, or where the device never tells tags itself (PROTOCOL B.3).
"""

from collections.abc import Iterable

from omf.state.model import Factory
from omf.state.values import Arrival
from omf.workpieces.life import (
    MAX_ENDED_LIVES,
    MAX_OPEN_LIVES,
    Contradiction,
    LifeEvent,
    Origin,
    PlaceClaim,
    WorkpieceLife,
    Workpieces,
)


def begin(
    pieces: Workpieces,
    origin: Origin,
    claim: PlaceClaim,
    content: tuple[str | None, str | None],
    arrival: Arrival,
) -> WorkpieceLife:
    """A piece nobody knew is at a place, with the tag and colour told there."""
    if len(pieces.open) >= MAX_OPEN_LIVES:
        _forget_one(pieces, arrival)
    name = claim.message_id if claim.position is None else f"{claim.message_id}~{claim.position}"
    while name in pieces.open:
        name += "~"
    tag, colour = content
    by = claim.message_id if colour else None
    life = WorkpieceLife(name, origin, claim.at, claim.message_id, tag, colour, by, [claim])
    pieces.open[name] = life
    return life


def _forget_one(pieces: Workpieces, arrival: Arrival) -> None:
    """The one longest without news leaves, one whose place is unknown first."""
    lives = pieces.open.values()
    longest = min(lives, key=lambda life: (bool(life.claims), last_news(life)))
    end(pieces, longest, "forgotten", arrival)


def last_news(life: WorkpieceLife) -> float:
    """When anything was last told of a piece, Unix s."""
    times = [life.begun_at, *(claim.at for claim in life.claims)]
    return max(times[-1], life.events[-1].at if life.events else life.begun_at)


def end(
    pieces: Workpieces,
    life: WorkpieceLife,
    reason: str,
    arrival: Arrival,
    evidence: tuple[str, ...] = (),
) -> None:
    """The piece has left the house, or nobody can follow it any longer."""
    if pieces.open.pop(life.id, None) is None:
        return
    inferred = bool(evidence) or reason in ("reentered", "left_without_tag", "taken_back")
    where = life.claims[-1] if life.claims else None
    device, position = (where.device, where.position) if where else (None, None)
    life.note(
        LifeEvent(
            arrival.at,
            arrival.id,
            "order" if reason == "lost_at_reset" else "station",
            reason,
            device,
            position,
            inferred=inferred,
            evidence=evidence,
        )
    )
    for claim in life.claims:
        life.settle("place", claim.name, arrival.at)
    life.claims = []
    life.end, life.ended_at, life.ended_by = reason, arrival.at, arrival.id
    pieces.ended.append(life)
    pieces.ended_total += 1
    # Those that end by one message stay together, so that whoever applied it can take them over.
    while len(pieces.ended) > MAX_ENDED_LIVES and pieces.ended[0].ended_by != arrival.id:
        del pieces.ended[0]


def place(state: Factory, life: WorkpieceLife, claim: PlaceClaim) -> None:
    """The piece is told to be at a place; where it is told to be elsewhere too, both are kept."""
    kept = [one for one in life.claims if one[:2] != claim[:2]]
    stay = [one for one in kept if not _gives_way(state, one, claim)]
    for other in kept:
        if other not in stay:
            life.settle("place", other.name, claim.at)
            _note_handover(life, other, claim)
    for other in stay:
        said = (other.name, claim.name)
        evidence = (other.message_id, claim.message_id)
        life.contradict(Contradiction("place", claim.at, said, evidence))
    life.claims = [*stay, claim]


def _gives_way(state: Factory, old: PlaceClaim, new: PlaceClaim) -> bool:
    if not old.tells_tags:
        return True
    vehicle = state.vehicles.get(old.device)
    return vehicle is not None and vehicle.last_node == new.device


def _note_handover(life: WorkpieceLife, old: PlaceClaim, new: PlaceClaim) -> None:
    if old.kind == "vehicle" and old.position is not None:
        life.note(
            LifeEvent(
                new.at,
                new.message_id,
                "transport",
                "unloaded",
                old.device,
                old.position,
                node=new.device,
                evidence=(old.message_id,),
            )
        )
    elif old.kind == "module" and new.kind == "vehicle" and not old.inferred:
        # 1. the end of the module's DROP was not heard (F.37), 2. the vehicle has the piece
        evidence = (old.message_id,)
        event = LifeEvent(
            new.at, new.message_id, "station", "put_out", old.device, None, None, None, None
        )
        life.note(event._replace(inferred=True, evidence=evidence))


def withdraw(
    life: WorkpieceLife, device: str, position: str | None, at: float
) -> PlaceClaim | None:
    """The piece is no longer at that place; the word it was there by, None if there was none."""
    found = next((one for one in life.claims if one[:2] == (device, position)), None)
    if found is not None:
        life.claims.remove(found)
        life.settle("place", found.name, at)
    return found


def colour(life: WorkpieceLife, told: str | None, arrival: Arrival) -> None:
    """Take a word on the colour; one that differs from the first is a contradiction."""
    if told is None or told == life.colour:
        return
    if life.colour is None:
        life.colour, life.colour_by = told, arrival.id
        return
    evidence = (life.colour_by or life.begun_by, arrival.id)
    life.contradict(Contradiction("colour", arrival.at, (life.colour, told), evidence))


def identify(
    pieces: Workpieces,
    life: WorkpieceLife,
    tag: str,
    arrival: Arrival,
    *,
    device: str | None = None,
    inferred: bool = False,
) -> WorkpieceLife:
    """The tag of a piece was told; the life it goes on in.

    A piece that comes in begins a new life even if its tag is known. Elsewhere a piece of that tag
    whose place is unknown is this one: what was noted under the provisional key is joined to it.
    """
    if life.tag == tag:
        return life
    if life.tag is not None:
        evidence = (life.begun_by, arrival.id)
        life.contradict(Contradiction("tag", arrival.at, (life.tag, tag), evidence))
        return life
    event = LifeEvent(arrival.at, arrival.id, "station", "tag_read", device, None, None, tag)
    event = event._replace(inferred=inferred)
    older = pieces.find(tag)
    if older is not None and older is not life:
        if _still_told(older, life):
            _both(older, life, arrival)
        elif life.origin == "intake":
            end(pieces, older, "reentered", arrival, (life.begun_by,))
        else:
            return _join(pieces, older, life, event)
    life.tag = tag
    life.note(event)
    return life


def _still_told(older: WorkpieceLife, life: WorkpieceLife) -> bool:
    return any(one.tells_tags for one in older.claims) or (
        bool(older.claims) and life.origin != "intake"
    )


def _both(older: WorkpieceLife, life: WorkpieceLife, arrival: Arrival) -> None:
    """Two pieces claim one tag: each of them says so."""
    if not older.claims:
        return
    there = older.claims[-1]
    here = life.claims[-1].name if life.claims else life.id
    found = Contradiction("place", arrival.at, (there.name, here), (there.message_id, arrival.id))
    older.contradict(found)
    life.contradict(found)


def _join(
    pieces: Workpieces, older: WorkpieceLife, life: WorkpieceLife, event: LifeEvent
) -> WorkpieceLife:
    pieces.open.pop(life.id, None)
    evidence = (life.begun_by,)
    joined = event._replace(what="joined", inferred=True, evidence=evidence)
    for one in sorted([*life.events, joined], key=lambda one: one.at):
        older.note(one)
    older.events.sort(key=lambda one: one.at)
    older.claims = life.claims
    older.orders += life.orders
    older.colour = older.colour or life.colour
    for order_id, name in pieces.by_order.items():
        if name == life.id:
            pieces.by_order[order_id] = older.id
    return older


def lose_all(
    pieces: Workpieces, lives: Iterable[WorkpieceLife], reason: str, arrival: Arrival
) -> None:
    """These pieces are followed no further."""
    for life in list(lives):
        end(pieces, life, reason, arrival)
