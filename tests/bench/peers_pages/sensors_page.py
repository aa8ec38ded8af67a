"""Ours: the page Sensors & camera, with a tile for each topic of one filter.

It is the page for the newest values of many topics. All between the broker and the page runs:
mirror, store, alarms (it brings the tiles a site adds) and pages.
"""

from pathlib import Path

from services.supervisor.child import Child
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.bench.peers_pages.contender import PageContender
from tests.support.processes import Processes

RULES = """\
version: 1
sensors:
  race: {topic: race/+, path: value, digits: 0, title: {de: Wert, en: Value, fr: Valeur}}
"""


class SensorsPage(PageContender):
    """Sixty tiles of the page Sensors & camera."""

    name = "OMF Dashboard"
    told = "page Sensors & camera, 60 tiles; its mirror, store, alarms and pages"
    root = ".sensor-tiles"

    def __init__(self) -> None:
        self._store: LocalServer | None = None
        self._processes: Processes | None = None
        self._children: list[Child] = []

    def start(self, folder: Path, broker_port: int) -> str:
        """Start the store and the services."""
        store, processes = LocalServer("store", folder / "store"), Processes(folder / "logs")
        self._store, self._processes = store, processes
        (rules := folder / "rules.yaml").write_text(RULES, "utf-8")
        self._children = [store.start()]
        port = free_port()
        told = {"store_url": store.url, "data": str(folder)}
        started = (
            processes.service("ingest", mqtt_url=f"mqtt://127.0.0.1:{broker_port}", **told),
            processes.service("alarms", alarm_rules=str(rules), **told),
            processes.service("ui", environments="mock", ui_port=str(port), **told),
        )
        for service in started:
            service.wait_ready()
        self._children += started
        return f"http://127.0.0.1:{port}/mock/sensors"

    def pids(self) -> list[int]:
        """All of them, the store too."""
        return [child.pid for child in self._children]

    def story(self) -> str:
        """The ends of their logs."""
        return "\n".join(child.tail(20) for child in self._children)

    def stop(self) -> None:
        """End them."""
        if self._processes:
            self._processes.close()
        if self._store:
            self._store.kill()
