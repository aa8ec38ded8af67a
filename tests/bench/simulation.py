"""How fast the factory is simulated, and how well: `python -m tests.bench.simulation`.

Figures: an hour of a busy factory, fifty futures of ten minutes, what a command would change.
Truth: every ten seconds of each recording the ends of its open orders are foretold, by what was
heard until then, and compared with what came.
"""

import itertools
import statistics
import time
from typing import Any

from omf.commands import prepare
from omf.messages.message import Message
from omf.simulation.device import message
from omf.simulation.forecast import forecast
from omf.simulation.impact import impact
from omf.simulation.seeding.control_unit import NotSimulableError
from omf.simulation.simulation import seeded
from omf.state import FactoryState
from tests.bench.needs import recordings, require
from tests.bench.report import Row, row, write
from tests.support.same_future import STAMP, RunningMock
from tests.support.shared import RECORDINGS, recording

RUNS = 5
HOUR_S, MINUTES_TEN_S = 3600.0, 600.0
FIFTY = 50
EVERY_S = 10.0
"""So often a recording is left and foretold."""
ENDED = ("FINISHED", "ERROR", "CANCELLED")


def processor_s(work: Any) -> float:
    """Seconds of one core: what others do on this machine is no matter."""
    began = time.process_time()
    work()
    return time.process_time() - began


def busy() -> RunningMock:
    """Two vehicles, four orders under way and more that wait."""
    mock = RunningMock(5, 2, dict.fromkeys(("RED", "WHITE", "BLUE"), 3))
    for colour in ("BLUE", "RED", "WHITE", "BLUE", "RED", "WHITE"):
        _order(mock.router, colour)
        mock.router.run(20)
    return mock


def _order(router: Any, colour: str) -> None:
    body = {"type": colour, "timestamp": STAMP, "orderType": "PRODUCTION"}
    router.publish(message("ccu_order_request", body))


def hour(mock: RunningMock) -> float:
    """One hour in which orders never end, alone: seeding is not counted."""
    simulation = seeded(mock.state, mock.router.now.wall)

    def live() -> None:
        for _ in range(int(HOUR_S // 60)):
            for colour in ("RED", "WHITE", "BLUE"):
                if len(simulation.ccu.book.active) < 6:
                    _order(simulation.router, colour)
            simulation.router.fault("refill")
            simulation.router.run(60)

    return processor_s(live)


def fifty(mock: RunningMock) -> float:
    """Fifty futures of ten minutes of the same busy factory, with their seeding."""
    return processor_s(
        lambda: forecast(mock.state, mock.router.now.wall, futures=FIFTY, ahead_s=MINUTES_TEN_S)
    )


def preview(mock: RunningMock, kind: str, **parameters: Any) -> float:
    """What one command would change."""
    numbers, now = itertools.count(), mock.router.now.wall
    plan = prepare(kind, parameters, mock.state, now=now, new_id=lambda: f"id-{next(numbers)}")
    return processor_s(lambda: impact(plan, mock.state, now))


def figures() -> list[Row]:
    """Seconds of one core."""
    mock, calm = busy(), RunningMock(5, 1, {"RED": 2, "WHITE": 2, "BLUE": 2})
    return [
        row("an hour of a busy factory", "s", [hour(mock) for _ in range(RUNS)]),
        row("50 futures of ten minutes", "s", [fifty(mock) for _ in range(RUNS)]),
        row("impact of an order, calm", "s", [_ordered(calm) for _ in range(RUNS)]),
        row("impact of an order, busy", "s", [_ordered(mock) for _ in range(RUNS)]),
        row("impact of a reset, busy", "s", [_reset(mock) for _ in range(RUNS)]),
    ]


def _ordered(mock: RunningMock) -> float:
    return preview(mock, "production-order", colour="RED")


def _reset(mock: RunningMock) -> float:
    return preview(mock, "factory-reset", confirm="RESET")


def foretold(name: str) -> list[tuple[float, float, bool]]:
    """For each look at an open order: error in s, what it had still to go in s, inside p10..p90."""
    said: list[Message] = list(recording(name))
    ends = _ends(said)
    state, looked, found = FactoryState(), 0.0, []
    for one in said:
        state.apply(one, one.received_at)
        now = one.received_at
        if now - looked < EVERY_S or not any(order in ends for order in state.active_orders):
            continue
        looked = now
        try:
            expected = forecast(state, now, futures=FIFTY)
        except NotSimulableError:
            continue
        for order, at in ends.items():
            if order in state.active_orders and at > now:
                end = expected.ends.get(order)
                if end is None:
                    found.append((at - now, at - now, False))
                else:
                    found.append((abs(end.p50 - at), at - now, end.p10 <= at <= end.p90))
    return found


def _ends(said: list[Message]) -> dict[str, float]:
    """When each order was first listed as ended."""
    state, ends = FactoryState(), dict[str, float]()
    for one in said:
        state.apply(one, one.received_at)
        for order in state.orders.values():
            if order.list == "completed" and order.state in ENDED and not one.retain:
                ends.setdefault(order.id, one.received_at)
    return {order: at for order, at in ends.items() if at > said[0].received_at + 1}


def truth() -> tuple[list[Row], dict[str, float]]:
    """Over all recordings: median error as a share of what was to go, and how many lie inside."""
    rows, shares, inside = [], list[float](), list[bool]()
    for name in RECORDINGS:
        looks = foretold(name)
        if not looks:
            continue
        errors = [error / max(rest, EVERY_S) for error, rest, _ in looks]
        rows.append(row(f"error of the end, {name}", "share", errors))
        shares += errors
        inside += [one[2] for one in looks]
    ratios = {
        "median error of the end": statistics.median(shares),
        "ends inside p10..p90": sum(inside) / len(inside),
    }
    return rows, ratios


def main() -> None:
    """Measure and write."""
    require("bench-simulation", recordings())
    rows, (told, ratios) = figures(), truth()
    write("simulation", [*rows, *told], ratios)


if __name__ == "__main__":
    main()
