"""The mock factory with our services around it, for tests that work by hand at a module."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from omf.commands import prepare
from omf.state import FactoryState
from omf.topics.catalogue import address
from services.common.auth.rate_limiter import RateLimiter
from services.common.process import clock
from services.common.store import entries
from services.common.store.brackets import OpenBracket
from services.common.store.keys import Command, CommandEvent, Role, Stage, key
from tests.support.circle import ENVIRONMENT, Connected, Desk
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

SPEED = "20"
TRIES = 5
MILL = "SVR3QA2098"


class Floor:
    """Mock, ingest, orders and gateway as processes; commands by hand, and what was published."""

    def __init__(self, processes: Processes, servers: Addresses) -> None:
        self.desk = Desk(servers.store_url)
        self._processes = processes
        self._servers = servers
        self._number = 0
        self._pace = RateLimiter()
        self._state, self._folded_to = FactoryState(), "-"

    def run(self, **mocked: str) -> Self:
        """Start everything; returns when the mock factory is ready for work by hand.

        `mocked` are further settings of the mock, e.g. `mock_faults="silent:MILL@0"`.
        """
        wishes = {"mqtt_url": self._servers.mqtt_url, "mock_speed": SPEED, **mocked}
        self.mock = self._processes.service("mock", **wishes)
        services = [self.mock, *(self.start(name) for name in ("ingest", "gateway"))]
        self.orders = self.start("orders")
        for service in (*services, self.orders):
            service.wait_ready()
        wait_for(self._paired, 30)
        begin = {"module": "MILL", "colour": "RED"}
        self.until_allowed("module-sequence", **begin)
        wait_for(lambda: self._only_the_role_is_missing("module-sequence", **begin), 30)
        return self

    def _paired(self) -> bool:
        """The CCU has the mill in its table; for a moment it called one blocked that was there."""
        told = [json.loads(one) for one in self._published(address("ccu_pairing_state"))]
        modules = told[-1]["modules"] if told else ()
        return any(one["serialNumber"] == MILL and one["connected"] for one in modules)

    def _only_the_role_is_missing(self, kind: str, **parameters: Any) -> bool:
        """Orders has folded what this test has read already: a viewer is told nothing else."""
        asked = self.ask(kind, operator="vera", role=Role.VIEWER, **parameters)
        return [reason.id for reason in self.desk.final(asked).reasons] == ["role"]

    def start(self, name: str) -> Service:
        """Start a service on this floor."""
        return self._processes.service(name, **self._servers._asdict())

    def crash(self) -> None:
        """`kill -9` orders and start it anew."""
        self.orders.kill()
        self.start_orders()

    def start_orders(self) -> None:
        """Start orders anew after it was killed."""
        self.orders = self.start("orders").wait_ready()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """The factory does nothing of what it is told, until the end of the block."""
        self.mock.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.mock.send(signal.SIGCONT)

    def ask(
        self, kind: str, operator: str = "anna", role: Role = Role.ADMIN, **parameters: Any
    ) -> str:
        """Submit a command, no faster than one person may; its id."""
        while wait_s := self._pace.wait_s(operator, time.monotonic()):
            time.sleep(wait_s + 0.05)
        self._number += 1
        command = Command(
            command_id=f"{kind}-{self._number}",
            kind=kind,
            parameters=parameters,
            environment=ENVIRONMENT,
            operator=operator,
            role=role,
            created_at=clock.now(),
            source="test",
        )
        self.desk.add("commands", command)
        return command.command_id

    def until_allowed(self, kind: str, **parameters: Any) -> None:
        """Return once no interlock stands in the way of this command.

        A module calls itself done before the CCU does: in between a further step is refused.
        """
        plans: list[Any] = []

        def allowed() -> bool:
            plans[:] = [
                prepare(kind, parameters, self._folded(), now=clock.now(), new_id=lambda: "preview")
            ]
            return bool(plans[0].allowed)

        wait_for(allowed, 30, lambda: str([check.en for check in plans[0].refusals]))

    def busy(self) -> bool:
        """The CCU's list of orders names one."""
        return bool(self._folded().active_orders)

    def queued(self) -> str:
        """The order that waits in the CCU's list, as soon as one does."""
        waiting: list[str] = []

        def found() -> bool:
            orders = self._folded().book.orders.values()
            waiting[:] = [order.id for order in orders if order.state == "ENQUEUED"]
            return bool(waiting)

        wait_for(found, 30)
        return waiting[0]

    def done(self, kind: str, **parameters: Any) -> CommandEvent:
        """Submit a command and wait for its end."""
        return self.desk.final(self.ask(kind, **parameters), 60)

    def carried_out(self, kind: str, **parameters: Any) -> CommandEvent:
        """Submit a command once it is allowed and wait for its end.

        Orders folds the same journal a moment later: what it refuses meanwhile is asked again.
        """
        for _ in range(TRIES):
            self.until_allowed(kind, **parameters)
            if (end := self.done(kind, **parameters)).stage is not Stage.REFUSED:
                break
        return end

    def brackets(self) -> list[OpenBracket]:
        """What is listed as open."""
        found = self.desk.client.hvals(key(ENVIRONMENT, "brackets"))
        return [OpenBracket.model_validate_json(item) for item in found]

    def waits(self, step: int) -> OpenBracket:
        """The open bracket, once its step waits for a release."""
        wait_for(lambda: self._standing(lambda b: b.waiting and b.step == step), 30, self._told)
        return self.brackets()[0]

    def orders_sent(self, serial: str) -> list[str]:
        """Commands of the orders that reached the module, in order."""
        bodies = map(json.loads, self._published(address("module_order", serial=serial)))
        return [body["action"]["command"] for body in bodies]

    def said(self, serial: str, word: str) -> bool:
        """A module's state in the journal names this state of its action."""
        topic, state = address("module_state", serial=serial), f'"{word}"'
        return any(state in payload for payload in self._published(topic))

    def reset(self) -> None:
        """Reset the factory as another dashboard would; returns when the CCU has passed it on."""
        with Connected(self._servers.mqtt_url, "other", [address("ccu_global")]) as other:
            body = json.dumps({"timestamp": clock.iso(clock.now())})
            other.link.publish(address("ccu_set_reset"), body.encode()).result(5)
            wait_for(lambda: self._published(address("ccu_global")))

    def _published(self, topic: str) -> list[str]:
        rows = self.desk.client.xrange(self._journal)
        return [fields[b"p"].decode() for _, fields in rows if fields[b"t"] == topic.encode()]

    def _standing(self, test: Callable[[OpenBracket], bool]) -> bool:
        return any(map(test, self.brackets()))

    def _told(self) -> str:
        events = self.desk.models("events", CommandEvent)
        return "\n".join(f"{e.command_id} {e.stage} {e.reasons}" for e in events)

    @property
    def _journal(self) -> str:
        return key(ENVIRONMENT, "buffer:#")

    def _folded(self) -> FactoryState:
        """The factory as orders knows it: the fold of the journal."""
        for entry_id, fields in self.desk.client.xrange(self._journal, min=self._folded_to):
            message = entries.message(entry_id, fields)
            self._state.apply(message, message.received_at)
            self._folded_to = f"({message.id}"
        return self._state
