"""The page of what changed: two moments, the differences by kind, and where each leads."""

from typing import Any

import pytest

from omf.texts import text
from services.history.moments import NothingKnownError
from services.ui.live.past_reader import PastUnreadableError
from services.ui.types import Row
from services.ui.widgets.table import Table
from tests.support.past_source import Past
from tests.support.ui_pages import Pages


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
def opening(past: Past) -> dict[str, Any]:
    return {"past": past}


async def test_two_moments_are_compared_and_each_difference_says_both(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Row] = []
    monkeypatch.setattr(Table, "replace", lambda _, rows: sent.extend(rows))
    await pages.user.open("/mock/changes?from=2h&to=1h")
    await pages.user.should_see("things are different")
    told = {(row["subject"], row["what"], row["before"], row["after"]) for row in sent}
    assert ("DRILL", "connection", "connected", "signed off") in told
    assert ("Bay HBW A1", "holds", "Red 04798eca341290, free", "White 04798eca341290, free") in told


async def test_of_payloads_it_says_how_much_could_be_compared(pages: Pages) -> None:
    await pages.user.open("/mock/changes?from=2h&kind=shapes")
    await pages.user.should_see("4 kinds of topics were compared; of 1 too little was heard")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=1h&to=1h", "Both moments are the same"),
        ("from=1h&to=2h", "lies behind the second"),
        ("from=soonish", "soonish"),
    ],
)
async def test_moments_that_cannot_be_compared(pages: Pages, query: str, words: str) -> None:
    await pages.user.open(f"/mock/changes?{query}")
    await pages.user.should_see(words)


@pytest.mark.parametrize(
    "error", [NothingKnownError(text("past.no_messages")), PastUnreadableError("no answer")]
)
async def test_what_nobody_knows_is_said(pages: Pages, past: Past, error: Exception) -> None:
    past.error = error
    await pages.user.open("/mock/changes?from=2h")
    told = text("past.no_messages").en if isinstance(error, NothingKnownError) else "no answer"
    await pages.user.should_see(told)
