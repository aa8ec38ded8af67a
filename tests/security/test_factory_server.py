"""The profile `mock` of docker-compose.yml as it stands, run natively under its own accounts."""

import asyncio
import json
import ssl
import time
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from deploy.accounts.__main__ import draw, main
from services.common.store.bus import Bus
from services.common.store.keys import CommandEvent, CommandRecord, Role
from services.supervisor.ports import free_port
from tests.support import confined
from tests.support.command_examples import command_of
from tests.support.factory_server import SERVICES, FactoryServer, written
from tests.support.processes import ROOT, Processes, wait_for
from tests.support.sockets import family_of, listening

RECEIVERS = {"notifications": str(ROOT / "deploy/notifications/receivers.yaml")}
"""Of the container mounted under /etc/omf."""
pytestmark = [pytest.mark.mosquitto, pytest.mark.timeout(180)]


@pytest.fixture
def server(tmp_path: Path, processes: Processes) -> FactoryServer:
    return FactoryServer(tmp_path, processes)


async def _order(bus: Bus, command_id: str) -> CommandRecord:
    command = command_of(
        "production-order",
        command_id=command_id,
        parameters={"type": "WHITE"},
        role=Role.OPERATOR,
        created_at=await bus.time(),
    )
    await bus.submit(command)
    async for _ in bus.follow_models("events", CommandEvent, "0-0"):
        if (record := await bus.record(command_id)) and record.final:
            return record
    raise AssertionError


async def _first_order(url: str) -> CommandRecord:
    """Refused as long as nothing is known of the factory: the mock has just begun."""
    async with Bus(url, "mock") as bus:
        for attempt in count():
            record = await _order(bus, f"order-{attempt}")
            if record.stage != "refused":
                return record
            await asyncio.sleep(0.5)
    raise AssertionError


def _published(name: str) -> bool:
    return bool(SERVICES[name].get("ports"))


@pytest.mark.parametrize("ended", ["asked", "killed"])
def test_what_scripts_wrote_is_there_after_a_restart_of_the_store(
    server: FactoryServer, ended: str
) -> None:
    """The store reads its file again as the account nobody has: of a script's writes none came."""
    store = server.start_store()
    with Redis.from_url(server.store_url("root"), decode_responses=True) as root:
        root.eval("redis.call('SET', 'a', '1'); redis.call('SET', 'b', '2')", 0)
        root.set("c", "3")
        time.sleep(1.2)  # appendfsync everysec
    store.stop() if ended == "asked" else store.kill()
    server.start_store()
    with Redis.from_url(server.store_url("root"), decode_responses=True) as root:
        assert root.mget("a", "b", "c") == ["1", "2", "3"]


def test_as_in_its_container_a_service_needs_no_right_and_opens_no_port_but_its_own(
    server: FactoryServer,
) -> None:
    if not confined.possible():
        pytest.xfail("only root may give a process a root of its own")
    server.start_store()
    server.start_broker()
    own = {"ui": "ui_port", "api": "api_port"}
    ports = {name: free_port() for name in own}
    names = (
        "mock",
        "ingest-mock",
        "orders-mock",
        "gateway-mock",
        "alarms-mock",
        "notifications-mock",
        "historian-mock",
        *own,
    )
    more = {name: {own[name]: str(ports[name]), "environments": "mock"} for name in own}
    more["notifications-mock"] = RECEIVERS
    started = {name: server.start_confined(name, **more.get(name, {})) for name in names}
    for service in started.values():
        service.wait_ready()
    record = asyncio.run(asyncio.wait_for(_first_order(server.store_url("ui")), 60))
    assert record.stage == "effect", record
    for name, service in started.items():
        told = confined.status(service.pid)
        assert set(told["Uid"].split()) == {confined.USER}
        assert {int(told[kind], 16) for kind in ("CapEff", "CapPrm", "CapBnd", "CapInh")} == {0}
        assert told["NoNewPrivs"] == "1"
        assert confined.writable(service.pid) == set(written(name))
        health = int(service.health_url.rpartition(":")[2])
        published = {("0.0.0.0", ports[name])} if _published(name) else set()  # noqa: S104 - asked
        assert listening(family_of(service.pid)) == {("127.0.0.1", health), *published}


def _refused(server: FactoryServer) -> list[Any]:
    with Redis.from_url(server.store_url("root"), decode_responses=True) as root:
        return [entry for entry in root.acl_log() if entry["object"] != "client|setinfo"]


