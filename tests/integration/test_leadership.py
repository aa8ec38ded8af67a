"""One process of a role leads: who may take the lease, and what one that lost it still writes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.process.leadership import Leadership
from services.common.store.bus import Bus, StoreError, store
from services.common.store.fence import READS
from services.common.store.keys import key
from services.common.store.leader_lease import (
    SCRIPT,
    Act,
    LeaderLease,
    RoleLeader,
    SupersededError,
    leader_key,
    read_leaders,
)
from services.ingest.leadership import IngestLeadership
from services.ingest.settings import IngestSettings

LEASE = key("mock", leader_key("orders"))
HOUR_US = 3600 * 10**6
pytestmark = pytest.mark.servers


class Node:
    """A process on a machine, its steps taken one by one."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.lease = LeaderLease("orders", name)

    def ask(self, act: Act) -> bool:
        answer = self.client.eval(SCRIPT, 1, LEASE, *self.lease.question(act))
        return self.lease.leads(answer, 0.0)


@pytest.fixture
def client(store_url: str) -> Any:
    with store(store_url) as client:
        yield client


def age(client: Any, by_us: int) -> None:
    """Let the last renewal be this much older, or lie in the future."""
    client.hset(LEASE, "at", int(client.hget(LEASE, "at")) - by_us)


def test_alone_a_process_leads_at_once_and_again_after_each_crash(client: Any) -> None:
    for token in (1, 2, 3):
        node = Node(client, "a")
        assert node.ask("claim")
        assert (node.lease.token, node.lease.how) == (token, "first" if token == 1 else "restarted")


def test_a_released_lead_is_free_at_once(client: Any) -> None:
    first, second = Node(client, "a"), Node(client, "b")
    first.ask("claim")
    assert not second.ask("claim")
    first.ask("release")
    assert second.ask("claim")
    assert second.lease.how == "released"


@pytest.mark.parametrize("by_us", [2 * 10**6, HOUR_US, -HOUR_US])
def test_a_silent_leader_is_replaced_at_the_second_look_whatever_the_clock_did(
    client: Any, by_us: int
) -> None:
    first, second = Node(client, "a"), Node(client, "b")
    first.ask("claim")
    age(client, by_us)
    assert not second.ask("claim")
    assert second.ask("claim")
    assert (second.lease.how, second.lease.before) == ("silent", first.lease.life)
    assert not first.ask("renew")


@pytest.mark.parametrize("by_us", [HOUR_US, -HOUR_US])
def test_a_leader_that_renews_between_two_looks_is_left(client: Any, by_us: int) -> None:
    first, second = Node(client, "a"), Node(client, "b")
    first.ask("claim")
    age(client, by_us)
    assert not second.ask("claim")
    assert first.ask("renew")
    assert not second.ask("claim")


def test_of_two_that_look_one_takes_over(client: Any) -> None:
    nodes = [Node(client, name) for name in "abc"]
    nodes[0].ask("claim")
    age(client, HOUR_US)
    assert not any(node.ask("claim") for node in nodes[1:])
    assert [node.ask("claim") for node in nodes[1:]] == [True, False]


def test_an_emptied_store_gives_no_token_again(client: Any) -> None:
    first, second = Node(client, "a"), Node(client, "b")
    first.ask("claim")
    first.ask("release")
    second.ask("claim")
    client.flushall()
    assert second.ask("renew")
    assert int(client.hget(LEASE, "token")) == second.lease.token == 2


def test_who_stands_by_is_told_until_it_leaves(client: Any) -> None:
    first, second = Node(client, "a"), Node(client, "b")
    first.ask("claim")
    second.ask("claim")
    assert client.hexists(LEASE, "waits:b")
    second.ask("leave")
    assert not client.hexists(LEASE, "waits:b")


async def until(condition: Callable[[], object]) -> None:
    """Return once it holds; the loop goes on meanwhile."""
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within 30 s")


class Leader:
    """A process with an event loop that leads, or once did."""

    def __init__(self, bus: Bus, node: str) -> None:
        self.bus = bus
        self.ended: list[int] = []
        self.health = Health()
        self.leadership = Leadership(bus, "orders", node, self.health, self.ended.append)


@pytest.fixture
async def pair(store_url: str) -> AsyncIterator[tuple[Leader, Leader]]:
    async with Bus(store_url, "mock") as one, Bus(store_url, "mock") as other:
        yield Leader(one, "a"), Leader(other, "b")


async def test_who_broke_off_keeps_the_lead_no_more(store_url: str) -> None:
    """The next life of a factory in the same process claims anew, and must not be ended for it."""
    async with Bus(store_url, "mock") as bus:
        first = Leader(bus, "a")
        await first.leadership.begin(asyncio.Event())
        keeper = first.leadership._keeper
    assert keeper
    await asyncio.wait([keeper], timeout=10)
    assert keeper.cancelled()


async def _took_over(pair: tuple[Leader, Leader], client: Any) -> None:
    """The second leads, and the first does not know it yet."""
    first, second = pair
    await first.leadership.begin(asyncio.Event())
    assert first.leadership._keeper
    first.leadership._keeper.cancel()
    client.hset(LEASE, "life", "")
    await second.leadership.begin(asyncio.Event())


