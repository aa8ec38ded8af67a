"""The audit as a page over a real store: filters, older ones, the chain, and both files."""

import hashlib
import json
from pathlib import Path

import pytest
from nicegui import ui

from services.common.store import audit, entries, journal
from services.common.store.bus import Bus
from services.common.store.keys import AuditRecord, Command, Reason, Role, Stage
from services.ui import formats
from services.ui.features.audit import downloads
from services.ui.features.audit import search as audit_search
from services.ui.types import Row
from services.ui.widgets.table import Table
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages, entry

pytestmark = pytest.mark.servers


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


def _record(number: int, stage: Stage = Stage.ACCEPTED, **asked: object) -> AuditRecord:
    command = {
        "command_id": f"command-{number}",
        "kind": "park",
        "environment": "mock",
        "operator": "anna",
        "role": Role.SUPERVISOR,
        "created_at": NOW - 1000 + number,
        "source": "ui 10.0.0.7",
        **asked,
    }
    reason = Reason(id="because", en="the rack is full", de="das Lager ist voll")
    return AuditRecord(
        command=Command.model_validate(command),
        decision=stage,
        at=NOW - 1000 + number,
        reasons=(reason,) if stage is Stage.REFUSED else (),
    )


async def _write(bus: Bus, records: list[AuditRecord], *, forged: int = -1) -> None:
    """What orders writes, one of them altered afterwards."""
    before = audit.CHAIN_BEGINNING
    for number, record in enumerate(records):
        body = record.model_dump_json().encode()
        seal = audit.seal(before, body)
        stored = body.replace(b"anna", b"eve!") if number == forged else body
        fields = {entries.DATA: stored, b"before": before, b"seal": seal}
        await bus.client.xadd(bus.key("audit"), fields, journal.id_at(record.at))
        before = seal
    await bus.client.set(bus.key("audit:head"), before)


async def _seeded(pages: Pages) -> Bus:
    bus = pages.inboxes["mock"]
    first = _record(1, note="end of the fair")
    second = _record(2, Stage.REFUSED, kind="camera", operator="otto", source="api 10.0.0.8")
    await _write(bus, [first, second, _record(3, kind="control-take")])
    return bus


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """The rows that were sent last."""
    rows: list[Row] = []

    def show(_: Table, found: list[Row]) -> None:
        rows[:] = found

    monkeypatch.setattr(Table, "show", show)
    return rows


async def _open(pages: Pages, query: str, count: int) -> None:
    await pages.user.open(f"/mock/audit?{query}")
    await pages.user.should_see(f"{count} match")


async def test_each_decision_is_listed_with_who_why_and_from_where(
    pages: Pages, shown: list[Row]
) -> None:
    await _seeded(pages)
    await _open(pages, "", 3)
    await pages.user.should_see("3 match · 3 looked at of 3 kept")
    rows = {str(row["operator"]): row for row in shown}
    assert rows["otto"]["why"] == "the rack is full"
    assert rows["otto"]["source"] == "api 10.0.0.8"
    assert {row["why"] for row in shown} >= {"end of the fair"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("operator=OTT", 1),
        ("kind=camera", 1),
        ("kind=lease", 1),
        ("stage=refused", 1),
        ("text=fair", 1),
        ("text=rack+is+full", 1),
        ("text=command-1", 1),
        (f"since={int(NOW - 998)}", 2),
        (f"until={int(NOW - 998)}", 2),
        (f"since={int(NOW - 998)}&until={int(NOW - 998)}", 1),
        ("operator=nobody", 0),
    ],
)
async def test_a_filter_is_part_of_the_address(pages: Pages, query: str, count: int) -> None:
    await _seeded(pages)
    await _open(pages, query, count)
    if not count:
        await pages.user.should_see("No entry matches")


async def test_a_time_that_is_none_is_named(pages: Pages) -> None:
    await pages.user.open("/mock/audit?since=soonish")
    await pages.user.should_see("soonish")


async def test_nothing_decided_yet_is_said(pages: Pages) -> None:
    await pages.user.open("/mock/audit")
    await pages.user.should_see("Nothing was decided here yet")


async def test_older_entries_are_searched_on_demand(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "MAX_LOOKED_AT", 1)
    monkeypatch.setattr(audit_search, "READ_COUNT", 2)
    await _write(pages.inboxes["mock"], [_record(n) for n in range(3)])
    await _open(pages, "", 2)
    pages.user.find(marker="audit-older").click()
    await pages.user.should_see("3 match · 3 looked at of 3 kept")


async def test_what_comes_while_the_page_is_open_is_added(pages: Pages) -> None:
    bus = await _seeded(pages)
    await _open(pages, "operator=anna", 2)
    search = audit_search.AuditSearch(bus, audit_search.AuditFilter(operator="anna"), (None, None))
    await search.go_on()
    late = _record(9, Stage.EFFECT)
    body = late.model_dump_json().encode()
    fields = {entries.DATA: body, b"before": "x", b"seal": audit.seal("x", body)}
    await bus.client.xadd(bus.key("audit"), fields, journal.id_at(late.at))
    await search.newer()
    await search.newer()
    assert [one.record.decision for one in search.found][:2] == [Stage.EFFECT, Stage.ACCEPTED]
    assert (len(search.found), search.looked_at) == (3, 4)


