"""How fast the factory is simulated: `python -m tests.bench.simulation`.

An hour of a busy factory, fifty futures of ten minutes, what a command would change.
How true the foretold ends are: `python -m tests.bench.forecasts`.
"""

import itertools
import time
from typing import Any

from omf.commands import prepare
from omf.simulation.device import message
from omf.simulation.forecast import forecast
from omf.simulation.impact import impact
from omf.simulation.simulation import seeded
from tests.bench.report import Row, row, write
from tests.support.same_future import STAMP, RunningMock

RUNS = 5
HOUR_S, MINUTES_TEN_S = 3600.0, 600.0
FIFTY = 50


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


def main() -> None:
    """Measure and write."""
    write("simulation", figures(), {})


if __name__ == "__main__":
    main()
