"""One connection to the store for all that a process asks in passing (asyncio).

The driver takes a connection out of a pool for each command, wakes up for its answer alone and puts
it back, with a task and a timer for each; of a process of hundreds of factories that each ask for
little that was most of the processor time. Here what is asked in one turn of the loop is one write,
and the answers are given out as they come, in the order of the questions. What may wait in the
store or answers with much keeps connections of its own, so nobody waits behind it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as StoreGoneError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as StoreSilentError

from services.common.store.joint_reader import JointReader
from services.common.store.store_words import pack, read_answer, tell

JOINT_COMMANDS = frozenset(
    (
        *("GET", "SET", "MGET", "EXISTS", "TIME", "PING", "EVAL", "EVALSHA", "LRANGE", "LLEN"),
        *("HGET", "HMGET", "HSET", "HLEN", "HVALS", "HDEL"),
        *("XADD", "XLEN", "XACK", "XCLAIM", "XINFO STREAM", "XINFO GROUPS", "XGROUP CREATE"),
        *("XPENDING", "XTRIM"),
    )
)
"""Commands whose answer is short and comes at once."""
JOINT_READ_BYTES = 64 * 1024
FOLLOWED_JOINTLY = 8
"""Clients of one address from which on what they follow is read in rounds."""
TIME = ("TIME",)
_PACKED_TIME = pack(TIME)
_MORE = object()


class JointStore:
    """A connection that many ask on at the same time, in one event loop.

    What breaks it fails all that is under way, and the next question makes a new one.
    """

    def __init__(self, pool: Any) -> None:
        """`pool` makes the connection; it keeps none of it."""
        self.users: set[JointRedis] = set()
        self.reader: JointReader | None = None
        self._pool = pool
        self._patience_s: float = pool.connection_kwargs["socket_timeout"]
        self._loop = asyncio.get_running_loop()
        self._asked: list[bytes] = []
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._soon = False
        self._time: list[asyncio.Future[Any]] | None = None

    def ask(self, packed: bytes) -> "asyncio.Future[Any]":
        """The raw answer, a refusal as what is raised; in the order of the calls."""
        waiting = self._loop.create_future()
        self._asked.append(packed)
        self._waiting.append((self._loop.time() + self._patience_s, waiting))
        if self._serving is None:
            self._serving = self._loop.create_task(self._serve(), name="joint store")
        elif self._writer and not self._soon:
            self._soon = True
            self._loop.call_soon(self._write)
        return waiting

    def time(self) -> "asyncio.Future[Any]":
        """The raw answer to TIME; who asks before it is written gets the same one."""
        waiting = self._loop.create_future()
        if self._time is None:
            self._time = []
            self.ask(_PACKED_TIME).add_done_callback(partial(_tell_all, self._time))
        self._time.append(waiting)
        return waiting

    def follow(self, readers: Any) -> JointReader:
        """What reads streams for all, on a connection of its own."""
        if self.reader is None:
            self.reader = JointReader(JointStore(self._pool), readers)
        return self.reader

    def close(self) -> None:
        """Leave the store."""
        if self.reader:
            self.reader.close()
        if self._serving:
            self._serving.cancel()

    def _write(self) -> None:
        self._soon = False
        if self._writer and self._asked:
            asked, self._asked, self._time = self._asked, [], None
            self._writer.write(b"".join(asked))

    async def _serve(self) -> None:
        connection = self._pool.make_connection()
        error: Exception = StoreGoneError("the connection was closed")
        try:
            await connection.connect()
            # The driver may swallow a cancellation meanwhile: a process would never end.
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError
            await self._converse(connection)
        except (RedisError, OSError) as failure:
            error = failure if isinstance(failure, RedisError) else StoreGoneError(str(failure))
        finally:
            self._writer, self._serving = None, None
            self._fail(error)
            with suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)

    async def _converse(self, connection: Any) -> None:
        reader, self._writer = connection._reader, connection._writer  # noqa: SLF001 - of the pinned driver
        self._write()
        silent = self._loop.create_task(self._watch(reader))
        answers = hiredis.Reader(
            protocolError=StoreGoneError,
            replyError=connection._parser.parse_error,  # noqa: SLF001
            notEnoughData=_MORE,
        )
        try:
            while data := await reader.read(JOINT_READ_BYTES):
                answers.feed(data)
                while (answer := answers.gets()) is not _MORE:
                    self._give(answer)
        finally:
            silent.cancel()

    async def _watch(self, reader: asyncio.StreamReader) -> None:
        """A store that does not answer in time ends the connection, as the driver does."""
        while True:
            await asyncio.sleep(1.0)
            if self._waiting and self._waiting[0][0] < self._loop.time():
                reader.set_exception(StoreSilentError("Timeout reading from the store"))

    def _give(self, answer: Any) -> None:
        if isinstance(answer, hiredis.PushNotification):
            return
        tell(self._waiting.popleft()[1], answer)

    def _fail(self, error: Exception) -> None:
        waiting, self._waiting, self._asked, self._time = self._waiting, deque(), [], None
        for _, one in waiting:
            if not one.done():
                one.set_exception(error)


def _tell_all(waiting: "list[asyncio.Future[Any]]", asked: "asyncio.Future[Any]") -> None:
    answer = asked.exception() or asked.result()
    for one in waiting:
        tell(one, answer)


_OPEN: dict[tuple[str, asyncio.AbstractEventLoop], JointStore] = {}
"""By address, account and all: whoever has another account asks on another connection."""


class JointRedis(Redis):
    """The driver's client; JOINT_COMMANDS go over one connection for all with its address."""

    address: str
    _joint: JointStore | None = None

    @classmethod
    def at(cls, url: str, options: dict[str, Any]) -> Any:
        """A client of the one store behind `url`, which must not be a cluster."""
        client: Any = cls.from_url(url, **options)
        client.address = url
        return client

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        """As of the driver."""
        if words[0] not in JOINT_COMMANDS:
            return await super().execute_command(*words, **options)  # type: ignore[no-untyped-call]
        joint = self._joined()
        answer = await (joint.time() if words == TIME else joint.ask(pack(words)))
        return read_answer(self.response_callbacks, words[0], options, answer)

    async def xread(  # type: ignore[override]
        self, streams: Any, count: Any = None, block: Any = None
    ) -> Any:
        """As of the driver; of one stream of many clients, in rounds with the others."""
        joint = self._joined() if block and len(streams) == 1 else None
        if joint is None or len(joint.users) < FOLLOWED_JOINTLY:
            return await super().xread(streams, count, block)
        [(name, after)] = streams.items()
        return await joint.follow(self.response_callbacks).read(name, after, block)

    async def read_together(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """As `together`, each as the driver reads it."""
        found = await self.together(commands)
        return [
            answer
            if isinstance(answer, ResponseError)
            else read_answer(self.response_callbacks, words[0], {}, answer)
            for words, answer in zip(commands, found, strict=True)
        ]

    async def together(self, commands: Iterable[Sequence[Any]]) -> list[Any]:
        """The raw answers of commands that go out in one write, in order, refusals among them.

        What breaks the connection is raised: whether any of them was done is open.
        """
        joint = self._joined()
        asked = [joint.ask(pack(words)) for words in commands]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, ResponseError):
                raise answer
        return answers

    def _joined(self) -> JointStore:
        if self._joint is None:
            self._joint = self._join()
        return self._joint

    def _join(self) -> JointStore:
        at = self.address, asyncio.get_running_loop()
        if at not in _OPEN:
            _OPEN[at] = JointStore(self.connection_pool)
        _OPEN[at].users.add(self)
        return _OPEN[at]

    async def aclose(self, *given: Any, **options: Any) -> None:
        """As of the driver; whoever is last closes what was joint."""
        if joint := self._joint:
            self._joint = None
            joint.users.discard(self)
            if not joint.users:
                _OPEN.pop((self.address, asyncio.get_running_loop()), None)
                joint.close()
        await super().aclose(*given, **options)
