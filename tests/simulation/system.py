"""Ingest, orders, gateway and the owner of the alarms as they are, on store and broker in memory.

Only what a process has of its own machine is exchanged: the driver's connection, the MQTT client,
signals, threads, the reader of FastStream, and its random source.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import Context
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock
from uuid import UUID

from redis.exceptions import RedisError

from services.alarms import process as alarms_process
from services.alarms.rules_file import AlarmSettings
from services.common.process import leadership
from services.common.process.main import Stop, end_all
from services.common.store import connections
from services.common.store.bus import BLOCK_MS
from services.common.store.entries import only_stream
from services.common.store.faststream_adapter import MAX_STREAM_BATCH, Take
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import key
from services.gateway import process as gateway_process
from services.gateway import service as gateway_service
from services.ingest import broker_figures, broker_link, inbound_queue, own_thread, retained, routes
from services.ingest import process as ingest_process
from services.ingest.heartbeat import HeartbeatReporter
from services.ingest.settings import IngestSettings
from services.orders import process as orders_process
from services.orders import service as orders_service
from services.orders import workflows
from services.orders.settings import OrdersSettings
from tests.simulation.broker import SimulatedBroker
from tests.simulation.faults import CUT_S, FROZEN_S, CrashedError, Dice, Journal
from tests.simulation.floor import SimulatedFloor
from tests.simulation.link import SimulatedLink
from tests.simulation.network import Harm, StoreNetwork
from tests.simulation.process import SimulatedProcess, current_life
from tests.simulation.store import SimulatedStore
from tests.simulation.virtual_time import HostClock, VirtualEvent, blocking

ENVIRONMENT = "mock"
ROLES = ("orders", "gateway", "ingest", "alarms")
LED = ROLES[:3]
"""Those whose lead is a lease; the alarms have an owner."""
URLS: dict[str, Any] = {
    "environment": ENVIRONMENT,
    "store_url": "redis://127.0.0.1",
    "mqtt_url": "mqtt://127.0.0.1",
}
_COVERED = cache(routes.disjoint_cover)
"""The same filters at each start of ingest; it takes a twentieth of a run to find them."""
ALARMS_TICK_S = 0.4
"""Looking ten times a second whether there is something to do was a quarter of all steps."""
THAWING_S = 5e-5
WATCHED_DEAD = 0.5
"""How often who has a stand-by finds its lines dead after it stood still."""
READ_AGAIN_S = 5.0
"""FastStream's pause after a failed read."""


