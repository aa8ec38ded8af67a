"""Who may come in by HTTP, what they may take, and what never leaves."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from services.common.store.bus import store
from services.common.store.keys import Role, key
from tests.support.api import Door, listening, problem
from tests.support.processes import Processes, wait_for

PARK = {"kind": "park"}
WHITE = {"kind": "production-order", "parameters": {"colour": "WHITE"}}
NO_COMMANDS = [
    b"",
    b"{",
    b"[]",
    b'"park"',
    b"\xff\xfe",
    b"[" * 30_000,
    b'{"kind":"park","parameters":' + b'{"a":' * 500 + b"1" + b"}" * 501,
    b'{"kind":"free-message","parameters":{"payload":NaN}}',
    b'{"kind":"free-message","parameters":{"payload":1e999}}',
    b'{"kind":"park","parameters":{"a":"\\ud800"}}',
    b'{"kind":"park","parameters":{"\\ud800":1}}',
    b'{"kind":"park","note":"\\ud800"}',
    b'{"kind":"park","parameters":{"a":' + b"9" * 5000 + b"}}",
    b'{"kind":"park","command_id":"stream"}',
    b'{"kind":"park","command_id":"a b"}',
    b'{"kind":"park","command_id":"' + b"a" * 65 + b'"}',
    b'{"kind":"park","note":"' + b"a" * 501 + b'"}',
]
READING = ("/commands", "/commands/x", "/messages", "/history", "/state", "/kinds")


@pytest.fixture
def door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url).ready()
    yield door
    door.close()


@pytest.fixture
def open_door(processes: Processes, store_url: str) -> Iterator[Door]:
    door = Door(processes, store_url, api_tokens_file="").ready()
    yield door
    door.close()


def submitted(store_url: str, environment: str = "mock") -> int:
    return int(store(store_url).xlen(key(environment, "commands")))


def test_without_a_known_token_nothing_is_told_and_nothing_taken(
    door: Door, store_url: str
) -> None:
    strangers = [
        door.client(""),
        *(
            httpx.Client(base_url=f"{door.address}/api/v1", headers={"authorization": value})
            for value in ("Bearer wrong", "Bearer", "Basic YTpi", f"Bearer {'x' * 9000}")
        ),
    ]
    for stranger in strangers:
        for path in READING:
            answer = stranger.get(path)
            problem(answer, 401, "unknown-client")
            assert answer.headers["www-authenticate"] == "Bearer"
        problem(stranger.post("/commands", json=PARK), 401, "unknown-client")
        stranger.close()
    assert submitted(store_url) == 0


def test_who_may_only_look_is_turned_away_and_orders_learns_of_it(
    door: Door, store_url: str
) -> None:
    viewer = door.client("viewer")
    assert [viewer.get(path).status_code for path in READING] == [200, 404, 200, 200, 200, 200]
    body = problem(viewer.post("/commands", json=PARK), 403, "role")
    assert body["errors"][0]["field"] == "role"
    assert submitted(store_url) == 1


def test_a_role_or_name_in_the_body_is_refused(door: Door, store_url: str) -> None:
    forged = PARK | {"role": "admin", "operator": "root"}
    body = problem(door.client("operator").post("/commands", json=forged), 422, "invalid")
    assert {flaw["field"] for flaw in body["errors"]} == {"role", "operator"}
    assert submitted(store_url) == 0


def test_a_client_is_held_to_its_environments(processes: Processes, store_url: str) -> None:
    door = Door(processes, store_url, environments="mock,replay")
    door.grant("replayer", Role.ADMIN, environments=["replay"])
    door.ready()
    client = door.client("replayer")
    problem(client.get("/state"), 403, "environment")
    problem(client.post("/commands?environment=mock", json=PARK), 403, "environment")
    assert client.post("/commands?environment=replay", json=PARK).status_code == 202
    assert (submitted(store_url), submitted(store_url, "replay")) == (0, 1)
    door.close()


def test_a_token_is_revoked_and_another_granted_without_a_restart(door: Door) -> None:
    gone = door.client("operator")
    assert gone.get("/kinds").status_code == 200
    door.revoke("operator")
    problem(gone.get("/kinds"), 401, "unknown-client")
    door.grant("new", Role.VIEWER)
    assert door.client("new").get("/kinds").status_code == 200


@pytest.mark.parametrize("path", ["/messages/stream", "/commands/stream"])
def test_a_stream_of_a_revoked_token_ends_within_seconds(door: Door, path: str) -> None:
    with door.client("operator").stream("GET", path) as heard, listening(door.client(), path):
        lines = heard.iter_lines()
        assert next(lines)
        door.revoke("operator")
        # Counted in what the door itself says of idle seconds, however fast its machine is.
        assert sum("idle" in line for line in lines) <= 1


def test_a_damaged_tokens_file_changes_nothing_and_is_told(door: Door) -> None:
    text = door.tokens_file.read_text("utf-8")
    door.tokens_file.write_text(text + '{"name": "half', encoding="utf-8")
    assert door.client("viewer").get("/kinds").status_code == 200
    wait_for(lambda: not door.service.ready())
    assert "line 6: not JSON" in door.service.tail()
    door.tokens_file.write_text(text, encoding="utf-8")
    assert door.client("viewer").get("/kinds").status_code == 200
    assert door.service.ready()


def test_no_token_ever_reaches_the_log(door: Door) -> None:
    door.client("admin").post("/commands", json=PARK)
    door.client("viewer").post("/commands", json=PARK)
    log = door.service.log.read_text("utf-8")
    assert not [name for name, token in door.tokens.items() if token in log]


def test_without_a_tokens_file_this_machine_may_only_look(open_door: Door, store_url: str) -> None:
    client = open_door.client("")
    assert client.get("/state").status_code == 200
    problem(client.post("/commands", json=PARK), 403, "role")
    assert submitted(store_url) == 0


def test_without_a_tokens_file_a_rebound_name_is_refused(open_door: Door) -> None:
    for host in ("evil.example", "evil.example:8081", "localhost.evil.example", "[", ""):
        problem(open_door.client("", host=host).get("/state"), 403, "host")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"api_tokens_file": "", "api_host": "0.0.0.0"}, "OMF_API_TOKENS_FILE"),  # noqa: S104
        ({"api_tokens_file": "/no/such/file"}, "No such file"),
        ({"environments": ""}, "OMF_ENVIRONMENTS"),
        ({"environments": "moon"}, "OMF_ENVIRONMENTS"),
    ],
)
def test_an_unsafe_or_wrong_setting_ends_the_start_with_its_name(
    processes: Processes, store_url: str, settings: dict[str, str], said: str
) -> None:
    door = Door(processes, store_url)
    door.service.kill()
    given = {"api_tokens_file": str(door.tokens_file), **settings}
    told = {name: value for name, value in given.items() if value or name == "environments"}
    service = processes.service("api", store_url=store_url, **told)
    assert service.wait(20) == 2
    assert said in service.tail()


def test_a_body_that_is_no_command_is_refused_and_reaches_nobody(
    door: Door, store_url: str
) -> None:
    client = door.client("admin", content_type="application/json")
    for body in NO_COMMANDS:
        answer = client.post("/commands", content=body)
        assert answer.status_code in {400, 422}, (body[:60], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert submitted(store_url) == 0


def test_a_body_over_64_kib_is_refused_however_it_is_sent(door: Door, store_url: str) -> None:
    body = json.dumps(PARK | {"note": "x" * 65_536}).encode()
    client = door.client("admin", content_type="application/json")
    problem(client.post("/commands", content=body), 413, "too-large")
    chunks = (body[at : at + 1000] for at in range(0, len(body), 1000))
    problem(client.post("/commands", content=chunks), 413, "too-large")
    assert submitted(store_url) == 0


def test_a_command_cut_off_on_its_way_is_none(door: Door, store_url: str) -> None:
    url = httpx.URL(door.address)
    head = (
        "POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {door.tokens['admin']}\r\n"
    )
    body = json.dumps(WHITE)
    chunk = f"{len(body):x}\r\n{body}\r\n"
    for cut in (
        f"{head}Content-Length: {len(body) + 1}\r\n\r\n{body}",
        f"{head}Transfer-Encoding: chunked\r\n\r\n{chunk}",
    ):
        with socket.create_connection((url.host, url.port or 0), 5) as link:
            link.sendall(cut.encode())
            link.shutdown(socket.SHUT_WR)
            assert b" 202 " not in link.recv(4096)
    assert submitted(store_url) == 0
    whole = f"{head}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
    with socket.create_connection((url.host, url.port or 0), 5) as link:
        link.sendall(whole.encode())
        assert b" 202 " in link.recv(4096)
    assert submitted(store_url) == 1


def test_a_client_gives_ten_commands_a_second_and_is_told_when_to_go_on(door: Door) -> None:
    client = door.client("operator")
    # At once: each looks for a while whether orders is too busy, and orders does not run here.
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: client.post("/commands", json=WHITE), range(40)))
    taken = [answer for answer in answers if answer.status_code == 202]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert len(taken) + len(slowed) == len(answers)
    assert slowed, "forty at once are more than ten a second"
    problem(slowed[0], 429, "too-many-commands")
    assert slowed[0].headers["retry-after"] == "1"
    assert door.client("supervisor").post("/commands", json=WHITE).status_code == 202


def test_a_client_has_so_many_streams_and_gets_a_closed_ones_place(door: Door) -> None:
    client = door.client("viewer")
    with ExitStack() as held:
        for _ in range(12):
            held.enter_context(listening(client, "/messages/stream"))
        problem(client.get("/commands/stream"), 429, "too-many-streams")
        with listening(door.client("admin"), "/commands/stream"):
            pass
    wait_for(lambda: _opens(client), 10)


def _opens(client: httpx.Client) -> bool:
    with client.stream("GET", "/messages/stream") as answer:
        return answer.status_code == 200


def test_every_answer_forbids_what_is_not_needed_and_names_no_server(door: Door) -> None:
    for path in ("/kinds", "/nothing", "/commands/x", "/openapi.json"):
        head = door.client("viewer").get(path).headers
        assert head["x-content-type-options"] == "nosniff"
        assert head["cache-control"] == "no-store"
        assert head["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in head
        assert "access-control-allow-origin" not in head


def test_an_address_or_method_that_is_none_is_told_as_a_problem(door: Door) -> None:
    client = door.client("viewer")
    problem(client.get("/nothing"), 404, "not-here")
    answer = client.delete("/commands")
    problem(answer, 405, "method")
    assert {name.strip() for name in answer.headers["allow"].split(",")} == {"GET", "POST"}
