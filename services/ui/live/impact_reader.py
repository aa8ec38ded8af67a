"""Asks the process that looks ahead what would come; the newest question of each asker wins."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from omf.commands import Plan
from omf.recovery.remedies import Remedy
from omf.recovery.trial import Standstill
from omf.simulation.impact import Impact
from services.common.foresight.process import ForesightQuestion
from services.common.process.answering import AnsweringProcess, NoAnswerError
from services.common.store.keys import Environment
from services.ui.live.past_reader import process_environment
from services.ui.settings import UiSettings

IMPACT_ANSWER_S = 10.0
MOST_WAITING = 8
"""Cards that wait at a time; of more the one that waits longest is not answered."""


class NoImpactError(Exception):
    """The process did not answer; the text says why."""


class ImpactReader:
    """One process for all cards; called from the event loop of the pages."""

    def __init__(self, settings: UiSettings) -> None:
        self._settings = settings
        self._process = AnsweringProcess(
            "services.common.foresight.process", IMPACT_ANSWER_S, process_environment
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
        """What a plan would change; None where `who` has asked anew meanwhile. NoImpactError."""
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
                raise NoImpactError(str(error)) from error
        if kind == "failed":
            raise NoImpactError(str(value))
        return value if self._newest.get(who) is mine else None

    async def close(self) -> None:
        """End the process, and see it gone."""
        await self._process.close()

    def _question(self, environment: Environment, **asked: Any) -> ForesightQuestion:
        return ForesightQuestion(
            store=self._settings.store_address,
            environment=environment,
            speed=self._settings.mock_speed if environment == "mock" else 1.0,
            **asked,
        )
