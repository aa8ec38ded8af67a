"""Commands and receipts as FastStream reads them."""

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
from services.common.store.keys import AuditRecord, Command, CommandEvent, Outgoing, Receipt

GROUP = "orders"


def application(settings: ServiceSettings, commands: Take, receipts: Take) -> FastStream:
    """The arbiter's side of the bus."""
    bus = broker(settings)

    asked = bus.subscriber(
        stream=stream(settings.environment, "commands", GROUP),
        ack_policy=MANUAL,
        title="commands",
        description="What operators want; each is decided on once.",
    )
    answered = bus.subscriber(
        stream=stream(settings.environment, "receipts", GROUP),
        ack_policy=MANUAL,
        title="receipts",
        description="What became of each publish.",
    )

    @asked(filter=every)
    async def decide(entries: list[Command]) -> None:
        await commands(*undecoded(entries))

    @answered(filter=every)
    async def note(entries: list[Receipt]) -> None:
        await receipts(*undecoded(entries))

    for name, kind in (("outbox", Outgoing), ("events", CommandEvent), ("audit", AuditRecord)):
        told(bus, settings, name, kind)
    return FastStream(bus, specification=AsyncAPI(title="OMF orders", version="1"))
