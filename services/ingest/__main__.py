"""`python -m services.ingest [--shard i/n]`: ingest of a factory, a part of it, or of several."""

import argparse
import gc
import logging
import signal
import sys
from collections.abc import Callable

from services.common.process.exit_codes import ExitCode
from services.common.process.service_main import begin_log
from services.common.process.settings import shared_broker
from services.ingest.factories import SharedIngest, mirror
from services.ingest.process import Ingest
from services.ingest.settings import IngestSettings
from services.ingest.shards import Shard

# Messages refer to nothing that refers to them: at the usual 700 the collector would look through
# the batch in hand dozens of times and find nothing.
COLLECT_EVERY = 50_000


def main() -> int:
    """Read the settings and live by them; the exit code."""
    each = _settings()
    begin_log("ingest", each)
    if flaw := shared_broker(each):
        logging.getLogger(__name__).critical("%s", flaw)
        return ExitCode.BAD_SETTINGS
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
    first = each[0]
    if len(each) == 1:
        ingest = Ingest(first)
        _on_signal(ingest.stopping.set)
        ingest.health.watch()
        ingest.health.serve(first.metrics_host, first.metrics_port)
        return mirror(ingest.run)
    shared = SharedIngest(each)
    _on_signal(shared.stop)
    shared.health.watch()
    shared.health.serve(first.metrics_host, first.metrics_port)
    return shared.run()


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _settings() -> list[IngestSettings]:
    parser = argparse.ArgumentParser(prog="python -m services.ingest", description=__doc__)
    parser.add_argument(
        "--shard",
        type=Shard.parse,
        metavar="i/n",
        help="mirror the i-th of n parts of the environment; start all n (default: OMF_SHARD, 1/1)",
    )
    chosen = parser.parse_args().shard
    return IngestSettings.read_each(**({"shard": chosen} if chosen else {}))


if __name__ == "__main__":
    sys.exit(main())
