"""The frame around every page: lead, presence, help, themes; then System and Users."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nicegui import ui

from omf.catalogue import address
from services.common.lease import Lease
from services.common.station import ReplayStatus
from services.common.streams import CommandEvent, Reason, Role, Stage
from services.ui.condition import Condition, Line, Picture
from services.ui.pages import PAGES
from services.ui.presence import Looker, together
from tests.support import ui_pages
from tests.support.ui_pages import NOW, PASSWORD, Pages


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as opened:
        opened.language("en")
        yield opened


def _rows(pages: Pages) -> list[dict[str, object]]:
    grid = next(iter(pages.user.find(ui.aggrid).elements))
    rows: list[dict[str, object]] = grid.options["rowData"]
    return rows


async def test_the_lead_is_taken_and_its_answer_is_told(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("nobody")
    pages.user.find(marker="lead-take").click()
    await asyncio.sleep(0)
    pages.tick()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert (command.kind, command.operator) == ("control-take", "local")
    why = Reason(id="barred", de="Anna führt.", en="Anna leads.")
    event = CommandEvent(
        command_id=command.command_id,
        kind=command.kind,
        stage=Stage.REFUSED,
        at=NOW,
        reasons=(why,),
    )
    pages.models["mock"].hear(event)
    pages.tick()
    await pages.user.should_see("Anna leads.")


async def test_who_leads_may_hand_over_and_another_may_only_ask(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    lease = Lease(holder="berta", since=NOW, until=NOW + 600, required=True)
    pages.models["mock"].lease = lease
    await pages.user.open("/mock/overview")
    await pages.user.should_see("berta leads until")
    await pages.user.should_see(marker="lead-request")
    shown = {way for way in ("take", "release", "hand-over") if _visible(pages, f"lead-{way}")}
    assert shown == set()
    pages.models["mock"].lease = lease.model_copy(update={"holder": "anna", "asked_by": "berta"})
    pages.tick(1)
    assert _visible(pages, "lead-hand-over")
    assert _visible(pages, "lead-release")
    assert not _visible(pages, "lead-request")
    await pages.user.should_see("berta asks for control")


def _visible(pages: Pages, marker: str) -> bool:
    return all("hidden" not in e.classes for e in pages.user.find(marker=marker).elements)


async def test_a_guest_gets_no_way_to_the_lead_and_a_forged_press_sends_nothing(
    pages: Pages,
) -> None:
    await pages.user.open("/live/overview")
    assert not _visible(pages, "lead-take")
    pages.user.find(marker="lead-take").click()
    pages.tick()
    assert pages.inboxes["live"].commands == []


async def test_everybody_sees_who_else_looks(pages: Pages) -> None:
    pages.models["mock"].lookers = together(
        [
            Looker(name="guest", role=Role.VIEWER, pages=("floor",)),
            Looker(name="anna", role=Role.OPERATOR, pages=("overview",)),
            Looker(name="guest", role=Role.VIEWER, pages=("floor",)),
            Looker(name="anna", role=Role.OPERATOR, pages=("messages",)),
        ]
    )
    assert [(one.name, len(one.pages)) for one in pages.models["mock"].lookers] == [
        ("anna", 2),
        ("guest", 2),
    ]
    await pages.user.open("/mock/overview")
    await pages.user.should_see("anna")
    await pages.user.should_see("Operator · Overview, Messages")
    await pages.user.should_see("view only ×2 · Shop floor")


async def test_open_pages_are_told_by_person(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    await pages.user.open("/mock/overview")
    assert pages.dashboard.lookers("mock") == (
        Looker(name="anna", role=Role.OPERATOR, pages=("overview",)),
    )
    assert pages.dashboard.lookers("live") == ()


async def test_the_worst_alarm_stands_in_the_bar_of_every_page(pages: Pages) -> None:
    await pages.user.open("/mock/commands")
    await pages.user.should_see("no alarms")
    for serial in (ui_pages.HBW, ui_pages.DRILL):
        pages.say(*ui_pages.connection(serial, "CONNECTIONBROKEN"))
    pages.say(*ui_pages.pairing())
    pages.tick(60)
    await pages.user.should_not_see("no alarms")


async def test_the_band_of_a_replay_says_what_is_played_when_and_how_fast(pages: Pages) -> None:
    recorded = datetime(2026, 3, 3, 8, 7, 5, tzinfo=UTC).timestamp()
    pages.user.http_client.cookies.set("omf_clock", "utc")
    model = pages.models["replay"]
    playing = ReplayStatus(
        state="playing", session="fair-1", begin_at=recorded, position_s=55.0, speed=2.0, at=NOW
    )
    model.station = playing
    await pages.user.open("/replay/overview")
    await pages.user.should_see("fair-1 · 2026-03-03 08:08:00 · 2 × · playing")
    model.station = playing.model_copy(update={"state": "paused", "speed": None})
    pages.tick(1)
    await pages.user.should_see("fair-1 · 2026-03-03 08:08:00 · max · paused")


async def test_nobody_falls_silent_while_a_replay_stands_still(pages: Pages) -> None:
    model = pages.models["replay"]
    for said in (ui_pages.connection(ui_pages.HBW), ui_pages.pairing()):
        pages.say(*said, model="replay")
    await pages.user.open("/replay/commands")
    for later, (state, quiet) in enumerate(
        (("paused", True), ("ended", True), ("playing", False)), 600
    ):
        model.station = ReplayStatus.model_validate({"state": state, "at": NOW + later})
        pages.tick(later)
        look = pages.user.should_see if quiet else pages.user.should_not_see
        await look("no alarms")


async def test_help_lists_every_page_a_person_may_see(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    pages.user.find("? Help").click()
    await pages.user.should_see("Keys and addresses")
    await pages.user.should_see("/mock/messages?class=3&way=to")
    await pages.user.should_see("no emergency stop")
    await pages.user.should_not_see("/mock/users")


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
async def test_each_theme_can_be_chosen(pages: Pages, theme: str) -> None:
    pages.user.http_client.cookies.set("omf_theme", theme)
    client = await pages.user.open("/mock/overview")
    assert client.request.cookies["omf_theme"] == theme
    dark = next(iter(pages.user.find(ui.dark_mode).elements))
    assert dark.value is (theme != "light")


async def test_every_service_is_shown_with_what_it_lacks(pages: Pages) -> None:
    picture = Picture(
        (
            Condition("ingest-mock", "ready", "", NOW - 60, "0.1.0", 50e6, 3, 1),
            Condition("orders-mock", "not_ready", "the store is away"),
            Condition("ingest-live", "away", "refused"),
            Condition("ui", "ready"),
        )
    )
    pages.models["mock"].picture = picture.of("mock")
    await pages.user.open("/mock/system")
    rows = {row["part"]: row for row in _rows(pages)}
    assert set(rows) == {"ingest-mock", "orders-mock", "ui"}
    assert rows["ingest-mock"]["memory"] == "50 MB"
    assert (rows["ingest-mock"]["version"], rows["ingest-mock"]["lag"]) == ("0.1.0", "3")
    assert rows["orders-mock"]["wrong"] == "the store is away"
    assert rows["orders-mock"]["memory"] == "—"


async def test_logs_are_shown_newest_first_from_a_level_on(pages: Pages) -> None:
    at = "2026-08-07T09:00:0{}.000Z"
    lines = [
        Line("a", "ui", at.format(1), "info", "starting", ""),
        Line("b", "ui", at.format(2), "error", "<script>no</script>", '{"by": "x"}'),
    ]
    pages.models["mock"].picture = Picture((), tuple(lines))
    await pages.user.open("/mock/system/logs")
    assert [row["text"] for row in _rows(pages)] == ["<script>no</script>", "starting"]
    pages.user.find("Warning").click()
    await pages.user.should_see("Logs")


async def test_an_administrator_chooses_what_is_mirrored_on_a_second_press(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    await pages.user.open("/mock/system/buffers")
    await pages.user.should_not_see(marker="class-3")
    pages.people.accounts.change("anna", role="admin")
    await pages.user.open("/mock/system/buffers")
    await pages.user.should_see("Not chosen: what ingest was told at its start holds.")
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


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.OPERATOR, Role.SUPERVISOR])
async def test_nobody_but_an_administrator_reaches_the_users(
    pages: Pages, role: Role | None
) -> None:
    if role:
        await pages.sign_in(role)
    answer = await pages.user.http_client.get("/mock/users", follow_redirects=False)
    target = "/mock/overview" if role else "/login?back=/mock/users"
    assert (answer.status_code, answer.headers["location"]) == (307, target)


async def test_an_administrator_adds_changes_and_removes_people(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    name, password = _new(pages)
    name.set_value("berta")
    password.set_value("short")
    pages.user.find(marker="add-user").click()
    await pages.user.should_see("A password has 10 to 200 characters.")
    password.set_value(PASSWORD)
    pages.user.find(marker="add-user").click()
    await pages.user.should_see(marker="lock-berta", retries=100)
    assert password.value == ""
    berta = pages.people.accounts.get("berta")
    assert berta
    assert berta.role is Role.VIEWER
    await pages.user.should_see("berta can sign in now: view only.")
    password.set_value(PASSWORD)
    name.set_value("berta")
    pages.user.find(marker="add-user").click()
    await pages.user.should_see("Not changed: berta has an account already.", retries=100)


async def test_an_account_is_removed_on_a_second_press_only(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER, "berta")
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    pages.user.find(marker="remove-berta").click()
    await pages.user.should_see("Really remove?")
    assert pages.people.accounts.get("berta")
    pages.user.find(marker="lock-berta").click()
    await pages.user.should_see("berta is locked.")
    assert pages.people.accounts.all()["berta"].locked
    await pages.user.should_not_see("Really remove?")
    for _ in range(2):
        pages.user.find(marker="remove-berta").click()
    await pages.user.should_see("berta is removed.")
    assert pages.people.accounts.get("berta") is None


def _new(pages: Pages) -> tuple[ui.input, ui.input]:
    (name,), (password,) = (
        pages.user.find(kind=ui.input, marker=f"new-{what}").elements
        for what in ("name", "password")
    )
    return name, password


async def test_nobody_locks_or_removes_themselves(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    for marker in ("lock-anna", "remove-anna"):
        pages.user.find(marker=marker).click()
    await pages.user.should_see("Of one's own account only the password")
    assert not pages.people.accounts.all()["anna"].locked


async def test_rights_that_were_taken_do_not_work_on_a_page_that_is_still_open(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.sign_in(Role.VIEWER, "berta")
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    pages.people.accounts.change("anna", role="operator")
    pages.user.find(marker="lock-berta").click()
    await pages.user.should_see("Administrator")
    assert not pages.people.accounts.all()["berta"].locked


HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"


@pytest.mark.parametrize("page", [p for p in PAGES if p.menu], ids=lambda page: page.name)
async def test_no_page_builds_markup_from_what_the_factory_says(pages: Pages, page: object) -> None:
    await pages.sign_in(Role.ADMIN)
    for serial in (HOSTILE, ui_pages.DRILL):
        pages.say(*ui_pages.connection(serial.replace("/", "")))
    pages.say(
        address("ccu_pairing_state"), {"modules": [{"serialNumber": HOSTILE, "subType": HOSTILE}]}
    )
    order = {"orderId": HOSTILE, "orderType": HOSTILE, "type": HOSTILE, "state": HOSTILE}
    pages.say(address("ccu_order_active"), [{**order, "productionSteps": [{"id": HOSTILE}]}])
    client = await pages.user.open(f"/mock/{page.name}")
    for element in client.elements.values():
        assert "innerHTML" not in element.props, element
        assert type(element) not in (ui.html, ui.markdown)
        assert element.tag not in ("script", "iframe")
