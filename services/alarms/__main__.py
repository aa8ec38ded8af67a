"""`python -m services.alarms`: the owner of the alarms of one factory, or of each of several."""

import sys
from collections.abc import Callable

import uvloop

from services.alarms.rules_file import AlarmSettings
from services.common.process.factory_lives import FactoryLife
from services.common.process.service_main import serve_factories
from services.common.process.startup_check import lived


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    return await serve_factories("alarms", AlarmSettings.read_each(), _load)


def _load() -> Callable[[AlarmSettings], FactoryLife]:
    from services.alarms.process import AlarmService  # noqa: PLC0415 - takes long to import

    return AlarmService


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
