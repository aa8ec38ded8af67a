"""A store in memory that runs our scripts, behind a network that loses and delays.

The commands and the Lua of it are those of fakeredis; `test_store.py` asks it and a real server the
same at random.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from hashlib import sha1
from typing import Any

import redis
from fakeredis import FakeAsyncRedis, FakeRedis, FakeServer
from redis.asyncio.client import Pipeline as AsyncPipeline
from redis.client import Pipeline

from tests.simulation.faults import CrashedError, Dice, Journal
from tests.simulation.process import Life, current_life
from tests.simulation.virtual_time import waited

LOST = "the connection broke"
VERSION = (7, 4)
UNDER_WAY = 0.5
"""How often what a process had just sent when it died is done all the same."""
LINGER_S = (0.0, 3.0)
"""Within this; a new life may be at work by then."""


def new_server() -> FakeServer:
    """An empty store whose Lua knows `redis.sha1hex`, which fakeredis leaves out."""
    server: Any = FakeServer(server_type="redis", version=VERSION)
    FakeRedis(server=server, version=VERSION).eval("return 1", 0)  # makes its Lua
    known = server._lua_runtime.globals()[b"redis"]
    known[b"sha1hex"] = lambda said: sha1(said, usedforsecurity=False).hexdigest().encode()
    return server


class StoreNetwork:
    """Between the processes and the store: what each question and each answer goes through."""

    def __init__(self, dice: Dice, journal: Journal, crash: Callable[[str], bool]) -> None:
        self.server = new_server()
        self.up = True
        self.questions = 0
        self._lingering: list[asyncio.Future[None]] = []
        self._dice = dice
        self._journal = journal
        self._crash = crash

    def restart(self, down_s: float) -> None:
        """The store is away for a while; what it had done, it has kept."""
        self.up = False
        self._journal.note("store", "goes")
        asyncio.get_running_loop().call_later(down_s, self._come)

    def _come(self) -> None:
        self.up = True
        self._journal.note("store", "comes")

    async def through(self, life: Life, what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """A question, its doing and its answer; each of them may be lost, and the asker with it."""
        self.questions += 1
        try:
            await self._passed(life, self._dice.chances.never_asked, f"{what} not asked")
        except CrashedError:
            if self._dice.hits(UNDER_WAY):
                self._linger(life.name, what, ask)
            raise
        answer = await ask()
        await self._passed(life, self._dice.chances.never_answered, f"{what} not answered")
        return answer

    def _linger(self, name: str, what: str, ask: Callable[[], Awaitable[Any]]) -> None:
        """The question was on its way when the asker died: the store does it all the same."""

        async def done() -> None:
            await asyncio.sleep(self._dice.between(*LINGER_S))
            self._journal.note(name, f"{what} done after its death")
            with suppress(redis.RedisError):
                await ask()

        # In a context of its own: the task must not end with the life of who asked.
        Context().run(lambda: self._lingering.append(asyncio.ensure_future(done())))

    async def _passed(self, life: Life, lost: float, what: str) -> None:
        life.check()
        await asyncio.sleep(self._dice.latency_s())
        life.check()
        if self._dice.hits(self._dice.chances.crash) and self._crash(life.name):
            raise CrashedError
        if not self.up or self._dice.hits(lost):
            self._journal.note(life.name, what)
            raise redis.ConnectionError(LOST)


class SimulatedStore:
    """Makes the clients in place of those that `redis` makes."""

    def __init__(self, network: StoreNetwork) -> None:
        self._network = network

    def asynchronous(self, *_: object, **__: object) -> "SimulatedRedis":
        """As `redis.asyncio.Redis.from_url`."""
        client = SimulatedRedis(server=self._network.server, version=VERSION)
        client.bind(self._network, current_life())
        return client

    def blocking(self, *_: object, **__: object) -> "BlockingRedis":
        """As `services.common.store.bus.store`."""
        client = BlockingRedis(server=self._network.server, version=VERSION)
        client.bind(self._network, current_life())
        return client


class _Bound:
    """Whose client it is."""

    network: StoreNetwork
    life: Life

    def bind(self, network: StoreNetwork, life: Life) -> None:
        """Belong to this life of a process."""
        self.network, self.life = network, life


class SimulatedRedis(_Bound, FakeAsyncRedis):
    """A client for asyncio."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, through the network."""
        ask = super().execute_command
        return await self.network.through(self.life, str(args[0]), lambda: ask(*args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_AsyncPipe":  # noqa: FBT001, FBT002 - as the driver has it
        """Several commands in one go."""
        pipe = _AsyncPipe(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.bind(self.network, self.life)
        return pipe


class _AsyncPipe(_Bound, AsyncPipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as the driver has it
        ask = super().execute
        found: list[Any] = await self.network.through(
            self.life, "pipeline", lambda: ask(raise_on_error)
        )
        return found


class BlockingRedis(_Bound, FakeRedis):
    """A client for code that blocks; it waits in virtual time."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, through the network."""
        ask = super().execute_command

        async def asked() -> Any:
            return ask(*args, **options)

        return waited(self.network.through(self.life, str(args[0]), asked))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_Pipe":  # noqa: FBT001, FBT002 - as the driver has it
        """Several commands in one go."""
        pipe = _Pipe(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.bind(self.network, self.life)
        return pipe


class _Pipe(_Bound, Pipeline):
    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as the driver has it
        ask = super().execute

        async def asked() -> list[Any]:
            return ask(raise_on_error)

        found: list[Any] = waited(self.network.through(self.life, "pipeline", asked))
        return found
