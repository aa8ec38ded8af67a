"""Spans for a collector over OTLP/HTTP. The only file that imports OpenTelemetry.

`tracing` imports it where a collector is named; it knows nothing of `tracing`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

SEND_EVERY_MS = 1000
SEND_TIMEOUT_S = 1
"""A collector that is away must not keep a process from ending in time."""
MAX_WAITING_SPANS = 2048

SpanFacts = Mapping[str, str | int | float]


class Collector:
    """Batches of spans, sent by a thread of its own; while the collector is away they are lost."""

    def __init__(self, service: str, endpoint: str) -> None:
        """`endpoint` is its whole address, as http://127.0.0.1:4318/v1/traces."""
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"omf-{service}"}), shutdown_on_exit=False
        )
        self._batches = BatchSpanProcessor(
            OTLPSpanExporter(endpoint, timeout=SEND_TIMEOUT_S),
            max_queue_size=MAX_WAITING_SPANS,
            schedule_delay_millis=SEND_EVERY_MS,
        )
        self._provider.add_span_processor(self._batches)
        self._tracer = self._provider.get_tracer("omf")
        self._wire = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, parent: str, facts: SpanFacts) -> Iterator[str]:
        """Time the block under `parent`; its own traceparent is given to it."""
        above = self._above(parent)
        with self._tracer.start_as_current_span(name, above, attributes=_named(facts)) as span:
            carrier: dict[str, str] = {}
            self._wire.inject(carrier, trace.set_span_in_context(span))
            yield carrier.get("traceparent", "")

    def past(self, name: str, parent: str, between: tuple[float, float], facts: SpanFacts) -> None:
        """Tell of something that lasted between two moments in Unix seconds."""
        began, ended = (int(at * 1e9) for at in between)
        span = self._tracer.start_span(
            name, self._above(parent), attributes=_named(facts), start_time=began
        )
        span.end(ended)

    def stop(self) -> None:
        """Send what has not been sent, for a second at most."""
        self._batches.force_flush(SEND_TIMEOUT_S * 1000)
        self._provider.shutdown()

    def _above(self, parent: str) -> Context:
        return self._wire.extract({"traceparent": parent}, Context())


def _named(facts: SpanFacts) -> dict[str, str | int | float]:
    return {f"omf.{name}": value for name, value in facts.items()}
