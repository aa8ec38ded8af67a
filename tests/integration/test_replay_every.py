"""Every recorded day, replayed at full speed through a broker and the mirror, gives its truth."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omf.analysis.traffic import digest
from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics.catalogue import EVERYTHING, PICTURES, filters, of
from services.supervisor.server import LocalServer
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.shared import RECORDINGS, recording, shared_path, truth
from tests.support.system import omf

pytestmark = [pytest.mark.alike, pytest.mark.servers, pytest.mark.timeout(180)]
TOLD = ("type", "connection", "orderId", "orderUpdateId", "paused", "available")
OWN_BUFFER = set(filters(EVERYTHING))


@pytest.fixture
def mqtt_url(tmp_path: Path) -> Iterator[str]:
    """The broker from pip: mosquitto, as we start it, writes to the disk at every message."""
    server = LocalServer("broker", tmp_path / "broker", embedded=True)
    server.start()
    yield server.url
    server.kill()


def test_every_recording_arrives_to_the_byte_and_ends_in_its_truth(
    processes: Processes, store_url: str, mqtt_url: str
) -> None:
    mirror = Mirrored(processes, store_url, mqtt_url).ready()
    seen, last = 0, ""
    for name in RECORDINGS:
        told = truth(name)
        wanted = {**told["filters"], **told["filters_extra"]}
        before = {f: mirror.counter(f"appended:{f}") for f in wanted.keys() & OWN_BUFFER}
        file = str(shared_path("recordings", f"{name}.jsonl.gz"))
        done = omf("replay", file, "--speed", "max", "--broker", mqtt_url, "--json")
        assert json.loads(done.stdout)["sent"] == told["messages"], (name, done.stderr)
        seen += told["messages"]
        wait_for(lambda n=seen: mirror.counter("appended") >= n, 30)
        counted = {f: mirror.counter(f"appended:{f}") - count for f, count in before.items()}
        assert counted == {f: wanted[f] for f in before}, name
        arrived = mirror.messages(after=last)
        last = arrived[-1].id
        assert digest(lasting(arrived)) == digest(lasting(recording(name))), name
        assert ends(arrived) == ends(recording(name)), name


def lasting(messages: Iterable[Message]) -> Iterator[Message]:
    """All but pictures, which leave the journal when their own buffer is full."""
    for message in messages:
        entry = of(message.topic)
        if entry is None or entry.pattern not in PICTURES:
            yield message


def ends(messages: Iterable[Message]) -> dict[str, Any]:
    """Where a day leaves the factory, apart from when that was.

    That the fold of the recording itself is the truth is the subject of the contract tests.
    """
    state = FactoryState()
    for message in messages:
        state.apply(message, message.received_at)
    view = state.view(state.last_received or 0.0)
    devices = {**view["modules"], **view["vehicles"]}
    return {
        "devices": {serial: [d[key] for key in TOLD] for serial, d in devices.items()},
        "bays": {bay: (b["colour"], b["workpiece_id"]) for bay, b in view["stock"]["bays"].items()},
        "orders": [
            (o["id"], o["state"], [(s["id"], s["state"]) for s in o["steps"]])
            for o in view["orders"]
        ],
        "lists": [view["order_lists"][which] for which in ("active", "completed")],
    }
