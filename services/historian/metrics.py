"""What Prometheus learns of the historian."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector as MetricCollector

from services.common.process import clock
from services.common.process.factory_metrics import Counter, register
from services.historian.archive import Archive
from services.history.manifest import ArchiveFile, Manifest
from services.history.retention import Retention
from services.history.totals import KindTotal, forecast_days, totals

COUNT_EVERY_S = 60.0
TROUBLES = Counter("omf_history_troubles", "Times the archive could not be written")
STORE_MISSING = Counter("omf_store_missing", "Messages that lay in the store and are gone from it")
FORGOTTEN = Counter("omf_history_forgotten_bytes", "Deleted by age or size", ["kind"])


def forgotten(files: Iterable[ArchiveFile]) -> None:
    """Count what was deleted."""
    for file in files:
        FORGOTTEN.labels(file.kind).inc(file.size)


class ArchiveFigures(MetricCollector):
    """Figures of an archive, from its manifests, at each scrape."""

    def __init__(
        self, archive: Archive, retention: Retention, behind: Callable[[], float | None]
    ) -> None:
        self._archive = archive
        self._retention = retention
        self._behind = behind
        self._counted: list[KindTotal] = []
        self._count_at = float("-inf")

    def _totals(self, days: Iterable[Manifest]) -> list[KindTotal]:
        """Counted once a minute: an archive of years has many files."""
        if clock.monotonic() >= self._count_at:
            self._count_at = clock.monotonic() + COUNT_EVERY_S
            self._counted = totals(days)
        return self._counted

    def collect(self) -> Iterator[Metric]:
        """Rows and bytes by kind, what is missing, how far behind, days until it is full."""
        days = list(self._archive.days.values())
        rows = GaugeMetricFamily("omf_history_rows", "Rows of the archive", labels=["kind"])
        size = GaugeMetricFamily("omf_history_bytes", "Bytes of its files", labels=["kind"])
        ahead = GaugeMetricFamily(
            "omf_history_full_days", "Days until the oldest of a kind is deleted", labels=["kind"]
        )
        for total in self._totals(days):
            rows.add_metric([total.kind], total.rows)
            size.add_metric([total.kind], total.size)
            limit = self._retention.limit(total.kind)
            if limit and (left := forecast_days(total, limit)) is not None:
                ahead.add_metric([total.kind], left)
        yield from (rows, size, ahead)
        gaps = [gap for day in days for gap in day.gaps]
        yield CounterMetricFamily(
            "omf_history_lost_messages",
            "Messages the journal let go before they were archived",
            value=sum(gap.count or 0 for gap in gaps),
        )
        yield GaugeMetricFamily("omf_history_gaps", "Gaps of the archive", len(gaps))
        if (behind := self._behind()) is not None:
            yield GaugeMetricFamily(
                "omf_history_behind_seconds", "From the last archived message to the newest", behind
            )


def follow(archive: Archive, retention: Retention, behind: Callable[[], float | None]) -> None:
    """Show the figures of an archive at every scrape."""
    register(ArchiveFigures(archive, retention, behind))
