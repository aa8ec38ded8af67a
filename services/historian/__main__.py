"""`python -m services.historian`: the historian of one factory, or of each of several."""

import logging
import os
import sys
from collections.abc import Callable

import uvloop

from services.common.process.exit_codes import ExitCode
from services.common.process.factory_lives import FactoryLife
from services.common.process.service_main import serve_factories
from services.common.process.startup_check import lived
from services.historian.settings import HistorianSettings
from services.history.manifest import ArchiveError


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    return await serve_factories("historian", HistorianSettings.read_each(), _load)


def _load() -> Callable[[HistorianSettings], FactoryLife]:
    # Rows go through Python anyway; a pool of its own would only keep what it once needed.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from services.historian.process import Historian  # noqa: PLC0415 - takes long to import

    def make(settings: HistorianSettings) -> FactoryLife:
        try:
            return Historian(settings)
        except ArchiveError as error:
            logging.getLogger(__name__).critical("%s", error)
            raise SystemExit(ExitCode.BAD_SETTINGS) from None

    return make


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
