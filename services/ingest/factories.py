"""Ingest of several factories in one process: each is an `Ingest` of its own, served in turn.

What ends the ingest of one factory is logged with its name, and its ingest begins again after a
pause, unless another process took it over. The others do not notice.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from services.common.mqtt import network_loop
from services.common.process import factory_metrics, factory_scope
from services.common.process.exit_codes import ExitCode
from services.common.process.factory_lives import STAY_ENDED, WHY, LifeEnd, Pauses, broke
from services.common.process.open_files import allow_many
from services.common.process.server_address import is_cluster
from services.common.process.shared_health import SharedHealth
from services.common.store.leader_lease import SupersededError
from services.common.store.requirements import UnfitStoreError
from services.ingest.own_thread import OwnThread, WaitEvent, Waits
from services.ingest.process import Ingest
from services.ingest.settings import IngestSettings
from services.ingest.turns import Turns

ALL_WAITING_BYTES = 256 * 1024 * 1024
"""What may wait of all factories together while the store is away; their brokers keep the rest."""
LEAST_WAITING_BYTES = 1024 * 1024

_log = logging.getLogger(__name__)


def mirror(run: Callable[[], None]) -> int:
    """Mirror until it ends; the exit code."""
    try:
        run()
    except UnfitStoreError as error:
        _log.critical("%s", error)
        return ExitCode.UNFIT_STORE
    except SupersededError as error:
        _log.critical("%s", error)
        return ExitCode.SUPERSEDED
    return ExitCode.STOPPED


class SharedIngest:
    """Serves each factory until `stop`.

    All whose store is the same are served in turn by one thread (turns.py). A cluster of stores and
    a store with replicas, which each batch waits for, take a thread for each factory.
    """

    def __init__(self, each: Sequence[IngestSettings]) -> None:
        self._each = each
        self.health = SharedHealth([one.environment for one in each])
        self._waiting_bytes = max(LEAST_WAITING_BYTES, ALL_WAITING_BYTES // len(each))
        self._stopping = threading.Event()
        self._pauses: list[WaitEvent] = []
        self._serving: dict[str, Ingest] = {}
        self._code = ExitCode.STOPPED

    def stop(self) -> None:
        """End all; harmless from a signal handler."""
        self._stopping.set()
        for waiting in (*self._pauses, *(one.stopping for one in list(self._serving.values()))):
            waiting.set()

    def run(self) -> int:
        """Mirror all of them; the exit code."""
        factory_metrics.leave_to_factories()
        allow_many()
        network_loop.share()
        threads = [
            threading.Thread(target=self._whole, args=(run,), name=name)
            for name, run in self._threads()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self._code

    def _whole(self, run: Callable[[], None]) -> None:
        """A bug that ends one thread ends the process: only a restart mends that."""
        try:
            run()
        except Exception:  # noqa: BLE001 - told, and the process ends
            _log.critical("what serves the factories broke", exc_info=True)
            self._code = ExitCode.BROKEN
            self.stop()

    def _threads(self) -> Iterator[tuple[str, Callable[[], None]]]:
        together: dict[str, list[IngestSettings]] = {}
        for one in self._each:
            if is_cluster(one.store_address) or one.store_replicas:
                yield f"ingest {one.environment}", partial(self._lives, one, OwnThread())
            else:
                together.setdefault(one.store_address, []).append(one)
        for address, those in together.items():
            turns = Turns(address)
            bodies = [partial(self._lives, one, turns) for one in those]
            yield f"ingest {those[0].environment} ...", partial(turns.run, bodies)

    def _lives(self, settings: IngestSettings, waits: Waits) -> None:
        """One life after the other, with pauses in between."""
        name, pauses, pause = settings.environment, Pauses(), waits.event()
        self._pauses.append(pause)
        with factory_scope.of(name):
            while not self._stopping.is_set():
                factory_metrics.begin(name)
                end = self._life(settings, waits)
                self.health.ended(name, end.why)
                if end.code == ExitCode.UNFIT_STORE:
                    self._code = ExitCode.UNFIT_STORE
                    self.stop()
                if end.code in STAY_ENDED:
                    return
                pause_s = pauses.next_s()
                _log.critical("ends: %s; begins again in %.0f s", end.why, pause_s)
                pause.wait(pause_s)

    def _life(self, settings: IngestSettings, waits: Waits) -> LifeEnd:
        try:
            ingest = Ingest(settings, self._waiting_bytes, waits)
            self._serving[settings.environment] = ingest
            self.health.begun(settings.environment, ingest.health)
            if self._stopping.is_set():
                return LifeEnd(ExitCode.STOPPED, WHY[ExitCode.STOPPED])
            code = mirror(ingest.run)
        except Exception as error:  # noqa: BLE001 - told, and no fault of the others
            return broke(error)
        return LifeEnd(code, WHY[code])
