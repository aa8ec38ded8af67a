"""A challenge counts once, however many others are answered in between."""

import logging
from pathlib import Path

import pytest

from services.ui.auth import passkey_login
from services.ui.auth.passkey_login import CHALLENGE_COOKIE
from services.ui.auth.request_rules import PASSKEY, PASSKEY_ASK
from tests.support.ui_pages import Pages

HEARD = "sign-in by passkey refused"


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def _asked(pages: Pages) -> str:
    answer = await pages.post(PASSKEY_ASK, {})
    return str(answer.cookies[CHALLENGE_COOKIE])


async def _answered(pages: Pages, challenge: str) -> None:
    cookies = pages.user.http_client.cookies
    cookies.delete(CHALLENGE_COOKIE)
    cookies.set(CHALLENGE_COOKIE, challenge)
    await pages.post(PASSKEY, {"answer": "{}", "back": "/"})


async def test_what_was_answered_is_not_forgotten_for_others(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(passkey_login, "MAX_USED", 2)
    challenges = []
    for _ in range(3):
        challenges.append(await _asked(pages))
        pages.user.http_client.cookies.delete(CHALLENGE_COOKIE)
    with caplog.at_level(logging.WARNING):
        for challenge in (*challenges, challenges[0]):
            await _answered(pages, challenge)
    assert [one.getMessage() for one in caplog.records].count(HEARD) == 2
