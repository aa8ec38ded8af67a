"""The health pages of a process that serves several factories.

`/hall-2/health/ready`, `/hall-2/metrics` and `/hall-2/logs` are those of one factory, as a process
of its own would answer. At the root stands the process: `/health/live` is 503 once a loop of any
factory is stuck, `/health/ready` is 200 while at least one factory is served and names the others,
`/metrics` has the figures of all with the labels `environment` and `kind`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from services.common.process import factory_metrics, logs
from services.common.process.health import Health, Page, answer_on, pages_of, verdict, watch_all
from services.common.store.environments import kind_of

NOT_BEGUN = "it is not served yet"


class SharedHealth:
    """How each factory of the process is; any thread may ask and tell."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._lives = {name: _unserved(NOT_BEGUN) for name in names}

    def begun(self, name: str, health: Health) -> None:
        """A factory is served from now on."""
        self._lives[name] = health

    def ended(self, name: str, why: str) -> None:
        """A factory is not served for now, and why; nobody waits for its loops."""
        self._lives[name] = _unserved(why)

    def missing(self) -> list[str]:
        """What keeps factories from being served, each with its name."""
        return [f"{name}: {why}" for name, one in self._lives.items() if (why := one.missing())]

    def stuck(self) -> list[str]:
        """Loops that stand still, with the factory's name."""
        return [f"{name}: {loop}" for name, one in self._lives.items() for loop in one.stuck()]

    def serve(self, host: str, port: int) -> None:
        """Answer on `host:port` from now on; port 0 serves nothing."""
        answer_on(host, port, self._page)

    def watch(self) -> None:
        """End the process with code 70 once a loop of a factory is stuck."""
        watch_all(self.stuck, self._lives.values)

    def _page(self, path: str) -> Page | None:
        name, _, rest = path.removeprefix("/").partition("/")
        if health := self._lives.get(name):
            return pages_of(health, lambda: _own(name, health), lambda: logs.recent(name)).get(
                f"/{rest}"
            )
        whole = pages_of(Health(), self._figures, logs.recent)
        missing = self.missing()
        return {
            **whole,
            "/health/live": lambda: verdict(self.stuck()),
            "/health/ready": lambda: verdict(missing, ok=len(missing) < len(self._lives)),
        }.get(path)

    def _figures(self) -> bytes:
        return generate_latest() + _text(self._labelled)

    def _labelled(self) -> Iterator[Metric]:
        """One family of each name, for Prometheus takes no second one."""
        families: dict[str, Metric] = {}
        for name, health in list(self._lives.items()):
            told = {"environment": name, "kind": kind_of(name).value}
            for metric in _of(name, health):
                whole = families.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type)
                )
                whole.samples += [
                    one._replace(labels={**told, **one.labels}) for one in metric.samples
                ]
        return iter(families.values())


def _unserved(why: str) -> Health:
    return Health(lambda: why)


def _of(name: str, health: Health) -> Iterable[Metric]:
    yield from factory_metrics.figures(name)
    yield from health.collect()


def _own(name: str, health: Health) -> bytes:
    return generate_latest() + _text(lambda: _of(name, health))


def _text(collect: Callable[[], Iterable[Metric]]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Made(collect))
    return generate_latest(registry)


class _Made(Collector):
    """Whatever is made at each scrape."""

    def __init__(self, make: Callable[[], Iterable[Metric]]) -> None:
        self._make = make

    def collect(self) -> Iterable[Metric]:
        """All of it."""
        return self._make()
