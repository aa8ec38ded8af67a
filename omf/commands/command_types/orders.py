"""Orders to the CCU: production, storage, cancellation (PROTOCOL C.1 to C.4)."""

from typing import Any

from pydantic import model_validator

from omf.commands.effects import answered, cancelled
from omf.commands.encoding import dump, timestamp
from omf.commands.forms import Colour, Form, Ids, WorkpieceId, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.terms import term
from omf.texts import Text, text
from omf.topics.catalogue import address

ORDER_EXPIRY_S = 10.0
"""An order nobody could send for ten seconds is not what the customer at the screen expects."""


class Coloured(Form):
    """A piece of a colour; `type`, the factory's own word for it, is understood as well."""

    colour: Colour = field("field.colour")

    @model_validator(mode="before")
    @classmethod
    def _type_is_colour(cls, given: Any) -> Any:
        if isinstance(given, dict) and "type" in given and "colour" not in given:
            return {"colour" if name == "type" else name: value for name, value in given.items()}
        return given


class ProductionOrder(Coloured):
    """One piece of a colour, made and delivered."""


class StorageOrder(Coloured):
    """One piece at the delivery station, into the store."""

    workpiece_id: WorkpieceId = field("field.workpiece_id", hint="hint.14_hex_digits")


class CancelOrder(Form):
    """Orders that have not begun."""

    order_ids: Ids = field("field.orders", hint="hint.order_ids")


def production_order(form: ProductionOrder, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.1: the CCU makes the order's id; our requestId comes back in its answer."""
    body = {
        "type": form.colour,
        "timestamp": timestamp(draft.now),
        "orderType": "PRODUCTION",
        "requestId": draft.new_id(),
    }
    title = text("step.order_production", colour=term("colour", form.colour))
    return (_request(body, title),)


def cloud_order(form: ProductionOrder, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.3: the CCU turns the cloud's order into a request with the same time and colour."""
    body = {"type": form.colour, "ts": timestamp(draft.now), "requestId": draft.new_id()}
    request = {
        "type": form.colour,
        "timestamp": body["ts"],
        "orderType": "PRODUCTION",
        "requestId": body["requestId"],
    }
    step = PlannedStep(
        topic=address("cloud_order_request"),
        payload=dump(body),
        title=text("step.cloud_order", colour=term("colour", form.colour)),
        effect=answered(request),
    )
    return (step,)


def storage_order(form: StorageOrder, draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.2: without requestId, as the delivery station sends it."""
    body = {
        "timestamp": timestamp(draft.now),
        "orderType": "STORAGE",
        "type": form.colour,
        "workpieceId": form.workpiece_id,
    }
    title = text("step.store_piece", colour=term("colour", form.colour))
    return (_request(body, title),)


def cancel_order(form: CancelOrder, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """C.4: a JSON array; an object is not understood (F.17)."""
    names = ", ".join(form.order_ids)
    step = PlannedStep(
        topic=address("ccu_order_cancel"),
        payload=dump(list(form.order_ids)),
        once=False,
        title=text("step.cancel", names=names),
        effect=cancelled(form.order_ids),
    )
    return (step,)


def _request(body: dict[str, Any], title: Text) -> PlannedStep:
    topic = address("ccu_order_request")
    return PlannedStep(topic=topic, payload=dump(body), title=title, effect=answered(body))


PRODUCTION_CHECKS = (
    *("ccu-speaks", "bridge-up"),
    *("stock-free", "flow-known", "flow-connected", "flow-paired"),
)
DEAF_MODULES = frozenset({"bridge-up"})
"""The CCU takes an order without Node-RED too: its first step is lost then, and not sent again."""

KINDS = (
    Kind(
        name="production-order",
        parameters=ProductionOrder,
        build=production_order,
        interlocks=PRODUCTION_CHECKS,
        prudence=DEAF_MODULES,
        risk="normal",
        role="operator",
        expiry_s=ORDER_EXPIRY_S,
        once=True,
        moves=True,
        source="C.1, D.2",
    ),
    Kind(
        name="storage-order",
        parameters=StorageOrder,
        build=storage_order,
        interlocks=("ccu-speaks", "bridge-up", "stock-room"),
        prudence=DEAF_MODULES,
        risk="guarded",
        role="supervisor",
        expiry_s=ORDER_EXPIRY_S,
        once=True,
        moves=True,
        source="C.2, D.1",
    ),
    Kind(
        name="cancel-order",
        urgent=True,
        parameters=CancelOrder,
        build=cancel_order,
        interlocks=("ccu-speaks", "orders-queued"),
        risk="normal",
        role="operator",
        expiry_s=ORDER_EXPIRY_S,
        once=False,
        moves=False,
        source="C.4",
    ),
    Kind(
        name="cloud-order",
        parameters=ProductionOrder,
        build=cloud_order,
        interlocks=PRODUCTION_CHECKS,
        prudence=DEAF_MODULES,
        risk="normal",
        role="operator",
        expiry_s=ORDER_EXPIRY_S,
        once=True,
        moves=True,
        source="C.3",
    ),
)
