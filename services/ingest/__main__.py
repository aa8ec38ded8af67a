"""`python -m services.ingest`: one ingest for one environment."""

import logging
import signal
import sys

from services.common import logs
from services.common.fitness import UNFIT, UnfitStoreError
from services.ingest.appender import SupersededError
from services.ingest.process import Ingest
from services.ingest.settings import IngestSettings

STOPPED, SUPERSEDED = 0, 75


def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = IngestSettings.read()
    logs.start("ingest", settings.environment, settings.log_level)
    log = logging.getLogger(__name__)
    log.info("starting", extra=settings.shown())
    ingest = Ingest(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ingest.stopping.set())
    try:
        ingest.run()
    except UnfitStoreError as error:
        log.critical("%s", error)
        return UNFIT
    except SupersededError as error:
        log.critical("%s", error)
        return SUPERSEDED
    return STOPPED


if __name__ == "__main__":
    sys.exit(main())
