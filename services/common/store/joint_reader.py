"""Follows the streams of many factories with one XREAD a round (asyncio).

A blocking read holds a connection, and wakes a task, a timer and the store each second even where
nothing comes: of a process of 200 factories that was a third of its processor time. Here whoever
follows waits for a round, which asks for all of them at once and blocks nobody.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from redis.exceptions import RedisError, ResponseError

from services.common.store.store_words import pack, read_answer, tell

ROUND_S = 0.04
"""Between two rounds: as much later may an entry be read."""
ROUND_COUNT = 100
"""Entries of one stream in a round; whoever is behind gets the others in the next."""
QUIET_STREAM_S = 10.0
QUIET_ROUNDS = 5
"""A stream in which nothing came for so long is asked for in each fifth round only.

Of the three that orders follows of a factory, the two of alarms and shifts are nearly always such.
"""


class Asks(Protocol):
    """A connection on which many ask at the same time."""

    def ask(self, packed: bytes) -> "asyncio.Future[Any]":
        """The raw answer."""
        ...

    def close(self) -> None:
        """Leave the store."""
        ...


class StreamFollower(NamedTuple):
    """Who waits for entries of a stream."""

    after: str
    until: float
    """Of the loop's time: then it is told that nothing came."""
    answer: "asyncio.Future[Any]"


class JointReader:
    """Used in one event loop; what breaks the connection fails all that follow at that time."""

    def __init__(self, joint: Asks, readers: Mapping[Any, Any]) -> None:
        """`readers` are the driver's, by command: an answer is as if it had asked itself."""
        self._joint = joint
        self._readers = readers
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, deque[StreamFollower]] = {}
        self._rounds: asyncio.Task[None] | None = None
        self._round_number = 0
        self._heard: dict[str, float] = {}
        """When something came in each stream, or it was first asked for."""

    def read(self, stream: str, after: str, block_ms: int) -> "asyncio.Future[Any]":
        """As XREAD of one stream behind an id answers; empty where nothing came in time."""
        answer = self._loop.create_future()
        now = self._loop.time()
        until = now + block_ms / 1000
        self._heard.setdefault(stream, now)
        self._waiting.setdefault(stream, deque()).append(StreamFollower(after, until, answer))
        if self._rounds is None:
            self._rounds = self._loop.create_task(self._run(), name="joint reader")
        return answer

    def close(self) -> None:
        """Leave the store."""
        if self._rounds:
            self._rounds.cancel()
        self._joint.close()

    async def _run(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(ROUND_S)
                await self._round()
        finally:
            self._rounds = None

    async def _round(self) -> None:
        if asked := self._next():
            await self._ask(asked)

    async def _ask(self, asked: dict[str, StreamFollower]) -> None:
        try:
            found = await self._joint.ask(pack(_words(asked)))
        except ResponseError as refusal:
            await self._one_by_one(asked, refusal)
        except (RedisError, OSError) as error:
            for follower in asked.values():
                tell(follower.answer, error)
        else:
            self._give(asked, found)

    async def _one_by_one(self, asked: dict[str, StreamFollower], refusal: ResponseError) -> None:
        """What is wrong with one stream is only told to whoever follows that one."""
        for stream, follower in asked.items():
            if len(asked) == 1:
                tell(follower.answer, refusal)
            else:
                await self._ask({stream: follower})

    def _give(self, asked: dict[str, StreamFollower], found: Any) -> None:
        now = self._loop.time()
        for stream, answer in _by_stream(found):
            self._heard[stream] = now
            told = read_answer(self._readers, "XREAD", {}, answer)
            tell(asked.pop(stream).answer, told)
        for stream, follower in asked.items():
            if follower.until <= now:
                tell(follower.answer, [])
            else:
                self._waiting.setdefault(stream, deque()).append(follower)

    def _next(self) -> dict[str, StreamFollower]:
        """One of each stream, for two of one name could not be told apart in the answer."""
        asked: dict[str, StreamFollower] = {}
        self._round_number += 1
        if self._round_number % QUIET_ROUNDS:
            silent = self._loop.time() - QUIET_STREAM_S
        else:
            silent = 0.0
            self._heard = {stream: self._heard[stream] for stream in self._waiting}
        for stream, followers in list(self._waiting.items()):
            if self._heard[stream] < silent:
                continue
            while followers and stream not in asked:
                follower = followers.popleft()
                if not follower.answer.done():
                    asked[stream] = follower
            if not followers:
                del self._waiting[stream]
        return asked


def _words(asked: Mapping[str, StreamFollower]) -> tuple[str | int, ...]:
    after = (follower.after for follower in asked.values())
    return ("XREAD", "COUNT", ROUND_COUNT, "STREAMS", *asked, *after)


def _by_stream(found: Any) -> list[tuple[str, Any]]:
    """The answer cut into one for each stream; of the third protocol it is a mapping."""
    if isinstance(found, dict):
        return [(name.decode(), {name: entries}) for name, entries in found.items()]
    return [(pair[0].decode(), [pair]) for pair in found or ()]
