"""Ingest of several factories in one process: each in a thread of its own, with its own client.

What ends the ingest of one factory is logged with its name, and its ingest begins again after a
pause, unless another process took it over. The others do not notice.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from services.common.process import factory_metrics, factory_scope
from services.common.process.exit_codes import ExitCode
from services.common.process.factory_lives import STAY_ENDED, WHY, LifeEnd, Pauses, broke
from services.common.process.shared_health import SharedHealth
from services.common.store.leader_lease import SupersededError
from services.common.store.requirements import UnfitStoreError
from services.ingest.process import Ingest
from services.ingest.settings import IngestSettings

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
    """Serves each factory until `stop`."""

    def __init__(self, each: Sequence[IngestSettings]) -> None:
        self._each = each
        self.health = SharedHealth([one.environment for one in each])
        self._waiting_bytes = max(LEAST_WAITING_BYTES, ALL_WAITING_BYTES // len(each))
        self._stopping = threading.Event()
        self._serving: dict[str, Ingest] = {}
        self._unfit = False

    def stop(self) -> None:
        """End all; harmless from a signal handler."""
        self._stopping.set()
        for one in list(self._serving.values()):
            one.stopping.set()

    def run(self) -> int:
        """Mirror all of them; the exit code."""
        factory_metrics.leave_to_factories()
        threads = [
            threading.Thread(target=self._lives, args=(one,), name=f"ingest {one.environment}")
            for one in self._each
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return ExitCode.UNFIT_STORE if self._unfit else ExitCode.STOPPED

    def _lives(self, settings: IngestSettings) -> None:
        """One life after the other, with pauses in between."""
        name, pauses = settings.environment, Pauses()
        with factory_scope.of(name):
            while not self._stopping.is_set():
                factory_metrics.begin(name)
                end = self._life(settings)
                self.health.ended(name, end.why)
                if end.code == ExitCode.UNFIT_STORE:
                    self._unfit = True
                    self.stop()
                if end.code in STAY_ENDED:
                    return
                pause_s = pauses.next_s()
                _log.critical("ends: %s; begins again in %.0f s", end.why, pause_s)
                self._stopping.wait(pause_s)

    def _life(self, settings: IngestSettings) -> LifeEnd:
        try:
            ingest = Ingest(settings, self._waiting_bytes)
            self._serving[settings.environment] = ingest
            self.health.begun(settings.environment, ingest.health)
            if self._stopping.is_set():
                return LifeEnd(ExitCode.STOPPED, WHY[ExitCode.STOPPED])
            code = mirror(ingest.run)
        except Exception as error:  # noqa: BLE001 - told, and no fault of the others
            return broke(error)
        return LifeEnd(code, WHY[code])
