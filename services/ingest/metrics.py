"""What Prometheus learns of ingest. Labels are filters of the catalogue, never topics."""

import math
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from omf.topics.catalogue import PRIORITY_CLASSES
from services.common.mqtt.link import LinkState
from services.common.process import clock
from services.common.process.factory_metrics import Counter, Gauge, Histogram, prepared
from services.ingest.stream_writer import Appended, Batch

RECEIVED = Counter("omf_ingest_received", "Messages taken from the broker")
MIRRORED = Counter("omf_ingest_messages", "Messages mirrored, by priority class", ["class"])
LAST_MESSAGE = Gauge(
    "omf_ingest_last_message_timestamp_seconds", "When the last message came, 0 if none did"
)
APPENDED = Counter("omf_ingest_appended", "Messages appended to the buffers")
UNCHANGED = Counter("omf_ingest_unchanged", "Retained messages that were no news")
REDELIVERED = Counter("omf_ingest_duplicates", "Messages the broker delivered again, dropped")
REJECTED = Counter("omf_ingest_rejected", "Messages refused", ["reason"])
TRIMMED = Counter("omf_ingest_trimmed", "Entries the buffers have let go", ["filter"])
OTHER_SHARD = Counter("omf_ingest_other_shard", "Messages left to the shard they belong to")
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
BROKER_CONNECTED = Gauge("omf_ingest_broker_connected", "1 while the broker is connected")
LOGIN_DENIED = Gauge("omf_ingest_login_refused", "1 while the broker refuses account or password")
SESSION = Gauge("omf_ingest_session_present", "1 if the broker still knew our session")
RECONNECTS = Gauge("omf_ingest_reconnects", "Connects after the first")
FILTERS_REFUSED = Gauge("omf_ingest_filters_refused", "Topic filters the broker refused")
QUEUE = Gauge("omf_ingest_queue", "Messages received and not yet appended")
LAG_S = Gauge("omf_ingest_lag_seconds", "Age of the oldest message not yet appended, 0 if none")
TROUBLE = Gauge("omf_ingest_store_refuses", "1 while the store refuses appends", ["reason"])
STORE_BYTES = Gauge("omf_store_used_memory_bytes", "Memory the store uses")
STORE_LIMIT = Gauge("omf_store_max_memory_bytes", "Memory the store may use, 0 if not limited")
STORE_KEEPS = Gauge("omf_store_keeps_file", "1 if the store writes an append-only file")
STORE_FILE_OK = Gauge("omf_store_file_ok", "1 if its last write to that file succeeded")
STORE_FILE = Gauge("omf_store_file_bytes", "Size of the append-only file")
DISK_FREE = Gauge("omf_disk_free_bytes", "Free space where a folder lies", ["folder"])
DISK = Gauge("omf_disk_bytes", "Size of the disk a folder lies on", ["folder"])

STORE_SAYS = {
    "OutOfMemoryError": "full",
    "MISCONF": "disk",
    "NoPermissionError": "rights",
    "AuthenticationError": "rights",
    "InvalidPassword": "rights",
    "NOPERM": "rights",
    "WRONGPASS": "rights",
    "NOAUTH": "rights",
}
"""Words of a refusal, and what it means: the driver takes the store's own word off some."""
LINK_AWAY = "away"


@prepared
def _untold() -> None:
    """Nothing is known of the store yet, and nothing was counted."""
    for gauge in (STORE_BYTES, STORE_LIMIT, STORE_KEEPS, STORE_FILE_OK, STORE_FILE):
        gauge.set(math.nan)
    for priority in PRIORITY_CLASSES:
        MIRRORED.labels(str(priority))
    for reason in ("too_large", "latest_full"):
        REJECTED.labels(reason)


def follow(state: Callable[[], LinkState], queue: Callable[[], int]) -> None:
    """Ask for the link's state and the queue at every scrape: also while the store blocks us."""
    BROKER_CONNECTED.set_function(lambda: state().connected)
    LOGIN_DENIED.set_function(lambda: state().login_refused)
    SESSION.set_function(lambda: state().session_present)
    RECONNECTS.set_function(lambda: state().reconnects)
    FILTERS_REFUSED.set_function(lambda: len(state().refused_filters))
    QUEUE.set_function(queue)


def follow_work(lag_s: Callable[[], float], trouble: Callable[[], str]) -> None:
    """Ask for the age of the oldest message in hand and the store's refusal at every scrape."""
    LAG_S.set_function(lag_s)
    for reason in {*STORE_SAYS.values(), LINK_AWAY}:
        TROUBLE.labels(reason).set_function(partial(_refuses, trouble, reason))


def follow_disk(folder: Path) -> None:
    """Ask for the space around `folder` at every scrape; of one that is not there, nothing."""
    if folder.is_dir():
        DISK_FREE.labels(str(folder)).set_function(lambda: shutil.disk_usage(folder).free)
        DISK.labels(str(folder)).set_function(lambda: shutil.disk_usage(folder).total)


def _refuses(trouble: Callable[[], str], reason: str) -> bool:
    return refusal(trouble()) == reason


def refusal(said: str) -> str:
    """What an error of the store means: full, disk, rights, or that it is away; "" for none."""
    words = said.replace(":", " ").split()
    return next(
        (STORE_SAYS[word] for word in words if word in STORE_SAYS), LINK_AWAY if words else ""
    )


def show_buffer(topic_filter: str, length: object, size: object) -> None:
    """Take over a buffer's length and bytes; what is no number is left as it was."""
    if isinstance(length, int):
        LENGTH.labels(topic_filter).set(length)
    if isinstance(size, int):
        BYTES.labels(topic_filter).set(size)


def show_store(told: Mapping[str, Any]) -> None:
    """Take over the store's own figures (INFO)."""
    STORE_BYTES.set(told.get("used_memory", 0))
    STORE_LIMIT.set(told.get("maxmemory", 0))
    STORE_KEEPS.set(told.get("aof_enabled", 0))
    STORE_FILE_OK.set(told.get("aof_last_write_status", "ok") == "ok")
    STORE_FILE.set(told.get("aof_current_size", 0))


def show_batch(received: int, batch: Batch, appended: Appended) -> None:
    """Take over what became of one batch."""
    RECEIVED.inc(received)
    LAST_MESSAGE.set(clock.now())
    for priority, amount in enumerate(batch.classes):
        if amount:
            MIRRORED.labels(str(priority)).inc(amount)
    _show_counts(batch.counts)
    BATCH.observe(received)
    APPENDED.inc(appended.messages)
    UNCHANGED.inc(appended.unchanged)
    if appended.no_latest_slot:
        REJECTED.labels("latest_full").inc(appended.no_latest_slot)
    show_trimmed(appended.trimmed)


def _show_counts(counts: Mapping[str, int]) -> None:
    for name, amount in counts.items():
        kind, _, reason = name.partition(":")
        if kind == "rejected":
            REJECTED.labels(reason).inc(amount)
        else:
            (REDELIVERED if kind == "duplicates" else OTHER_SHARD).inc(amount)


def show_trimmed(trimmed: Mapping[str, int]) -> None:
    """Take over how many entries each buffer has let go."""
    for topic_filter, amount in trimmed.items():
        TRIMMED.labels(topic_filter).inc(amount)


def show_times(append_s: float, latency_s: float) -> None:
    """Take over how long one batch took: its append, and since its first message came."""
    APPEND_S.observe(append_s)
    END_TO_END_S.observe(latency_s)
