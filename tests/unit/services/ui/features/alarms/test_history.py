"""The history of alarms on the page: archive and store, filters, the course of one alarm."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from nicegui import ui

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct, AlarmEntry
from omf.alarms.lifecycle import AlarmEvent
from omf.alarms.rule_data import with_site
from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import Bus
from services.history.reader import History
from tests.support.archives import archive_alarms, passages
from tests.support.inboxes import until
from tests.support.ui_pages import DRILL, NOW, Pages
from tests.unit.omf.alarms.test_lifecycle import alarm

LOST, GAS, BLOCKED = f"connection-lost:{DRILL}", "danger:gas", "device-blocked:SVR3QA0022"


async def counted(pages: Pages, words: str) -> None:
    """Return once so many are in the list: archive and store take their time on a busy machine."""
    (label,) = pages.user.find("alarms-count").elements
    await until(lambda: getattr(label, "text", "") == words)


async def seen(pages: Pages, words: str) -> None:
    """Return once something on the page says it."""

    def said() -> bool:
        found = pages.user.client.elements.values() if pages.user.client else ()
        return any(words in str(getattr(one, "text", "")) for one in found)

    await until(said)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The rows that were sent to the history and not taken away again."""
    found: dict[str, dict[str, Any]] = {}

    def take(_: object, __: str, change: dict[str, Any]) -> None:
        found.update({row["id"]: row for row in change.get("add", ())})
        for row in change.get("remove", ()):
            del found[row["id"]]

    monkeypatch.setattr(ui.aggrid, "run_grid_method", take)
    return found


async def test_the_history_tells_each_passage_with_who_and_why(
    pages: Pages, told: list[AlarmEntry], shown: dict[str, dict[str, Any]]
) -> None:
    await pages.user.open("/mock/alarms/history")
    await counted(pages, "5 in this list")
    assert len(shown) == len(told) == 5
    [shelved] = [row for row in shown.values() if row["who"]]
    assert (shelved["who"], shelved["what"]) == ("otto", BLOCKED)
    assert shelved["event"].startswith("shelved until")
    assert shelved["event"].endswith(": known")


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("device=" + DRILL, 1),
        ("rule=danger", 2),
        ("state=shelved", 1),
        ("text=OTTO", 1),
        ("priority=2", 5),
        ("priority=1", 0),
        ("from=1h&rule=danger", 2),
        ("since=2030-01-01", 0),
        ("until=2h", 0),
        ("since=2h", 5),
    ],
)
async def test_the_history_is_narrowed_by_its_address(
    pages: Pages, query: str, count: int, shown: dict[str, dict[str, Any]]
) -> None:
    pages.models["mock"].wall = time.time()
    await pages.user.open(f"/mock/alarms/history?{query}")
    await counted(pages, f"{count} in this list")
    await until(lambda: len(shown) == count)
    if not count:
        await seen(pages, "Nothing was found with these filters.")


@pytest.mark.usefixtures("told")
async def test_a_filter_that_is_chosen_narrows_the_list_and_its_address(
    pages: Pages, shown: dict[str, dict[str, Any]]
) -> None:
    await pages.user.open("/mock/alarms/history")
    await until(lambda: len(shown) == 5)
    [field] = pages.user.find("filter-state").elements
    field.set_value("shelved")
    await until(lambda: len(shown) == 1)
    field.set_value("")
    await until(lambda: len(shown) == 5)
    [since] = pages.user.find("filter-since").elements
    since.set_value("yesterday")
    await seen(pages, "yesterday")
    assert len(shown) == 5


async def test_the_history_reaches_into_the_archive_and_names_what_is_damaged(
    pages: Pages, told: list[AlarmEntry], tmp_path: Path
) -> None:
    root = tmp_path / "data" / "history" / "mock"
    root.mkdir(parents=True)
    found = [(f"{1_700_000_000_000 + n}-0", one) for n, one in enumerate(passages(300))]
    archive_alarms(root, [*found, (f"{1_700_090_000_000}-0", told[0])])
    await pages.user.open("/mock/alarms/history")
    await counted(pages, "200 in this list")
    pages.user.find("older").click()
    await counted(pages, "306 in this list")
    [*_, day] = History(root).days()
    (root / day.day / day.of("alarms")[0].name).write_bytes(b"none")
    await pages.user.open("/mock/alarms/history?until=2024-01-01&since=2023-11-15T12:00:00Z")
    await counted(pages, "0 in this list")
    await seen(pages, "cannot be read")


