"""The whole system and the browser in front of it, one of each for the tests of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from services.supervisor.runfile import RunFile
from tests.e2e.whole import browser, running


@pytest.fixture(scope="session")
def calm_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    """A factory in which nobody orders anything; what a test changes in it, it changes back."""
    with running(tmp_path_factory.mktemp("calm"), "mock") as started:
        yield started


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[RunFile]:
    """With the mock only, where the module does not say `ENVIRONMENTS`: half the processes.

    Modules that say `SHARED_SYSTEM` have one together: to start it takes longer than their tests.
    """
    if getattr(request.module, "SHARED_SYSTEM", False):
        yield request.getfixturevalue("calm_system")
        return
    environments = getattr(request.module, "ENVIRONMENTS", "mock")
    with running(tmp_path_factory.mktemp("whole"), environments) as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Not for all modules together: its driver has the loop of the thread as long as it runs.
    with browser() as started:
        yield started
