"""Starts every part, says `ready` when it is true, watches all of them and stops them again."""

import signal
import threading
from collections.abc import Callable, Iterable, Mapping

from services.common.process import clock
from services.common.store.keys import Environment
from services.supervisor import plan, runfile
from services.supervisor.instance_lock import ignore_stop_signals, instance_lock, stoppable
from services.supervisor.ports import PortAllocation, free_port
from services.supervisor.supervised_process import SupervisedProcess
from services.supervisor.up_options import UnfitError, UpOptions

SUPERVISE_EVERY_S = 0.2
STOP_SERVICES_S, STOP_SERVERS_S = 5.0, 3.0
"""Together below the ten seconds promised for a stop."""
COMPLAIN_S = 20.0
"""So often the parts that keep the system from being ready are named."""

Say = Callable[[str], None]


class Supervisor:
    """Everything `omf up` runs. Use from the main thread: children die with their thread."""

    def __init__(self, options: UpOptions, say: Say, on_ready: Callable[[str], None]) -> None:
        self._options = options
        self._say = say
        self._on_ready = on_ready
        self._servers: list[SupervisedProcess] = []
        self._services: list[SupervisedProcess] = []
        self._ports = {
            "ui": PortAllocation("OMF_UI_PORT", options.port, options.host),
            "api": PortAllocation("OMF_API_PORT", options.port + 1),
        }
        self._run: Callable[[], runfile.RunFile] | None = None
        self._announced = False
        self._turn = 0
        self._complained = clock.monotonic()

    @property
    def _parts(self) -> list[SupervisedProcess]:
        return [*self._servers, *self._services]

    def run(self) -> None:
        """Run until SIGINT or SIGTERM; every part is stopped on the way out, whatever it is."""
        self._check()
        pause = threading.Event()
        with instance_lock(self._options.data), stoppable():
            try:
                runfile.remove(self._options.data)
                self._start()
                while True:
                    self._tick()
                    pause.wait(SUPERVISE_EVERY_S)
            finally:
                ignore_stop_signals()
                self._stop()

    def _check(self) -> None:
        """Tell what cannot be before anything is started."""
        try:
            self._options.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnfitError(f"no place for data: {error}; choose another --data.") from None
        try:
            free_port(self._options.host)
        except OSError as error:
            raise UnfitError(f"{error}; choose another --host.") from None

    def _start(self) -> None:
        servers = plan.servers(self._options)
        for name, server in servers.items():
            part = plan.supervised_server(name, server)
            self._servers.append(part)
            # Waited for: another port is taken while the one chosen is not free any more.
            part.adopt(server.start())
        mqtt = {
            environment: self._options.broker_of(environment)
            or servers[f"broker-{environment}"].url
            for environment in self._options.environments
        }
        self._start_services(self._options.store() or servers["store"].url, mqtt)

    def _start_services(self, store_url: str, mqtt: dict[Environment, str]) -> None:
        self._ports["api"].port = self._ports["ui"].settle() + 1
        made = plan.services(self._options, store_url, mqtt, self._ports)
        for name, service in made.items():
            self._services.append(plan.supervised_service(name, service))
            self._services[-1].start()
        self._run = lambda: runfile.RunFile(
            ui=self._ports["ui"].url,
            redis=store_url,
            mqtt=dict(mqtt),
            metrics={name: f"{service.base}/metrics" for name, service in made.items()},
            pids={part.name: part.pid for part in self._parts if part.pid},
            api=f"{self._ports['api'].url}/api/v1",
        )

    def _tick(self) -> None:
        for part in self._parts:
            if said := part.on_exit():
                self._say(said)
            if part.restart_if_due():
                self._write_run()
            if part.became_ready():
                self._say(f"{part.name:<15} {part.detail()}")
        self._probe_one()
        if not self._announced:
            late = {part.name: part.hindered() for part in self._parts if not part.ready}
            waiting = [name for name, why in late.items() if not why]
            self._complain(waiting) if waiting else self._announce(late)

    def _probe_one(self) -> None:
        """One part a tick, so that one that hangs does not hold up the watch over the others."""
        part = self._parts[self._turn % len(self._parts)]
        self._turn += 1
        if said := part.kill_unresponsive():
            self._say(said)

    def _announce(self, late: Mapping[str, str]) -> None:
        """All is usable but for the parts in `late`, which lack something that is not ours."""
        self._announced = True
        for name, why in late.items():
            self._say(f"{name:<15} not ready: {why}; tried again all the time")
        for port in self._ports.values():
            port.announced = True
        self._write_run()
        pages = self._ports["ui"]
        if pages.port != self._options.port:
            self._say(f"port {self._options.port} is taken; the pages are on {pages.port}")
        self._say(f"ready {pages.url}")
        self._on_ready(pages.url)

    def _write_run(self) -> None:
        """A part started again has another pid; who reads run.json relies on it."""
        if self._announced and self._run:
            runfile.write(self._options.data, self._run())

    def _complain(self, waiting: list[str]) -> None:
        if clock.monotonic() - self._complained > COMPLAIN_S:
            self._complained = clock.monotonic()
            self._say(f"still waiting for {', '.join(waiting)}")

    def _stop(self) -> None:
        runfile.remove(self._options.data)
        _stop_all(self._services, STOP_SERVICES_S)
        _stop_all(self._servers, STOP_SERVERS_S)
        self._say("stopped")


def _stop_all(parts: Iterable[SupervisedProcess], timeout_s: float) -> None:
    """SIGTERM to all at once, SIGKILL to those that are still there after `timeout_s`."""
    children = [part.child for part in parts if part.child]
    for child in children:
        child.send(signal.SIGTERM)
        child.send(signal.SIGCONT)
    deadline = clock.monotonic() + timeout_s
    for child in children:
        if child.wait(max(0.0, deadline - clock.monotonic())) is None:
            child.kill()
