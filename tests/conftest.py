"""Fixtures of every test: servers, processes, and a run that may not skip where all is there.

| fixture | gives |
|---|---|
| `store_url`, `mqtt_url` | address of an empty store, of a broker nobody used |
| `servers` | both, as `servers.store_url` and `servers.mqtt_url` |
| `store`, `broker` | a started `Server` of one's own: kill, restart, stop, freeze, thaw, url |
| `processes` | starts services as child processes, shows their logs when the test fails |
"""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG

from services.supervisor.engines import program
from services.supervisor.server import LocalServer
from tests.support.forked_process import ForkServers
from tests.support.processes import Processes, base_env
from tests.support.servers import Addresses, ServerPool, forced_embedded

SERVER_FIXTURES = {"store_url", "mqtt_url", "servers", "store", "broker", "processes"}
WALK = "test_every_page"
TESTS = Path(__file__).parent
COMPUTING = ("contract", "simulation", "unit")
"""Folders of tests that start no server, but for those with one of these marks."""
STARTING = ("servers", "mosquitto", "prometheus", "alertmanager", "slapd", "browser")
# The same examples at every run: a proof must not depend on luck. OMF_EXPLORE=1 looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.load_profile("explore" if os.environ.get("OMF_EXPLORE") else "same")
# Five seconds, the default, are too few for an answer of a machine of unknown load.
for _phase in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _phase, 60.0)
LOGS = pytest.StashKey[list[Processes]]()


@pytest.fixture(scope="session")
def server_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerPool]:
    pool = ServerPool(tmp_path_factory.mktemp("servers"))
    yield pool
    pool.close()


@pytest.fixture
def store_url(server_pool: ServerPool) -> Iterator[str]:
    with server_pool.store() as url:
        yield url


@pytest.fixture
def mqtt_url(server_pool: ServerPool) -> Iterator[str]:
    with server_pool.broker() as url:
        yield url


@pytest.fixture
def servers(store_url: str, mqtt_url: str) -> Addresses:
    return Addresses(store_url, mqtt_url)


@pytest.fixture
def store(server_pool: ServerPool) -> Iterator[LocalServer]:
    server = server_pool.own("store")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def broker(server_pool: ServerPool) -> Iterator[LocalServer]:
    server = server_pool.own("broker")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def fork_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServers]:
    servers = ForkServers(tmp_path_factory.mktemp("fork-servers"), base_env({}))
    yield servers
    servers.close()


@pytest.fixture
def processes(
    request: pytest.FixtureRequest, tmp_path: Path, fork_servers: ForkServers
) -> Iterator[Processes]:
    started = Processes(tmp_path / "processes", fork_servers)
    request.node.stash[LOGS] = [started]
    yield started
    started.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    with_browser = [item for item in items if "chromium" in getattr(item, "fixturenames", ())]
    modules = sorted({item.path for item in with_browser})
    for item in items:
        if SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
        if _computes(item):
            item.add_marker(pytest.mark.computes)
    for item in with_browser:
        # Never more than two browsers at once, however many workers: each has a whole system beside
        # it. And system and browser are those of a module: one of each, not one a worker.
        item.add_marker(pytest.mark.whole)
        item.add_marker(pytest.mark.xdist_group(f"browser-{_lane(item, modules)}"))


def _computes(item: pytest.Item) -> bool:
    if item.path.relative_to(TESTS).parts[0] not in COMPUTING:
        return False
    if item.get_closest_marker("whole"):
        raise pytest.UsageError(f"{item.nodeid} has its place in tests/e2e or tests/integration")
    return not any(map(item.get_closest_marker, STARTING))


def _lane(item: pytest.Item, modules: list[Path]) -> int:
    """Of two that take alike: a third of the modules has the walk over every page beside it."""
    if getattr(getattr(item, "module", None), "SHARED_SYSTEM", False):
        return 1
    others = [path for path in modules if path.stem != WALK]
    return int(item.path.stem != WALK and others.index(item.path) % 3 > 0)


def pytest_collection_finish() -> None:
    # NiceGUI's fixture looks for garbage twice a test; five thousand collected tests are none.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("mosquitto") and (forced_embedded() or not program("mosquitto")):
        pytest.skip("needs a real broker: install the package mosquitto")
    if item.get_closest_marker("prometheus") and not program("prometheus"):
        pytest.skip("needs a real monitor: install the package prometheus")
    if item.get_closest_marker("alertmanager") and not program("prometheus-alertmanager"):
        pytest.skip("needs who tells of alerts: install the package prometheus-alertmanager")
    if item.get_closest_marker("slapd") and not program("slapd"):
        pytest.skip("needs a real directory: install the package slapd")
    if item.get_closest_marker("browser") and not (
        program("chromium-headless-shell") or program("chromium")
    ):
        pytest.skip("needs a browser: install the package chromium")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for started in item.stash.get(LOGS, []):
            report.sections.extend(started.logs())
    # Where every server is installed, a skipped test is a test nobody ran.
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although CI=true: {report.longrepr}"
    return report
