"""How an asyncio service begins: settings, log, a first look at the store, then its factories."""

import gc
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from services.common.process import logs, tracing
from services.common.process.exit_codes import ExitCode
from services.common.process.factory_lives import FactoryLife, serve
from services.common.process.settings import ServiceSettings, shared_broker
from services.common.process.startup_check import refuse_unfit

S = TypeVar("S", bound=ServiceSettings)
STANDS_ON_STORE = {"orders", "gateway"}
"""Whose word stands on the store: they want it to sync as OMF_DURABILITY says."""


async def serve_factories(
    service: str,
    each: Sequence[S],
    load: Callable[[], Callable[[S], FactoryLife]],
    *,
    publishes: bool = False,
) -> int:
    """Live by the settings of each factory; the exit code.

    `load` imports what takes long and gives what makes the life of a factory. Whoever `publishes`
    refuses to serve two factories at one broker.
    """
    begin_log(service, each)
    if publishes and (flaw := shared_broker(each)):
        logging.getLogger(__name__).critical("%s", flaw)
        return ExitCode.BAD_SETTINGS
    told = each[0].durability if service in STANDS_ON_STORE else "everysec"
    refuse_unfit(each[0].store_address, each[0].environment, told)
    make = load()
    gc.freeze()  # what is loaded stays: not to be looked through again and again
    with tracing.to(each[0].otel_endpoint, service):
        return await serve(each, make)


def begin_log(service: str, each: Sequence[ServiceSettings]) -> None:
    """Log from now on, first of all what is served by which settings."""
    names = ",".join(one.environment for one in each)
    logs.start(service, names, each[0].log_level)
    for one in each:
        logging.getLogger(service).info("starting", extra=one.shown())
