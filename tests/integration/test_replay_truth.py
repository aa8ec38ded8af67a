"""A recorded day, replayed at full speed through the whole system, ends in its ground truth."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.processes import wait_for
from tests.support.shared import shared_path, truth
from tests.support.system import System

pytestmark = [
    pytest.mark.alike,
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.xdist_group("replay"),
    pytest.mark.timeout(180),
]
NAME = "white-storage-production_20260807_111716"
REPLAY = ("--environment", "replay")
NO_ORDER = ("", "0", 0, None)


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return truth(NAME)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, told: dict[str, Any]) -> Iterator[System]:
    session = shared_path("recordings", f"{NAME}.jsonl.gz")
    running = System(tmp_path_factory.mktemp("replay") / "data", "--environments", "mock,replay")
    try:
        running.start()
        sent = running.json("replay", str(session), "--speed", "max")[0]
        assert (sent["sent"], sent["damaged"]) == (told["messages"], [])
        wait_for(lambda: _total(running) >= told["messages"], 30, running.story)
        yield running
    finally:
        running.close()


def _total(system: System) -> int:
    return int(system.json("state", *REPLAY)[0]["messages"]["total"])


@pytest.fixture(scope="module")
def state(system: System) -> dict[str, Any]:
    found: dict[str, Any] = system.json("state", *REPLAY)[0]
    return found


def test_every_message_was_mirrored_once_in_order_and_to_the_byte(
    system: System, told: dict[str, Any]
) -> None:
    digest = hashlib.sha256()
    rows = system.json("tail", "#", "--no-follow", *REPLAY)
    for row in rows:
        digest.update(f"{row['topic']}\0{row['payload']}\n".encode())
    assert len(rows) == told["messages"]
    # A bounded window of publishes keeps the order of each topic, one connection that of all.
    assert digest.hexdigest() == told["payload_stream_sha256"]


def test_every_topic_and_filter_counts_exactly(
    system: System, state: dict[str, Any], told: dict[str, Any]
) -> None:
    assert state["messages"]["total"] == told["messages"]
    assert state["messages"]["by_topic"] == {t: n["count"] for t, n in told["topics"].items()}
    buffers = {row["filter"]: row for row in system.json("buffers", *REPLAY)}
    counts = {**told["filters"], **told["filters_extra"]}
    shared = counts.keys() & buffers.keys()
    assert len(shared) > 10
    assert {name: buffers[name]["appended"] for name in shared} == {n: counts[n] for n in shared}


def test_every_device_ends_in_its_last_state(state: dict[str, Any], told: dict[str, Any]) -> None:
    for serial, device in told["modules"].items():
        found = state["vehicles" if device["kind"] == "FTS" else "modules"][serial]
        connection, last = device["direct"]["last_connection"], device["direct"]["last_state"]
        assert found["connection"] == (connection and connection["connectionState"])
        assert _action(found["last_action"]) == _action(device["direct"]["last_actionState"])
        if last is None:
            continue
        assert found["orderId"] == ("" if last["orderId"] in NO_ORDER else last["orderId"])
        assert found["orderUpdateId"] == int(last["orderUpdateId"])
        assert found["paused"] == last["paused"]


def _action(told: dict[str, Any] | None) -> list[Any] | None:
    keys = ("id", "command", "state", "result")
    return None if told is None else [told.get(key) for key in keys]


def test_every_paired_module_ends_as_the_ccu_said(
    state: dict[str, Any], told: dict[str, Any]
) -> None:
    for paired in told["pairing_final"]["modules"]:
        found = state["modules"][paired["serialNumber"]]
        assert found["type"] == paired["subType"]
        assert found["connected"] == paired["connected"]
        assert found["available"] == paired["available"]


def test_every_order_ends_as_the_factory_told_it(
    state: dict[str, Any], told: dict[str, Any]
) -> None:
    assert [_found(order) for order in state["orders"]] == [_told(o) for o in told["orders"]]
    assert state["order_lists"]["active"] == told["order_lists"]["last_active"]["orderIds"]
    assert state["order_lists"]["completed"] == told["order_lists"]["last_completed"]["orderIds"]


def _found(order: dict[str, Any]) -> dict[str, Any]:
    keys = ("id", "type", "colour", "state", "requested_at", "started_at", "stopped_at")
    steps = [(step["id"], step["type"], step["state"]) for step in order["steps"]]
    return {key: order[key] for key in keys} | {"steps": steps}


def _told(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": order["orderId"],
        "type": order["orderType"],
        "colour": order["colour"],
        "state": order["final_state"],
        "requested_at": order["requestedAt"],
        "started_at": order["startedAt"],
        "stopped_at": order["stoppedAt"],
        "steps": [(step["id"], step["type"], step["state"]) for step in order["steps"]],
    }


def test_the_stock_ends_as_the_ccu_said(state: dict[str, Any], told: dict[str, Any]) -> None:
    bays = {bay: (b["workpiece_id"], b["colour"]) for bay, b in state["stock"]["bays"].items()}
    assert bays == {
        bay: (b["id"] or None, b["type"] or None)
        for bay, b in told["stock_final"]["locations"].items()
    }
