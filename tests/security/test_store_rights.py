"""Who may do what in the store: every account against every key of the table, on a real store."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from deploy.accounts import store
from services.common.store import keys
from services.common.store.bus import store as client_of
from services.common.store.contracts import CONTRACTS
from services.common.store.environments import names
from services.common.store.submission import SUBMIT, submit_keys
from tests.support.factory_server import FactoryServer
from tests.support.processes import Processes

WRITES: dict[str, list[tuple[Any, ...]]] = {
    "add": [("XADD", "{}", "*", "f", "v")],
    "put": [("SET", "{}", "v"), ("HSET", "{}", "f", "v"), ("HSETNX", "{}", "f", "v")],
    "push": [("RPUSH", "{}", "v"), ("APPEND", "{}", "v")],
    "count": [("HINCRBY", "{}", "n", "1")],
}
DESTROYS: list[tuple[Any, ...]] = [
    ("DEL", "{}"),
    ("UNLINK", "{}"),
    ("XDEL", "{}", "1-1"),
    ("XSETID", "{}", "9-9"),
    ("XGROUP", "DESTROY", "{}", "orders"),
    ("XGROUP", "DELCONSUMER", "{}", "orders", "orders"),
    ("RENAME", "{}", "{}-gone"),
    ("PEXPIRE", "{}", "1"),
    ("GETDEL", "{}"),
]
MAY_DELETE = {
    "orders": {
        *("audit:head", "command:x", "brackets", "open", "claim:x", "lease"),
        *("sequences", "sequences:ended", "sequences:seen", "plans", "plans:ended"),
        *("purchases", "approvals", "approvals:ended", "site", "site:versions", "throttle"),
    },
    "ingest": {"latest", "counters", "ingest", "ingest:1/2", "window", "marks", "retained"},
    "ui": {"signed-in:x", "signed-in:all", "looking"},
}
"""What is no stream and belongs to one service alone; nobody deletes a stream."""
DANGEROUS: list[tuple[str, ...]] = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("KEYS", "*"),
    ("CONFIG", "SET", "appendonly", "no"),
    ("CONFIG", "REWRITE"),
    ("ACL", "LIST"),
    ("ACL", "SETUSER", "x"),
    ("SHUTDOWN", "NOSAVE"),
    ("MONITOR",),
    ("REPLICAOF", "127.0.0.1", "1"),
    ("CLIENT", "KILL", "TYPE", "normal"),
    ("SCRIPT", "FLUSH"),
    ("FUNCTION", "FLUSH"),
    ("SWAPDB", "0", "1"),
    ("PUBLISH", "x", "x"),
]
LOOKS_ELSEWHERE = {"station": {"buffer:x", "latest", "events", "sessions"}}
"""A named range of any factory can be taken over to be played: read there, written nowhere."""
IN_A_SCRIPT = ("ACL failure in script", "The user executing the script can't")
"""How Valkey and Redis 7.0 say it."""
KEEPER_MAY = ("CONFIG", "SET", "appendonly", "no")
"""Of a person with the runbook in hand; every mend of a running store needs it."""
SERVICES = {*store.PER_ENVIRONMENT, "ui", "api", "omf", "station"}
REPLAY_ONLY = "replay:"


class Row(NamedTuple):
    """A key of the table of contracts, and who writes it."""

    key: str
    writers: frozenset[str]


def _rows() -> Iterator[Row]:
    for contract in CONTRACTS:
        if not contract.key.startswith("ingest:<"):
            writers = frozenset("station" if w == "replay" else w for w in contract.writers)
            yield Row(re.sub(r"<[^>]+>", "x", contract.key), writers)


ROWS = tuple(_rows())


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Redis[Any]"]]:
    folder: Path = tmp_path_factory.mktemp("rights")
    processes = Processes(folder / "processes")
    server = FactoryServer(folder, processes)
    server.start_store()
    made = {name: client_of(server.store_url(name)) for name in [*store.accounts(), "root"]}
    yield made
    for client in made.values():
        client.close()
    processes.close()


def _may(client: Any, command: tuple[Any, ...], key: str = "") -> bool:
    try:
        client.execute_command(*(str(word).replace("{}", key) for word in command))
    except NoPermissionError:
        return False
    except ResponseError as error:  # else allowed, and wrong for the type that lies there
        return not any(said in str(error) for said in IN_A_SCRIPT)
    return True


def _accounts(environment: str) -> list[tuple[str, str]]:
    every = store.accounts().items()
    return [
        (name, role)
        for name, (role, environments) in every
        if role in SERVICES and environment in environments
    ]


def test_the_table_of_contracts_was_read() -> None:
    assert len(ROWS) > 25
    assert Row("outbox", frozenset({"orders"})) in ROWS


@pytest.mark.parametrize("environment", ["mock", "replay"])
def test_each_key_has_the_writers_of_the_table_and_no_other(
    clients: dict[str, Any], environment: str
) -> None:
    wrong = []
    for row in ROWS:
        key = keys.key(environment, row.key)
        if row.key.startswith(REPLAY_ONLY) and environment != "replay":
            continue
        for name, role in _accounts(environment):
            clients["root"].delete(key)
            may = any(_may(clients[name], c, key) for kind in WRITES.values() for c in kind)
            if may != (role in row.writers):
                wrong.append((name, row.key, "may" if may else "may not"))
    assert not wrong


@pytest.mark.parametrize("environment", ["mock", "replay"])
def test_nobody_destroys_what_others_rely_on(clients: dict[str, Any], environment: str) -> None:
    wrong = []
    for row in ROWS:
        key = keys.key(environment, row.key)
        for name, role in _accounts(environment):
            # Ingest cuts the journal where it is too big, orders thins its own snapshots out, and
            # takes a note of access out in the step that seals it.
            thins = {("ingest", "buffer:x"), ("orders", "snapshots"), ("orders", "access-notes")}
            cuts = {"XDEL"} if (role, row.key) in thins else set()
            allowed = [c[0] for c in DESTROYS if c[0] not in cuts and _may(clients[name], c, key)]
            if allowed and row.key not in MAY_DELETE.get(role, set()):
                wrong.append((name, row.key, allowed))
    assert not wrong


def test_no_account_of_one_environment_reaches_into_another(clients: dict[str, Any]) -> None:
    wrong = []
    for name, (_, environments) in store.accounts().items():
        for environment in set(names()) - set(environments):
            for row in ROWS:
                key = keys.key(environment, row.key)
                reads = [("GET", "{}"), ("XRANGE", "{}", "-", "+")]
                commands = [*WRITES["add"], *WRITES["put"]]
                commands += [] if row.key in LOOKS_ELSEWHERE.get(name, ()) else reads
                wrong += [(name, key, c[0]) for c in commands if _may(clients[name], c, key)]
    assert not wrong


@pytest.mark.parametrize("name", sorted(store.accounts()))
def test_nobody_may_what_could_end_the_store(clients: dict[str, Any], name: str) -> None:
    refused = [c for c in DANGEROUS if (name, c) != ("keeper", KEEPER_MAY)]
    assert [c for c in refused if _may(clients[name], c)] == []


def test_the_keeper_mends_the_store_and_reaches_no_entry_but_what_was_given_up(
    clients: dict[str, Any],
) -> None:
    keeper, root = clients["keeper"], clients["root"]
    for row in ROWS:
        key = keys.key("mock", row.key)
        root.delete(key)
        kinds = [*(c for kind in WRITES.values() for c in kind), *DESTROYS, ("GET", "{}")]
        may = [c[0] for c in kinds if _may(keeper, c, key)]
        assert may == (["XDEL"] if row.key == "dead" else []), row.key
    assert keeper.config_set("maxmemory", keeper.config_get("maxmemory")["maxmemory"])
    with pytest.raises(ResponseError, match="protected"):
        keeper.config_set("dir", "/")
    assert keeper.acl_load()
    for client in clients.values():  # the store ends the connections of every account
        client.connection_pool.disconnect()


def test_only_who_runs_scripts_may_load_them_and_a_script_gets_nobody_further(
    clients: dict[str, Any],
) -> None:
    writers = {"ingest", "orders", "gateway", "alarms", "notifications", "historian"}
    writers |= {"ui", "api", "omf"}
    for name, (role, _) in store.accounts().items():
        assert _may(clients[name], ("SCRIPT", "LOAD", "return 1")) == (role in writers), name
    forged = "return redis.call('XADD', 'omf:{mock}:events', '*', 'f', 'v')"
    assert not _may(clients["gateway-mock"], ("EVAL", forged, "0"))
    assert not _may(clients["gateway-mock"], ("EVAL", forged, "1", "omf:{mock}:outbox"))
    appended = "return redis.call('XADD', KEYS[1], '*', 'f', 'v')"
    assert _may(clients["gateway-mock"], ("EVAL", appended, "1", "omf:{mock}:receipts"))


@pytest.mark.parametrize("name", ["ui", "api", "omf"])
def test_who_submits_may_all_that_the_script_does_while_orders_throttles(
    clients: dict[str, Any], name: str
) -> None:
    named = submit_keys(lambda key: keys.key("mock", key), "throttled")
    clients["root"].delete(*named)
    clients["orders-mock"].set(named[2], 1_000_000)
    asked = ("{}", name, "0", "3", "10")
    said = [clients[name].eval(SUBMIT, len(named), *named, *asked)[0] for _ in range(2)]
    assert said == [b"taken", b"busy"]


def test_nobody_reads_who_is_signed_in_but_the_pages(clients: dict[str, Any]) -> None:
    key = keys.key("mock", "signed-in:x")
    may = {name for name in store.accounts() if _may(clients[name], ("GET", "{}"), key)}
    assert may == {"ui", "backup"}


def test_a_stranger_and_a_wrong_password_stay_outside(clients: dict[str, Any]) -> None:
    for login in ("", "ui:wrong@", "default:@", "nobody:wrong@"):
        with client_of(_address(clients, login)) as other, pytest.raises(AuthenticationError):
            other.get("omf:{mock}:lease")


def _address(clients: dict[str, Any], login: str) -> str:
    port = clients["ui"].connection_pool.connection_kwargs["port"]
    return f"redis://{login}127.0.0.1:{port}/0"


def test_connecting_leaves_no_refusal_in_the_log_of_the_store(clients: dict[str, Any]) -> None:
    clients["root"].execute_command("ACL", "LOG", "RESET")
    clients["ui"].connection_pool.disconnect()
    clients["ui"].ping()
    refused = {entry["object"] for entry in clients["root"].acl_log()}
    # The driver introduces itself and does without; Redis 7.0 could not even name that command.
    assert refused <= {"client|setinfo"}
