"""The outbox as FastStream reads it."""

from faststream import FastStream
from faststream.specification import AsyncAPI

from services.common.process.settings import ServiceSettings
from services.common.store.faststream_adapter import (
    MANUAL,
    Take,
    broker,
    every,
    stream,
    told,
    undecoded,
)
from services.common.store.keys import Outgoing, Receipt

GROUP = "gateway"


def application(settings: ServiceSettings, outbox: Take) -> FastStream:
    """The gateway's side of the bus."""
    bus = broker(settings)

    queued = bus.subscriber(
        stream=stream(settings.environment, "outbox", GROUP),
        ack_policy=MANUAL,
        title="outbox",
        description="Frozen bytes to publish; each ends in a receipt.",
    )

    @queued(filter=every)
    async def publish(entries: list[Outgoing]) -> None:
        await outbox(*undecoded(entries))

    told(bus, settings, "receipts", Receipt)
    return FastStream(bus, specification=AsyncAPI(title="OMF gateway", version="1"))
