"""Figures of several factories in one process, and whose they are."""

import contextvars
import threading

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from services.common.process import factory_metrics, factory_scope
from services.common.process.factory_metrics import Counter, Gauge, prepared

SEEN = Counter("omf_test_seen", "Things seen", ["what"])
LEVEL = Gauge("omf_test_level", "How high it stands")
LATE = Gauge("omf_test_late", "Known later", told=False)


@prepared
def _zeros() -> None:
    SEEN.labels("nothing")


def figure(environment: str, name: str) -> list[float]:
    return [
        sample.value
        for metric in factory_metrics.figures(environment)
        for sample in metric.samples
        if sample.name == name
    ]


def test_in_a_process_of_one_factory_they_are_those_of_prometheus() -> None:
    LEVEL.set(3)
    assert REGISTRY.get_sample_value("omf_test_level") == 3
    assert REGISTRY.get_sample_value("omf_test_seen_total", {"what": "nothing"}) == 0
    assert isinstance(SEEN, MetricWrapperBase)
    assert REGISTRY.get_sample_value("omf_test_late") is None


def test_each_factory_has_its_own_from_zero() -> None:
    for name, times in (("hall-1", 1), ("hall-2", 2)):
        factory_metrics.begin(name)
        with factory_scope.of(name):
            for _ in range(times):
                SEEN.labels("nothing").inc()
            LEVEL.set(times)
    assert figure("hall-1", "omf_test_seen_total") == [1]
    assert figure("hall-2", "omf_test_seen_total") == [2]
    assert figure("hall-2", "omf_test_level") == [2]
    factory_metrics.begin("hall-2")
    assert figure("hall-2", "omf_test_seen_total") == [2], "a new life counts on"


def test_what_is_registered_belongs_to_a_life() -> None:
    class Lives(Collector):
        def collect(self) -> list[GaugeMetricFamily]:
            return [GaugeMetricFamily("omf_test_lives", "Lives", 1.0)]

    factory_metrics.begin("hall-3")
    with factory_scope.of("hall-3"):
        factory_metrics.register(Lives())
        factory_metrics.register(LATE)
        LATE.set(4)
    assert figure("hall-3", "omf_test_lives") == [1]
    assert figure("hall-3", "omf_test_late") == [4]
    factory_metrics.begin("hall-3")
    assert figure("hall-3", "omf_test_lives") == []


def test_the_scope_goes_along_into_a_thread_that_takes_its_context() -> None:
    found: list[str | None] = []
    with factory_scope.of("hall-4"):
        run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(lambda: found.append(factory_scope.current()),))
    thread.start()
    thread.join()
    assert found == ["hall-4"]
    assert factory_scope.current() is None
