"""What older dashboards sent wrong and no command of ours may (PROTOCOL F), for every kind."""

import json
import re
from typing import Any

import pytest

from omf.commands import KINDS
from omf.topics import catalogue
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.factory import Factory, order

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TIMED = ("MILL", "DRILL", "FIRE")
READ = ("type", "workpieceId", "duration", "workpiece")
NOT_READ = ("priority", "timeout")
"""What the earlier dashboard sent in a sequence; no module reads it."""
RAW = ("free-message", "clear-retained")
"""Kinds that send what a person typed."""
WRITTEN = [kind for kind in KINDS if kind in EXAMPLES and kind not in RAW]
ORDERS = ("module_order", "fts_order")
INSTANT = ("module_instant_action", "fts_instant_action")


def sent(kind: str) -> list[tuple[str, Any]]:
    """The catalogue entry and the body of each message of a kind."""
    steps = plan_of(kind).steps
    entries = [catalogue.of(step.topic) for step in steps]
    assert all(entry is not None and entry.command for entry in entries)
    return [
        (entry.name, json.loads(step.payload))
        for entry, step in zip(entries, steps, strict=True)
        if entry is not None
    ]


@pytest.mark.parametrize("kind", WRITTEN)
def test_only_orders_to_devices_carry_an_order_id_and_it_is_a_new_one(kind: str) -> None:
    for name, body in sent(kind):
        told = body.get("orderId") if isinstance(body, dict) else None
        assert (told is not None) is (name in ORDERS), name
        assert told is None or told.startswith("id-")  # as `new_id` gave it: no number, no name


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_time_is_utc_with_milliseconds_and_z_and_stands_where_it_must(kind: str) -> None:
    for name, body in sent(kind):
        times = [body[key] for key in ("timestamp", "ts") if isinstance(body, dict) and key in body]
        assert all(STAMP.fullmatch(time) for time in times), name
        # Without it the controllers refuse an order, and the CCU ignores a reset (F.7, F.17).
        wanted = (*ORDERS, *INSTANT, "ccu_order_request", "ccu_set_reset", "ccu_set_park")
        assert times or name not in wanted, name


@pytest.mark.parametrize("kind", WRITTEN)
def test_one_message_is_one_act_and_says_how_long_it_works(kind: str) -> None:
    for name, body in sent(kind):
        if name in INSTANT:
            assert len(body["actions"]) == 1
        if name == "module_order":
            about = body["action"]["metadata"]
            assert about.keys() <= {*READ, *NOT_READ}
            assert ("duration" in about) is (body["action"]["command"] in TIMED)


@pytest.mark.parametrize("kind", list(EXAMPLES))
def test_no_command_is_kept_by_the_broker_or_sent_at_most_once(kind: str) -> None:
    for step in plan_of(kind).steps:
        assert step.retain is (kind == "clear-retained")
        assert step.qos in (1, 2)


@pytest.mark.parametrize("kind", ["production-order", "cloud-order"])
def test_a_production_order_names_no_piece_and_no_inspection(kind: str) -> None:
    [(_, body)] = sent(kind)
    known = {"type", "timestamp", "ts", "orderType", "requestId"}
    assert body.keys() <= known


def test_a_cancellation_is_a_list() -> None:
    assert sent("cancel-order") == [("ccu_order_cancel", ["one", "two"])]


def test_a_bay_of_a_load_is_a_free_one_and_no_tag_is_invented() -> None:
    load = [{"loadPosition": "1", "loadType": "RED", "loadId": "04a"}]
    state = Factory.known().vehicle("SVR4H73275", load=load).state
    for step in plan_of("fts-navigate", state=state).steps:
        body = json.loads(step.payload)
        nodes = [n["action"].get("metadata") for n in body.get("nodes", ()) if "action" in n]
        docks = [about for about in nodes if about and "loadPosition" in about]
        docks += [one["metadata"] for one in body.get("actions", ())]
        assert docks
        assert {about["loadPosition"] for about in docks} == {"2"}
        assert all("loadId" not in about for about in docks)


def test_manual_drives_and_steps_wait_until_the_ccu_has_no_order() -> None:
    state = Factory.known().orders(order("a")).state
    for kind in ("fts-navigate", "module-step", "module-sequence", "delivery-pick"):
        checks = {check.id: check.met for check in plan_of(kind, state=state).checks}
        assert checks["ccu-idle"] is False, kind
