"""The figures of a session as HTML tables; every cell is text and escaped here."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from omf.analysis import Analysis, Comparison
from omf.analysis.compare import Times
from services.replay.report.gantt import title
from services.replay.report.words import both, minutes, spans


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int = 99) -> str:
    """A table whose columns from `numbers` on are aligned to the right; `none` without rows."""
    lines = [_row(row, numbers) for row in rows]
    if not lines:
        return f'<p class="none">{both("none")}</p>'
    head = "".join(
        f"<th{_right(index, numbers)}>{both(name)}</th>" for index, name in enumerate(heads)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _row(cells: Sequence[object], numbers: int) -> str:
    inner = "".join(
        f"<td{_right(index, numbers)}>{_cell(cell)}</td>" for index, cell in enumerate(cells)
    )
    return f"<tr>{inner}</tr>"


def _right(index: int, numbers: int) -> str:
    return ' class="n"' if index >= numbers else ""


def _cell(cell: object) -> str:
    if isinstance(cell, Html):
        return cell
    return "–" if cell is None else escape(str(cell))


def _mark(text: str, *, bad: bool) -> str:
    return Html(f'<b class="failed">{escape(text)}</b>') if bad else text


def orders(a: Analysis) -> str:
    """Each order with its duration."""
    return table(
        ("order", "state", "begin", "duration", "alone", "waited"),
        [
            (
                title(order),
                _mark(order.state or "–", bad=order.state == "ERROR" or order.vanished),
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
                _decimal(row.per_minute),
                _decimal(row.usual_per_minute),
            )
            for row in a.topics
        ],
        numbers=1,
    )


def _decimal(value: float | None) -> str | None:
    if value is None:
        return None
    text = f"{value:.1f}"
    return Html(spans(text.replace(".", ","), text))


def end(a: Analysis) -> str:
    """Devices, stock and open orders at the last message."""
    return "".join((_modules(a.end), _vehicles(a.end), _lists(a)))


def _modules(view: dict[str, Any]) -> str:
    return table(
        ("device", "connection", "available"),
        [
            (f"{m['type'] or '–'} {serial}", m["connection"], m["available"])
            for serial, m in view["modules"].items()
        ],
    )


def _vehicles(view: dict[str, Any]) -> str:
    return table(
        ("device", "connection", "available", "node", "battery"),
        [
            (serial, v["connection"], v["available"], v["lastNodeId"], _percent(v))
            for serial, v in view["vehicles"].items()
        ],
        numbers=4,
    )


def _percent(vehicle: dict[str, Any]) -> int | None:
    value = vehicle["battery"]["percentage"]
    return None if value is None else round(value)


def _lists(a: Analysis) -> str:
    counts = a.end["stock"]["counts"] if a.end["stock"]["known"] else {}
    stock = ", ".join(f"{colour} {count}" for colour, count in counts.items()) or "–"
    still = ", ".join(title(order) for order in a.orders if order.ended_at is None) or "–"
    return (
        f"<p>{both('stock')}: {escape(stock)}</p>"
        f"<p>{both('active')}: {escape(still)} · {both('carried', count=a.carried_over)}</p>"
    )


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
    return _mark(words, bad=mine.get("ERROR", 0) > other.get("ERROR", 0))


def _median(times: Times) -> str:
    if times.median_s is None or times.count < 2:  # noqa: PLR2004 - of one there is no range
        return minutes(times.median_s)
    return f"{minutes(times.median_s)} ({minutes(times.least_s)}–{minutes(times.most_s)})"


def _topic_pairs(c: Comparison) -> str:
    said = f"<p>{both(f'traffic.{c.verdict}')}</p>"
    rows = [
        (t.topic, t.a, t.b, _decimal(t.per_minute_a), _decimal(t.per_minute_b))
        for t in c.topics
        if not t.same
    ]
    heads = ("topic", "count_a", "count_b", "per_minute_a", "per_minute_b")
    return said + table(heads, rows, numbers=1) if rows else said


def _alarm_pairs(c: Comparison) -> str:
    pairs = (("only_a", c.alarms_only_a), ("only_b", c.alarms_only_b))
    return "".join(f"<p>{both(name)}: {escape(', '.join(ids))}</p>" for name, ids in pairs if ids)
