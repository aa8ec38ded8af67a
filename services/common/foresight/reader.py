"""Asks the process that looks ahead what would come; the newest question of each asker wins."""

import asyncio
import os
import re
from collections.abc import Sequence
from typing import Any, cast

from omf.commands import Plan
from omf.plans.future import DueOrders, ForeseenOrders
from omf.recovery.remedies import Remedy
from omf.recovery.trial import Standstill
from omf.simulation.forecast import Forecast
from omf.simulation.impact import Impact
from services.common.foresight.process import ForesightQuestion
from services.common.process.answering import AnsweringProcess, NoAnswerError
from services.common.store.environments import is_mock
from services.common.store.keys import Environment

IMPACT_ANSWER_S = 10.0
MOST_WAITING = 8
"""Cards that wait at a time; of more the one that waits longest is not answered."""

_PASSED_ON = re.compile("PATH|PYTHONPATH|LANG|HOME|TMPDIR|OMF_FACTORIES")
"""Of the environment: the program needs the factories and the store, and nothing else of ours."""


class NoForesightError(Exception):
    """The process did not answer; the text says why."""


class ForesightReader:
    """One process for all who ask; called from one event loop."""

    def __init__(self, store: str, mock_speed: float, answer_s: float = IMPACT_ANSWER_S) -> None:
        """`store` is the address of the store, `mock_speed` that of a mock nobody has watched."""
        self._store, self._mock_speed = store, mock_speed
        self._process = AnsweringProcess(
            "services.common.foresight.process", answer_s, process_environment
        )
        self._turn = asyncio.Lock()
        self._newest: dict[str, object] = {}
        """Who asks to the question that was asked last, in the order they were asked."""

    async def start(self) -> None:
        """Somebody may ask soon: a program that begins takes seconds."""
        if not self._turn.locked():
            async with self._turn:
                await self._process.start()

    async def ask(self, who: str, environment: Environment, plan: Plan) -> Impact | None:
        """What a plan would change; None where `who` has asked anew meanwhile. NoForesightError."""
        question = self._question(environment, asked="impact", plan=plan)
        return cast("Impact | None", await self._asked(who, question))

    async def ask_several(
        self, who: str, environment: Environment, commands: Sequence[Remedy]
    ) -> Impact | None:
        """What commands would change that are given one after the other; else as `ask`."""
        question = self._question(environment, asked="several", commands=tuple(commands))
        return cast("Impact | None", await self._asked(who, question))

    async def standstills(self, who: str, environment: Environment) -> list[Standstill] | None:
        """What stands still, and what may be done about it; else as `ask`."""
        question = self._question(environment, asked="standstills")
        return cast("list[Standstill] | None", await self._asked(who, question))

    async def orders_by_plan(
        self, who: str, environment: Environment, due: Sequence[DueOrders]
    ) -> list[ForeseenOrders] | None:
        """What comes of what plans order when; else as `ask`."""
        question = self._question(environment, asked="plans", due=tuple(due))
        return cast("list[ForeseenOrders] | None", await self._asked(who, question))

    async def forecast(self, who: str, environment: Environment) -> Forecast | None:
        """When orders end; else as `ask`."""
        question = self._question(environment, asked="forecast")
        return cast("Forecast | None", await self._asked(who, question))

    async def _asked(self, who: str, question: ForesightQuestion) -> object:
        mine = object()
        self._newest.pop(who, None)
        self._newest[who] = mine
        while len(self._newest) > MOST_WAITING:
            del self._newest[next(iter(self._newest))]
        async with self._turn:
            if self._newest.get(who) is not mine:
                return None
            try:
                kind, value = await self._process.ask(question.model_dump_json())
            except NoAnswerError as error:
                raise NoForesightError(str(error)) from error
        if kind == "failed":
            raise NoForesightError(str(value))
        return value if self._newest.get(who) is mine else None

    async def close(self) -> None:
        """End the process, and see it gone."""
        await self._process.close()

    def _question(self, environment: Environment, **asked: Any) -> ForesightQuestion:
        return ForesightQuestion(
            store=self._store,
            environment=environment,
            speed=self._mock_speed if is_mock(environment) else 1.0,
            **asked,
        )


def process_environment() -> dict[str, str]:
    """What the process that foresees is told of ours."""
    return {name: told for name, told in os.environ.items() if _PASSED_ON.fullmatch(name)}
