"""What many factories cost the pages: `python -m tests.bench.factories`.

For 1, 10, 50 and 200 busy mock factories: the page of all of them, anew after news of each, and the
memory of their view models. The processes of a factory (seven of about 50 MB) are not in it.
"""

import asyncio
import copy
import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request

from services.common.store.environments import FACTORIES
from services.common.store.keys import LinkHealth
from services.ui.live.model import Links, ViewModel
from services.ui.shell.site_page import SitePage
from tests.bench.report import Row, row, write
from tests.bench.simulation import busy, processor_s

GROWTH = (1, 10, 50, 200)
LOOKS = 100
PERCENTILE = 0.99
MEANING = {"site page": "milliseconds of one core for one look, every factory having had news"}


@contextmanager
def site(count: int) -> Iterator[list[str]]:
    """A file of so many mock factories, and their names."""
    names = [f"hall-{number}" for number in range(count)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "factories.yaml"
        lines = (f"  - {{name: {name}, kind: mock}}\n" for name in names)
        path.write_text(f"factories:\n{''.join(lines)}", "utf-8")
        os.environ[FACTORIES] = str(path)
        try:
            yield names
        finally:
            del os.environ[FACTORIES]


def models(names: list[str]) -> dict[str, ViewModel]:
    """Busy factories that are heard."""
    found = {}
    for name in names:
        model = ViewModel(name, factory=copy.deepcopy(STATE))
        up = LinkHealth(connected=True, broker="b", since=NOW - 60, at=NOW)
        model.links = Links(up, up)
        model.readable(NOW - 60)
        model.caught_up = True
        found[name] = model
    return found


def looks(found: dict[str, ViewModel]) -> list[float]:
    """Milliseconds of each look, two seconds apart: each factory is judged anew."""
    moments = iter(range(10 * LOOKS))
    page = SitePage(found, lambda: NOW + 2 * next(moments))
    scope = {"type": "http", "headers": [], "query_string": b"", "client": ("127.0.0.1", 1)}
    request = Request(scope)

    def look() -> None:
        asyncio.run(page.answer(request))

    look()
    return sorted(processor_s(look) * 1e3 for _ in range(LOOKS))


def figures() -> Iterator[Row]:
    """The rows of each size."""
    for count in GROWTH:
        with site(count) as names:
            tracemalloc.start()
            found = models(names)
            kept = tracemalloc.get_traced_memory()[0] / 1e6
            tracemalloc.stop()
            took = looks(found)
        yield row(f"site page, {count} factories", "ms", took)
        yield row(f"site page, {count} factories, p99", "ms", [took[int(LOOKS * PERCENTILE) - 1]])
        yield row(f"view models of {count} factories", "MB", [kept])


def main() -> None:
    """Measure and write."""
    write("factories", list(figures()), {}, MEANING)


_MOCK = busy()
STATE, NOW = _MOCK.state, _MOCK.router.now.wall or time.time()

if __name__ == "__main__":
    main()
