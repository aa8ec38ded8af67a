"""Alerts of the monitoring that stand: the api writes them, the owner of the alarms reads them."""

from collections.abc import Iterable

from omf.alarms.monitoring import MAX_ALERTS, MonitoringAlert
from omf.constants import DAY_S
from services.common.store.bus import Bus
from services.common.store.entries import all_readable

MONITORING_ALERTS = "monitoring:alerts"


async def put_alerts(bus: Bus, standing: Iterable[MonitoringAlert], ended: Iterable[str]) -> int:
    """Write what stands and take out what ended, by id; how many found no room.

    The last word about an alert counts, so a webhook that comes twice changes nothing.
    """
    name, left_out = bus.key(MONITORING_ALERTS), 0
    kept = {one.id for one in await read_alerts(bus)}
    known = {one.decode() for one in await bus.call(bus.client.hkeys(name))}
    # What was not repeated for a day would keep its room for ever.
    if gone := [*ended, *(known - kept)]:
        await bus.call(bus.client.hdel(name, *gone))
    known -= set(gone)
    for alert in standing:
        if alert.id not in known and len(known) >= MAX_ALERTS:
            left_out += 1
            continue
        known.add(alert.id)
        await bus.call(bus.client.hset(name, alert.id, alert.model_dump_json()))
    return left_out


async def read_alerts(bus: Bus) -> tuple[MonitoringAlert, ...]:
    """Those that stand, by id; one that was not repeated for a day is not counted any more."""
    oldest = await bus.time() - DAY_S
    found = await bus.call(bus.client.hvals(bus.key(MONITORING_ALERTS)))
    alerts = (one for one in all_readable(MonitoringAlert, found) if one.heard_at >= oldest)
    return tuple(sorted(alerts, key=lambda alert: alert.id))
