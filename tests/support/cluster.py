"""A cluster of three real stores on loopback, each holding a third of the slots."""

from pathlib import Path

from services.common.store.bus import store
from services.supervisor.child import Child
from services.supervisor.engines import stores
from services.supervisor.ports import free_port
from services.supervisor.probe import store_answers
from tests.support.processes import base_env, wait_for

NODES, SLOTS = 3, 16384


class Cluster:
    """Three nodes; `url` names one of them, the client learns of the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The packaged server if there is one: it is of the same version wherever the tests run.
        self._engine = stores()[-1]
        self.ports = [free_port() for _ in range(NODES)]
        self._buses = [free_port() for _ in range(NODES)]
        self.children = [self._launch(number) for number in range(NODES)]
        wait_for(lambda: all(store_answers(self._url(port)) for port in self.ports), 20)
        self._join()

    @property
    def url(self) -> str:
        """Address for clients that speak to clusters."""
        return f"redis+cluster://127.0.0.1:{self.ports[-1]}"

    def kill(self, number: int) -> None:
        """End one node as a power cut would."""
        self.children[number].kill()

    def restart(self, number: int) -> None:
        """Start it again with its data; returns when all agree that it is back."""
        self.children[number] = self._launch(number)
        self.agree()

    def owner(self, key: str) -> int:
        """The number of the node that holds a key."""
        slot = store(self._url(self.ports[0])).execute_command("CLUSTER", "KEYSLOT", key)
        return min(int(slot) // (SLOTS // NODES), NODES - 1)

    def close(self) -> None:
        """End all."""
        for child in self.children:
            child.kill()

    def _launch(self, number: int) -> Child:
        folder = self._folder / f"node-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        command = self._engine.command(folder, self.ports[number])
        more = ("--cluster-enabled", "yes", "--cluster-port", str(self._buses[number]))
        return Child([*command, *more], folder / "node.log", base_env({}))

    def _join(self) -> None:
        share = SLOTS // NODES
        for number, port in enumerate(self.ports):
            last = SLOTS if number == NODES - 1 else (number + 1) * share
            ask = store(self._url(port)).execute_command
            ask("CLUSTER", "ADDSLOTSRANGE", number * share, last - 1)
            ask("CLUSTER", "MEET", "127.0.0.1", self.ports[0], self._buses[0])
        self.agree()

    def agree(self) -> None:
        """Return when every node sees all others and serves."""
        wait_for(lambda: all(self._knows_all(port) for port in self.ports), 30)

    def _knows_all(self, port: int) -> bool:
        if not store_answers(self._url(port)):
            return False
        told = store(self._url(port)).execute_command("CLUSTER", "INFO")
        found = (
            told
            if isinstance(told, dict)
            else dict(line.split(":", 1) for line in told.decode().split())
        )
        return (found["cluster_state"], found["cluster_known_nodes"]) == ("ok", str(NODES))

    def _url(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}/0"
