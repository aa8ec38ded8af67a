"""`python -m services.common.foresight.process`: answers what lies ahead, one question at a time.

Simulating a quarter of an hour takes a good part of a second of a processor, and no page may wait
for it. A question is a `ForesightQuestion` as JSON, an answer `("ok", answer)` or `("failed",
text)` (`services/common/process/answering.py`).
"""

import asyncio
import os
import sys
from typing import Literal

from pydantic import BaseModel

from omf.commands import Plan
from omf.plans.future import DueOrders, ForeseenOrders, foreseen_orders
from omf.recovery.remedies import Remedy
from omf.recovery.trial import Standstill, standstills
from omf.simulation.forecast import Forecast, outlook
from omf.simulation.impact import Impact, impact, impact_of_several
from omf.simulation.learned import LearnedDurations, learn
from omf.simulation.seeding.control_unit import NotSimulableError
from omf.state import FactoryState
from services.common.process.answering import write_answer
from services.common.store import fold_reader
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.common.store.learned_durations import read_learned_durations

NICE = 10
"""Whoever steers the factory is served first."""


class ForesightQuestion(BaseModel):
    """Asks for what would come, from the factory of an environment as the store knows it."""

    store: str
    environment: Environment
    speed: float
    """Of the factory, as long as it has not shown its own."""
    asked: Literal["impact", "several", "standstills", "plans", "forecast"]
    plan: Plan | None = None
    """The command whose `impact` is asked for."""
    commands: tuple[Remedy, ...] = ()
    """`several` commands that are given one after the other."""
    due: tuple[DueOrders, ...] = ()
    """What `plans` order when."""


async def answer(question: ForesightQuestion) -> tuple[str, object]:
    """The answer to one question."""
    try:
        async with Bus(question.store, question.environment) as bus:
            await bus.dated(())
            state = await fold_reader.state_until(bus)
            now = state.last_received or await bus.time()
            learned = await learned_here(bus, state, question.speed)
    except StoreError as error:
        return "failed", str(error)
    try:
        return "ok", foreseen(question, state, now, learned)
    except NotSimulableError as error:
        return "failed", str(error)


def foreseen(
    question: ForesightQuestion, state: FactoryState, now: float, learned: LearnedDurations
) -> Impact | list[Standstill] | list[ForeseenOrders] | Forecast:
    """What the simulation says; NotSimulableError where the state tells too little."""
    if question.plan is not None:
        return impact(question.plan, state, now, learned)
    if question.asked == "several":
        return impact_of_several(question.commands, state, now, learned)
    if question.asked == "plans":
        return foreseen_orders(question.due, state, now, learned)
    if question.asked == "forecast":
        return outlook(state, now, learned)
    return standstills(state, now, learned)


async def learned_here(bus: Bus, state: FactoryState, speed: float) -> LearnedDurations:
    """By the archive; by what the state itself remembers where that is more."""
    seen = learn(state.orders.values(), state.layout, speed)
    archived = await read_learned_durations(bus)
    return archived if archived is not None and archived.orders > seen.orders else seen


def main() -> None:
    """Answer until the input ends."""
    os.nice(NICE)
    for line in sys.stdin:
        write_answer(asyncio.run(answer(ForesightQuestion.model_validate_json(line))))


if __name__ == "__main__":
    main()
