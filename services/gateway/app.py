"""The outbox as FastStream reads it."""

from typing import Annotated

from faststream import FastStream
from faststream.redis.annotations import RedisBatchStreamMessage
from faststream.specification import AsyncAPI
from pydantic import SkipValidation

from services.common.reading import MANUAL, Take, broker, stream, told
from services.common.settings import ServiceSettings
from services.common.streams import Outgoing, Receipt

GROUP = "gateway"


def application(settings: ServiceSettings, outbox: Take) -> FastStream:
    """The gateway's side of the bus."""
    bus = broker(settings)

    @bus.subscriber(
        stream=stream(settings.environment, "outbox", GROUP),
        ack_policy=MANUAL,
        title="outbox",
        description="Frozen bytes to publish; each ends in a receipt.",
    )
    async def publish(
        entries: Annotated[list[Outgoing], SkipValidation],  # noqa: ARG001 - shown in AsyncAPI
        message: RedisBatchStreamMessage,
    ) -> None:
        await outbox(message.raw_message["message_ids"], message.raw_message["data"])

    told(bus, settings, "receipts", Receipt)
    return FastStream(bus, specification=AsyncAPI(title="OMF gateway", version="1"))
