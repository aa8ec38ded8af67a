"""The one door to the store: everything a process reads from or writes to Redis or Valkey.

Errors of the driver leave this module as `StoreError`. A write is tried once: a retry by the driver
after a time-out would double the entry, so whoever writes decides whether to write again.
"""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

from redis.exceptions import NoScriptError, RedisError, ResponseError

from omf.messages.message import Message
from services.common.process import tracing
from services.common.process.lost_time import STORE_CALLS
from services.common.sessions.recorded_time import Anchor, RecordedTimes, ReplayedLink
from services.common.store import entries, submission
from services.common.store import keys as streams
from services.common.store.clients import async_client
from services.common.store.clients import store as store  # noqa: PLC0414 - opens the others
from services.common.store.cluster import REDIRECTED, UnfitClusterError
from services.common.store.entries import BufferInfo, W
from services.common.store.environments import is_replay
from services.common.store.errors import StoreError as StoreError  # noqa: PLC0414 - it raises them
from services.common.store.errors import store_error, store_errors
from services.common.store.fence import Fence
from services.common.store.keys import Command, CommandRecord, Environment, LinkHealth, StreamModel
from services.common.store.requirements import SECTIONS, UnfitStoreError, check_store
from services.common.store.scripts import Scripts

BLOCK_MS = 1000
"""Longer blocking reads die of the driver's own time-out."""
MAX_SNAPSHOTS = 170
READ_COUNT = 500

CLOCK = "replay:clock"
"""Stream of Anchor: which recorded moment it is in the replay environment."""
RefusedError = ResponseError
"""The store's own no, as the driver raises it."""

T = TypeVar("T")


