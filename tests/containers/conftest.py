"""One engine and one checkout for all of it; `make containers` runs them, `make test` does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.whole import browser
from tests.support.container_stack import FIGURES, Stack, engine, stack


@pytest.fixture(scope="session")
def engine_folder() -> Iterator[Path]:
    FIGURES.unlink(missing_ok=True)
    with engine() as folder:
        yield folder


@pytest.fixture(scope="session")
def containers(engine_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("stack"), engine_folder) as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started
