"""Asks the process that looks ahead what a command would change; the newest question wins."""

import asyncio
import os
import pickle
import re
import sys
from typing import cast

from omf.commands import Plan
from omf.simulation.impact import Impact
from services.common.foresight.process import LENGTH_BYTES, ImpactQuestion
from services.common.store.keys import Environment
from services.ui.settings import UiSettings

IMPACT_ANSWER_S = 10.0
IDLE_S = 600.0
"""Then the process ends."""
MOST_WAITING = 8
"""Cards that wait at a time; of more the one that waits longest is not answered."""
_PASSED_ON = re.compile(r"PATH|PYTHONPATH|LANG|HOME|TMPDIR")


class NoImpactError(Exception):
    """The process did not answer; the text says why."""


class ImpactReader:
    """One process for all cards; called from the event loop of the pages.

    A process that died or takes too long is replaced with the next question.
    """

    def __init__(self, settings: UiSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._newest: dict[str, object] = {}
        """Who asks to the question that was asked last, in the order they were asked."""
        self._idle: asyncio.TimerHandle | None = None

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
                async with asyncio.timeout(IMPACT_ANSWER_S):
                    kind, value = await self._answer(self._question(environment, plan))
            except (TimeoutError, OSError, EOFError) as error:
                self._end()
                raise NoImpactError(type(error).__name__) from error
            except asyncio.CancelledError:
                # The answer would be taken for that of the next question.
                self._end()
                raise
        self._end_later()
        if kind == "failed":
            raise NoImpactError(str(value))
        return cast("Impact", value) if self._newest.get(who) is mine else None

    async def close(self) -> None:
        """End the process, and see it gone."""
        process = self._process
        self._end()
        if process is not None:
            await process.wait()

    def _question(self, environment: Environment, plan: Plan) -> ImpactQuestion:
        return ImpactQuestion(
            store=self._settings.store_address,
            environment=environment,
            speed=self._settings.mock_speed if environment == "mock" else 1.0,
            plan=plan,
        )

    async def _answer(self, question: ImpactQuestion) -> tuple[str, object]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(question.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
        told = await process.stdout.readexactly(length)
        answer: tuple[str, object] = pickle.loads(told)  # noqa: S301 - of our own process
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        env = {name: told for name, told in os.environ.items() if _PASSED_ON.fullmatch(name)}
        module = "services.common.foresight.process"
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, stdin=pipe, stdout=pipe, env=env
        )

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None

    def _end_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end)
