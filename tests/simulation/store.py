"""The clients of the store of a run.

They are those of the driver, without their connections: each question goes to the store in
memory at once, and its answer through the driver's own readers of answers.
"""

import asyncio
from collections.abc import Iterable
from functools import cache
from typing import Any

import redis
from redis.asyncio.client import Pipeline as AsyncPipeline
from redis.asyncio.client import Redis as AsyncRedis
from redis.client import Pipeline
from redis.exceptions import ResponseError

from tests.simulation.memory_store import MemoryStore
from tests.simulation.network import StoreNetwork
from tests.simulation.process import Life, current_life
from tests.simulation.virtual_time import waited

DRIVER: dict[str, Any] = {"protocol": 2, "driver_info": None}
"""The shapes in which the store in memory answers; nobody asks for the driver's name."""


class _Questions:
    """A client's questions to a store in memory, and what the driver makes of the answers."""

    store: MemoryStore
    response_callbacks: Any

    def answer(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Of one command, at once."""
        name = args[0]
        word, *more = _words(name)
        given = [one if type(one) is bytes else _written(one) for one in args[1:]]
        found = self.store.ask(word, more + given)
        options.pop("keys", None)
        reader = self.response_callbacks.get(name)
        return reader(found, **options) if reader else _plain(found)

    async def awaited(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Of one command that may wait for something new."""
        if (block_s := _block_s(args)) is None:
            return self.answer(args, options)
        names = [_written(one) for one in _streams(args)]
        loop = asyncio.get_running_loop()
        until = loop.time() + block_s
        while not (found := self.answer(args, dict(options))) and loop.time() < until:
            await self.store.changed(names, until - loop.time())
        return found

    def answers(self, stack: list[Any], *, raise_on_error: bool) -> list[Any]:
        """Of all commands of a pipeline, one behind the other."""
        found = [self._answered(args, options) for args, options in stack]
        failed = next((one for one in found if isinstance(one, ResponseError)), None)
        if failed and raise_on_error:
            raise failed
        return found

    def _answered(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return self.answer(args, options)
        except ResponseError as error:
            return error


@cache
def _words(name: str) -> list[bytes]:
    return name.encode().split()


def _written(given: Any) -> bytes:
    """As the driver writes it."""
    if isinstance(given, bytes):
        return given
    return (given if isinstance(given, str) else repr(given)).encode()


def _plain(found: Any) -> Any:
    """A status is text of the store like any other."""
    return found.encode() if isinstance(found, str) else found


def _block_s(args: tuple[Any, ...]) -> float | None:
    if args[0] not in ("XREAD", "XREADGROUP") or b"BLOCK" not in args:
        return None
    return float(args[args.index(b"BLOCK") + 1]) / 1000


def _streams(args: tuple[Any, ...]) -> tuple[Any, ...]:
    rest = args[args.index(b"STREAMS") + 1 :]
    return rest[: len(rest) // 2]


class DirectRedis(_Questions, redis.Redis):
    """A client for who stands beside a run, through no network."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(**DRIVER)
        self.store = store

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, at once."""
        return self.answer(args, options)


class SimulatedStore:
    """Makes the clients in place of those that `redis` makes."""

    def __init__(self, network: StoreNetwork) -> None:
        self._network = network

    def asynchronous(self, *_: object, **__: object) -> "SimulatedRedis":
        """As `JointRedis.at`."""
        client = SimulatedRedis(**DRIVER)
        client.bind(self._network, current_life())
        return client

    def blocking(self, *_: object, **__: object) -> "BlockingRedis":
        """As `services.common.store.bus.store`."""
        client = BlockingRedis(**DRIVER)
        client.bind(self._network, current_life())
        return client


class _Bound(_Questions):
    """Whose client it is."""

    network: StoreNetwork
    life: Life

    def bind(self, network: StoreNetwork, life: Life) -> None:
        """Belong to this life of a process."""
        self.network, self.life, self.store = network, life, network.store

    async def asked(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """One command, through the network."""
        return await self.network.through(
            self.life, str(args[0]), lambda: self.awaited(args, options)
        )

    async def asked_all(self, stack: list[Any], *, raise_on_error: bool) -> list[Any]:
        """All commands of a pipeline, through the network in one go."""

        async def ask() -> list[Any]:
            return self.answers(stack, raise_on_error=raise_on_error)

        found: list[Any] = await self.network.through(self.life, "pipeline", ask)
        return found


class SimulatedRedis(_Bound, AsyncRedis):
    """A client for asyncio."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, through the network."""
        return await self.asked(args, options)

    async def together(self, commands: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Several in one write, as of `JointRedis`."""
        return await self.asked_all([(words, {}) for words in commands], raise_on_error=False)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_AsyncPipe":  # noqa: FBT001, FBT002 - as the driver has it
        """Several commands in one go."""
        pipe = _AsyncPipe(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.bind(self.network, self.life)
        return pipe


class _AsyncPipe(_Bound, AsyncPipeline):
    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as the driver has it
        stack, self.command_stack = self.command_stack, []
        return await self.asked_all(stack, raise_on_error=raise_on_error)


class BlockingRedis(_Bound, redis.Redis):
    """A client for code that blocks; it waits in virtual time."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, through the network."""
        return waited(self.asked(args, options))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_Pipe":  # noqa: FBT001, FBT002 - as the driver has it
        """Several commands in one go."""
        pipe = _Pipe(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.bind(self.network, self.life)
        return pipe


class _Pipe(_Bound, Pipeline):
    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as the driver has it
        stack, self.command_stack = self.command_stack, []
        return waited(self.asked_all(stack, raise_on_error=raise_on_error))
