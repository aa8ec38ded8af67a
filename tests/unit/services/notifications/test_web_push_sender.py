"""The key of Web Push, whom it writes to, and how much."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omf.notifications.decision import AlarmPhase
from omf.notifications.wording import Notification
from services.notifications.web_push_sender import GONE, WebPushSender
from tests.support.told_outside import PushReceiver

PAGES = "https://omf.example:8080"
LONG = Notification("T" * 5000, "ä" * 5000, f"{PAGES}/mock/alarms", AlarmPhase.RAISED)


def _sender(key: Path, hosts: str = "127.0.0.1") -> WebPushSender:
    return WebPushSender(key, hosts, PAGES)


def test_the_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    key = tmp_path / "data" / "web-push.pem"
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: _sender(key).public_key, range(4)))
    assert len(set(made)) == 1
    assert len(made[0]) == 87, "65 bytes as base64url"
    assert key.stat().st_mode & 0o077 == 0
    assert list(key.parent.iterdir()) == [key]


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    key = tmp_path / "web-push.pem"
    key.write_text("no key", "utf-8")
    with pytest.raises(ValueError, match=r"web-push\.pem holds no private key"):
        _sender(key)


def test_what_is_long_is_cut_to_what_a_push_service_takes(tmp_path: Path) -> None:
    push = PushReceiver("anna")
    assert _sender(tmp_path / "key").send(push.browser, LONG).why is None
    push.close()
    assert len(push.taken[0].body) <= 4096
    (told,) = push.told()
    assert told["url"] == LONG.link
    assert set(told["body"]) == {"ä"}


@pytest.mark.parametrize("hosts", ["push.example", "*.example", ""])
def test_no_host_but_those_of_push_services_is_written_to(tmp_path: Path, hosts: str) -> None:
    push = PushReceiver("anna")
    outcome = _sender(tmp_path / "key", hosts).send(push.browser, LONG)
    push.close()
    assert outcome.why is not None
    assert "127.0.0.1" in outcome.why.en
    assert push.asked == 0


@pytest.mark.parametrize("status", [401, 404, 410, 429, 500])
def test_only_a_browser_that_is_no_more_is_gone(tmp_path: Path, status: int) -> None:
    push = PushReceiver("anna")
    push.status = status
    outcome = _sender(tmp_path / "key").send(push.browser, LONG)
    push.close()
    assert outcome.why is not None
    assert str(status) in outcome.why.en
    assert outcome.gone is (status in GONE)


def test_keys_that_are_none_are_a_browser_that_is_gone(tmp_path: Path) -> None:
    push = PushReceiver("anna")
    broken = push.browser.model_copy(update={"p256dh": "no", "auth": "no"})
    outcome = _sender(tmp_path / "key").send(broken, LONG)
    push.close()
    assert outcome.gone
