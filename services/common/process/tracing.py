"""The trace of a command across the processes, for a collector of OpenTelemetry where one listens.

Without `OMF_OTEL_ENDPOINT` nothing of OpenTelemetry is imported and a span is an empty block. The
place in the trace travels with the command as a W3C `traceparent`, in `Command` and `Outgoing`.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Protocol

from services.common.store.keys import Command

_log = logging.getLogger(__name__)

Facts = Mapping[str, str | int | float]


class Spans(Protocol):
    """Where spans go."""

    def span(self, name: str, parent: str, facts: Facts) -> AbstractContextManager[str]:
        """Time the block; its own traceparent is given to it."""

    def past(self, name: str, parent: str, between: tuple[float, float], facts: Facts) -> None:
        """Tell of something that lasted between two moments in Unix seconds."""

    def stop(self) -> None:
        """Send what has not been sent, for a second at most."""


class Nowhere:
    """Spans while no collector is named."""

    @contextmanager
    def span(self, name: str, parent: str, facts: Facts) -> Iterator[str]:  # noqa: ARG002
        """Hand on the place in the trace as it came: the next process may know a collector."""
        yield parent

    def past(self, name: str, parent: str, between: tuple[float, float], facts: Facts) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


class _Process:
    """What this process traces to."""

    spans: Spans = Nowhere()


@contextmanager
def to(endpoint: str, service: str) -> Iterator[None]:
    """Send the spans of the block to an OTLP/HTTP address; "" sends none."""
    _Process.spans = _collector(endpoint, service) if endpoint else Nowhere()
    try:
        yield
    finally:
        spans, _Process.spans = _Process.spans, Nowhere()
        spans.stop()


def _collector(endpoint: str, service: str) -> Spans:
    try:
        otel = import_module("services.common.process.otel")
    except ImportError as error:
        _log.error(
            "no trace is sent, for %s is missing: install the extra `otel` "
            "(pip install 'omf-dashboard[otel]') or unset OMF_OTEL_ENDPOINT",
            error.name,
        )
        return Nowhere()
    collector: Spans = otel.Collector(service, endpoint)
    return collector


def span(name: str, parent: str = "", **facts: str | float) -> AbstractContextManager[str]:
    """Time a block of work under `parent`; the block gets the traceparent for what follows it."""
    return _Process.spans.span(name, parent, facts)


def past(name: str, parent: str, between: tuple[float, float], **facts: str | float) -> None:
    """Tell of something that lasted between two moments in Unix seconds."""
    _Process.spans.past(name, parent, between, facts)


@contextmanager
def asked(command: Command) -> Iterator[Command]:
    """Time the handing over of a command; it then carries its place in the trace."""
    facts = {"command_id": command.command_id, "environment": command.environment}
    with span("command asked", command.trace, kind=command.kind, **facts) as trace:
        yield command.model_copy(update={"trace": trace})
