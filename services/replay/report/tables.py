"""The figures of a session as HTML tables."""

from omf.analysis import Analysis
from services.replay.report.gantt import title
from services.replay.report.html_table import Html, decimal, mark, table
from services.replay.report.words import both, minutes, spans


def orders(a: Analysis) -> str:
    """Each order with its duration."""
    return table(
        ("order", "state", "begin", "duration", "alone", "waited"),
        [
            (
                title(order),
                mark(order.state or "–", bad=order.state == "ERROR" or order.vanished),
                minutes(order.began_at - a.began_at),
                minutes(order.duration_s),
                minutes(order.usual_alone.usual if order.usual_alone else None),
                minutes(order.waited_s),
            )
            for order in a.orders
        ],
        numbers=2,
    )


def alarms(a: Analysis) -> str:
    """Each alarm with its time."""
    return table(
        ("what", "at", "last", "times"),
        [
            (
                Html(spans(row.de, row.en)),
                minutes(row.first_at - a.began_at),
                Html(both("to_the_end")) if row.open else minutes(row.last_at - a.began_at),
                row.times,
            )
            for row in a.alarms
        ],
        numbers=1,
    )


def losses(a: Analysis) -> str:
    """Each sender that counts."""
    return table(
        ("source", "received", "missing", "reboots"),
        [
            (
                row.source,
                row.messages,
                sum(gap.missing for gap in row.gaps)
                if row.countable
                else Html(both("uncountable")),
                ", ".join(minutes(at - a.began_at) for at in row.reboots) or "–",
            )
            for row in a.sequences
        ],
        numbers=1,
    )


def rejects(a: Analysis) -> str:
    """Each message that did not fit."""
    rows = [(minutes(row.at - a.began_at), row.topic, row.reason, row.detail) for row in a.rejects]
    return table(("at", "topic", "reason", "what"), rows)


def drift(a: Analysis) -> str:
    """Topics and fields nobody described."""
    found = (*a.drift.topics, *a.drift.fields)
    return table(
        ("topic", "what", "count"), [(f.topic, f.what or "–", f.count) for f in found], numbers=2
    )


def topics(a: Analysis) -> str:
    """Each topic with its counts."""
    return table(
        ("topic", "class", "count", "bytes", "retained", "per_minute", "usual"),
        [
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
        ],
        numbers=1,
    )
