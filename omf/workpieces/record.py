"""The life record: what people and programs read of a life, as JSON data and as rows of CSV.

Keys are documented in docs/workpieces.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.workpieces.deviations import STATION_OF, Deviation, deviations
from omf.workpieces.life import LifeEvent, OrderTrace, PlaceClaim, WorkpieceLife
from omf.workpieces.orders import FINAL

CSV_COLUMNS = (
    "life",
    "tag",
    "colour",
    "time",
    "column",
    "what",
    "device",
    "type",
    "position",
    "node",
    "result",
    "order_id",
    "seconds",
    "companions",
    "inferred",
    "message_id",
    "evidence",
)


def status(life: WorkpieceLife) -> str:
    """How it ended, or `in_house`, `place_unknown`, `contradictory` while it did not."""
    if life.end is not None:
        return life.end
    if any(one.until is None for one in life.contradictions):
        return "contradictory"
    return "in_house" if life.claims else "place_unknown"


def timeline(life: WorkpieceLife) -> list[LifeEvent]:
    """Everything that happened to a piece, its orders included, in order of time."""
    events = [*life.events]
    for trace in life.orders:
        events += _order_events(trace)
    return sorted(events, key=lambda event: event.at)


def _order_events(trace: OrderTrace) -> Iterator[LifeEvent]:
    told = [
        (trace.requested_at, trace.requested_by, "requested", trace.type),
        (trace.seen_at, trace.seen_by, "accepted", trace.type),
    ]
    for step in trace.steps:
        told.append((step.sent_at, step.sent_by, "step_sent", step.name))
        ended = "step_ended" if step.state == "FINISHED" else f"step_{(step.state or '').lower()}"
        told.append((step.ended_at, step.ended_by, ended, step.name))
    last = trace.state if trace.state in FINAL else "VANISHED"
    told.append((trace.ended_at, trace.ended_by, "order_ended", last))
    for at, by, what, said in told:
        if at is not None:
            yield LifeEvent(at, by or "", "order", what, result=said, order_id=trace.order_id)


def summary(life: WorkpieceLife, state: Factory) -> dict[str, Any]:
    """What a list shows of a piece: tag, colour, where it is or how it ended, and its results."""
    handed_in = next((one for one in life.events if one.what == "handed_in"), None)
    checks = [one for one in life.events if one.what == "checked"]
    bays = [one.position for one in life.events if one.what in ("stored", "in_bay")]
    carried = (one.device for one in life.events if one.what == "loaded")
    return {
        "id": life.id,
        "tag": life.tag,
        "colour": life.colour,
        "status": status(life),
        "places": [_place(claim, state) for claim in life.claims],
        "origin": life.origin,
        "begun_at": life.begun_at,
        "begun_by": life.begun_by,
        "intake_at": handed_in.at if handed_in else None,
        "intake_inferred": handed_in.inferred if handed_in else None,
        "bay": bays[-1] if bays else None,
        **{what: _times(life, what) for what in ("drilled", "milled", "fired")},
        "checks": [{"at": one.at, "result": one.result} for one in checks],
        "result": checks[-1].result if checks else None,
        "delivered_at": life.ended_at if life.end == "delivered" else None,
        "vehicles": list(dict.fromkeys(carried)),
        "orders": [one.order_id for one in life.orders],
        "end": life.end,
        "ended_at": life.ended_at,
        "ended_by": life.ended_by,
        "contradictions": len(life.contradictions),
        "deviations": len(deviations(life)),
    }


def _times(life: WorkpieceLife, what: str) -> list[float]:
    return [one.at for one in life.events if one.what == what]


def _place(claim: PlaceClaim, state: Factory) -> dict[str, Any]:
    return {
        "device": claim.device,
        "type": _type(state, claim.device),
        "name": device_name(state, claim.device).to_dict(),
        "position": claim.position,
        "since": claim.at,
        "message_id": claim.message_id,
        "inferred": claim.inferred,
    }


def _type(state: Factory, serial: str | None) -> str | None:
    """HBW, DRILL, ... or FTS; None where nobody told."""
    if serial in state.vehicles:
        return "FTS"
    module = state.modules.get(serial or "")
    return module.type if module else None


def record(
    life: WorkpieceLife, state: Factory, readings: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Everything known of a life; `readings` are its surroundings, one for each event of it."""
    events = [_event(one, state) for one in timeline(life)]
    for event, reading in zip(events, readings, strict=False):
        event["surroundings"] = dict(reading)
    return {
        **summary(life, state),
        "orders": [_order(one) for one in life.orders],
        "events": events,
        "dropped_events": life.dropped_events,
        "contradictions": [
            one._asdict() | {"said": list(one.said), "evidence": list(one.evidence)}
            for one in life.contradictions
        ],
        "deviations": [_deviation(one) for one in deviations(life)],
        "stations": [
            {
                "order_id": one.order_id,
                "planned": list(one.planned),
                "planned_by": one.planned_by,
                "actual": [
                    STATION_OF[event.what]
                    for event in life.events
                    if event.what in STATION_OF and event.order_id == one.order_id
                ],
            }
            for one in life.orders
            if one.type == "PRODUCTION"
        ],
    }


def _event(event: LifeEvent, state: Factory) -> dict[str, Any]:
    took = None if event.began_at is None else round(event.at - event.began_at, 3)
    lists = {"companions": list(event.companions), "evidence": list(event.evidence)}
    name = device_name(state, event.device).to_dict() if event.device else None
    told = {"type": _type(state, event.device), "name": name, "seconds": took}
    return {**event._asdict(), **lists, **told}


def _order(trace: OrderTrace) -> dict[str, Any]:
    told = {name: getattr(trace, name) for name in trace.__dataclass_fields__}
    steps = [step._asdict() for step in trace.steps]
    return {**told, "planned": list(trace.planned), "steps": steps}


def _deviation(found: Deviation) -> dict[str, Any]:
    usual = found.usual._asdict() if found.usual else None
    return found._asdict() | {"evidence": list(found.evidence), "usual": usual}


def csv_rows(lives: Iterable[WorkpieceLife], state: Factory) -> Iterator[tuple[str, ...]]:
    """One row for each event of each life, under `CSV_COLUMNS`; unknown is empty."""
    for life in lives:
        for event in (_event(one, state) for one in timeline(life)):
            time = datetime.fromtimestamp(event["at"], UTC).isoformat(timespec="milliseconds")
            known = {
                **event,
                "life": life.id,
                "tag": life.tag,
                "colour": life.colour,
                "time": time.replace("+00:00", "Z"),
                "companions": " ".join(event["companions"]),
                "evidence": " ".join(event["evidence"]),
                "inferred": "yes" if event["inferred"] else "",
            }
            yield tuple("" if known[one] is None else str(known[one]) for one in CSV_COLUMNS)