def _look(server: FactoryServer, rows: tuple[str, ...], archive: dict[str, str]) -> None:
    looked = server.omf("doctor", environments="mock")
    assert looked.returncode == 0, looked.stdout + looked.stderr
    for row in rows:
        assert row == "mock" or f"ok     {row}" in looked.stdout, row
    # The archive is behind by as long as its process gathers before it writes.
    wait_for(lambda: _same_in_journal(server, archive), 90)


def _same_in_journal(server: FactoryServer, archive: dict[str, str]) -> bool:
    whole = server.omf("history", "verify", "--json", **archive)
    said = whole.stdout.splitlines()
    return whole.returncode == 0 and bool(json.loads(said[-1])["same_in_journal"])


def test_a_command_goes_its_whole_circle_and_nobody_meets_a_right_it_lacks(
    server: FactoryServer,
) -> None:
    server.start_store()
    broker = server.start_broker(more="log_type debug\n")
    names = ("mock", "ingest-mock", "orders-mock", "gateway-mock", "alarms-mock")
    started = {name: server.start(name) for name in names}
    port = str(free_port())
    users = str(server.folder / "users.jsonl")
    page = str(free_port())
    started["ui"] = server.start("ui", environments="mock", ui_port=page, ui_users_file=users)
    started["api"] = server.start("api", environments="mock", api_port=port)
    archive = {"data": str(server.folder / "archived")}
    started["notifications-mock"] = server.start("notifications-mock", **RECEIVERS)
    started["historian-mock"] = server.start("historian-mock", history_flush_s="1", **archive)
    for service in started.values():
        service.wait_ready()
    record = asyncio.run(asyncio.wait_for(_first_order(server.store_url("ui")), 60))
    assert record.stage == "effect", record
    context = ssl.create_default_context(cafile=str(server.secrets / "ca.crt"))
    with pytest.raises(urllib.error.HTTPError) as unknown:
        urllib.request.urlopen(f"https://127.0.0.1:{port}/api/v1/state", context=context)
    assert unknown.value.code == 401
    with urllib.request.urlopen(f"https://127.0.0.1:{page}/", context=context) as answer:
        assert answer.status == 200
    _look(server, (*started, "broker-mock", "link ingest", "link gateway"), archive)
    for service in started.values():
        service.stop()
    assert not _refused(server)
    assert "Denied" not in broker.log.read_text("utf-8")


@pytest.mark.parametrize("missing", ["passwords", "acl", "broker.key"])
def test_no_broker_starts_without_its_secrets(server: FactoryServer, missing: str) -> None:
    server.without("broker-mock", missing)
    with pytest.raises(AssertionError):
        server.start_broker()


def test_no_store_starts_without_its_accounts(server: FactoryServer) -> None:
    server.without("store", "users.acl")
    with pytest.raises(AssertionError):
        server.start_store()


def test_a_secret_somebody_else_wrote_must_be_strong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store-ui").write_text("changeme-changeme\n", "utf-8")
    assert main(["--out", str(tmp_path)]) == 1
    assert "store-ui" in capsys.readouterr().err


def test_what_people_write_themselves_is_writable_and_what_is_drawn_anew_stays_the_same_file(
    tmp_path: Path,
) -> None:
    draw(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {name for name, mode in modes.items() if mode & 0o222} == {
        *("factory-mqtt", "api-tokens.jsonl", "notification-urls"),
        *("ca.key", "ca.crt", "broker.crt", "web.crt"),
    }
    (tmp_path / "factory-mqtt").chmod(0o444)  # as drawn by an earlier release
    # What is mounted into a container is the file, not its name.
    drawn = ("store-users.acl", "mqtt.acl", "mqtt-mock.passwords")
    before = [(tmp_path / name).stat().st_ino for name in drawn]
    draw(tmp_path)
    assert [(tmp_path / name).stat().st_ino for name in drawn] == before
    assert (tmp_path / "factory-mqtt").stat().st_mode & 0o200


def test_secrets_once_drawn_stay(tmp_path: Path) -> None:
    draw(tmp_path)
    before = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    draw(tmp_path, hosts=("factory.local",))
    after = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    changed = {name for name in before if before[name] != after[name]}
    assert all(name.endswith(".passwords") for name in changed), "a new salt and nothing else"
    assert tmp_path.stat().st_mode & 0o077 == 0
    drawn = [text for name, text in before.items() if name.startswith(("store-", "mqtt-"))]
    assert len(set(drawn)) == len(drawn)
    assert json.dumps(before).count("PRIVATE KEY") == 8
