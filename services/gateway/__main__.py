"""`python -m services.gateway`: the gateway of one factory, or of each of several."""

import sys
from collections.abc import Callable

import uvloop

from services.common.mqtt import network_loop
from services.common.process.factory_lives import FactoryLife
from services.common.process.service_main import serve_factories
from services.common.process.settings import ServiceSettings
from services.common.process.startup_check import lived


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    each = ServiceSettings.read_each()
    if len(each) > 1:
        network_loop.share()
    return await serve_factories("gateway", each, _load, publishes=True)


def _load() -> Callable[[ServiceSettings], FactoryLife]:
    from services.gateway.process import Gateway  # noqa: PLC0415 - takes long to import

    return Gateway


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
