"""FastStream as we use it: the one place that knows how its Redis Streams must be set up.

Measured on FastStream 0.7.8 (tests/contract/test_faststream_canaries.py): it makes a group at `$`,
never delivers a failed entry again, and with `last_id` and a group it spins without reading. So the
group is made by `StreamConsumer.open` before, acknowledging is ours, and `last_id` is never given.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self
from weakref import WeakKeyDictionary

from faststream import FastStream
from faststream.message import StreamMessage
from faststream.middlewares import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.specification import AsyncAPI

from services.common.process import factory_scope
from services.common.process.server_address import server_urls
from services.common.process.settings import ServiceSettings
from services.common.store.bus import BLOCK_MS
from services.common.store.clients import DriverError, routed
from services.common.store.connections import connection_options
from services.common.store.keys import Environment, StreamModel, key

MAX_STREAM_BATCH = 500
"""A rush is read in a few large pieces: a reading costs as much as ten entries."""
BROKER_CLOSE_S = 4.0
SHARED_BLOCK_MS = 4000
"""Of a process of several factories: each wait for news has its timer, tasks and question.

The driver takes a connection that is silent for STORE_TIMEOUT_S for a broken one.
"""
BEGIN_AT_ONCE = 4
"""So many factories may begin to read at a time: FastStream gives up what took three seconds."""

Take = Callable[[Sequence[bytes], Sequence[Mapping[bytes, bytes]]], Awaitable[None]]
"""Gets the ids and the undecoded fields of a batch: `StreamConsumer.take`."""


def broker(settings: ServiceSettings) -> RedisBroker:
    """The store as FastStream sees it; its log goes where ours goes."""
    logger = logging.getLogger("faststream")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)
    if _store_is_away not in logger.filters:
        logger.addFilter(_store_is_away)
    address = settings.store_address
    options = connection_options() | routed(address, settings.environment)
    return RedisBroker(
        server_urls(address)[0],
        logger=logger,
        log_level=logging.DEBUG,
        graceful_timeout=BROKER_CLOSE_S,
        parser=_unparsed,
        decoder=_as_it_is,
        apply_types=False,
        **options,
    )


def _store_is_away(record: logging.LogRecord) -> bool:
    """What is foreseen is a warning in one line, as everywhere else; the reader asks again."""
    failure = record.exc_info[1] if record.exc_info else None
    if isinstance(failure, DriverError | OSError):
        record.msg, record.args = "a reader waits for the store: %s", (failure,)
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True


async def _unparsed(batch: Any) -> StreamMessage[Any]:
    """No parsing: FastStream's own reads and writes the JSON of every entry, which nobody uses."""
    return StreamMessage(batch, b"")


async def _as_it_is(message: StreamMessage[Any]) -> Any:
    """No decoding: `StreamConsumer` does it. FastStream's own runs each batch through a thread."""
    return message.raw_message


def again(app: FastStream, environment: Environment, name: str) -> Callable[[], Awaitable[None]]:
    """What begins to read a stream again when its reader ended, as it does when the group is lost.

    The group must be there: else one would be made that knows nothing of what it missed.
    """
    stream = key(environment, name)
    readers = [
        one
        for one in (app.broker.subscribers if app.broker else ())
        if (named := getattr(one, "stream_sub", None)) and named.name == stream
    ]

    async def start() -> None:
        for reader in readers:
            if not reader.running:
                await reader.start()

    return start


class _FullyNamedStream(StreamSub[Any]):
    """A stream under its full name; FastStream copies it at each reading to prefix that."""

    def add_prefix(self, prefix: str) -> Self:
        """As of FastStream; itself where there is no prefix."""
        return super().add_prefix(prefix) if prefix else self


class StreamReader(NamedTuple):
    """A stream a service reads: what lies in its entries, and what takes them undecoded."""

    name: str
    model: type[StreamModel]
    take: Take
    description: str


def application(
    settings: ServiceSettings,
    service: str,
    *,
    reads: Sequence[StreamReader],
    writes: Mapping[str, type[StreamModel]],
) -> FastStream:
    """The streams of a service, read in batches of what is new by the group of its name.

    What it writes is only noted in the AsyncAPI document; our own scripts do the writing.
    """
    bus = broker(settings)
    for one in reads:
        _subscribe(bus, settings.environment, service, one)
    for name, model in writes.items():
        bus.publisher(stream=key(settings.environment, name), title=name, schema=model)
    return FastStream(bus, specification=AsyncAPI(title=f"OMF {service}", version="1"))


async def begin(app: FastStream) -> None:
    """Read from now on; where that fails nobody is left who reads."""
    loop = asyncio.get_running_loop()
    try:
        async with _BEGINNING.setdefault(loop, asyncio.Semaphore(BEGIN_AT_ONCE)):
            await app.start()
    except BaseException:
        await app.stop()
        raise


_BEGINNING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _subscribe(bus: RedisBroker, environment: Environment, group: str, one: StreamReader) -> None:
    async def take(entries: Any) -> None:
        await one.take(entries["message_ids"], entries["data"])

    # Goes into the AsyncAPI document; what is handed over is undecoded.
    take.__annotations__["entries"] = list[one.model]  # type: ignore[name-defined]
    subscriber = bus.subscriber(
        stream=_FullyNamedStream(
            key(environment, one.name),
            group=group,
            consumer=group,
            batch=True,
            max_records=MAX_STREAM_BATCH,
            polling_interval=BLOCK_MS if factory_scope.current() is None else SHARED_BLOCK_MS,
        ),
        ack_policy=AckPolicy.MANUAL,
        title=one.name,
        description=one.description,
    )
    subscriber(take, filter=_every)


async def _every(_: StreamMessage[Any]) -> bool:
    """The filter of every subscriber; FastStream's own runs each batch through a thread as well."""
    return True
