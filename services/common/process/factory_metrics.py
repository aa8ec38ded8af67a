"""Figures of which a process that serves several factories keeps one of each per factory.

A module of metrics is written as with prometheus_client. In a process of one factory it is exactly
that; in a shared one each figure is that of the factory in whose scope it is touched.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, cast

from prometheus_client import REGISTRY
from prometheus_client import Counter as PrometheusCounter
from prometheus_client import Gauge as PrometheusGauge
from prometheus_client import Histogram as PrometheusHistogram
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from services.common.process import factory_scope

M = TypeVar("M", bound=Collector)

_COUNTED: list["_PerFactory"] = []
_PREPARED: list[Callable[[], None]] = []
_REGISTERED: dict[str, list[Collector]] = {}
"""By factory, what was registered beside the figures of the modules."""


class _PerFactory:
    """One figure; asked for anything, it is that of the factory in whose scope it is asked."""

    def __init__(self, make: Callable[[], Collector], *, told: bool) -> None:
        self._make = make
        self._process = make()
        self._own: dict[str, Collector] = {}
        if told:
            _COUNTED.append(self)
            REGISTRY.register(self._process)

    @property  # type: ignore[misc]
    def __class__(self) -> type[Any]:
        """Taken for what it stands for, by whoever asks for the class."""
        return type(self._process)

    def here(self) -> Collector:
        """The one of the scope; outside of any that of the process."""
        environment = factory_scope.current()
        if environment is None:
            return self._process
        if environment not in self._own:
            self._own[environment] = self._make()
        return self._own[environment]

    def leave_to_factories(self) -> None:
        """The process as a whole does not tell it any more."""
        REGISTRY.unregister(self._process)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.here(), name)


def Counter(name: str, text: str, labels: Iterable[str] = ()) -> PrometheusCounter:  # noqa: N802
    """As of prometheus_client, of each factory its own."""
    return _made(lambda: PrometheusCounter(name, text, labels, registry=None))


def Gauge(  # noqa: N802
    name: str, text: str, labels: Iterable[str] = (), *, told: bool = True
) -> PrometheusGauge:
    """As of prometheus_client, of each factory its own; one not `told` waits for `register`."""
    return _made(lambda: PrometheusGauge(name, text, labels, registry=None), told=told)


def Histogram(  # noqa: N802
    name: str, text: str, labels: Iterable[str] = (), *, buckets: tuple[float, ...]
) -> PrometheusHistogram:
    """As of prometheus_client, of each factory its own."""
    return _made(lambda: PrometheusHistogram(name, text, labels, registry=None, buckets=buckets))


def _made(make: Callable[[], M], *, told: bool = True) -> M:
    return cast("M", _PerFactory(make, told=told))


def prepared(prepare: Callable[[], None]) -> Callable[[], None]:
    """What a figure says from its beginning, e.g. zeros: done now, and for each further factory."""
    prepare()
    _PREPARED.append(prepare)
    return prepare


def register(collector: Collector) -> None:
    """Have it asked at every scrape, as a part of the factory in whose scope this is called."""
    if isinstance(collector, _PerFactory):
        collector = collector.here()
    environment = factory_scope.current()
    if environment is None:
        REGISTRY.register(collector)
    elif collector not in _REGISTERED[environment]:
        _REGISTERED[environment].append(collector)


def begin(environment: str) -> None:
    """A factory is served from now on, or once more: what it registered before is forgotten."""
    known = environment in _REGISTERED
    _REGISTERED[environment] = []
    if not known:
        with factory_scope.of(environment):
            for prepare in _PREPARED:
                prepare()


def leave_to_factories() -> None:
    """The figures are those of the factories that are served, none of the process as a whole."""
    for one in _COUNTED:
        one.leave_to_factories()


def figures(environment: str) -> Iterator[Metric]:
    """All of one factory that is served."""
    with factory_scope.of(environment):
        found = [one.here() for one in _COUNTED]
    for collector in (*found, *_REGISTERED.get(environment, ())):
        yield from collector.collect()
