"""The alarms page: what waits for whom, what people do to it, what there was."""

from typing import Any

import pytest
from nicegui import ui

from omf.alarms.changes import observe
from omf.alarms.life import AlarmEntry
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.ui.features.alarms import statistics
from tests.support.factory import FTS
from tests.support.inboxes import until
from tests.support.ui_pages import DRILL, NOW, Pages, classed, listed

LOST, GAS, BLOCKED = f"connection-lost:{DRILL}", "danger:gas", "device-blocked:SVR3QA0022"


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


async def test_while_the_owner_is_silent_the_rules_are_shown_and_it_is_said(pages: Pages) -> None:
    await pages.user.open("/mock/alarms")
    await pages.user.should_see("The alarm service is silent")


async def test_the_statistics_tell_the_shifts_the_day_and_the_aim(
    pages: Pages, told: list[AlarmEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {}
    monkeypatch.setattr(
        ui.aggrid,
        "run_grid_method",
        lambda _, __, change: sent.update({row["id"]: row for row in change.get("update", ())}),
    )

    async def passages(_: Bus, since: float) -> list[AlarmEntry]:
        """Of the stream, whose ids have the time of the machine and not that of the pictures."""
        return [entry for entry in told if entry.at >= since]

    monkeypatch.setattr(statistics, "passages_since", passages)
    await pages.user.open("/mock/alarms/statistics")
    await until(lambda: "raised" in sent)
    assert (sent["raised"]["shift0"], sent["raised"]["day"]) == ("3", "3")
    assert (sent["raised"]["shift1"], sent["raised"]["shift3"]) == ("—", "—")
    assert sent["priorities"]["shift0"] == "0 % / 100 % / 0 %"
    shown = {row["id"]: row for row in listed(pages)}
    assert (shown["waiting"]["shift0"], shown["waiting"]["shift1"]) == ("2", "—")
    assert (shown["waiting"]["day"], shown["hidden"]["day"]) == ("2", "1")
    assert shown["rate"]["aim"] == "1, at most 2"


@pytest.mark.usefixtures("told")
async def test_why_it_stands_is_told_as_facts(pages: Pages) -> None:
    await pages.user.open(f"/mock/alarms?alarm={LOST}")
    await pages.user.should_see("Why?")
    await pages.user.should_see("nobody has acknowledged it yet")
    await pages.user.open(f"/mock/alarms?alarm={GAS}")
    await pages.user.should_see("it is over, and not settled yet")


@pytest.mark.usefixtures("told")
async def test_beside_the_detail_the_list_has_room_for_what_tells_its_alarms_apart(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(ui.aggrid, "run_grid_method", lambda _, *words: asked.append(words))
    await pages.user.open("/mock/alarms")
    pages.tick(2)
    assert not [words for words in asked if words[0] == "setColumnsVisible"]
    await pages.user.open(f"/mock/alarms?alarm={LOST}")
    pages.tick(2)
    [words] = [words for words in asked if words[0] == "setColumnsVisible"]
    assert words == ("setColumnsVisible", ["under", "count", "action"], False)
    [grid] = pages.user.find(ui.aggrid).elements
    columns = {one["field"]: one for one in grid.options["columnDefs"]}
    assert all(columns[name].get("wrapText") for name in ("state", "what", "action"))


@pytest.mark.usefixtures("told")
async def test_what_came_and_went_unseen_is_told_on_the_overview_and_in_the_bar(
    pages: Pages,
) -> None:
    pages.language("en")
    await pages.user.open("/mock/overview")
    pages.tick(1)
    await pages.user.should_see("Over and acknowledged by nobody: 1")
    await pages.user.should_see("+ 1 over")
    [chip] = classed(pages, "alarm-chip")
    assert "Over and acknowledged by nobody: 1" in chip.props["title"]
    pages.models["mock"].factory.lives = {}
    pages.factory.vehicle("1")
    pages.tick(2)
    await pages.user.should_not_see("acknowledged by nobody")
    await pages.user.should_not_see("+ 1 over")
