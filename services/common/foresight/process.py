"""`python -m services.common.foresight.process`: what commands would change, one after the other.

Simulating a quarter of an hour takes a good part of a second of a processor, and no page may wait
for it. A question is an `ImpactQuestion` as JSON, an answer `("ok", Impact)` or `("failed", text)`
(`services/common/process/answering.py`).
"""

import asyncio
import os
import sys

from pydantic import BaseModel

from omf.commands import Plan
from omf.simulation.impact import impact
from omf.simulation.learned import learn
from services.common.process.answering import write_answer
from services.common.store import fold_reader
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment

NICE = 10
"""Whoever steers the factory is served first."""


class ImpactQuestion(BaseModel):
    """Asks what a plan would change in that environment."""

    store: str
    environment: Environment
    speed: float
    """Of the factory, as long as it has not shown its own."""
    plan: Plan


async def answer(question: ImpactQuestion) -> tuple[str, object]:
    """The answer to one question, from the factory as the store knows it now."""
    try:
        async with Bus(question.store, question.environment) as bus:
            await bus.dated(())
            state = await fold_reader.state_until(bus)
            now = state.last_received or await bus.time()
    except StoreError as error:
        return "failed", str(error)
    learned = learn(state.orders.values(), state.layout, question.speed)
    return "ok", impact(question.plan, state, now, learned)


def main() -> None:
    """Answer until the input ends."""
    os.nice(NICE)
    for line in sys.stdin:
        write_answer(asyncio.run(answer(ImpactQuestion.model_validate_json(line))))


if __name__ == "__main__":
    main()