async def test_whatever_a_deposed_leader_writes_is_refused_and_ends_it(
    pair: tuple[Leader, Leader], client: Any
) -> None:
    await _took_over(pair, client)
    first, second = pair
    bus, name = first.bus, first.bus.key("x")
    writes = [
        lambda: bus.call(bus.client.set(name, "1")),
        lambda: bus.call(bus.client.xadd(name, {"a": 1})),
        lambda: bus.call(bus.client.xgroup_create(name, "g", "0", mkstream=True)),
        lambda: bus.script("return redis.call('SET', KEYS[1], ARGV[1])", [name], ["1"]),
    ]
    for number, write in enumerate(writes, 1):
        with pytest.raises(StoreError, match="FENCED 2 b leads"):
            await write()
        assert first.ended == [ExitCode.SUPERSEDED] * number
    async with bus.client.pipeline(transaction=True) as pipe:
        pipe.xadd(name, {"a": 1}).set(name, "2")
        with pytest.raises(StoreError):
            await bus.call(pipe.execute())
    assert not client.exists(name)
    assert await bus.call(bus.client.get(name)) is None
    await second.bus.call(second.bus.client.set(name, "1"))
    assert second.ended == []
    await second.leadership.release()


async def test_what_a_leader_writes_is_answered_as_without_a_check(
    pair: tuple[Leader, Leader], store_url: str
) -> None:
    first, _ = pair
    await first.leadership.begin(asyncio.Event())
    async with Bus(store_url, "mock") as plain:
        answers = []
        for bus, name in ((plain, "p"), (first.bus, "f")):
            stream, client = bus.key(name), bus.client
            found = [
                await client.xgroup_create(stream, "g", "0", mkstream=True),
                await client.xadd(stream, {"a": 1}, id="1-1"),
                len(await client.xreadgroup("g", "c", {stream: ">"})),
                await client.xclaim(stream, "g", "d", 0, ["1-1"]),
                await client.xack(stream, "g", "1-1"),
                await client.xtrim(stream, maxlen=0, approximate=False),
                await client.set(f"{stream}:t", "v"),
                await client.hset(f"{stream}:h", "f", "v"),
                await client.hsetnx(f"{stream}:h", "f", "w"),
                await client.delete(f"{stream}:h"),
            ]
            with pytest.raises(StoreError, match="BUSYGROUP"):
                await bus.call(client.xgroup_create(stream, "g", "0"))
            answers.append(found)
    assert answers[0] == answers[1]
    await first.leadership.release()


async def test_a_stand_by_is_ready_says_so_and_is_told_of(pair: tuple[Leader, Leader]) -> None:
    first, second = pair
    await first.leadership.begin(asyncio.Event())
    asked, told = asyncio.Event(), list[RoleLeader]()

    async def look() -> None:
        await until(lambda: second.health.leader)
        told.extend(await read_leaders(first.bus, await first.bus.time()))
        asked.set()

    looking = asyncio.create_task(look())
    with pytest.raises(SystemExit) as ended:
        await second.leadership.begin(asked)
    await looking
    assert ended.value.code == ExitCode.STOPPED
    assert (second.health.leader, second.health.missing(), first.health.leader) == ("a", None, None)
    [role] = told
    assert (role.role, role.node, role.token, role.standbys) == ("orders", "a", 1, ("b",))
    [role] = await read_leaders(first.bus, await first.bus.time())
    assert role.standbys == ()
    await first.leadership.release()
    [role] = await read_leaders(first.bus, await first.bus.time())
    assert role.silent


async def test_a_leader_writes_on_once_an_emptied_store_knows_it_again(
    pair: tuple[Leader, Leader], client: Any
) -> None:
    first, _ = pair
    await first.leadership.begin(asyncio.Event())
    client.flushall()
    name = first.bus.key("x")
    with pytest.raises(StoreError):
        await first.bus.call(first.bus.client.set(name, "1"))
    await until(lambda: client.exists(LEASE))
    await first.bus.call(first.bus.client.set(name, "1"))
    assert first.ended == []
    await first.leadership.release()


def test_a_deposed_ingest_is_thrown_out_of_whatever_it_writes(client: Any, store_url: str) -> None:
    with store(store_url) as one, store(store_url) as other:
        told = {"environment": "mock", "store_url": store_url}
        first = IngestLeadership(one, IngestSettings(**told, node="a"), Health())
        second = IngestLeadership(other, IngestSettings(**told, node="b"), Health())
        assert first._claim()
        append = first.fence.registered(one, "return redis.call('SET', KEYS[1], ARGV[1])")
        assert append(keys=[key("mock", "x")], args=["1"]) == b"OK"
        client.hset(key("mock", leader_key("ingest")), "life", "")
        assert second._claim()
        for write in (lambda: append(keys=[key("mock", "x")], args=["2"]), lambda: one.set("y", 1)):
            with pytest.raises(SupersededError, match="ingest is led by b"):
                write()
    assert (client.get(key("mock", "x")), client.get("y")) == (b"1", None)


def test_no_command_that_writes_is_taken_for_a_reading_one(client: Any) -> None:
    known = client.command()
    write = {name.upper() for name, told in known.items() if "write" in told["flags"]}
    assert {"SET", "XADD", "HSET"} <= write
    assert write & READS == {"XREADGROUP"}
