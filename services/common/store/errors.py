"""The error of the store, apart from the driver: who only reports it need not import that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class StoreError(Exception):
    """The store did not do it; the text names the store, what it said and the mend.

    Raised by every call of `bus`. The caller waits and tries again, or shows it.
    """


def store_error(error: Exception) -> StoreError:
    """What the driver raised, as whoever asked is told."""
    return StoreError(f"the store did not answer as it should ({error}); is it running?")


@asynccontextmanager
async def store_errors(driver_error: type[Exception]) -> AsyncIterator[None]:
    """What the driver raises in here leaves as StoreError."""
    try:
        yield
    except driver_error as error:
        raise store_error(error) from error