class SimulatedSystem:
    """All of it, for one run; `worn` must be entered while it lives."""

    def __init__(
        self, dice: Dice, journal: Journal, host: HostClock, *, leased: bool, beside: str = ""
    ) -> None:
        """`beside`: a role of which a second process stands by, on another machine."""
        self.dice, self.journal, self.host = dice, journal, host
        self._loop = asyncio.get_running_loop()
        self.network = StoreNetwork(dice, journal, self._harm())
        self.network.doubled = beside
        self.broker = SimulatedBroker(dice, journal, host)
        self.floor = SimulatedFloor(self.broker, dice)
        self.folds: dict[str, FoldReader] = {}
        """What each process knows of the factory, by its name, in its present life."""
        started = [(role, role) for role in ROLES]
        started += [(beside, f"{beside}-2")] if beside else []
        self.processes = {
            name: SimulatedProcess(name, self._body(role, name, leased), dice, journal)
            for role, name in started
        }

    def _body(self, role: str, node: str, leased: bool) -> Callable[[], Awaitable[object]]:  # noqa: FBT001 - as the settings have it
        def orders() -> Awaitable[object]:
            process = orders_process.Orders(_settings(OrdersSettings, node, leased))
            self.folds[node] = process._view
            return process.run(STOP)

        def alarms() -> Awaitable[object]:
            process = alarms_process.AlarmService(_settings(AlarmSettings, node))
            self.folds[node] = process._fold
            return process.run(STOP)

        def gateway() -> Awaitable[object]:
            return gateway_process.Gateway(_settings(OrdersSettings, node)).run(STOP)

        def ingest() -> Awaitable[object]:
            mirrors = ingest_process.Ingest
            return blocking(lambda: mirrors(_settings(IngestSettings, node)).run())

        bodies = {"orders": orders, "gateway": gateway, "ingest": ingest, "alarms": alarms}
        return bodies[role]

    def some_process(self) -> SimulatedProcess:
        """Any of them."""
        return self.processes[self.dice.pick(*self.processes)]

    def set_clock(self, by_s: float) -> None:
        """Somebody sets the clock of the host."""
        self.host.set_by_s += by_s
        self.journal.note("clock", f"set, now by {self.host.set_by_s:.3f}")

    def heal(self) -> None:
        """From now on nothing goes wrong; who is away comes back in its time."""
        self.dice.heal()
        self.network.heal()
        for process in self.processes.values():
            process.thaw()

    def _harm(self) -> Harm:
        return Harm(self._crash, self._freeze, lambda: self.set_clock(self.dice.clock_step_s()))

    def _freeze(self, name: str) -> None:
        if process := self.processes.get(name):
            frozen_s = self.dice.between(*FROZEN_S)
            process.freeze(frozen_s)
            watched = self.network.doubled and name.startswith(self.network.doubled)
            if self.dice.hits(WATCHED_DEAD if watched else self.dice.chances.lines_dead):
                # A moment later: what had come before it stood still, it still reads.
                at_s, cut_s = frozen_s + THAWING_S, self.dice.between(*CUT_S)
                cut = partial(self._cut, name, cut_s)
                self._loop.call_later(at_s, cut, context=Context())

    def _cut(self, name: str, for_s: float) -> None:
        if not self.dice.healed:
            self.network.cut(name, for_s)

    def _crash(self, name: str) -> bool:
        process = self.processes.get(name)
        if process:
            process.crash()
        return process is not None

    def _point(self, name: str) -> None:
        """Where a process may end at any time, `failpoint` does nothing in a run."""
        life = current_life()
        life.check()
        if self.dice.hits(self.dice.chances.at_point) and self._crash(life.name):
            self.journal.note(life.name, f"ended at {name}")
            raise CrashedError

    def _link(self, url: str, **given: Any) -> SimulatedLink:
        return SimulatedLink(self.broker, current_life(), url, **given)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Our services find this store and this broker, and nothing else."""
        made = SimulatedStore(self.network)
        numbers = iter(range(1, 1 << 62))
        threads = SimpleNamespace(Event=VirtualEvent, Lock=_NoLock)
        exchanged: list[tuple[object, str, object]] = [
            (connections, "JointRedis", SimpleNamespace(at=made.asynchronous)),
            (own_thread, "store", made.blocking),
            (ingest_process, "check", lambda _: None),
            *(
                (module, "MqttLink", self._link)
                for module in (broker_link, retained, broker_figures, gateway_process)
            ),
            (own_thread, "threading", threads),
            (inbound_queue, "threading", threads),
            (routes, "disjoint_cover", _COVERED),
            (HeartbeatReporter, "measure", lambda _: None),
            (alarms_process, "TICK_S", ALARMS_TICK_S),
            *(
                (module, "application", _application)
                for module in (orders_process, gateway_process)
            ),
            *(
                (module, "again", lambda *_: _nothing)
                for module in (orders_process, gateway_process)
            ),
            *((module, "register", lambda _: None) for module in (orders_process, ingest_process)),
            *(
                (module, "uuid4", lambda: UUID(int=next(numbers)))
                for module in (orders_service, alarms_process)
            ),
            *(
                (module, "failpoint", self._point)
                for module in (
                    alarms_process,
                    gateway_service,
                    ingest_process,
                    orders_service,
                    workflows,
                )
            ),
            (leadership, "end_process", lambda _: current_life().end()),
            (secrets, "token_hex", lambda size: f"{next(numbers):0{size * 2}x}"),
        ]
        with ExitStack() as stack:
            for where, name, what in exchanged:
                stack.enter_context(mock.patch.object(where, name, what))
            yield


class SimulatedStop:
    """`Stop` without signals: nobody asks a simulated process to end, it is killed."""

    @property
    def asked(self) -> asyncio.Event:
        """Never set; of the loop of this run."""
        return asyncio.Event()

    async def store(self, *_: object) -> None:
        """The store can be asked; whether it answers is seen then."""

    async def during(self, *loops: Any) -> int:
        """Run until one of the loops ends, which a crash does not let happen."""
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end_all(set(tasks))
        return 1


STOP = cast("Stop", SimulatedStop())


class SimulatedReader:
    """What FastStream does for us: read what is new of some streams and hand it over."""

    def __init__(self, group: str, takes: dict[str, Take]) -> None:
        self._group, self._takes = group, takes
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to read."""
        self._tasks = [
            asyncio.create_task(self._read(name, take)) for name, take in self._takes.items()
        ]

    async def stop(self) -> None:
        """Read no more."""
        await end_all(set(self._tasks))

    async def _read(self, name: str, take: Take) -> None:
        client = connections.client("")
        stream = key(ENVIRONMENT, name)
        while True:
            try:
                found = await client.xreadgroup(
                    self._group, self._group, {stream: ">"}, MAX_STREAM_BATCH, BLOCK_MS
                )
            except RedisError:
                await asyncio.sleep(READ_AGAIN_S)
                continue
            if batch := only_stream(found):
                await take([entry for entry, _ in batch], [fields for _, fields in batch])


def _application(_: object, *takes: Take) -> SimulatedReader:
    if len(takes) == 1:
        return SimulatedReader("gateway", {"outbox": takes[0]})
    return SimulatedReader("orders", {"commands": takes[0], "receipts": takes[1]})


@cache
def _settings(kind: Any, node: str, leased: bool = False) -> Any:  # noqa: FBT001, FBT002 - kept by its arguments
    """Read once: no life changes them."""
    return kind(**URLS, node=node, **({"control_lease": True} if leased else {}))


async def _nothing() -> None:
    """The reader never ends by itself."""


class _NoLock:
    """In one loop nobody comes in between."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
