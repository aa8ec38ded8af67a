"""What stands sealed in the audit about access."""

from services.common.store.access_notes import ACCESS_NOTES
from services.common.store.audit import verify
from services.common.store.bus import Bus
from services.common.store.keys import AuditRecord
from services.orders.access_notes import AccessSealer
from services.orders.repository import CommandRepository


async def sealed_records(bus: Bus) -> list[AuditRecord]:
    """What is in the audit once all that waited is sealed, and that its chain holds."""
    await AccessSealer(bus, CommandRepository(bus)).tick()
    found = [record for _, record in await bus.models("audit", AuditRecord)]
    assert await verify(bus) == (len(found), None)
    assert await bus.call(bus.client.xlen(bus.key(ACCESS_NOTES))) == 0
    return found
