"""`python -m services.ingest [--shard i/n]`: one ingest for one environment, or a part of it."""

import argparse
import gc
import logging
import signal
import sys

from services.common.process import logs
from services.common.process.exit_codes import ExitCode
from services.common.store.requirements import UnfitStoreError
from services.ingest.process import Ingest
from services.ingest.settings import IngestSettings
from services.ingest.shards import Shard
from services.ingest.stream_writer import SupersededError

# Messages refer to nothing that refers to them: at the usual 700 the collector would look through
# the batch in hand dozens of times and find nothing.
COLLECT_EVERY = 50_000


def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = _settings()
    logs.start("ingest", settings.environment, settings.log_level)
    log = logging.getLogger(__name__)
    log.info("starting", extra=settings.shown())
    ingest = Ingest(settings)
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ingest.stopping.set())
    try:
        ingest.run()
    except UnfitStoreError as error:
        log.critical("%s", error)
        return ExitCode.UNFIT_STORE
    except SupersededError as error:
        log.critical("%s", error)
        return ExitCode.SUPERSEDED
    return ExitCode.STOPPED


def _settings() -> IngestSettings:
    parser = argparse.ArgumentParser(prog="python -m services.ingest", description=__doc__)
    parser.add_argument(
        "--shard",
        type=Shard.parse,
        metavar="i/n",
        help="mirror the i-th of n parts of the environment; start all n (default: OMF_SHARD, 1/1)",
    )
    chosen = parser.parse_args().shard
    return IngestSettings.read(**({"shard": chosen} if chosen else {}))


if __name__ == "__main__":
    sys.exit(main())
