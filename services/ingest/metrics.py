"""What Prometheus learns of ingest. Labels are filters of the catalogue, never topics."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

from services.common.streams import Link
from services.ingest.appender import Appended

RECEIVED = Counter("omf_ingest_received", "Messages taken from the broker")
APPENDED = Counter("omf_ingest_appended", "Messages appended to the buffers")
UNCHANGED = Counter("omf_ingest_unchanged", "Retained messages that were no news")
DUPLICATES = Counter("omf_ingest_duplicates", "Messages the broker delivered again, dropped")
REJECTED = Counter("omf_ingest_rejected", "Messages refused", ["reason"])
TRIMMED = Counter("omf_ingest_trimmed", "Entries the buffers have let go")
LENGTH = Gauge("omf_ingest_buffer_length", "Entries in a buffer", ["filter"])
BYTES = Gauge("omf_ingest_buffer_bytes", "Memory of a buffer in the store", ["filter"])
BATCH = Histogram(
    "omf_ingest_batch_size", "Messages per append", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 512)
)
APPEND_S = Histogram(
    "omf_ingest_append_seconds",
    "Duration of one append",
    buckets=(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15),
)
END_TO_END_S = Histogram(
    "omf_ingest_latency_seconds",
    "From the arrival of a batch's first message to its place in the buffers",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300),
)
CONNECTED = Gauge("omf_ingest_broker_connected", "1 while the broker is connected")
SESSION = Gauge("omf_ingest_session_present", "1 if the broker still knew our session")
RECONNECTS = Gauge("omf_ingest_reconnects", "Connects after the first")
REFUSED = Gauge("omf_ingest_filters_refused", "Topic filters the broker refused")
QUEUE = Gauge("omf_ingest_queue", "Messages received and not yet appended")
LAG_S = Gauge("omf_ingest_lag_seconds", "Age of the newest batch when it was appended")


def show_link(link: Link) -> None:
    """Take over the present state of the link."""
    CONNECTED.set(link.connected)
    SESSION.set(link.session_present)
    RECONNECTS.set(link.reconnects)
    REFUSED.set(len(link.refused_filters))
    QUEUE.set(link.queue)


def show_buffer(topic_filter: str, length: object, size: object) -> None:
    """Take over a buffer's length and bytes; what is no number is left as it was."""
    if isinstance(length, int):
        LENGTH.labels(topic_filter).set(length)
    if isinstance(size, int):
        BYTES.labels(topic_filter).set(size)


def show_batch(received: int, counts: Mapping[str, int], appended: Appended) -> None:
    """Take over what became of one batch."""
    RECEIVED.inc(received)
    BATCH.observe(received)
    APPENDED.inc(appended.messages)
    UNCHANGED.inc(appended.unchanged)
    TRIMMED.inc(appended.trimmed)
    for name, amount in counts.items():
        kind, _, reason = name.partition(":")
        if kind == "rejected":
            REJECTED.labels(reason).inc(amount)
        else:
            DUPLICATES.inc(amount)


def show_times(append_s: float, latency_s: float) -> None:
    """Take over how long one batch took: its append, and since its first message came."""
    APPEND_S.observe(append_s)
    END_TO_END_S.observe(latency_s)
    LAG_S.set(latency_s)
