"""`python -m services.orders`: the one arbiter of one factory, or of each of several."""

import sys
from collections.abc import Callable

import uvloop

from services.common.process.factory_lives import FactoryLife
from services.common.process.service_main import serve_factories
from services.common.process.startup_check import lived
from services.orders.settings import OrdersSettings


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    return await serve_factories("orders", OrdersSettings.read_each(), _load)


def _load() -> Callable[[OrdersSettings], FactoryLife]:
    from services.orders.process import Orders  # noqa: PLC0415 - takes long to import

    return Orders


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
