"""Scripts on their way to the store: those asked for while others are under way go out together."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple

from services.common.store.fence import Fence


class _ScriptCall(NamedTuple):
    """A script and who waits for it."""

    source: str
    keys: Sequence[str]
    args: Sequence[str | bytes]
    answer: "asyncio.Future[Any]"


class Scripts:
    """One writing and one reading for all that wait; each is still a step of its own.

    They run in the order in which they were asked for, unless the store has to learn one first.
    """

    def __init__(self, client: Any, unknown: type[Exception]) -> None:
        """`unknown` is what the driver answers for a script that the store does not know."""
        self._client = client
        self._unknown = unknown
        self._asked: list[_ScriptCall] = []
        self._going: asyncio.Task[None] | None = None
        self.fence: Fence | None = None
        """Of a process that has a role: checks before each script that it leads."""

    async def run(self, source: str, keys: Sequence[str], args: Sequence[str | bytes]) -> Any:
        """Its answer as it is; the driver's error if it failed, or may have run or not."""
        answer = asyncio.get_running_loop().create_future()
        if self.fence:
            source, keys, args = self.fence.script(source, keys, args)
        self._asked.append(_ScriptCall(source, keys, args, answer))
        if self._going is None or self._going.done():
            self._going = asyncio.create_task(self._go(), name="scripts")
        return await answer

    async def _go(self) -> None:
        while calls := self._taken():
            try:
                answers = await self._answers(calls)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for ever
                # Whoever came meanwhile would wait for the same silent store once more.
                calls += self._taken()
                answers = [error] * len(calls)
            for call, answer in zip(calls, answers, strict=True):
                if self.fence:
                    self.fence.look(answer)
                _tell(call.answer, answer)

    def _taken(self) -> list[_ScriptCall]:
        calls, self._asked = self._asked, []
        return calls

    async def _answers(self, calls: list[_ScriptCall]) -> list[Any]:
        answers = await self._sent(calls)
        unknown = [n for n, answer in enumerate(answers) if isinstance(answer, self._unknown)]
        for source in {calls[n].source for n in unknown}:
            await self._client.script_load(source)
        again = await self._sent([calls[n] for n in unknown]) if unknown else ()
        for n, answer in zip(unknown, again, strict=True):
            answers[n] = answer
        return answers

    async def _sent(self, calls: list[_ScriptCall]) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.evalsha(_digest(call.source), len(call.keys), *call.keys, *call.args)
            found: list[Any] = await pipe.execute(raise_on_error=False)
            return found


@lru_cache
def _digest(source: str) -> str:
    """The name by which the store knows a script."""
    return sha1(source.encode(), usedforsecurity=False).hexdigest()


def _tell(waiting: "asyncio.Future[Any]", answer: Any) -> None:
    if waiting.done():  # who asked was cancelled meanwhile
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