async def test_an_altered_entry_is_marked_and_the_chain_says_where_it_breaks(
    pages: Pages, shown: list[Row]
) -> None:
    await _write(pages.inboxes["mock"], [_record(1), _record(2)], forged=0)
    await _open(pages, "", 2)
    assert [row["bad"] for row in shown] == [False, True]
    pages.user.find(marker="verify").click()
    await pages.user.should_see("was altered; 0 hold before it")


async def test_an_entry_that_is_no_record_is_counted_not_hidden(pages: Pages) -> None:
    bus = await _seeded(pages)
    await bus.client.xadd(bus.key("audit"), {"x": "y"})
    await _open(pages, "", 3)
    await pages.user.should_see("1 entry is no audit record")


async def test_the_table_is_taken_away_with_the_filters_of_the_page(pages: Pages) -> None:
    await _seeded(pages)
    answer = await pages.user.http_client.get("/mock/audit.csv?operator=otto")
    head, line = answer.text.splitlines()
    assert head.startswith("\ufeffat,part,decision,kind,")
    assert ",decision,refused,camera,{},otto,supervisor,api 10.0.0.8,,the rack is full," in line
    assert line.endswith(",yes")
    assert 'filename="mock-audit.csv"' in answer.headers["content-disposition"]
    await _open(pages, "operator=otto", 1)
    [file] = pages.user.find(marker="audit-csv").elements
    assert file.props["href"] == "/mock/audit.csv?operator=otto"


async def test_the_seals_can_be_checked_from_the_file_alone(pages: Pages) -> None:
    await _seeded(pages)
    lines = (await pages.user.http_client.get("/mock/audit.jsonl")).text.splitlines()
    told = [json.loads(line) for line in lines]
    assert len(told) == 3
    for one in told:
        body = f"{one['before']}\n{one['data']}".encode()
        assert hashlib.sha256(body).hexdigest() == one["seal"]
    assert [one["before"] for one in told] == [told[1]["seal"], told[2]["seal"], ""]


async def test_a_file_that_is_not_whole_says_so(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MAX_EXPORTED", 1)
    monkeypatch.setattr(audit_search, "READ_COUNT", 2)
    await _seeded(pages)
    for form in ("csv", "jsonl"):
        told = (await pages.user.http_client.get(f"/mock/audit.{form}")).text.splitlines()
        assert "only the newest 1 were looked at" in told[-1]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/live/audit.csv", 403),
        ("/nowhere/audit.csv", 404),
        ("/mock/audit.pdf", 404),
        ("/mock/audit.csv?since=soonish", 422),
    ],
)
async def test_a_file_is_refused_with_its_reason(pages: Pages, address: str, status: int) -> None:
    answer = await pages.user.http_client.get(address)
    assert answer.status_code == status


async def test_who_only_looks_on_is_led_to_the_sign_in(pages: Pages) -> None:
    answer = await pages.user.http_client.get("/live/audit", follow_redirects=False)
    assert answer.headers["location"].startswith("/login")


async def test_an_operator_is_led_back_to_the_overview(store_url: str, tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json", store_url=store_url) as opened:
        await opened.sign_in(Role.OPERATOR)
        client = opened.user.http_client
        answer = await client.get("/live/audit", follow_redirects=False)
        assert answer.headers["location"] == "/live/overview"
        assert (await client.get("/live/audit.csv")).status_code == 403


async def test_every_kind_can_be_asked_for(pages: Pages) -> None:
    await pages.user.open("/mock/audit?kind=control-take")
    [field] = pages.user.find(marker="filter-kind").elements
    assert isinstance(field, ui.select)
    assert {"lease", "production-order", "control-take"} <= set(field.options)


async def test_the_filters_can_be_cleared_once_there_is_one(pages: Pages) -> None:
    await _seeded(pages)
    for address, there in (("audit", False), ("audit?stage=refused", True)):
        await pages.user.open(f"/mock/{address}")
        [clear] = pages.user.find(marker="clear-filters").elements
        assert ("hidden" not in clear.classes) == there
    entry(pages, "Search").set_value("nothing of the kind")
    await pages.user.should_see("No entry matches")
    assert "hidden" not in clear.classes


async def test_an_entry_about_access_is_told_in_words_and_leads_to_no_command(
    pages: Pages, shown: list[Row]
) -> None:
    about = {"kind": "access-account-changed", "source": "users file"}
    more = {"of": "dora", "roles": "viewer, operator@mock"}
    known = _record(1, Stage.EFFECT, **about, parameters=more)
    by_hand = _record(2, Stage.EFFECT, **about, parameters=more, operator="?")
    await _write(pages.inboxes["mock"], [known, by_hand])
    await _open(pages, "kind=access-account-changed", 2)
    by = {row["operator"]: row for row in shown}
    assert by["anna"]["kind"] == "Account changed"
    assert by["anna"]["parameters"] == "dora · view only, Operator @ mock"
    assert (by["anna"]["role"], by["?"]["role"]) == ("Supervisor", formats.NONE)
    assert by["anna"]["stage"] == "done"
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": by["anna"]["id"]})
    await pages.user.should_see("Account changed · dora · view only, Operator @ mock")
