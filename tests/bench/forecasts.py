"""How true foretold ends of orders are: `python -m tests.bench.forecasts [recording.jsonl.gz ...]`.

At the begin of each order and of each of its steps its end is foretold by what was heard until then
and compared with what came. Durations are learned from the orders of all other recordings; none of
a recording's own orders teaches anything about it.
"""

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from omf.messages.message import Message
from omf.simulation.forecast import FUTURES, forecast
from omf.simulation.learned import LearnedDurations, learn
from omf.simulation.seeding.control_unit import NotSimulableError
from omf.state import FactoryState
from omf.state.orders import Order
from tests.bench.needs import recordings, require
from tests.bench.report import Row, row, write
from tests.support.shared import RECORDINGS, recorded, shared_path

ENDED = ("FINISHED", "ERROR", "CANCELLED")
ACTIVE = "ccu/order/active"
LEAST_REST_S = 10.0
"""An error of a second in the last two is not one of half: shares are of ten seconds at least."""


@dataclass(frozen=True)
class Session:
    """One recording, and how the orders that ran in it ended: by id when, and how."""

    name: str
    said: list[Message]
    orders: dict[str, Order]
    ends: dict[str, tuple[float, str]]


@dataclass(frozen=True)
class Look:
    """One end that was foretold: how far off as a share of what was to go, and whether inside."""

    error: float
    inside: bool
    state: str
    """How the order ended."""


def session(path: Path) -> Session:
    """Read a recording to its end."""
    said, state = list(recorded(path)), FactoryState()
    ends: dict[str, tuple[float, str]] = {}
    ran: set[str] = set()
    for one in said:
        state.apply(one, one.received_at)
        ran |= set(state.active_orders)
        for order in state.orders.values():
            if order.list == "completed" and order.state in ENDED and order.id in ran:
                ends.setdefault(order.id, (one.received_at, order.state))
    return Session(path.name.partition(".")[0], said, dict(state.orders), ends)


def taught(sessions: Sequence[Session], but: Session) -> LearnedDurations:
    """By the orders of all other recordings, with the layout of any."""
    known = {id_: one for each in sessions if each is not but for id_, one in each.orders.items()}
    others = [order for id_, order in known.items() if id_ not in but.ends]
    state = FactoryState()
    for one in (message for each in sessions for message in each.said):
        if one.topic == "ccu/state/layout":
            state.apply(one, one.received_at)
    return learn(others, state.layout)


def looks(one: Session, learned: LearnedDurations) -> Iterator[Look]:
    """Foretell at each list of the control unit that moves an order on."""
    state, before = FactoryState(), dict[str, tuple[str | None, ...]]()
    for message in one.said:
        state.apply(message, message.received_at)
        if message.topic != ACTIVE:
            continue
        stands = {id_: tuple(s.state for s in state.orders[id_].steps) for id_ in one.ends
                  if id_ in state.active_orders}  # fmt: skip
        moved = [id_ for id_, steps in stands.items() if before.get(id_) != steps]
        before |= stands
        if moved:
            yield from _foretold(one, state, message.received_at, moved, learned)


def _foretold(
    one: Session, state: FactoryState, now: float, moved: Sequence[str], learned: LearnedDurations
) -> Iterator[Look]:
    try:
        ends = forecast(state, now, learned=learned).ends
    except NotSimulableError:
        return
    for id_ in moved:
        (at, how), end = one.ends[id_], ends.get(id_)
        if end is None:
            yield Look(1.0, inside=False, state=how)
            continue
        error = abs(end.p50 - at) / max(at - now, LEAST_REST_S)
        yield Look(error, inside=end.p10 <= at <= end.p90, state=how)


def truth(paths: Sequence[Path]) -> tuple[list[Row], dict[str, float]]:
    """Each recording by itself, then all of them."""
    sessions = [session(path) for path in paths]
    rows, found = [], list[Look]()
    for one in sessions:
        made = list(looks(one, taught(sessions, one)))
        if made:
            rows.append(row(f"error, {one.name}", "share", [look.error for look in made]))
            rows.append(row(f"inside, {one.name}", "share", [_inside(made)]))
        found += made
    finished = [look for look in found if look.state == "FINISHED"]
    return rows, {
        "looks": len(found),
        "median error of the end": statistics.median(look.error for look in found),
        "ends inside p10..p90": _inside(found),
        "median error, orders that finished": statistics.median(look.error for look in finished),
        "inside, orders that finished": _inside(finished),
    }


def _inside(made: Sequence[Look]) -> float:
    return sum(look.inside for look in made) / len(made)


def main() -> None:
    """Measure and write."""
    require("bench-forecasts", recordings())
    known = [shared_path("recordings", f"{name}.jsonl.gz") for name in RECORDINGS]
    rows, ratios = truth([*known, *(Path(name) for name in sys.argv[1:])])
    write("forecasts", rows, ratios | {"futures": FUTURES})


if __name__ == "__main__":
    main()
