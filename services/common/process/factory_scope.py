"""Which factory the code that runs belongs to, in a process that serves several.

The scope goes along into tasks, `asyncio.to_thread` and the network threads of broker links. In a
process of one factory there is none, and everything is as if there were no scopes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.common.process import logs

_factory: ContextVar[str | None] = ContextVar("factory", default=None)


def current() -> str | None:
    """The name of the factory whose scope this is."""
    return _factory.get()


@contextmanager
def of(environment: str) -> Iterator[None]:
    """All inside belongs to this factory: its figures, its settings, and each line logged."""
    token = _factory.set(environment)
    try:
        with logs.about(environment=environment):
            yield
    finally:
        _factory.reset(token)
