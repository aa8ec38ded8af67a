"""What a process of ours says at /metrics, read as Prometheus reads it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

BUILD_INFO = "omf_build_info"
BROKER_INFO = "omf_broker_info"
STARTED = "process_start_time_seconds"


class ProcessFigures(NamedTuple):
    """The figures of one process; what it did not tell is not there."""

    sums: Mapping[str, float]
    """By name, over all labels."""
    version: str | None
    broker: str | None = None
    """What the broker it reads calls itself."""

    @property
    def started_at(self) -> float | None:
        """When the process began, in Unix seconds."""
        return self.sums.get(STARTED)


def read_figures(page: str) -> ProcessFigures:
    """The figures of a page; one that is no Prometheus text counts as far as it can be read."""
    sums: dict[str, float] = {}
    version = broker = None
    with suppress(ValueError):
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
                if sample.name == BUILD_INFO:
                    version = sample.labels.get("version")
                if sample.name == BROKER_INFO:
                    broker = sample.labels.get("version")
    return ProcessFigures(sums, version, broker)
