"""Which function takes which message into the lives of the pieces; called when the state has it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from omf.messages.orders import OrderRequest
from omf.state.model import Factory
from omf.state.values import Arrival
from omf.workpieces import stations, transport
from omf.workpieces.bays import read_stock
from omf.workpieces.intake import read_request
from omf.workpieces.orders import ccu_set_reset, read_orders

Levels: TypeAlias = Mapping[str, str]
Follow: TypeAlias = "Callable[[Factory, Levels, Any, Arrival], None]"


def _orders(state: Factory, _levels: Levels, _payload: object, arrival: Arrival) -> None:
    read_orders(state, arrival)


def _request(state: Factory, _levels: Levels, payload: OrderRequest, arrival: Arrival) -> None:
    read_request(state, payload, arrival)


def _stock(state: Factory, _levels: Levels, _payload: object, arrival: Arrival) -> None:
    read_stock(state, arrival)


def _flows(state: Factory, _levels: Levels, _payload: object, arrival: Arrival) -> None:
    state.workpieces.flows_by = arrival.id


FOLLOWS: Mapping[str, Follow] = {
    "module_state": stations.module_state,
    "module_order": stations.module_order,
    "module_instant_action": stations.module_instant_action,
    "txt_quality_check": stations.txt_quality_check,
    "fts_state": transport.fts_state,
    "fts_instant_action": transport.fts_instant_action,
    "ccu_order_request": _request,
    "ccu_order_active": _orders,
    "ccu_order_completed": _orders,
    "ccu_state_stock": _stock,
    "ccu_state_flows": _flows,
    "ccu_set_reset": ccu_set_reset,
}
"""By the name of the catalogue entry; every other message says nothing of a piece."""
