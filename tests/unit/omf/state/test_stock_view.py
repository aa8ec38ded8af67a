"""A stock nobody reported is unknown, and a stock reported empty is empty."""

import json

from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics import catalogue


def test_before_any_report_the_counts_are_unknown() -> None:
    stock = FactoryState().view(0.0)["stock"]
    assert stock["known"] is False
    assert stock["counts"] == {"RED": None, "WHITE": None, "BLUE": None}
    assert stock["empty_bays"] is None


def test_a_stock_reported_empty_counts_zero() -> None:
    state = FactoryState()
    empty = {"workpiece": {"id": "", "type": "", "state": "RAW"}, "location": "A1"}
    body = json.dumps({"ts": "2026-08-07T09:14:05.992Z", "stockItems": [empty]}).encode()
    state.apply(Message(catalogue.address("ccu_state_stock"), body, "1000-0"), 1.0)
    stock = state.view(2.0)["stock"]
    assert stock["known"] is True
    assert stock["counts"] == {"RED": 0, "WHITE": 0, "BLUE": 0}
    assert stock["empty_bays"] == 1
