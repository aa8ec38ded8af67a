"""The pages as a visitor opens them; a module says with `opening` over what."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support import ui_pages
from tests.support.ui_pages import Pages


@pytest.fixture
def opening() -> dict[str, Any]:
    """Nothing behind them; a module may give a store or a file of accounts."""
    return {}


@pytest.fixture
async def pages(opening: dict[str, Any]) -> AsyncIterator[Pages]:
    """In English, over empty models whose links are up."""
    async with ui_pages.pages(**opening) as opened:
        opened.language("en")
        yield opened
