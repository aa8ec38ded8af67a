"""Scripts on their way to the store: those asked for while others are under way go out together."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from services.common.store.clients import COPIED_MS, check_copies
from services.common.store.cluster import REDIRECT_PAUSE_S, REDIRECT_TRIES
from services.common.store.fence import Fence
from services.common.store.store_words import digest, tell


class _ScriptCall(NamedTuple):
    """A script and who waits for it."""

    source: str
    keys: Sequence[str]
    args: Sequence[str | bytes]
    answer: "asyncio.Future[Any]"

    @property
    def words(self) -> tuple[Any, ...]:
        """The command by which a store that knows the script runs it."""
        return ("EVALSHA", digest(self.source), len(self.keys), *self.keys, *self.args)


class Scripts:
    """One writing and one reading for all that wait; each is still a step of its own.

    They run in the order in which they were asked for, unless the store has to learn one first or
    its keys are on their way to another node of a cluster.
    """

    def __init__(
        self,
        client: Any,
        unknown: type[Exception],
        redirected: tuple[type[Exception], ...] = (),
        replicas: int = 0,
    ) -> None:
        """`unknown` is what the driver answers for a script that the store does not know.

        `redirected` is what it answers for one that did not run, for its keys are elsewhere. Each
        answer is awaited until so many `replicas` have what was written: NotCopiedError.
        """
        self._client = client
        self._unknown = unknown
        self._redirected = redirected
        self._replicas = replicas
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

    async def unfenced(self, source: str, keys: Sequence[str], args: Sequence[str]) -> Any:
        """The answer of a script that goes out by itself, without the check."""
        words = (len(keys), *keys, *args)
        try:
            return await self._client.evalsha(digest(source), *words)
        except self._unknown:
            return await self._client.eval(source, *words)

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
                tell(call.answer, answer)

    def _taken(self) -> list[_ScriptCall]:
        calls, self._asked = self._asked, []
        return calls

    async def _answers(self, calls: list[_ScriptCall]) -> list[Any]:
        answers = await self._sent(calls)
        for _ in range(REDIRECT_TRIES):
            undone = [n for n, answer in enumerate(answers) if self._did_not_run(answer)]
            if not undone:
                break
            again = await self._again([calls[n] for n in undone], [answers[n] for n in undone])
            for n, answer in zip(undone, again, strict=True):
                answers[n] = answer
        return answers

    def _did_not_run(self, answer: Any) -> bool:
        return isinstance(answer, (self._unknown, *self._redirected))

    async def _again(self, calls: list[_ScriptCall], said: list[Any]) -> list[Any]:
        """The answers of a second try; what fails now does not touch the calls that were done."""
        unknown = [n for n, answer in enumerate(said) if isinstance(answer, self._unknown)]
        try:
            if len(unknown) < len(said):
                await asyncio.sleep(REDIRECT_PAUSE_S)
            for source in {calls[n].source for n in unknown}:
                await self._client.script_load(source)
            return await self._sent(calls)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for ever
            return [error] * len(calls)

    async def _sent(self, calls: list[_ScriptCall]) -> list[Any]:
        together = getattr(self._client, "together", None)
        if together and not self._replicas:
            answers: list[Any] = await together(call.words for call in calls)
            return answers
        async with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.execute_command(*call.words)
            if self._replicas:
                pipe.wait(self._replicas, COPIED_MS)
            found: list[Any] = await pipe.execute(raise_on_error=False)
            if self._replicas:
                check_copies(found.pop(), self._replicas)
            return found
