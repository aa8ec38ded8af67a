"""The circle of a command with real servers: a tiny factory, its mirror, and a store to look into.

`Factory` answers order requests as the CCU does; `Mirror` stands in for ingest, so that a test can
take the view away; `Desk` submits commands and reads what became of them.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Self

from redis.exceptions import RedisError, ResponseError

from omf.topics.catalogue import address
from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import (
    FINAL_STAGES,
    AuditRecord,
    Command,
    CommandEvent,
    LinkHealth,
    Outgoing,
    Receipt,
    Role,
    StreamModel,
    key,
)
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

ENVIRONMENT = "mock"
REQUEST = address("ccu_order_request")
RESPONSE = address("ccu_order_response")
STOCK = address("ccu_state_stock")


def stock(**counts: int) -> bytes:
    """A warehouse with that many free pieces of each colour, e.g. `stock(WHITE=2)`."""
    bays = [f"{row}{column}" for row in "ABC" for column in "123"]
    colours = [colour for colour, count in counts.items() for _ in range(count)]
    items = [
        {
            "workpiece": {"id": f"04798eca3412{n:02x}" if c else "", "type": c, "state": "RAW"},
            "location": bay,
            "hbw": "SVR3QA0022",
        }
        for n, (bay, c) in enumerate(zip(bays, colours + [""] * 9, strict=False))
    ]
    return json.dumps({"ts": clock.iso(clock.now()), "stockItems": items}).encode()


class Connected:
    """Base of what sits at the broker: connect, subscribe, leave."""

    def __init__(self, mqtt_url: str, name: str, filters: Iterable[str]) -> None:
        self.link = MqttLink(
            mqtt_url, client_id=f"{name}-{id(self)}", owner=LinkCallbacks(self.on_message)
        )
        self._filters = tuple(filters)

    def __enter__(self) -> Self:
        self.link.subscribe(self._filters)
        self.link.start()
        wait_for(lambda: self.link.state.subscribed)
        return self

    def __exit__(self, *_: object) -> None:
        self.link.stop()

    def on_message(self, received: Received) -> None:
        """Runs in the network thread."""


class Factory(Connected):
    """Counts every command that reaches it and answers order requests."""

    def __init__(self, mqtt_url: str, **free: int) -> None:
        super().__init__(mqtt_url, "factory", ["#"])
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.silent = False
        self._free = free

    def __enter__(self) -> Self:
        super().__enter__()
        self.say_stock()
        return self

    def say_stock(self) -> None:
        """Tell what lies in the warehouse, retained."""
        self.say(STOCK, stock(**self._free), retain=True)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish as the factory; returns when the broker has it."""
        self.link.publish(topic, payload, retain=retain).result(5)

    def on_message(self, received: Received) -> None:
        """Count a request and answer it like the CCU."""
        if received.topic != REQUEST:
            return
        request = json.loads(received.payload)
        self.commands.append((received.topic, request))
        if not self.silent:
            self.link.publish(RESPONSE, json.dumps(_order(request)).encode(), qos=0)

    def finish(self, request: dict[str, Any], state: str = "FINISHED") -> None:
        """The order of a request came to its end."""
        order = _order(request) | {"state": state, "stoppedAt": request["timestamp"]}
        self.say(address("ccu_order_completed"), json.dumps([order]).encode(), retain=True)


def _order(request: dict[str, Any]) -> dict[str, Any]:
    own = {"orderId": f"order-of-{request['requestId']}", "state": "IN_PROGRESS"}
    times = {"receivedAt": request["timestamp"], "startedAt": request["timestamp"]}
    return {**request, **own, **times, "productionSteps": []}


class Mirror(Connected):
    """What ingest does, as far as orders can tell: the journal, and the word about its link."""

    def __init__(self, mqtt_url: str, store_url: str) -> None:
        super().__init__(mqtt_url, "mirror", ["#"])
        self._store = store(store_url, ENVIRONMENT)
        self._stop = threading.Event()
        self._beat = threading.Thread(target=self._keep_telling, daemon=True)
        self._since = clock.now()
        self.connected = True

    def __enter__(self) -> Self:
        super().__enter__()
        self._beat.start()
        return self

    def fall_silent(self) -> None:
        """Say nothing of the link any more; what was said last stands there."""
        self._stop.set()
        self._beat.join()

    def __exit__(self, *problem: object) -> None:
        self.fall_silent()
        super().__exit__(*problem)
        self._store.close()

    def on_message(self, received: Received) -> None:
        """Append to the journal."""
        fields: Any = {"t": received.topic, "p": received.payload, "q": received.qos}
        fields |= {"r": int(received.retain), "d": 0}
        self._store.xadd(key(ENVIRONMENT, "buffer:#"), fields)

    def _keep_telling(self) -> None:
        while not self._stop.wait(0.2):
            now = clock.now()
            link = LinkHealth(connected=self.connected, broker="mirror", since=self._since, at=now)
            with suppress(RedisError):
                self._store.set(key(ENVIRONMENT, "link:ingest"), link.model_dump_json())


