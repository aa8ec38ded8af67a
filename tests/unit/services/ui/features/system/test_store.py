"""System, broker and store: figures of the broker, the last copy with its age, what waits."""

import pytest

from services.common.store.backup_note import BackupNote
from services.common.store.stream_load import StreamLoad
from services.ui.live.health_poller import BrokerStatus, HealthSnapshot, ServiceStatus
from tests.support.ui_pages import NOW, Pages, classed, listed

WORDS = {
    "de": ("läuft seit 2 h", "7 Clients", "älter als zwei Tage"),
    "en": ("runs for 2 h", "7 clients", "older than two days"),
    "fr": ("tourne depuis 2 h", "7 clients", "plus de deux jours"),
}


def _broker(**told: float) -> HealthSnapshot:
    broker = BrokerStatus(version="mosquitto version 2.0.18", **told)
    return HealthSnapshot((ServiceStatus("ingest-mock", "ready", broker=broker),))


def _copy(days: float) -> BackupNote:
    return BackupNote(at=NOW - days * 86_400, file="monday.gz", size=4_000_000, keys=9, entries=99)


@pytest.mark.parametrize("language", WORDS)
async def test_broker_and_copy_are_told(pages: Pages, language: str) -> None:
    pages.language(language)
    model = pages.models["mock"]
    model.health = _broker(uptime_s=7_200, clients=7, dropped=0)
    model.backup = _copy(3)
    await pages.user.open("/mock/system/store")
    for words in ("mosquitto version 2.0.18", "monday.gz", *WORDS[language]):
        await pages.user.should_see(words)


@pytest.mark.parametrize(
    ("dropped", "days", "marked"), [(0, 1, 0), (3, 1, 1), (0, 3, 1), (3, 3, 2)]
)
async def test_only_what_is_wrong_has_a_colour(
    pages: Pages, dropped: int, days: int, marked: int
) -> None:
    model = pages.models["mock"]
    model.health, model.backup = _broker(dropped=dropped), _copy(days)
    await pages.user.open("/mock/system/store")
    assert len(classed(pages, "warn")) == marked


async def test_what_is_not_told_is_said(pages: Pages) -> None:
    await pages.user.open("/mock/system/store")
    await pages.user.should_see("it tells no figures of itself")
    await pages.user.should_see("No copy is known")
    await pages.user.should_see("omf backup -e mock")


async def test_each_stream_says_what_waits_and_who_works_on_it(pages: Pages) -> None:
    pages.models["mock"].streams = (
        StreamLoad("outbox", 5, NOW - 60, "gateway", 3, 2),
        StreamLoad("audit", 90, NOW - 60),
        StreamLoad("dead", 1, NOW - 7_200),
    )
    await pages.user.open("/mock/system/store")
    rows = {row["id"]: row for row in listed(pages)}
    assert [rows["outbox"][name] for name in ("length", "waiting", "pending", "group")] == [
        *("5", "3", "2", "gateway"),
    ]
    assert (rows["audit"]["waiting"], rows["audit"]["group"]) == ("", "")
    assert [rows[name]["stuck"] for name in rows] == [False, False, True]
