"""`python -m services.orders`: the one arbiter of one environment."""

import gc
import logging
import sys

import uvloop

from services.common.process import logs, tracing
from services.common.process.startup_check import lived, refuse_unfit
from services.orders.settings import OrdersSettings


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = OrdersSettings.read()
    logs.start("orders", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address)
    from services.orders.process import Orders  # noqa: PLC0415 - takes long to import

    gc.freeze()  # what is loaded stays: not to be looked through again and again
    with tracing.to(settings.otel_endpoint, "orders"):
        return await Orders(settings).run()


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
