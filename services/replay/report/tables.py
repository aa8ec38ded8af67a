"""The figures of a session, and of two beside each other, as tables; the template shows them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from omf.analysis import Analysis, Comparison
from omf.analysis.compare import ComparedTimes
from omf.texts import Text
from services.replay.report.gantt import title
from services.replay.report.words import decimal, minutes, said


class Failure(NamedTuple):
    """A cell in the look of a failure."""

    text: str


Cell = str | int | Text | Failure | None
"""What a cell may hold; None is shown as a dash."""


class ReportTable(NamedTuple):
    """Keys of the headings, and the rows; columns from `numbers` on are aligned to the right."""

    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    numbers: int = 99


def tables(a: Analysis) -> dict[str, ReportTable]:
    """Every table about one session, by the section it stands in; two of them stand in `end`."""
    makers = (orders, alarms, losses, rejects, drift, topics, modules, vehicles)
    return {maker.__name__: maker(a) for maker in makers}


def orders(a: Analysis) -> ReportTable:
    """Each order with its duration."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            title(order),
            _state(order.state or "–", bad=order.state == "ERROR" or order.vanished),
            minutes(order.began_at - a.began_at),
            minutes(order.duration_s),
            minutes(order.usual_alone.usual if order.usual_alone else None),
            minutes(order.waited_s),
        )
        for order in a.orders
    )
    return ReportTable(("order", "state", "begin", "duration", "alone", "waited"), list(rows), 2)


def alarms(a: Analysis) -> ReportTable:
    """Each alarm with its time."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            row.text,
            minutes(row.first_at - a.began_at),
            said("to_the_end") if row.open else minutes(row.last_at - a.began_at),
            row.times,
        )
        for row in a.alarms
    )
    return ReportTable(("what", "at", "last", "times"), list(rows), 1)


def losses(a: Analysis) -> ReportTable:
    """Each sender that counts."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            row.source,
            row.messages,
            sum(gap.missing for gap in row.gaps) if row.countable else said("uncountable"),
            ", ".join(minutes(at - a.began_at) for at in row.reboots) or "–",
        )
        for row in a.sequences
    )
    return ReportTable(("source", "received", "missing", "reboots"), list(rows), 1)


def rejects(a: Analysis) -> ReportTable:
    """Each message that did not fit."""
    rows: Iterable[tuple[Cell, ...]] = (
        (minutes(row.at - a.began_at), row.topic, row.reason, row.detail) for row in a.rejects
    )
    return ReportTable(("at", "topic", "reason", "what"), list(rows))


def drift(a: Analysis) -> ReportTable:
    """Topics and fields nobody described."""
    found = (*a.drift.topics, *a.drift.fields)
    rows: Iterable[tuple[Cell, ...]] = ((f.topic, f.what or "–", f.count) for f in found)
    return ReportTable(("topic", "what", "count"), list(rows), 2)


def topics(a: Analysis) -> ReportTable:
    """Each topic with its counts."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            row.topic,
            row.priority,
            row.count,
            round(row.bytes / 1000),
            row.retained or "–",
            decimal(row.per_minute),
            decimal(row.usual_per_minute),
        )
        for row in a.topics
    )
    heads = ("topic", "class", "count", "bytes", "retained", "per_minute", "usual")
    return ReportTable(heads, list(rows), 1)


# --- the end of the session ---------------------------------------------------------------------


def modules(a: Analysis) -> ReportTable:
    """How the session left each module."""
    rows: Iterable[tuple[Cell, ...]] = (
        (f"{m['type'] or '–'} {serial}", m["connection"], m["available"])
        for serial, m in a.end["modules"].items()
    )
    return ReportTable(("device", "connection", "available"), list(rows))


def vehicles(a: Analysis) -> ReportTable:
    """How the session left each vehicle."""
    rows: Iterable[tuple[Cell, ...]] = (
        (serial, v["connection"], v["available"], v["lastNodeId"], _percent(v))
        for serial, v in a.end["vehicles"].items()
    )
    return ReportTable(("device", "connection", "available", "node", "battery"), list(rows), 4)


def end(a: Analysis) -> dict[str, str]:
    """What lay in the warehouse, and which orders were open."""
    counts = a.end["stock"]["counts"] if a.end["stock"]["known"] else {}
    still = ", ".join(title(order) for order in a.orders if order.ended_at is None)
    stock = ", ".join(f"{colour} {count}" for colour, count in counts.items())
    return {"stock": stock or "–", "active": still or "–"}


def _percent(vehicle: dict[str, Any]) -> int | None:
    value = vehicle["battery"]["percentage"]
    return None if value is None else round(value)


# --- two sessions beside each other -------------------------------------------------------------


def compared_orders(c: Comparison) -> ReportTable:
    """How the orders ended in both sessions; an ERROR the other one has not is marked."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            f"{o.type} {o.colour}",
            _outcome(o.states_a, o.states_b),
            _outcome(o.states_b, o.states_a),
            _median(o.a),
            _median(o.b),
        )
        for o in c.orders
    )
    return ReportTable(("order", "states_a", "states_b", "duration_a", "duration_b"), list(rows), 3)


def compared_steps(c: Comparison) -> ReportTable:
    """How long each step took in both sessions."""
    rows: Iterable[tuple[Cell, ...]] = (
        (
            s.name,
            minutes(s.usual.usual if s.usual else None),
            s.a.count,
            s.b.count,
            _median(s.a),
            _median(s.b),
        )
        for s in c.steps
    )
    heads = ("step", "usual", "count_a", "count_b", "duration_a", "duration_b")
    return ReportTable(heads, list(rows), 1)


def compared_topics(c: Comparison) -> ReportTable:
    """The topics on which the sessions said something else."""
    rows: Iterable[tuple[Cell, ...]] = (
        (t.topic, t.a, t.b, decimal(t.per_minute_a), decimal(t.per_minute_b))
        for t in c.topics
        if not t.same
    )
    heads = ("topic", "count_a", "count_b", "per_minute_a", "per_minute_b")
    return ReportTable(heads, list(rows), 1)


def _outcome(mine: dict[str, int], other: dict[str, int]) -> Cell:
    words = ", ".join(f"{count} {state}" for state, count in mine.items()) or "–"
    return _state(words, bad=mine.get("ERROR", 0) > other.get("ERROR", 0))


def _state(text: str, *, bad: bool) -> Cell:
    return Failure(text) if bad else text


def _median(times: ComparedTimes) -> str:
    if times.median_s is None or times.count < 2:  # noqa: PLR2004 - of one there is no range
        return minutes(times.median_s)
    return f"{minutes(times.median_s)} ({minutes(times.least_s)}–{minutes(times.most_s)})"
