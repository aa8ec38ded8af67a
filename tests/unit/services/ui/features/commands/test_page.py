"""The commands page over a real store: filters, the whole life, the audit and its seal."""

import pytest
from nicegui import ui

from services.common.store import audit, entries, journal
from services.common.store.bus import Bus
from services.common.store.keys import (
    AuditRecord,
    Command,
    CommandEvent,
    CommandRecord,
    Role,
    Stage,
)
from services.ui.features.commands import older_commands
from tests.support.ui_pages import NOW, Pages


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


def _command(number: int, **more: object) -> Command:
    return Command.model_validate(
        {
            "command_id": f"command-{number}",
            "kind": "park",
            "environment": "mock",
            "operator": "anna",
            "role": Role.SUPERVISOR,
            "created_at": NOW - 100 + number,
            "source": "ui 10.0.0.7",
            **more,
        }
    )


def _event(command: Command, stage: Stage, after_s: float, **more: object) -> CommandEvent:
    return CommandEvent.model_validate(
        {
            "command_id": command.command_id,
            "kind": command.kind,
            "stage": stage,
            "at": command.created_at + after_s,
            **more,
        }
    )


def _load(pages: Pages) -> None:
    first = _command(1, note="end of the fair")
    sent = _event(
        first, Stage.PUBLISHED, 0.25, topic="ccu/set/park", payload='{"timestamp":"then"}'
    )
    proven = _event(first, Stage.EFFECT, 1.5, evidence=("1790000000000-3",), order_id="order-9")
    second = _command(2, kind="camera", operator="otto", parameters={"move": "left"})
    refused = _event(second, Stage.REFUSED, 0.1)
    records = [
        CommandRecord(command=first, events=(sent, proven)),
        CommandRecord(command=second, events=(refused,)),
    ]
    pages.models["mock"].commands.load(records)


async def _seal(bus: Bus, *records: AuditRecord, forged: bool = False) -> None:
    """What orders writes."""
    before = audit.CHAIN_BEGINNING
    for number, record in enumerate(records):
        body = record.model_dump_json().encode()
        seal = audit.seal(before, body)
        written = body.replace(b"anna", b"eve!") if forged else body
        fields = {entries.DATA: written, b"before": before, b"seal": seal}
        at = journal.id_at(record.at + number / 1000)
        await bus.client.xadd(bus.key("audit"), fields, at)
        before = seal
    await bus.client.set(bus.key("audit:head"), before)


def _record(command: Command) -> AuditRecord:
    return AuditRecord(command=command, decision=Stage.ACCEPTED, at=command.created_at)


def _shown(pages: Pages) -> list[object]:
    grid = next(iter(pages.user.find(ui.aggrid).elements))
    return [row["id"] for row in grid.options["rowData"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["command-2", "command-1"]),
        ("kind=park", ["command-1"]),
        ("operator=otto", ["command-2"]),
        ("stage=refused", ["command-2"]),
        ("text=fair", ["command-1"]),
        ("text=order-9", ["command-1"]),
        ("text=left", ["command-2"]),
        ("since=1790000000", []),
        ("kind=park&stage=refused", []),
    ],
)
@pytest.mark.servers
async def test_a_filter_is_part_of_the_address(pages: Pages, query: str, shown: list[str]) -> None:
    _load(pages)
    await pages.user.open(f"/mock/commands?{query}")
    assert _shown(pages) == shown
    if not shown:
        await pages.user.should_see("No command matches")


@pytest.mark.servers
async def test_the_whole_life_is_there_with_times_bytes_evidence_and_reason(pages: Pages) -> None:
    _load(pages)
    await pages.user.open("/mock/commands?command=command-1")
    [lines] = pages.user.find(marker="command-logs").elements
    assert lines.props["href"] == "/mock/system/logs?about=command-1"
    for words in (
        "+0.250 s",
        "+1.500 s",
        "ccu/set/park",
        '"timestamp": "then"',
        "Reason: end of the fair",
        "ui 10.0.0.7",
        "1790000000000-3",
        "The audit says nothing about it (yet).",
        "Why?",
        "asked for it",
    ):
        await pages.user.should_see(words)


async def _hand_in(bus: Bus, number: int) -> str:
    """A command of long ago: only the store knows it."""
    command = _command(number)
    await bus.client.xadd(bus.key("commands"), {entries.DATA: command.model_dump_json()})
    life = [command.model_dump_json(), _event(command, Stage.EFFECT, 1).model_dump_json()]
    await bus.client.rpush(bus.key(f"command:{command.command_id}"), *life)
    return command.command_id


@pytest.mark.servers
async def test_older_commands_are_counted_read_on_demand_and_opened_by_a_link(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older_commands, "MORE_COMMANDS", 2)
    old, *newer = [await _hand_in(pages.inboxes["mock"], number) for number in range(4)]
    records = [await pages.inboxes["mock"].record(one) for one in newer[1:]]
    pages.models["mock"].commands.load([record for record in records if record])
    await pages.user.open(f"/mock/commands?command={old}")
    await pages.user.should_see("ui 10.0.0.7")
    await pages.user.should_see("3 of 3 listed match · 4 are kept")
    pages.user.find(marker="older").click()
    await pages.user.should_see("4 of 4 listed match · 4 are kept")
    await pages.user.open("/mock/commands?command=never")
    await pages.user.should_see("Command never is no longer kept.")


@pytest.mark.servers
async def test_the_audit_of_a_command_is_read_and_its_chain_verified(pages: Pages) -> None:
    _load(pages)
    bus = pages.inboxes["mock"]
    await _seal(bus, _record(_command(1)), _record(_command(2)))
    await pages.user.open("/mock/commands?command=command-1")
    await pages.user.should_see("Decision")
    pages.user.find(marker="verify").click()
    await pages.user.should_see("2 entries, the chain holds")


@pytest.mark.servers
async def test_a_forged_entry_is_named(pages: Pages) -> None:
    _load(pages)
    await _seal(pages.inboxes["mock"], _record(_command(1)), forged=True)
    await pages.user.open("/mock/commands?command=command-1")
    await pages.user.should_see("does not fit the entry")
    pages.user.find(marker="verify").click()
    await pages.user.should_see("was altered; 0 hold before it")


@pytest.mark.servers
async def test_the_commands_are_taken_away_as_a_table(pages: Pages) -> None:
    bus = pages.inboxes["mock"]
    park = _command(1, note="=1+1")
    for command in (park, _command(2, kind="camera", operator="otto", parameters={"move": "left"})):
        await bus.add("commands", command)
        await bus.client.rpush(
            bus.key(f"command:{command.command_id}"),
            command.model_dump_json(),
        )
    answer = await pages.user.http_client.get("/mock/commands.csv?operator=anna")
    head, line = answer.text.splitlines()
    assert head.startswith("\ufeffasked_at,id,kind,")
    assert ",command-1,park,{},anna,supervisor,ui 10.0.0.7,'=1+1," in line
    assert 'filename="mock-commands.csv"' in answer.headers["content-disposition"]
    every = (await pages.user.http_client.get("/mock/commands.csv")).text.splitlines()
    assert ["command-2" in every[1], "command-1" in every[2]] == [True, True]
    assert (await pages.user.http_client.get("/nowhere/commands.csv")).status_code == 404
    await pages.user.open("/mock/commands?operator=anna")
    [file] = pages.user.find(marker="commands-csv").elements
    assert file.props["href"] == "/mock/commands.csv?operator=anna"
