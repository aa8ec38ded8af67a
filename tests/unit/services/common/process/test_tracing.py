"""Where a command stands in a trace travels with it, whoever asks and whatever he sends along."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError

from services.common.process import tracing
from services.common.process.otel import Collector
from services.common.store.keys import Command, Outgoing, Role
from tests.support.command_examples import command_of

PLACE = f"00-{'a' * 32}-{'b' * 16}-01"
ASKED = command_of("park", command_id="c-1", role=Role.OPERATOR, created_at=1.0)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Everything this process tells a collector from now on."""
    kept = InMemorySpanExporter()
    collector = Collector("test", "http://127.0.0.1:9/v1/traces")
    collector._provider._active_span_processor._span_processors = (SimpleSpanProcessor(kept),)
    monkeypatch.setattr(tracing._Process, "spans", collector)
    yield kept
    collector._batches.shutdown()


def test_a_command_leaves_with_the_place_of_its_asking(spans: InMemorySpanExporter) -> None:
    with tracing.asked(ASKED) as sent, tracing.span("next", sent.trace):
        pass
    below, above = spans.get_finished_spans()
    assert above.name == "command asked"
    assert above.attributes == {
        "omf.command_id": "c-1",
        "omf.environment": "mock",
        "omf.kind": "park",
    }
    assert below.parent
    assert below.parent.span_id == above.context.span_id
    assert sent.model_copy(update={"trace": ""}) == ASKED


def test_a_caller_with_a_trace_of_his_own_is_gone_on_with(spans: InMemorySpanExporter) -> None:
    with tracing.asked(ASKED.model_copy(update={"trace": PLACE})):
        pass
    (span,) = spans.get_finished_spans()
    assert format(span.context.trace_id, "032x") == "a" * 32


def test_what_lasted_is_told_with_its_times(spans: InMemorySpanExporter) -> None:
    tracing.past("effect", PLACE, (100.5, 102.0), message_id="7-0")
    (span,) = spans.get_finished_spans()
    assert (span.start_time, span.end_time) == (100_500_000_000, 102_000_000_000)


def test_a_fault_inside_is_told_and_goes_on(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="no"), tracing.span("work", ""):
        raise ValueError("no")
    (span,) = spans.get_finished_spans()
    assert span.events[0].name == "exception"


def test_without_a_collector_the_place_is_handed_on() -> None:
    with tracing.to("", "test"), tracing.asked(ASKED.model_copy(update={"trace": PLACE})) as sent:
        assert sent.trace == PLACE


@pytest.mark.parametrize("forged", ["x", PLACE.upper(), PLACE + "\n", f"{PLACE}-{'9' * 4000}"])
def test_what_is_no_place_in_a_trace_is_no_command(forged: str) -> None:
    with pytest.raises(ValidationError):
        Command.model_validate({**ASKED.model_dump(), "trace": forged})


def test_an_envelope_from_before_traces_is_read() -> None:
    old = ASKED.model_dump(exclude={"trace"})
    assert Command.model_validate(old).trace == ""
    assert Outgoing.model_fields["trace"].default == ""


def test_a_missing_extra_is_said_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="opentelemetry")

    monkeypatch.setattr(tracing, "import_module", missing)
    with tracing.to("http://127.0.0.1:4318/v1/traces", "test"), tracing.span("work") as place:
        assert place == ""
    assert "install the extra `otel`" in caplog.text
