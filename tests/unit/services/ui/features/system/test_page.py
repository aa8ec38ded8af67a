"""System: the services, what they logged, and what is mirrored."""

from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from services.common.store.keys import Role
from services.ui.live.health_poller import HealthSnapshot, LogLine, ServiceStatus
from tests.support.ui_pages import NOW, Pages, classed, listed

LEVEL_WORDS = ("Info", "Warning", "Error", "Critical")


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def test_every_service_is_shown_with_what_it_lacks(pages: Pages) -> None:
    picture = HealthSnapshot(
        (
            ServiceStatus("ingest-mock", "ready", "", NOW - 60, "0.1.0", 50e6, 3, 1),
            ServiceStatus("orders-mock", "not_ready", "the store is away"),
            ServiceStatus("ingest-live", "away", "refused"),
            ServiceStatus("ui", "ready"),
        )
    )
    pages.models["mock"].health = picture.of("mock")
    await pages.user.open("/mock/system")
    rows = {row["part"]: row for row in listed(pages, grid=0)}
    assert set(rows) == {"ingest-mock", "orders-mock", "ui"}
    assert rows["ingest-mock"]["memory"] == "50 MB"
    assert (rows["ingest-mock"]["version"], rows["ingest-mock"]["lag"]) == ("0.1.0", "3")
    assert rows["orders-mock"]["wrong"] == "the store is away"
    assert rows["orders-mock"]["memory"] == "—"


class _Browser:
    """The list as the browser has it after every change it was sent."""

    def __init__(self, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
        self._rows = {row["id"]: row for row in listed(pages)}
        monkeypatch.setattr(ui.aggrid, "run_grid_method", lambda _, *sent: self._take(*sent))
        grid = next(iter(pages.user.find(ui.aggrid).elements))
        [self._sorted] = [one for one in grid.options["columnDefs"] if "sort" in one]

    def _take(self, method: str, change: Any) -> None:
        assert method == "applyTransactionAsync"
        for row in change.get("remove", ()):
            del self._rows[row["id"]]
        self._rows |= {
            row["id"]: row for row in (*change.get("add", ()), *change.get("update", ()))
        }

    @property
    def rows(self) -> list[object]:
        """Ids, uppermost first."""
        field, down = self._sorted["field"], self._sorted["sort"] == "desc"
        rows = sorted(self._rows.values(), key=lambda row: str(row[field]), reverse=down)
        return [row["id"] for row in rows]


def _log_lines(*levels: str) -> HealthSnapshot:
    """One line of each level, oldest first."""
    stamps = (f"2026-08-07T09:00:0{number}.000Z" for number, _ in enumerate(levels))
    every = zip(levels, stamps, strict=True)
    return HealthSnapshot((), tuple(LogLine(one, "ui", at, one, "<b>", "") for one, at in every))


async def test_logs_are_shown_newest_first_from_a_level_on(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.models["mock"].health = _log_lines("critical", "error", "debug", "warning")
    await pages.user.open("/mock/system/logs")
    browser = _Browser(pages, monkeypatch)
    assert browser.rows == ["warning", "error", "critical"]
    pages.models["mock"].health = _log_lines("critical", "error", "debug", "warning", "info")
    pages.tick(1)
    assert browser.rows == ["info", "warning", "error", "critical"]
    for level, shown in (
        ("Warning", ["warning", "error", "critical"]),
        ("Critical", ["critical"]),
        ("Error", ["error", "critical"]),
        ("Info", ["info", "warning", "error", "critical"]),
    ):
        pages.user.find(level).click()
        pages.tick(1)
        assert browser.rows == shown, level
        [current] = [e for e in classed(pages, "act current") if e.text in LEVEL_WORDS]
        assert current.text == level


async def test_logs_are_narrowed_to_one_command(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (
        ("one", "published", '{"command_id": "c-1"}'),
        ("two", "of C-1.2", ""),
        ("three", "x", ""),
    )
    at = "2026-08-07T09:00:00.000Z"
    lines = tuple(LogLine(name, "orders", at, "info", words, more) for name, words, more in told)
    pages.models["mock"].health = HealthSnapshot((), lines)
    await pages.user.open("/mock/system/logs?about=c-1")
    assert {row["id"] for row in listed(pages)} == {"one", "two"}
    browser = _Browser(pages, monkeypatch)
    for given, shown in (("c-1.2", {"two"}), ("", {"one", "two", "three"}), ("nobody", set())):
        [field] = pages.user.find(marker="logs-about").elements
        field.set_value(given)
        pages.tick(1)
        assert set(browser.rows) == shown, given


def _sure(pages: Pages) -> list[Any]:
    return list(pages.user.find(marker="class-sure").elements)


async def test_an_administrator_chooses_what_is_mirrored_on_a_second_press(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    await pages.user.open("/mock/system/buffers")
    await pages.user.should_not_see(marker="class-3")
    pages.people.accounts.change("anna", role="admin")
    await pages.user.open("/mock/system/buffers")
    await pages.user.should_see("No choice: the default holds.")
    pages.user.find(marker="class-3").click()
    await pages.user.should_see("no longer recorded from now on, for everybody: 4 System, 5")
    assert pages.inboxes["mock"].priority is None
    with caplog.at_level("WARNING"):
        pages.user.find(marker="class-sure").click()
        await pages.user.should_see("Ingest follows within seconds")
    assert pages.inboxes["mock"].priority == 3
    assert ("anna", 3) in {(vars(r).get("by"), vars(r).get("class")) for r in caplog.records}
    (chosen,) = pages.user.find(marker="class-3").elements
    assert "current" in chosen.classes
    pages.user.find(marker="class-5").click()
    await pages.user.should_see("recorded from now on as well: 4 System, 5")
    pages.user.find("Leave it").click()
    pages.user.find(marker="class-sure").click()
    assert pages.inboxes["mock"].priority == 3
    pages.user.find(marker="class-3").click()
    await pages.user.should_see("That leaves everything as it is.")
    assert all("hidden" in element.parent_slot.parent.classes for element in _sure(pages))
