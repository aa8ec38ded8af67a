"""Commands and receipts as FastStream reads them."""

from typing import Annotated

from faststream import FastStream
from faststream.redis.annotations import RedisBatchStreamMessage
from faststream.specification import AsyncAPI
from pydantic import SkipValidation

from services.common.reading import MANUAL, Take, broker, stream, told
from services.common.settings import ServiceSettings
from services.common.streams import AuditRecord, Command, CommandEvent, Outgoing, Receipt

GROUP = "orders"


def application(settings: ServiceSettings, commands: Take, receipts: Take) -> FastStream:
    """The arbiter's side of the bus."""
    bus = broker(settings)

    @bus.subscriber(
        stream=stream(settings.environment, "commands", GROUP),
        ack_policy=MANUAL,
        title="commands",
        description="What operators want; each is decided on once.",
    )
    async def decide(
        entries: Annotated[list[Command], SkipValidation],  # noqa: ARG001 - shown in AsyncAPI
        message: RedisBatchStreamMessage,
    ) -> None:
        await commands(message.raw_message["message_ids"], message.raw_message["data"])

    @bus.subscriber(
        stream=stream(settings.environment, "receipts", GROUP),
        ack_policy=MANUAL,
        title="receipts",
        description="What became of each publish.",
    )
    async def note(
        entries: Annotated[list[Receipt], SkipValidation],  # noqa: ARG001 - shown in AsyncAPI
        message: RedisBatchStreamMessage,
    ) -> None:
        await receipts(message.raw_message["message_ids"], message.raw_message["data"])

    for name, kind in (("outbox", Outgoing), ("events", CommandEvent), ("audit", AuditRecord)):
        told(bus, settings, name, kind)
    return FastStream(bus, specification=AsyncAPI(title="OMF orders", version="1"))
