"""The alarms page: what waits for whom, what people do to it, what there was."""

import time
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from services.common.store import entries
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.history.reader import History
from services.ui.features.alarms import statistics
from tests.support.archives import archive_alarms, passages
from tests.support.factory import FTS
from tests.support.inboxes import until
from tests.support.ui_pages import DRILL, NOW, Pages, classed, listed
from tests.unit.omf.alarms.test_lifecycle import alarm

LOST, GAS, BLOCKED = f"connection-lost:{DRILL}", "danger:gas", "device-blocked:SVR3QA0022"


@pytest.fixture
def opening(store_url: str, tmp_path: Path) -> dict[str, object]:
    return {"store_url": store_url, "users": tmp_path / "users.jsonl", "data": tmp_path / "data"}


def _lives() -> tuple[dict[str, AlarmLife], list[AlarmEntry]]:
    """One that stands, one that is over, one that is shelved."""
    lives, told = observe({}, [alarm(one) for one in (LOST, GAS, BLOCKED)], NOW - 60)
    act = AlarmAct(NOW - 30, "otto", "known", NOW + 900)
    lives, entry = carry_out(lives, BLOCKED, AlarmEvent.SHELVED, act)
    lives, more = observe(lives, [alarm(one) for one in (LOST, BLOCKED)], NOW - 20)
    return lives, [*told, entry, *more]


@pytest.fixture
async def told(pages: Pages) -> list[AlarmEntry]:
    lives, found = _lives()
    pages.models["mock"].factory.lives = lives
    bus: Bus = pages.inboxes["mock"]
    for entry in found:
        await bus.client.xadd(bus.key("alarms"), entries.encode(entry))
    return found


@pytest.mark.usefixtures("told")
async def test_what_waits_for_a_person_comes_first_and_what_is_hidden_has_its_own_list(
    pages: Pages,
) -> None:
    await pages.user.open("/mock/alarms")
    rows = sorted(listed(pages), key=lambda row: row["order"])
    assert [row["id"] for row in rows] == [LOST, GAS]
    assert [row["state"] for row in rows] == ["not acknowledged", "over, not acknowledged"]
    assert [row["level"] for row in rows] == ["2 · Warning", "2 · Warning"]
    await pages.user.open("/mock/alarms/hidden")
    [row] = listed(pages)
    assert (row["id"], row["reason"]) == (BLOCKED, "known")
    assert row["state"].startswith("shelved by otto until")


async def test_the_command_an_alarm_advises_stands_with_it(pages: Pages) -> None:
    errors = [{"errorType": "x", "errorLevel": "FATAL"}]
    state = pages.factory.module(DRILL, errors=errors).online(DRILL, "OFFLINE").state
    state.lives, _ = observe({}, state.found_alarms(NOW), NOW)
    for name, offered in ((f"device-fatal:{DRILL}", "Reset factory …"), (LOST, None)):
        await pages.user.open(f"/mock/alarms?alarm={name}")
        [button] = pages.user.find("alarm-remedy").elements
        assert ("invisible" in button.classes) is (offered is None)
        if offered:
            assert button.text == offered
            pages.user.find("alarm-remedy").click()
            await pages.user.should_see("RESET")


