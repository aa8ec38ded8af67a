"""Each making, ending and refusal of a token stands in the sealed audit, once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from omf.constants import DAY_S
from services.api.client_watch import ClientWatch
from services.api.token_refusals import TokenRefusals
from services.common.auth.access_tokens import AccessToken
from services.common.auth.api_tokens import Tokens, digest, minted
from services.common.auth.token_notes import begin_token, end_token
from services.common.process import clock
from services.common.store.access_notes import ACCESS_NOTES
from services.common.store.audit import verify
from services.common.store.bus import Bus, store
from services.common.store.keys import AuditRecord, Role, Stage
from services.orders.access_notes import AccessSealer
from services.orders.repository import CommandRepository
from tests.support.api import Door
from tests.support.circle import World
from tests.support.personal_tokens import TokenPerson
from tests.support.processes import Processes, wait_for
from tests.support.sealed_access import sealed_records
from tests.support.servers import Addresses


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


def _token(number: int = 0) -> AccessToken:
    return AccessToken(
        id=digest(f"omf_{number}"),
        name="anna",
        label="my script",
        most=Role.OPERATOR,
        made=clock.now(),
        until=clock.now() + DAY_S,
    )


def _said(record: AuditRecord) -> tuple[str, Stage, str]:
    return record.command.kind, record.decision, record.reasons[0].id


async def test_a_token_that_begins_and_ends_is_sealed_each_time_once(bus: Bus) -> None:
    token = _token()
    for _ in range(2):
        await begin_token(bus, token, "ui 10.0.0.7")
    assert await end_token(bus, token, "by_person", "berta", "ui 10.0.0.8")
    assert not await end_token(bus, token, "time_over")
    made, ended = await sealed_records(bus)
    assert _said(made) == ("access-token-made", Stage.EFFECT, "token-made")
    assert made.command.operator == "anna"
    assert made.command.role is Role.OPERATOR
    assert made.command.source == "ui 10.0.0.7"
    assert "at most Operator" in made.reasons[0].en
    assert made.command.parameters == {"token": token.id[:8], "of": "anna", "label": "my script"}
    assert _said(ended) == ("access-token-ended", Stage.EFFECT, "token-by-person")
    assert (ended.command.operator, ended.command.source) == ("berta", "ui 10.0.0.8")


async def test_two_that_seal_at_once_seal_each_note_once(bus: Bus) -> None:
    for number in range(20):
        await begin_token(bus, _token(number), "ui")
    async with asyncio.TaskGroup() as both:
        for _ in range(2):
            both.create_task(AccessSealer(bus, CommandRepository(bus)).tick())
    found = await sealed_records(bus)
    assert len({record.command.command_id for record in found}) == len(found) == 20


async def test_a_note_that_cannot_be_read_is_sealed_as_such(bus: Bus) -> None:
    await bus.call(bus.client.xadd(bus.key(ACCESS_NOTES), {"__data__": "{"}))
    (record,) = await sealed_records(bus)
    assert _said(record) == ("access-token-refused", Stage.REFUSED, "token-unreadable")


async def test_a_flood_of_refused_tokens_is_a_few_notes_that_count_it(bus: Bus) -> None:
    now = [0.0]
    refusals = TokenRefusals(bus, lambda: now[0])
    await begin_token(bus, _token(), "ui")
    await end_token(bus, _token(), "everywhere")
    for number in range(50):
        now[0] += 1.0
        await refusals.unknown(f"guess-{number}", "10.0.0.9")
        await refusals.rests("omf_berta", "berta", "10.0.0.9")
    for _ in range(3):
        now[0] += 30.0
        await refusals.unknown("omf_0", "10.0.0.9")
        await refusals.unknown("x" * 600, "10.0.0.9")
    now[0] += 60.0
    await refusals.unknown("guess", "10.0.0.9")
    refused = [record for record in await sealed_records(bus) if record.decision is Stage.REFUSED]
    names = [(record.reasons[0].id, record.command.operator) for record in refused]
    assert names.count(("token-rests", "berta")) == 1
    assert names.count(("token-over", "anna")) == 2
    assert names.count(("token-unknown", "?")) == 2
    assert "53 times" in refused[-1].reasons[0].en
    assert all(record.command.source == "api 10.0.0.9" for record in refused)


async def test_systems_of_the_tokens_file_are_noted_however_it_is_edited(
    bus: Bus, tmp_path: Path
) -> None:
    file = tmp_path / "api-tokens.jsonl"
    clients = [minted(name, Role.OPERATOR)[1] for name in ("mes", "line-2")]
    lines = [one.model_dump_json(exclude_none=True) for one in clients]

    async def look(*told: str) -> None:
        file.write_text("\n".join(told))
        for _ in range(2):
            await ClientWatch(bus, Tokens(file)).look()

    await look(*lines)
    await look(lines[0])
    await look(minted("mes", Role.ADMIN)[1].model_dump_json(exclude_none=True))
    told = [(record.command.operator, _said(record)[2]) for record in await sealed_records(bus)]
    assert told == [
        ("mes", "token-made"),
        ("line-2", "token-made"),
        ("line-2", "token-not-in-file"),
        ("mes", "token-not-in-file"),
        ("mes", "token-made"),
    ]


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.mark.mosquitto
async def test_orders_seals_what_the_door_refuses(
    world: World, processes: Processes, store_url: str, tmp_path: Path, bus: Bus
) -> None:
    anna = TokenPerson(store_url, "mock", tmp_path / "users.jsonl", Role.OPERATOR)
    token = await anna.token()
    await anna.end()
    door = Door(processes, store_url)
    world.start("orders").wait_ready()
    door.ready()
    bearer = {"authorization": f"Bearer {token}"}
    answer = await asyncio.to_thread(httpx.get, f"{door.address}/api/v1/state", headers=bearer)
    assert answer.status_code == 401

    def sealed() -> object:
        return store(store_url).xlen(bus.key("audit"))

    await asyncio.to_thread(wait_for, lambda: sealed() == 2 + len(Role) + 1, 20)
    found = [record for _, record in await bus.models("audit", AuditRecord)]
    assert {record.reasons[0].id for record in found} == {
        "token-made",
        "token-everywhere",
        "token-over",
    }
    assert (await verify(bus))[1] is None
    door.close()
