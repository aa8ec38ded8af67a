"""Where each running order stands on the flow of its colour."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from omf.commands.facts.factory import DELIVERY
from omf.state import FactoryState
from omf.state.modules import WAREHOUSE
from omf.state.orders import Order, OrderStep

_UNDER_WAY = frozenset({"IN_PROGRESS", "ENQUEUED"})


class FlowMark(NamedTuple):
    """One open order and the box it stands at; None: its own flow has a station this one lacks."""

    order: Order
    box: int | None
    driving: bool
    """A vehicle brings its piece to the box."""


def stations(steps: Sequence[str] | None) -> tuple[str, ...]:
    """The boxes of a flow: from the warehouse to the delivery station."""
    return (WAREHOUSE, *(steps or ()), DELIVERY)


def flow_marks(state: FactoryState, colour: str) -> list[FlowMark]:
    """Each open production order of a colour, the oldest first; a waiting one at the warehouse.

    A running order keeps the flow it was made with (PROTOCOL C.12): its station is looked for by
    the type of the module.
    """
    boxes = stations(state.flows.of(colour) if state.flows else ())
    wanted = [
        order
        for order in state.orders.values()
        if order.open and order.type == "PRODUCTION" and order.colour == colour
    ]
    return [_mark(order, boxes) for order in wanted]


def _mark(order: Order, boxes: Sequence[str]) -> FlowMark:
    step = next(_under_way(order), None)
    if step is None or order.state == "ENQUEUED":
        return FlowMark(order, 0, driving=False)
    driving = step.type == "NAVIGATION"
    place = step.target if driving else step.module_type
    found = boxes.index(place) if place in boxes else None
    return FlowMark(order, found, driving)


def _under_way(order: Order) -> Iterator[OrderStep]:
    """The steps that are not over: first those that run."""
    open_steps = [step for step in order.steps if step.state in _UNDER_WAY]
    yield from sorted(open_steps, key=lambda step: step.state != "IN_PROGRESS")
