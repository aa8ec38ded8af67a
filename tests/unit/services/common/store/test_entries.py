"""A value of another release, or a forged one, blinds nobody who reads what services keep."""

import logging
from collections.abc import Awaitable, Callable

import pytest

from services.common.sessions import named_ranges, station
from services.common.store import (
    alarm_lives,
    approvals,
    archive_status,
    brackets,
    learned_durations,
    monitoring_alerts,
    notification_status,
    order_plans,
    payload_drifts,
    pending_previews,
    presets,
    purchases,
    sequence_runs,
    usual_pauses,
)
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable
from services.common.store.lease import Lease
from services.ui.live.presence import Presence

Read = Callable[[Bus], Awaitable[object]]
FORGED = (b"of another release", b"7", b'{"at": []}', b"[1]", b"\xff", b"")
VALUES: dict[str, Read] = {
    archive_status.ARCHIVE_KEY: archive_status.read,
    alarm_lives.ALARMS_OWNER: alarm_lives.read_owner,
    learned_durations.LEARNED_DURATIONS_KEY: learned_durations.read_learned_durations,
    notification_status.NOTIFICATIONS: notification_status.read_notifications,
    payload_drifts.PAYLOAD_DRIFTS: payload_drifts.read_drifts,
    station.STATUS: station.status,
    usual_pauses.USUAL_PAUSES_KEY: usual_pauses.read_usual_pauses,
}
HASHES: dict[str, Read] = {
    alarm_lives.ALARMS_NOW: alarm_lives.read_lives,
    approvals.APPROVALS: approvals.read_approvals,
    brackets.BRACKETS_KEY: brackets.every,
    monitoring_alerts.MONITORING_ALERTS: monitoring_alerts.read_alerts,
    named_ranges.SESSIONS_KEY: named_ranges.every,
    notification_status.BROWSERS: notification_status.read_browsers,
    order_plans.PLANS: order_plans.read_plans,
    pending_previews.PREVIEWS_KEY: pending_previews.pending_previews,
    presets.PRESETS_KEY: lambda bus: presets.of(bus, "", "production-order"),
    purchases.PURCHASES: purchases.read_purchases,
    sequence_runs.OPEN_RUNS: sequence_runs.open_runs,
}
LISTS: dict[str, Read] = {
    approvals.ENDED_APPROVALS: approvals.ended_approvals,
    order_plans.ENDED_PLANS: order_plans.read_ended_plans,
    sequence_runs.ENDED_RUNS: sequence_runs.ended_runs,
}
NOTHING: tuple[object, ...] = (None, [], (), {})


async def test_a_forged_value_is_as_none(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        for key, read in VALUES.items():
            for told in FORGED:
                await bus.client.set(bus.key(key), told)
                found = await read(bus)
                assert found in NOTHING, (key, told)


async def test_a_forged_value_among_others_is_left_aside(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        for key, read in HASHES.items():
            fields = {str(number): told for number, told in enumerate(FORGED)}
            await bus.client.hset(bus.key(key), mapping=fields)
            assert await read(bus) in NOTHING, key
        for key, read in LISTS.items():
            await bus.client.rpush(bus.key(key), *FORGED)
            assert await read(bus) in NOTHING, key
        assert await order_plans.read_plan(bus, "0") is None
        assert await sequence_runs.open_run(bus, "0") is None


async def test_who_looks_at_the_pages_is_shown_beside_a_forged_word(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        fields = {str(number): told for number, told in enumerate(FORGED)}
        await bus.client.hset(bus.key("looking"), mapping=fields)
        assert await Presence(bus).exchange(()) == ()
        assert len(await bus.client.hkeys(bus.key("looking"))) == 1, "what nobody can read goes"


def test_what_is_missed_is_logged_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    good = Lease(holder="anna").model_dump_json()
    with caplog.at_level(logging.ERROR):
        assert [one.holder for one in all_readable(Lease, [b"x", good.encode(), b"[]"])] == ["anna"]
        assert caplog.records == []
        assert readable(Lease, b"x", "a lease") is None
    assert [one.message.partition(":")[0] for one in caplog.records] == [
        "a lease of another version is left aside"
    ]
    assert readable(Lease, None) is None