class Desk:
    """An operator's desk: submits commands, reads streams and records."""

    def __init__(self, store_url: str) -> None:
        self.client: Any = store(store_url, ENVIRONMENT)

    def add(self, stream: str, model: StreamModel) -> str:
        """Append a model to a stream of ours."""
        return str(self.client.xadd(key(ENVIRONMENT, stream), entries.encode(model)).decode())

    def add_at_once(self, stream: str, models: Iterable[StreamModel]) -> None:
        """Append models so that who reads has all of them or none."""
        with self.client.pipeline(transaction=True) as pipe:
            for model in models:
                pipe.xadd(key(ENVIRONMENT, stream), entries.encode(model))
            pipe.execute()

    def order(self, command_id: str, colour: str = "WHITE", **changes: Any) -> str:
        """Submit a production order; the command id."""
        command = Command(
            command_id=command_id,
            kind="production-order",
            parameters={"colour": colour},
            environment=ENVIRONMENT,
            operator="anna",
            role=Role.OPERATOR,
            created_at=clock.now(),
            source="test",
        )
        self.add("commands", command.model_copy(update=changes))
        return command_id

    def events(self, command_id: str) -> list[CommandEvent]:
        """The life of a command so far."""
        found = self.client.lrange(key(ENVIRONMENT, f"command:{command_id}"), 1, -1)
        return [CommandEvent.model_validate_json(item) for item in found]

    def stages(self, command_id: str) -> list[str]:
        """Names of the stages so far."""
        return [event.stage.value for event in self.events(command_id)]

    def final(self, command_id: str, timeout_s: float = 15.0) -> CommandEvent:
        """The event that ended the command, as soon as there is one."""
        wait_for(lambda: self._ended(command_id), timeout_s, lambda: str(self.events(command_id)))
        return next(e for e in self.events(command_id) if e.stage in FINAL_STAGES)

    def models(self, stream: str, kind: type[StreamModel]) -> list[Any]:
        """Everything in a stream of ours."""
        found = self.client.xrange(key(ENVIRONMENT, stream))
        return [entries.decode(kind, fields) for _, fields in found]

    def receipts(self, outbox_id: str) -> list[str]:
        """What the gateway told of one entry."""
        told = self.models("receipts", Receipt)
        return [r.stage.value for r in told if r.outbox_id == outbox_id]

    def audit(self, command_id: str) -> list[AuditRecord]:
        """Who asked and what was decided."""
        told = self.models("audit", AuditRecord)
        return [record for record in told if record.command.command_id == command_id]

    def link(self) -> LinkHealth:
        """What ingest, or who stands in for it, said last of its link."""
        found = self.client.get(key(ENVIRONMENT, "link:ingest"))
        return LinkHealth.model_validate_json(found)

    def pending(self, stream: str, group: str) -> int:
        """Entries delivered and not acknowledged."""
        return int(self.client.xpending(key(ENVIRONMENT, stream), group)["pending"])

    def spend(self, stream: str, group: str, entry_id: str, times: int) -> None:
        """Let an entry have been delivered so often to a process that ended each time."""
        name = key(ENVIRONMENT, stream)
        with suppress(ResponseError):  # the group is there already
            self.client.xgroup_create(name, group, "0")
        self.client.xreadgroup(group, group, {name: ">"})
        self.client.xclaim(name, group, group, 0, [entry_id], retrycount=times)

    def _ended(self, command_id: str) -> bool:
        return any(event.stage in FINAL_STAGES for event in self.events(command_id))


class World:
    """All of it: a factory with two white pieces and a red one, its mirror, and our processes."""

    def __init__(self, processes: Processes, servers: Addresses) -> None:
        self.desk = Desk(servers.store_url)
        self.mirror = Mirror(servers.mqtt_url, servers.store_url)
        self.factory = Factory(servers.mqtt_url, WHITE=2, RED=1)
        self._processes = processes
        self._servers = servers

    def __enter__(self) -> Self:
        self.mirror.__enter__()
        self.factory.__enter__()
        wait_for(lambda: self.desk.client.exists(key(ENVIRONMENT, "link:ingest")))
        return self

    def __exit__(self, *_: object) -> None:
        self.factory.__exit__()
        self.mirror.__exit__()

    def mirrored(self, topic: str) -> list[bytes]:
        """What was published on a topic, in order."""
        rows = self.desk.client.xrange(key(ENVIRONMENT, "buffer:#"))
        return [fields[b"p"] for _, fields in rows if fields[b"t"] == topic.encode()]

    def start(self, name: str, **settings: str) -> Service:
        """Start `orders` or `gateway` with these settings."""
        return self._processes.service(name, **self._servers._asdict(), **settings)

    def run(self) -> Self:
        """Start both and wait until they are ready."""
        for service in (self.start("orders"), self.start("gateway")):
            service.wait_ready()
        return self


def request(outbox_id: str, *, lives_s: float = 10.0, **changes: Any) -> Outgoing:
    """An entry of the outbox: a production order as orders would write it."""
    body = {"type": "WHITE", "timestamp": clock.iso(clock.now()), "orderType": "PRODUCTION"}
    outgoing = Outgoing(
        outbox_id=outbox_id,
        command_id=outbox_id.partition("/")[0],
        kind="production-order",
        topic=REQUEST,
        payload=json.dumps(body | {"requestId": outbox_id}),
        expires_at=clock.now() + lives_s,
        operator="anna",
        role=Role.OPERATOR,
    )
    return outgoing.model_copy(update=changes)


def settled(condition: Callable[[], object], quiet_s: float = 0.3) -> None:
    """Give what must not happen the time to happen, then check that it did not."""
    time.sleep(quiet_s)
    assert condition()
