"""How a session left the factory, as HTML."""

from html import escape
from typing import Any

from omf.analysis import Analysis
from services.replay.report.gantt import title
from services.replay.report.html_table import table
from services.replay.report.words import both


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
