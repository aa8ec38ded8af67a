"""One engine and one checkout for all of it; `make containers` runs them, `make test` does not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.whole import browser
from tests.support.container_stack import Stack, engine, stack


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with engine() as folder, stack(tmp_path_factory.mktemp("stack"), folder) as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started