class Bus:
    """The streams of one environment. Use as `async with Bus(url, "mock") as bus`."""

    def __init__(self, url: str, environment: Environment, replicas: int = 0) -> None:
        """`url` is an address as `clients` says: one server, or nodes of a cluster.

        A script counts once so many `replicas` of the server have what it wrote.
        """
        self.environment = environment
        self.client: Any = async_client(url, environment)
        self._scripts = Scripts(self.client, NoScriptError, REDIRECTED, replicas)
        self.times = RecordedTimes() if is_replay(environment) else None
        """Dates the messages of a replay; None elsewhere."""
        self._loop: asyncio.AbstractEventLoop | None = None
        """In which it is used; asyncio asks the kernel each time it is asked for it."""
        self.at_end: list[Callable[[], object]] = []
        """Called when the bus is left, however whoever uses it ended."""

    async def __aenter__(self) -> Self:
        """No connection is made before the first call needs one."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """All connections are closed."""
        for call in self.at_end:
            call()
        await self.client.aclose()

    def key(self, name: str) -> str:
        """The full key of a name of the map in `streams`."""
        return streams.key(self.environment, name)

    async def _do(self, call: Awaitable[T]) -> T:
        if (loop := self._loop) is None:
            self._loop = loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        before = task.cancelling() if task else 0
        number = STORE_CALLS.begin()
        try:
            answer = await call
        except RedisError as error:
            raise store_error(error) from error
        finally:
            STORE_CALLS.end(number)
        # redis-py may swallow a cancellation while it connects: a time-out would never end.
        if task and task.cancelling() > before:
            raise asyncio.CancelledError
        return answer

    async def call(self, answer: Awaitable[T]) -> T:
        """Await an answer of `client`; what the driver raises leaves as StoreError."""
        return await self._do(answer)

    async def script(self, source: str, keys: Sequence[str], args: Sequence[str | bytes]) -> Any:
        """Run a Lua script on full keys: all of it happens, or nothing; its answer as it is."""
        return await self._do(self._scripts.run(source, keys, args))

    async def unfenced_script(self, source: str, keys: Sequence[str], args: Sequence[str]) -> Any:
        """As `script`, by itself, and also of a process that does not lead."""
        return await self._do(self._scripts.unfenced(source, keys, args))

    def fence(self, fence: Fence) -> None:
        """From now on this process writes only while it leads: the store checks each write."""
        fence.guard(self.client)
        self._scripts.fence = fence

    async def ping(self) -> None:
        """The store answers, or StoreError."""
        await self._do(self.client.ping())

    async def check(self) -> None:
        """Return if the store keeps what it accepts; UnfitStoreError, StoreError if it is away."""
        try:
            check_store(await self._do(self.client.info(*SECTIONS)))
        except StoreError as error:
            if isinstance(error.__cause__, UnfitClusterError):
                raise UnfitStoreError(str(error.__cause__)) from None
            raise

    async def time(self) -> float:
        """The store's clock in Unix seconds: the one clock of all stages and expiries."""
        seconds, micros = await self._do(self.client.time())
        return int(seconds) + int(micros) / 1e6

    async def add(self, name: str, model: StreamModel) -> str:
        """Append to a stream of our own; the entry's id."""
        fields: Any = entries.encode(model)
        return entries.text(await self._do(self.client.xadd(self.key(name), fields)))

    async def submit(self, command: Command) -> str:
        """Hand a command to orders; the entry's id. TooBusyError: nothing was sent."""
        with tracing.asked(command) as traced:
            names = submission.submit_keys(self.key, command.command_id)
            args = submission.submit_args(traced)
            return submission.entry_id(await self.script(submission.SUBMIT, names, args))

    async def messages(
        self, topic_filter: str, *, after: str = "-", until: str = "+", count: int = READ_COUNT
    ) -> list[Message]:
        """Up to `count` messages of a buffer behind the id `after`, oldest first."""
        start = after if after == "-" else f"({after}"
        name = streams.buffer_key(self.environment, topic_filter)
        found = await self._do(self.client.xrange(name, start, until, count))
        return await self.dated(entries.message(*entry) for entry in found)

    async def newest(self, topic_filter: str, count: int) -> list[Message]:
        """The last `count` messages of a buffer, oldest first."""
        name = streams.buffer_key(self.environment, topic_filter)
        found = await self._do(self.client.xrevrange(name, count=count))
        return await self.dated(entries.message(*entry) for entry in reversed(found))

    async def follow(self, topic_filter: str, after: str) -> AsyncIterator[list[Message]]:
        """Batches of a buffer behind the id `after`, for ever; an empty one each idle second."""
        name = f"buffer:{topic_filter}"
        async for found in self._follow(name, after):
            yield await self.dated(entries.message(*entry) for entry in found)

    async def dated(self, found: Iterable[Message]) -> list[Message]:
        """The messages; those of a replay with the time they were recorded at."""
        times = self.times
        if times is None:
            return list(found)
        while anchors := await self.models(CLOCK, Anchor, after=times.last):
            times.take(anchors)
        return [times.dated(message) for message in found]

    async def follow_models(
        self, name: str, kind: type[W], after: str
    ) -> AsyncIterator[list[tuple[str, W]]]:
        """As `follow`, for a stream of our own: pairs of entry id and model."""
        async for found in self._follow(name, after):
            yield entries.decoded(kind, found)

    async def _follow(self, name: str, after: str) -> AsyncIterator[list[Any]]:
        while True:
            found = await self._do(self.client.xread({self.key(name): after}, READ_COUNT, BLOCK_MS))
            batch = entries.only_stream(found)
            after = entries.text(batch[-1][0]) if batch else after
            yield batch
            await asyncio.sleep(0)

    async def latest(self) -> dict[str, Message]:
        """The last message of every topic, by topic."""
        found = await self._do(self.client.hgetall(self.key("latest")))
        last = (entries.last_message(topic, framed) for topic, framed in found.items())
        return {message.topic: message for message in await self.dated(last)}

    async def counters(self) -> dict[str, int]:
        """What ingest counted since the store was new (map in `streams`)."""
        found = await self._do(self.client.hgetall(self.key("counters")))
        return {entries.text(name): int(value) for name, value in found.items()}

    async def buffers(self, filters: Iterable[str]) -> list[BufferInfo]:
        """What lies in the buffers of these filters now."""
        names, counters = list(filters), await self.counters()
        async with self.client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.xinfo_stream(streams.buffer_key(self.environment, name))
            found = await self._do(pipe.execute(raise_on_error=False))
        told = [answer_or_none(answer) for answer in found]
        return [entries.info(n, f, counters) for n, f in zip(names, told, strict=True)]

    async def link(self, side: str) -> LinkHealth | None:
        """Health of the `ingest` or `gateway` link; None if it was never written."""
        found = await self._do(self.client.get(self.key(f"link:{side}")))
        link = LinkHealth.model_validate_json(found) if found else None
        if link is None or self.times is None:
            return link
        await self.dated(())
        played = self.times.newest
        return ReplayedLink(**link.model_dump(), replayed=played) if played else link

    def arrival(self, at: float) -> float:
        """When the messages of a moment arrived: in a replay another time than the recorded one."""
        return at if self.times is None else self.times.arrival(at)

    async def set_link(self, side: str, link: LinkHealth) -> None:
        """Write the health of our own link."""
        await self._do(self.client.set(self.key(f"link:{side}"), link.model_dump_json()))

    async def choose_class(self, priority: int) -> None:
        """Have ingest mirror this class from now on, without a reconnect."""
        await self._do(self.client.set(self.key("ingest:class"), priority))

    async def models(
        self, name: str, kind: type[W], *, after: str = "-", count: int = READ_COUNT
    ) -> list[tuple[str, W]]:
        """Up to `count` entries of a stream of our own behind the id `after`, oldest first."""
        start = after if after == "-" else f"({after}"
        found = await self._do(self.client.xrange(self.key(name), start, "+", count))
        return entries.decoded(kind, found)

    async def newest_models(
        self, name: str, kind: type[W], count: int, until: str = "+"
    ) -> list[tuple[str, W]]:
        """The last `count` entries of a stream of our own up to an id, oldest first."""
        found = await self._do(self.client.xrevrange(self.key(name), until, count=count))
        return entries.decoded(kind, reversed(found))

    async def record(self, command_id: str) -> CommandRecord | None:
        """The life of one command so far; None if orders has not seen it."""
        found = await self._do(self.client.lrange(self.key(f"command:{command_id}"), 0, -1))
        return entries.record(found)

    async def records(self, count: int, until: str = "+") -> list[CommandRecord]:
        """The lives of the last `count` commands that orders has seen, oldest first.

        Of those that were asked for up to an id of their stream.
        """
        asked = await self.newest_models("commands", Command, count, until)
        ids = list(dict.fromkeys(command.command_id for _, command in asked))
        async with self.client.pipeline(transaction=False) as pipe:
            for command_id in ids:
                pipe.lrange(self.key(f"command:{command_id}"), 0, -1)
            found = await self._do(pipe.execute())
        return [record for record in map(entries.record, found) if record]

    async def save_snapshot(self, journal_id: str, data: dict[str, Any]) -> None:
        """Keep the fold up to and including `journal_id`; only orders calls this."""
        packed: Any = {entries.DATA: zlib.compress(json.dumps(data).encode(), 1)}
        name = self.key("snapshots")
        try:
            async with store_errors(RedisError):
                await self.client.xadd(name, packed, journal_id, MAX_SNAPSHOTS, approximate=False)
        except StoreError as error:
            if not _is_refused(error.__cause__):
                raise

    async def snapshot(self, until: str = "+") -> tuple[str, dict[str, Any]] | None:
        """The newest fold not newer than `until`: (journal id, data); None if there is none."""
        found = await self._do(self.client.xrevrange(self.key("snapshots"), until, "-", 1))
        if not found:
            return None
        entry_id, fields = found[0]
        return entries.text(entry_id), json.loads(zlib.decompress(fields[entries.DATA]))


def answer_or_none(answer: Any) -> Any:
    """One answer of several; None for a key that is not there."""
    if isinstance(answer, RedisError) and not _is_refused(answer):
        raise StoreError(str(answer)) from answer
    return None if isinstance(answer, ResponseError) else answer


def _is_refused(error: BaseException | None) -> bool:
    """True if the store itself said no, and not that another node of its cluster has the key."""
    return isinstance(error, ResponseError) and not isinstance(error, REDIRECTED)
