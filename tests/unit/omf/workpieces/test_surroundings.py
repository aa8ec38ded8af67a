"""Surroundings of events: of the session the piece is of, whatever was played before it."""

import json

from omf.messages.message import Message
from omf.workpieces.surroundings import surroundings
from omf.workpieces.wording import readings_before

AUGUST, MAY = 1_786_100_000.0, 1_778_673_000.0


def air(celsius: float, arrived_ms: int, recorded: float, session: str) -> Message:
    payload = json.dumps({"ts": "2026-05-13T11:50:00Z", "t": celsius, "h": 40.0}).encode()
    message = Message("/j1/txt/1/i/bme680", payload, f"{arrived_ms}-0")
    return message._replace(recorded_at=recorded, session=session)


SAID = [
    air(30.0, 1_000, AUGUST, "before"),
    air(31.0, 2_000, AUGUST + 60, "before"),
    air(25.0, 3_000, MAY, "now"),
    air(26.0, 4_000, MAY + 60, "now"),
]


def test_what_was_said_in_the_session_before_is_none_of_it() -> None:
    """A session of August was played, and at once one of May: both lie within ten minutes."""
    times = (MAY - 1, MAY + 1, MAY + 61)
    told = [one.get("bme680", {}).get("values", {}).get("t") for one in surroundings(times, SAID)]
    assert [one and one["value"] for one in told] == [None, 25.0, 26.0]
    shown = [one.get("/j1/txt/1/i/bme680") for one in readings_before(times, SAID)]
    assert [one and json.loads(one.payload)["t"] for one in shown] == [None, 25.0, 26.0]


def test_without_a_replay_all_of_it_is_one_session() -> None:
    plain = [one._replace(session="", recorded_at=None) for one in SAID]
    times = (1.5, 4.5)
    shown = [one.get("/j1/txt/1/i/bme680") for one in readings_before(times, plain)]
    assert [one and json.loads(one.payload)["t"] for one in shown] == [30.0, 26.0]