@pytest.mark.usefixtures("told")
async def test_two_presses_acknowledge_and_the_command_is_an_ordinary_one(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.OPERATOR)
    await pages.user.open(f"/mock/alarms?alarm={LOST}")
    pages.user.find("alarm-acknowledge").click()
    inbox = pages.inboxes["mock"]
    await until(lambda: inbox.commands)
    [command] = inbox.commands
    assert (command.kind, command.parameters) == ("alarm-acknowledge", {"alarm": LOST})
    assert (command.operator, command.role) == ("anna", Role.OPERATOR)
    assert command.plan


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("role", "name", "offered"),
    [
        (Role.VIEWER, LOST, set()),
        (Role.OPERATOR, LOST, {"alarm-acknowledge", "alarm-comment", "alarm-shelve"}),
        (Role.OPERATOR, BLOCKED, {"alarm-unshelve", "alarm-comment"}),
        (Role.SUPERVISOR, BLOCKED, {"alarm-unshelve", "alarm-comment", "alarm-out-of-service"}),
    ],
)
async def test_offered_is_what_this_person_may_do_in_this_state(
    pages: Pages, role: Role, name: str, offered: set[str]
) -> None:
    await pages.sign_in(role)
    await pages.user.open(f"/mock/alarms?alarm={name}")
    kinds = ("acknowledge", "comment", "shelve", "unshelve", "reset", "out-of-service")
    found = set()
    for kind in kinds:
        [button] = pages.user.find(f"alarm-{kind}").elements
        if "hidden" not in button.classes:
            found.add(f"alarm-{kind}")
    assert found == offered


async def test_an_alarm_is_said_in_words_while_the_owner_is_silent(pages: Pages) -> None:
    pages.factory.vehicle("UNKNOWN")
    await pages.user.open(f"/mock/alarms?alarm=position-unknown:{FTS}")
    (panel,) = classed(pages, "detail")
    shown = [one.text for one in panel.descendants() if hasattr(one, "text")]
    assert shown[0] == "FTS 5iO4 does not know its position"
    assert "not known" in shown
    assert any("dock" in one for one in shown)
    assert f"Dock vehicle: {FTS} …" in shown


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
    await pages.user.should_see("5 in this list")
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
    await pages.user.should_see(f"{count} in this list")
    await until(lambda: len(shown) == count)
    if not count:
        await pages.user.should_see("Nothing was found with these filters.")


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
    await pages.user.should_see("yesterday")
    assert len(shown) == 5


async def test_the_history_reaches_into_the_archive_and_names_what_is_damaged(
    pages: Pages, told: list[AlarmEntry], tmp_path: Path
) -> None:
    root = tmp_path / "data" / "history" / "mock"
    root.mkdir(parents=True)
    found = [(f"{1_700_000_000_000 + n}-0", one) for n, one in enumerate(passages(300))]
    archive_alarms(root, [*found, (f"{1_700_090_000_000}-0", told[0])])
    await pages.user.open("/mock/alarms/history")
    await pages.user.should_see("200 in this list")
    pages.user.find("older").click()
    await pages.user.should_see("306 in this list")
    [*_, day] = History(root).days()
    (root / day.day / day.of("alarms")[0].name).write_bytes(b"none")
    await pages.user.open("/mock/alarms/history?until=2024-01-01&since=2023-11-15T12:00:00Z")
    await pages.user.should_see("0 in this list")
    await pages.user.should_see("cannot be read")


async def test_while_the_owner_is_silent_the_rules_are_shown_and_it_is_said(pages: Pages) -> None:
    await pages.user.open("/mock/alarms")
    await pages.user.should_see("The alarm service is silent")


@pytest.mark.usefixtures("told")
async def test_the_statistics_tell_the_shift_the_day_and_the_aim(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {}
    monkeypatch.setattr(
        ui.aggrid,
        "run_grid_method",
        lambda _, __, change: sent.update({row["id"]: row for row in change.get("update", ())}),
    )
    monkeypatch.setattr(statistics, "passages_since", _passages)
    await pages.user.open("/mock/alarms/statistics")
    await until(lambda: "raised" in sent)
    assert (sent["raised"]["shift"], sent["raised"]["day"]) == ("3", "3")
    assert sent["priorities"]["shift"] == "0 % / 100 % / 0 %"
    told = {row["id"]: row for row in listed(pages)}
    assert (told["waiting"]["day"], told["hidden"]["day"]) == ("2", "1")
    assert told["rate"]["aim"] == "1, at most 2"


async def _passages(_bus: Bus, since: float) -> list[AlarmEntry]:
    """Of the stream, whose ids have the time of the machine and not that of the pictures."""
    return [entry for entry in _lives()[1] if entry.at >= since]