async def test_the_detail_tells_its_course_what_was_done_and_the_times_before(
    pages: Pages,
) -> None:
    name, now = f"connection-lost:{DRILL}", time.time()
    begun = now - 4000
    lives, entries_of = observe({}, [alarm(name)], begun)
    for at, event in ((begun + 60, AlarmEvent.COMMENTED), (begun + 90, AlarmEvent.ACKNOWLEDGED)):
        lives, entry = carry_out(lives, name, event, AlarmAct(at, "otto", "cable"))
        entries_of.append(entry)
    lives, more = observe(lives, [], begun + 185)
    entries_of += more
    lives, more = observe(lives, [replace(alarm(name), since=NOW - 3000)], begun + 1000)
    entries_of += more
    bus: Bus = pages.inboxes["mock"]
    for number, one in enumerate(entries_of):
        entry_id = f"{round(one.at * 1000)}-{number}"
        await bus.client.xadd(bus.key("alarms"), entries.encode(one), entry_id)
    pages.factory.module(DRILL)
    model = pages.models["mock"]
    model.factory.lives, model.wall, model.now = lives, now, now
    await pages.user.open(f"/mock/alarms?alarm={name}")
    for words in (
        "What happened",
        "The same alarm before",
        "stood 3 min 5 s",
        "comment: cable · otto",
    ):
        await seen(pages, words)
    [around] = pages.user.find("alarm-around").elements
    told = parse_qs(urlsplit(around.props["href"]).query)
    assert told["topic"] == [f"module/v1/ff/{DRILL}/#"]
    assert told["from"] == [clock.iso(NOW - 3120)]
    shown = pages.user.find("show-then").elements
    assert any(f"at={quote(clock.iso(NOW - 3000), safe=':')}" in one.props["href"] for one in shown)


async def test_the_kinds_offered_are_the_rules_in_force_those_of_the_site_by_their_title(
    pages: Pages,
) -> None:
    site = """
version: 1
limits:
  low-voltage:
    {topic: fts/v1/ff/+/state, path: batteryState.currentVoltage, below: 8.4, priority: 3,
     title: {de: Spannung des FTS, en: voltage of the vehicle}}
"""
    pages.models["mock"].factory.alarm_rules = with_site(site)
    await pages.user.open("/mock/alarms/history")
    [field] = pages.user.find("filter-rule").elements
    assert field.options["limit-low-voltage"] == "voltage of the vehicle"
    assert field.options["connection-lost"] == "Device cannot be reached"


async def test_an_alarm_that_came_again_unsettled_leads_to_where_it_came_last(
    pages: Pages,
) -> None:
    name, now = f"connection-lost:{DRILL}", time.time()
    lives, told = observe({}, [replace(alarm(name), since=NOW - 3000)], now - 3000)
    for since, found in ((2000, []), (1000, [replace(alarm(name), since=NOW - 1000)])):
        lives, more = observe(lives, found, now - since)
        told += more
    bus: Bus = pages.inboxes["mock"]
    for number, one in enumerate(told):
        entry_id = f"{round(one.at * 1000)}-{number}"
        await bus.client.xadd(bus.key("alarms"), entries.encode(one), entry_id)
    model = pages.models["mock"]
    model.factory.lives, model.wall, model.now = lives, now, now
    await pages.user.open(f"/mock/alarms?alarm={name}")
    await seen(pages, "its cause is over")
    [around] = pages.user.find("alarm-around").elements
    assert parse_qs(urlsplit(around.props["href"]).query)["from"] == [clock.iso(NOW - 1120)]
