"""Two sessions beside each other, as HTML."""

from html import escape

from omf.analysis import Comparison
from omf.analysis.compare import Times
from services.replay.report.html_table import decimal, mark, table
from services.replay.report.words import both, minutes


def compared(c: Comparison) -> str:
    """Orders, steps and topics of both sessions; topics only where what they said differs."""
    orders_ = table(
        ("order", "states_a", "states_b", "duration_a", "duration_b"),
        [
            (
                f"{o.type} {o.colour}",
                _states(o.states_a, o.states_b),
                _states(o.states_b, o.states_a),
                _median(o.a),
                _median(o.b),
            )
            for o in c.orders
        ],
        numbers=3,
    )
    steps = table(
        ("step", "usual", "count_a", "count_b", "duration_a", "duration_b"),
        [
            (
                s.name,
                minutes(s.usual.usual if s.usual else None),
                s.a.count,
                s.b.count,
                _median(s.a),
                _median(s.b),
            )
            for s in c.steps
        ],
        numbers=1,
    )
    return orders_ + steps + _topic_pairs(c) + _alarm_pairs(c)


def _states(mine: dict[str, int], other: dict[str, int]) -> str:
    """How the orders ended; an ERROR the other session has not is marked."""
    words = ", ".join(f"{count} {state}" for state, count in mine.items()) or "–"
    return mark(words, bad=mine.get("ERROR", 0) > other.get("ERROR", 0))


def _median(times: Times) -> str:
    if times.median_s is None or times.count < 2:  # noqa: PLR2004 - of one there is no range
        return minutes(times.median_s)
    return f"{minutes(times.median_s)} ({minutes(times.least_s)}–{minutes(times.most_s)})"


def _topic_pairs(c: Comparison) -> str:
    said = f"<p>{both(f'traffic.{c.verdict}')}</p>"
    rows = [
        (t.topic, t.a, t.b, decimal(t.per_minute_a), decimal(t.per_minute_b))
        for t in c.topics
        if not t.same
    ]
    heads = ("topic", "count_a", "count_b", "per_minute_a", "per_minute_b")
    return said + table(heads, rows, numbers=1) if rows else said


def _alarm_pairs(c: Comparison) -> str:
    pairs = (("only_a", c.alarms_only_a), ("only_b", c.alarms_only_b))
    return "".join(f"<p>{both(name)}: {escape(', '.join(ids))}</p>" for name, ids in pairs if ids)
