"""Who asked for what cannot be changed, dropped or invented unseen."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from services.common.store.audit import Break, seal, verify
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import AuditRecord, Role, Stage
from services.orders.repository import CommandRepository
from tests.support.api import Door, problem
from tests.support.circle import World
from tests.support.command_examples import command_of
from tests.support.processes import Processes
from tests.support.servers import Addresses

KEY = "omf:{mock}:audit"
ASKED = 4
MANY = 20


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.fixture
async def bus(world: World, store_url: str) -> AsyncIterator[Bus]:
    """A store in which orders has decided on four commands, in two lives."""
    for life in range(2):
        orders = world.start("orders").wait_ready()
        for number in range(ASKED // 2):
            world.desk.final(world.desk.order(f"c{life}-{number}", kind="dance"))
        orders.kill()
    async with Bus(store_url, "mock") as bus:
        yield bus


@pytest.mark.alike
async def test_it_is_read_with_its_seals_and_verified_over_http(
    bus: Bus, processes: Processes, store_url: str
) -> None:
    door = Door(processes, store_url).ready()
    auditor = door.client("supervisor")
    found, before = [], {}
    for more in (True, False):
        part = auditor.get("/audit", params={"limit": 3, **before}).json()
        assert part["more"] == more
        found += part["entries"]
        before = {"before": part["entries"][-1]["id"]}
    assert len(found) == ASKED
    assert auditor.get("/audit", params={"before": "0-0"}).json() == {"entries": [], "more": False}
    above = ""
    for one in reversed(found):  # what an auditor does elsewhere
        told = f"{one['before']}\n{one['data']}".encode()
        assert (one["before"], hashlib.sha256(told).hexdigest()) == (above, one["seal"])
        assert one["holds"]
        above = one["seal"]
    assert auditor.get("/audit/chain").json() == {"holds": True, "checked": ASKED, "broken": None}

    rows = await bus.client.xrange(KEY)
    await bus.client.xdel(KEY, rows[1][0])
    broken = {"entry": rows[2][0].decode(), "what": "gap"}
    told = auditor.get("/audit/chain").json()
    assert told == {"holds": False, "checked": 0, "broken": broken}
    for path in ("/audit", "/audit/chain"):
        problem(door.client("operator").get(path), 403, "role")
    door.close()


async def test_the_chain_holds_over_a_restart_and_shows_each_tampering(bus: Bus) -> None:
    assert await verify(bus) == (ASKED, None)
    rows = await bus.client.xrange(KEY)
    last_id, last = rows[-1]

    await bus.client.xdel(KEY, last_id)
    assert await verify(bus) == (ASKED - 1, Break("+", "gap"))

    forged = {**last, b"__data__": b"{}"}
    await bus.client.xadd(KEY, forged, id="99999999999999-0")
    assert await verify(bus) == (0, Break("99999999999999-0", "altered"))
    await bus.client.xdel(KEY, "99999999999999-0")

    resealed = {**forged, b"before": b"", b"seal": seal("", b"{}").encode()}
    await bus.client.xadd(KEY, resealed, id="99999999999999-1")
    assert (await verify(bus))[1] == Break("99999999999999-1", "gap")
    await bus.client.xdel(KEY, "99999999999999-1")

    await bus.client.xdel(KEY, rows[1][0])
    assert (await verify(bus))[1] == Break(rows[2][0].decode(), "gap")


async def test_what_is_cut_off_for_its_age_leaves_a_chain_that_holds(bus: Bus) -> None:
    await bus.client.xtrim(KEY, maxlen=2, approximate=False)
    assert await verify(bus) == (2, None)


@pytest.mark.alike
async def test_the_audit_tells_who_why_the_state_before_and_the_outcome(
    processes: Processes, servers: Addresses
) -> None:
    with World(processes, servers) as world:
        world.run()
        world.desk.final(world.desk.order("why", note="the last one was scratched"))
        decision, outcome = world.desk.audit("why")
        assert (decision.decision, outcome.decision) == (Stage.ACCEPTED, Stage.EFFECT)
        assert {check.id: check.met for check in decision.checks}["stock-free"] is True
        for record in (decision, outcome):
            assert record.command.note == "the last one was scratched"
            assert (record.command.operator, record.command.source) == ("anna", "test")
        assert outcome.evidence == world.desk.final("why").evidence
        async with Bus(servers.store_url, "mock") as bus:
            assert await verify(bus) == (2, None)
            env = {"OMF_STORE_URL": servers.store_url}
            omf = (sys.executable, "-m", "services.cli", "audit")
            assert processes.run(*omf, "--verify", "--json", **env).wait(20) == 0
            last = (await bus.client.xrevrange(KEY, count=1))[0][0]
            await bus.client.xdel(KEY, last)
            assert processes.run(*omf, "--verify", **env).wait(20) == 1


async def test_the_chain_holds_where_two_write_many_at_once(store_url: str) -> None:
    """One orders process has been asked to end while the next already decides."""
    async with Bus(store_url, "mock") as one, Bus(store_url, "mock") as two:
        ledgers = [CommandRepository(bus) for bus in (one, two)]
        asked = [(repository, f"c{number}") for number in range(MANY) for repository in ledgers]
        written = await asyncio.gather(*(refused(*pair) for pair in asked))
        assert sum(bool(found) for found in written) == MANY
        assert await verify(one) == (MANY, None)


async def refused(repository: CommandRepository, name: str) -> object:
    """Write that a command was refused; False if the other repository was faster."""
    command = command_of("dance", command_id=name, role=Role.VIEWER, created_at=0)
    audit = AuditRecord(command=command, decision=Stage.REFUSED, at=0)
    return await repository.decided(StreamEntry("1-1", {}), audit, ())
