"""The cost of one decision while ten thousand workflows are stored; no store, no broker."""

import asyncio
import itertools
from typing import Any

from services.common.store.keys import LinkHealth
from services.orders import transitions
from services.orders.decision import View, decide
from services.orders.effects import EffectMonitor, TopicIndex
from tests.bench.report import Row, row, seconds
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

STORED = 10_000
ROUNDS = 300
RUNS = 5
MILL = {"module": "MILL", "colour": "RED"}
WISHES: dict[str, dict[str, Any]] = {
    "production-order": {"colour": "RED"},
    "module-sequence": MILL,
    "fts-navigate": {"preset": "RED-Prod"},
}


def decision_rows() -> list[Row]:
    """Milliseconds to judge a command, build its bytes, freeze them and begin to watch."""
    return asyncio.run(_decisions())


async def _decisions() -> list[Row]:
    view, numbers, stored = _view(), itertools.count(), TopicIndex()
    for number in range(STORED):
        _decided(view, "module-sequence", f"stored-{number}", numbers, stored)
    rows = []
    for kind in WISHES:

        def work(kind: str = kind) -> None:
            for _ in range(ROUNDS):
                _decided(view, kind, "one", numbers, stored)
                stored.remove("one")

        samples = [seconds(work) / ROUNDS * 1e3 for _ in range(RUNS)]
        rows.append(row(f"decision on {kind}, {STORED} stored", "ms", samples))
    return rows


def _decided(
    view: View, kind: str, name: str, numbers: "itertools.count[int]", stored: TopicIndex
) -> None:
    command = command_of(kind, command_id=name, parameters=WISHES[kind], operator="bench")
    plan = decide(command, NOW, view, lambda: f"id-{next(numbers)}").plan
    if plan is None:
        raise ValueError(f"{kind} was not understood")
    begun = transitions.begin(
        command, plan, now=NOW, journal_id="1-0", expires_at=NOW + 5, expiry_s=5
    ).execution
    if begun is not None:
        stored.add(name, EffectMonitor(begun))


def _view() -> View:
    link = LinkHealth(connected=True, broker="b", since=0, at=NOW)
    return View("mock", known_factory(), NOW, "1-0", link, NOW)
