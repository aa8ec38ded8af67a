"""Orders and what became of requests as rows of a table, each in one list."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Literal, get_args

from omf.factory.orders import Order
from omf.factory.requests import Request
from services.common.streams import CommandRecord, Stage
from services.ui import formats, order_times, order_view
from services.ui.command_log import KEEP_COUNT, changed_at
from services.ui.device_rows import short
from services.ui.model import ViewModel
from services.ui.parts.table import Row
from services.ui.visitor import Visitor
from services.ui.words import Speech

ListName = Literal["running", "queued", "finished", "cancelled", "failed", "unanswered"]
LISTS: tuple[ListName, ...] = get_args(ListName)
_OF_STATE: dict[str | None, ListName] = {
    "ENQUEUED": "queued",
    "IN_PROGRESS": "running",
    "FINISHED": "finished",
    "CANCELLED": "cancelled",
    "ERROR": "failed",
}
ORDERING = frozenset({"production-order", "storage-order", "cloud-order"})
ANSWER_S = 5.0
"""The slowest answer recorded took 0.2 s; after five there will be none (PROTOCOL G.4)."""
SAME_REQUEST_S = 10.0
"""A command of ours and the request seen on the wire are one if they lie this close together."""
OPEN_FIRST = 1e12
COMMAND, REQUEST = "command:", "request:"


def list_of(order: Order) -> ListName:
    """The list an order stands in; what a reset took away counts as cancelled."""
    return "cancelled" if order.vanished else _OF_STATE.get(order.state, "running")


def rows(model: ViewModel, visitor: Visitor) -> list[Row]:
    """Every order, and every request that was never answered."""
    say = Speech(visitor.language)
    found = [_order_row(order, model, visitor, say) for order in model.factory.orders.values()]
    found += [_command_row(record, visitor, say) for record in unanswered(model)]
    return found + [_request_row(request, visitor, say) for request in unanswered_others(model)]


def counts(found: list[Row]) -> Counter[str]:
    """How many rows stand in each list."""
    return Counter(str(row["list"]) for row in found)


def unanswered(model: ViewModel) -> list[CommandRecord]:
    """Orders of ours the CCU let lie: its silence is a refusal (PROTOCOL C)."""
    return [
        record
        for record in model.commands.newest(KEEP_COUNT)
        if record.command.kind in ORDERING and record.stage == Stage.NO_EFFECT
    ]


def unanswered_others(model: ViewModel) -> list[Request]:
    """Requests somebody else sent, to which no order came."""
    ours = list(_ours(model))
    return [
        request
        for request in model.factory.requests.orders
        if request.order_id is None
        and model.now - request.at > ANSWER_S
        and not any(
            colour == request.colour and abs(at - request.at) < SAME_REQUEST_S
            for colour, at in ours
        )
    ]


def _ours(model: ViewModel) -> Iterator[tuple[object, float]]:
    for record in model.commands.newest(KEEP_COUNT):
        if record.command.kind in ORDERING:
            yield record.command.parameters.get("colour"), record.command.created_at


def _order_row(order: Order, model: ViewModel, visitor: Visitor, say: Speech) -> Row:
    done, total = order_view.progress(order)
    moment = partial(formats.when, now=model.now, clock=visitor.clock, language=say.language)
    end = order_times.forecast_of(order, model)
    return {
        "id": order.id,
        "list": list_of(order),
        "rank": _rank(order),
        "piece": say.known("colour", order.colour),
        "type": say.known("order.type", order.type),
        "order": short(order.id),
        "state": order_view.state_word(order, say),
        "bad": order.state == "ERROR" or order.vanished,
        "step": f"{done}/{total} {order_view.current_words(order, model)}".strip(),
        "began": moment(formats.stamp(order.started_at)),
        "ended": say("order.about", time=moment(end.usual))
        if end
        else moment(formats.stamp(order.stopped_at)),
        "expected": end is not None,
        "lead": formats.took(order_times.lead_s(order), say.language),
    }


def _rank(order: Order) -> float:
    """Open orders on top, then those that ended last, by whichever clock told it."""
    if order.open:
        return OPEN_FIRST + order.first_seen
    return formats.stamp(order.stopped_at) or order.changed_at or order.first_seen


def _command_row(record: CommandRecord, visitor: Visitor, say: Speech) -> Row:
    command = record.command
    kind = "STORAGE" if command.kind == "storage-order" else "PRODUCTION"
    asked = formats.moment(command.created_at, visitor.clock)
    name = f"{COMMAND}{command.command_id}"
    colour = str(command.parameters.get("colour"))
    return {**_silent(name, colour, kind, asked, say), "rank": changed_at(record)}


def _request_row(request: Request, visitor: Visitor, say: Speech) -> Row:
    asked = formats.moment(request.at, visitor.clock)
    name = f"{REQUEST}{request.message_id}"
    row = _silent(name, request.colour, request.type, asked, say)
    return {**row, "rank": request.at, "step": say("order.asked_elsewhere")}


def _silent(name: str, colour: str | None, kind: str | None, asked: str, say: Speech) -> Row:
    return {
        "id": name,
        "list": "unanswered",
        "piece": say.known("colour", colour),
        "type": say.known("order.type", kind),
        "order": formats.NONE,
        "state": say("order.unanswered"),
        "bad": True,
        "step": say("order.asked_here"),
        "began": asked,
        "ended": formats.NONE,
        "expected": False,
        "lead": formats.NONE,
    }
