"""Golden sessions kept and checked for a page, in a process beside the pages."""

import asyncio
import sys
from collections.abc import Callable

from omf.texts import text
from services.common.sessions.golden_folder import GoldenFolder
from services.common.store.keys import Environment
from services.history.golden_process import GoldenTask, GoldenWord
from services.ui.live.past_reader import process_environment
from services.ui.settings import UiSettings

MAX_WORD_BYTES = 64 * 1024 * 1024
"""Of a comparison in which everything is different."""


class GoldenRuns:
    """One process at a time, whichever page asks: the others wait. Of the event loop of the pages.

    A task that is cancelled ends its process; a file that was being kept leaves no trace.
    """

    def __init__(self, settings: UiSettings) -> None:
        """`settings` say where store, archives and golden sessions are."""
        self._settings = settings
        self._turn = asyncio.Lock()
        self.folder = GoldenFolder.of(settings.data)

    async def keep(
        self,
        environment: Environment,
        session: str,
        operator: str,
        folded: Callable[[int], object] = lambda _: None,
    ) -> GoldenWord:
        """Keep a named session under its own name; `folded` hears how many messages are done."""
        task = self._task("keep", environment, session)
        asked = task.model_copy(update={"session": session, "operator": operator})
        return await self._run(asked, folded)

    async def check(
        self,
        environment: Environment,
        name: str,
        folded: Callable[[int], object] = lambda _: None,
    ) -> GoldenWord:
        """Hold a golden session against what it gives by the rules of an environment."""
        return await self._run(self._task("check", environment, name), folded)

    def _task(self, what: str, environment: Environment, name: str) -> GoldenTask:
        settings = self._settings
        return GoldenTask.model_validate(
            {
                "what": what,
                "name": name,
                "environment": environment,
                "store": settings.store_address,
                "data": settings.data,
                "history": settings.history,
                "shifts": settings.shifts,
            }
        )

    async def _run(self, task: GoldenTask, folded: Callable[[int], object]) -> GoldenWord:
        async with self._turn:
            try:
                return await self._heard(task, folded)
            except (OSError, ValueError) as error:
                return GoldenWord(failed=text("golden.no_answer", why=type(error).__name__))

    async def _heard(self, task: GoldenTask, folded: Callable[[int], object]) -> GoldenWord:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.history.golden_process"),
            stdin=pipe,
            stdout=pipe,
            env=process_environment(),
            limit=MAX_WORD_BYTES,
        )
        try:
            return await _last_word(process, task, folded)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _last_word(
    process: asyncio.subprocess.Process, task: GoldenTask, folded: Callable[[int], object]
) -> GoldenWord:
    """The last word; what it says on the way is handed on."""
    if process.stdin is None or process.stdout is None:
        raise OSError
    process.stdin.write(f"{task.model_dump_json()}\n".encode())
    await process.stdin.drain()
    while line := await process.stdout.readline():
        word = GoldenWord.model_validate_json(line)
        if word.folded is None:
            return word
        folded(word.folded)
        # Whoever is told may have cancelled this: it is noticed at the next wait.
        await asyncio.sleep(0)
    raise OSError
