"""A person's own token at the HTTP door: who it is, what it may, and when it is over."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.common.auth.access_tokens import LAST_USES
from services.common.store.bus import store
from services.common.store.entries import DATA
from services.common.store.keys import Command, Role, key
from tests.support.api import Door, problem
from tests.support.personal_tokens import TokenPerson
from tests.support.processes import Processes

ORDER = {"kind": "production-order", "parameters": {"colour": "WHITE"}}


@pytest.fixture
def door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url, environments="mock,replay").ready()
    yield door
    door.close()


@pytest.fixture
def anna(store_url: str, tmp_path: Path) -> TokenPerson:
    return TokenPerson(store_url, "mock", tmp_path / "users.jsonl", Role.OPERATOR)


def client(door: Door, token: str) -> httpx.Client:
    door.tokens["anna"] = token
    return door.client("anna")


def test_a_person_gives_commands_under_their_name_with_the_rights_they_have_now(
    door: Door, anna: TokenPerson, store_url: str
) -> None:
    asks = client(door, asyncio.run(anna.token()))
    assert asks.get("/state").status_code == 200
    assert asks.post("/commands", json=ORDER).status_code == 202
    (entry,) = store(store_url).xrange(key("mock", "commands"))
    told = Command.model_validate_json(entry[1][DATA])
    assert (told.operator, told.role, told.known_by) == ("anna", Role.OPERATOR, "token")
    assert told.source == "api 127.0.0.1 (my script)"
    anna.accounts.change("anna", role=Role.VIEWER)
    anna.accounts.give("anna", Role.SUPERVISOR, ["replay"])
    asyncio.run(anna.reviewed())
    problem(asks.post("/commands", json=ORDER), 403, "role")
    replay = {"params": {"environment": "replay"}}
    assert asks.post("/commands", json=ORDER, **replay).status_code == 202  # type: ignore[arg-type]
    problem(asks.post("/runs", json={"name": "r"}), 403, "role")
    assert store(store_url).hlen(key("mock", LAST_USES)) == 1
    figures = httpx.get(f"{door.service.health_url}/metrics").text
    assert "anna" not in figures


def test_a_token_for_looking_gives_no_command(door: Door, anna: TokenPerson) -> None:
    asks = client(door, asyncio.run(anna.token(Role.VIEWER)))
    assert asks.get("/state").status_code == 200
    problem(asks.post("/commands", json=ORDER), 403, "role")


def test_an_ended_token_opens_nothing_and_its_stream_ends(door: Door, anna: TokenPerson) -> None:
    asks = client(door, asyncio.run(anna.token()))
    with asks.stream("GET", "/commands/stream") as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        next(lines)
        asyncio.run(anna.end())
        # Of ten idle seconds each, as the door counts them.
        assert sum("idle" in line for line in lines) <= 1
    problem(asks.get("/state"), 401, "unknown-client")
    for wrong in ("omf_", "omf_x", f"omf_{'x' * 600}"):
        problem(client(door, wrong).get("/state"), 401, "unknown-client")


def test_a_token_rests_while_no_page_process_vouches_for_its_person(
    door: Door, anna: TokenPerson, store_url: str
) -> None:
    asks = client(door, asyncio.run(anna.token()))
    store(store_url).delete(key("mock", "access-tokens:standing"))
    said = problem(asks.get("/state"), 401, "unknown-client")
    assert "the pages must run" in said["detail"]
    asyncio.run(anna.reviewed(ago=600))
    problem(asks.get("/state"), 401, "unknown-client")
    asyncio.run(anna.reviewed())
    assert asks.get("/state").status_code == 200


def test_without_a_tokens_file_people_are_known_all_the_same(
    processes: Processes, store_url: str, anna: TokenPerson
) -> None:
    door = Door(processes, store_url, api_tokens_file="").ready()
    token = asyncio.run(anna.token())
    assert client(door, token).post("/commands", json=ORDER).status_code == 202
    problem(door.client("").post("/commands", json=ORDER), 403, "role")
    door.close()
