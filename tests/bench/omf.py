"""Figures of the language: `python -m tests.bench.omf [--history N]`, result in build/bench.

Every figure is taken on one core, over all recorded messages. The cost of `apply` is compared
after 10 and after N messages in alternating runs on restored states; the N messages are the
recordings over and over, with new orders, unknown topics and unreadable payloads in each round.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import count, islice
from unittest.mock import patch

from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics import catalogue
from omf.workpieces import follow
from tests.bench.needs import recordings, require
from tests.bench.report import Row, row, seconds, write
from tests.bench.topics import bench_topics
from tests.support.shared import RECORDINGS, recording

RUNS = 7
SHORT_HISTORY = 10
LONG_HISTORY = 10_000_000
PROBE = "ml-wrb-red-nok_20260807_130729"
"""The busiest recording: six orders at once, long lists."""


def fold(state: FactoryState, messages: list[Message]) -> FactoryState:
    """Apply all messages."""
    for message in messages:
        state.apply(message, message.received_at)
    return state


def endless(recorded: list[Message]) -> Iterator[Message]:
    """Yield the recordings over and over, each round followed by what was never said before."""
    for number in count():
        yield from recorded
        order = {"orderId": f"order-{number}", "state": "IN_PROGRESS"}
        at = f"{1_800_000_000_000 + number}-0"
        active = catalogue.address("ccu_order_active")
        yield Message(active, json.dumps([order]).encode(), at)
        yield Message(active, b"[]", at)
        yield Message(active, b"[" * number, at)
        for topic in range(10):
            yield Message(f"unknown/{number}/{topic}", b"{}", at)
        yield Message(catalogue.address("module_connection", serial=f"M{number}"), b"{}", at)


def bench_apply(recorded: list[Message]) -> list[Row]:
    """Measure reading and folding of all recordings, and what a reader of the state pays."""
    runs = [seconds(lambda: fold(FactoryState(), recorded)) for _ in range(RUNS)]
    state = fold(FactoryState(), recorded)
    saved = json.loads(json.dumps(state.snapshot()))
    now = state.last_received or 0.0
    return [
        row("parse + apply", "messages/s", [len(recorded) / run for run in runs], 0),
        row("parse + apply one message", "us", [run * 1e6 / len(recorded) for run in runs]),
        row("view", "ms", [seconds(lambda: state.view(now)) * 1e3 for _ in range(RUNS)]),
        row("alarms", "ms", [seconds(lambda: state.alarms(now)) * 1e3 for _ in range(RUNS)]),
        row("snapshot", "ms", [seconds(state.snapshot) * 1e3 for _ in range(RUNS)]),
        row(
            "restore",
            "ms",
            [seconds(lambda: FactoryState.restore(saved)) * 1e3 for _ in range(RUNS)],
        ),
        row("snapshot size", "kB", [len(json.dumps(saved)) / 1e3], 1),
    ]


def bench_workpieces(recorded: list[Message]) -> list[Row]:
    """Measure what following the pieces adds to reading and folding; at most 15 % is wanted."""
    shares, follows = [], follow.FOLLOWS
    for _ in range(RUNS):
        whole = seconds(lambda: fold(FactoryState(), recorded))
        with patch.object(follow, "FOLLOWS", {}):
            without = seconds(lambda: fold(FactoryState(), recorded))
        shares.append(100 * (whole / without - 1))
    return [row(f"following the pieces by {len(follows)} kinds of message", "%", shares, 1)]


def bench_history(recorded: list[Message], length: int) -> tuple[list[Row], dict[str, float]]:
    """Compare the cost of `apply` after a short and after a long history."""
    probe = list(recording(PROBE))
    saved = {}
    for size in (SHORT_HISTORY, length):
        state = FactoryState()
        for message in islice(endless(recorded), size):
            state.apply(message, message.received_at)
        saved[size] = state.snapshot()
    taken: dict[int, list[float]] = {size: [] for size in saved}
    for _ in range(RUNS):
        for size, data in saved.items():
            state = FactoryState.restore(data)
            taken[size].append(seconds(lambda state=state: fold(state, probe)) * 1e6 / len(probe))
    rows = [row(f"apply after {size:,} messages", "us", runs) for size, runs in taken.items()]
    rows += [
        row(f"state after {size:,} messages", "kB", [len(json.dumps(data)) / 1e3], 1)
        for size, data in saved.items()
    ]
    return rows, {"apply_long_vs_short_history": round(rows[1]["value"] / rows[0]["value"], 3)}


def main() -> None:
    """Measure, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--history", type=int, default=LONG_HISTORY)
    length = arguments.parse_args().history
    require("bench-omf", recordings())
    recorded = [message for name in RECORDINGS for message in recording(name)]
    history, ratios = bench_history(recorded, length)
    pieces = bench_workpieces(recorded)
    write("omf", [*bench_topics(), *bench_apply(recorded), *pieces, *history], ratios)


if __name__ == "__main__":
    main()
