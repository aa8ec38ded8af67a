"""What was asked of the CCU, and whether it answered: silence is a refusal (PROTOCOL C)."""

from dataclasses import dataclass, field

from omf.messages.orders import AskedOrder, OrderRecord, OrderRequest
from omf.state.values import Arrival, clip, push

MAX_REQUESTS = 50


@dataclass(slots=True)
class Request:
    """One order request seen on the wire, whoever sent it."""

    at: float
    message_id: str
    type: str | None
    """PRODUCTION or STORAGE, as written."""
    colour: str | None
    workpiece_id: str | None
    request_id: str | None
    requested_at: str | None
    order_id: str | None = None
    """The order the CCU made of it."""
    answered_at: float | None = None

    @property
    def asked(self) -> AskedOrder:
        """What identifies the order made of it."""
        return AskedOrder(
            order_type=self.type,
            colour=self.colour,
            requested_at=self.requested_at,
            request_id=self.request_id,
            workpiece_id=self.workpiece_id,
        )


@dataclass(slots=True)
class Requests:
    """The last requests, oldest first, and the last answer."""

    orders: list[Request] = field(default_factory=list)
    response_order_id: str | None = None
    response_at: float | None = None
    reset_at: float | None = None
    """Last factory reset asked for, retained copies left out."""
    reset_with_storage: bool | None = None
    reset_left: list[tuple[str, str | None]] = field(default_factory=list)
    """Where the last reset left pieces that no order knows any more, and their colours."""
    parked_at: float | None = None
    cloud_state: str | None = None
    """WAITING_FOR_ORDER, ORDERED or IN_PROCESS, the CCU's word to the cloud."""


def read_request(requests: Requests, payload: OrderRequest, arrival: Arrival) -> None:
    """Note a request; a retained copy is no request of now."""
    if arrival.retained:
        return
    request = Request(
        at=arrival.at,
        message_id=arrival.id,
        type=clip(payload.order_type),
        colour=clip(payload.type),
        workpiece_id=clip(payload.workpiece_id),
        request_id=clip(payload.request_id),
        requested_at=clip(payload.timestamp),
    )
    push(requests.orders, request, MAX_REQUESTS)


def read_answer(requests: Requests, payload: OrderRecord, arrival: Arrival) -> None:
    """Close the request an order answers, as `AskedOrder` recognises it.

    The CCU copies the requester's timestamp into the order; the list of active orders may tell
    before the response does (PROTOCOL B.8).
    """
    for request in reversed(requests.orders):
        if request.order_id == payload.order_id:
            return
        if request.answered_at is None and request.asked.is_answered_by(payload):
            request.order_id = clip(payload.order_id)
            request.answered_at = arrival.at
            return


def read_response(requests: Requests, payload: OrderRecord, arrival: Arrival) -> None:
    """Note the CCU's own answer, and close the request it answers."""
    requests.response_order_id = clip(payload.order_id)
    requests.response_at = arrival.at
    read_answer(requests, payload, arrival)
