"""Orders and what became of requests as rows of a table, each in one list."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import get_args

from omf.constants import CCU_ANSWER_S
from omf.state.orders import Order
from omf.state.requests import Request
from services.common.store.keys import CommandRecord, Stage
from services.ui import formats
from services.ui.auth.current_user import CurrentUser
from services.ui.formats import Clock
from services.ui.live.command_log import KEPT_COMMANDS, changed_at
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.types import Row
from services.ui.views import order_times, order_view
from services.ui.views.device_status import short
from services.ui.views.order_view import ListName

LISTS: tuple[ListName, ...] = get_args(ListName)
ORDERING = frozenset({"production-order", "storage-order", "cloud-order"})
SAME_REQUEST_S = 10.0
"""A command of ours and the request seen on the wire are one if they lie this close together."""
OPEN_FIRST = 1e12
COMMAND, REQUEST = "command:", "request:"


def rows(model: ViewModel, user: CurrentUser) -> list[Row]:
    """Every order, and every request that was never answered."""
    say = Translator(user.language)
    found = [_order_row(order, model, user, say) for order in model.factory.orders.values()]
    moment = _moment(model, user)
    found += [_command_row(record, moment, say) for record in unanswered(model)]
    return found + [_request_row(request, moment, say) for request in unanswered_others(model)]


def _moment(model: ViewModel, user: CurrentUser) -> Callable[[float | None], str]:
    """Times as this person reads them, with the day where it is another one."""
    language = user.language
    return partial(formats.when, now=model.now, clock=user.clock, language=language)


def counts(found: list[Row]) -> Counter[str]:
    """How many rows stand in each list."""
    return Counter(str(row["list"]) for row in found)


def today(model: ViewModel, clock: Clock) -> Counter[ListName]:
    """How many orders ended today in each list, and how many requests of today were let lie."""
    orders = model.factory.orders.values()
    ended = [(order_view.list_of(order), order_times.ended_at(order)) for order in orders]
    silent = [record.command.created_at for record in unanswered(model)]
    silent += [request.at for request in unanswered_others(model)]
    found: list[tuple[ListName, float | None]] = [*ended, *(("unanswered", at) for at in silent)]
    return Counter(
        name for name, at in found if at is not None and formats.same_day(at, model.now, clock)
    )


def unanswered(model: ViewModel) -> list[CommandRecord]:
    """Orders of ours the CCU let lie: its silence is a refusal (PROTOCOL C)."""
    return [
        record
        for record in model.commands.newest(KEPT_COMMANDS)
        if record.command.kind in ORDERING and record.stage == Stage.NO_EFFECT
    ]


def unanswered_others(model: ViewModel) -> list[Request]:
    """Requests somebody else sent, to which no order came."""
    ours = list(_ours(model))
    return [
        request
        for request in model.factory.requests.orders
        if request.order_id is None
        and model.factory_now - request.at > CCU_ANSWER_S
        and not any(
            colour == request.colour and abs(at - request.at) < SAME_REQUEST_S
            for colour, at in ours
        )
    ]


def _ours(model: ViewModel) -> Iterator[tuple[object, float]]:
    for record in model.commands.newest(KEPT_COMMANDS):
        if record.command.kind in ORDERING:
            yield record.command.parameters.get("colour"), record.command.created_at


def _order_row(order: Order, model: ViewModel, user: CurrentUser, say: Translator) -> Row:
    moment = _moment(model, user)
    end = order_times.forecast_of(order, model)
    stands = order_view.phase(order, model)
    return {
        "id": order.id,
        "list": order_view.list_of(order),
        "rank": _rank(order, model),
        "piece": say.known("colour", order.colour),
        "type": say.known("order.type", order.type),
        "order": short(order.id),
        "state": order_view.state_word(order, model, say),
        "bad": stands in {"stuck", "lost"},
        "failed": stands == "failed",
        "step": doing(order, model, say),
        "began": moment(order_times.began_at(order)),
        "ended": order_times.about(end, moment, say)
        if end
        else moment(order_times.ended_at(order)),
        "expected": end is not None,
        "lead": formats.took(order_times.lead_s(order), say.language),
    }


def doing(order: Order, model: ViewModel, say: Translator) -> str:
    """What is done for the order now, or why nothing is; where it stopped if it ended badly."""
    if order.state == "FINISHED":
        return ""
    if (wait := order_view.wait_of(order, model)) is not None:
        return say.either(wait)
    done, total = order_view.progress(order)
    words = order_view.current_words(order, model, say)
    number = min(done + 1, total)
    return say("order.step_of", step=words, number=number, total=total) if words else ""


def _rank(order: Order, model: ViewModel) -> float:
    """Open orders on top as they will be done, then those that ended last."""
    if order.open:
        place = model.shared("working-order", lambda: _places(model))
        return OPEN_FIRST - place[order.id]
    return order_times.ended_at(order) or order.changed_at or order.first_seen


def _places(model: ViewModel) -> dict[str, int]:
    return {order.id: n for n, order in enumerate(order_view.in_working_order(model))}


def _command_row(
    record: CommandRecord, moment: Callable[[float | None], str], say: Translator
) -> Row:
    command = record.command
    kind = "STORAGE" if command.kind == "storage-order" else "PRODUCTION"
    asked = moment(command.created_at)
    name = f"{COMMAND}{command.command_id}"
    colour = str(command.parameters.get("colour"))
    return {**_silent(name, colour, kind, asked, say), "rank": changed_at(record)}


def _request_row(request: Request, moment: Callable[[float | None], str], say: Translator) -> Row:
    asked = moment(request.at)
    name = f"{REQUEST}{request.message_id}"
    row = _silent(name, request.colour, request.type, asked, say)
    return {**row, "rank": request.at, "step": say("order.asked_elsewhere")}


def _silent(name: str, colour: str | None, kind: str | None, asked: str, say: Translator) -> Row:
    return {
        "id": name,
        "list": "unanswered",
        "piece": say.known("colour", colour),
        "type": say.known("order.type", kind),
        "order": formats.NONE,
        "state": say("order.unanswered"),
        "bad": True,
        "failed": False,
        "step": say("order.asked_here"),
        "began": asked,
        "ended": formats.NONE,
        "expected": False,
        "lead": formats.NONE,
    }
