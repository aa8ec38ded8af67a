"""Asks the process that looks ahead what a command would change; the newest question wins."""

import asyncio
from typing import cast

from omf.commands import Plan
from omf.simulation.impact import Impact
from services.common.foresight.process import ImpactQuestion
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

    async def ask(self, who: str, environment: Environment, plan: Plan) -> Impact | None:
        """What a plan would change; None where `who` has asked anew meanwhile. NoImpactError."""
        mine = object()
        self._newest.pop(who, None)
        self._newest[who] = mine
        while len(self._newest) > MOST_WAITING:
            del self._newest[next(iter(self._newest))]
        async with self._turn:
            if self._newest.get(who) is not mine:
                return None
            try:
                kind, value = await self._process.ask(self._question(environment, plan))
            except NoAnswerError as error:
                raise NoImpactError(str(error)) from error
        if kind == "failed":
            raise NoImpactError(str(value))
        return cast("Impact", value) if self._newest.get(who) is mine else None

    async def close(self) -> None:
        """End the process, and see it gone."""
        await self._process.close()

    def _question(self, environment: Environment, plan: Plan) -> str:
        return ImpactQuestion(
            store=self._settings.store_address,
            environment=environment,
            speed=self._settings.mock_speed if environment == "mock" else 1.0,
            plan=plan,
        ).model_dump_json()
