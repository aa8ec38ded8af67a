"""The service that tells people outside, with real providers on this machine."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from omf.alarms.lifecycle import AlarmState
from services.supervisor import probe
from tests.support.processes import Processes, wait_for
from tests.support.told_outside import (
    HttpReceiver,
    MailReceiver,
    NotifiedHouse,
    OwnedAlarms,
    PushReceiver,
)

pytestmark = pytest.mark.alike
RECEIVER = "  - {{name: {name}, environments: [mock], addresses: [{{name: a, {way}}}]{more}}}\n"


def _receiver(name: str, way: str, more: str = "") -> str:
    return RECEIVER.format(name=name, way=way, more=f", {more}" if more else "")


@pytest.fixture
def alarms(store_url: str) -> Iterator[OwnedAlarms]:
    with OwnedAlarms(store_url).running() as owned:
        yield owned


@pytest.fixture
def house(processes: Processes, store_url: str, tmp_path: Path) -> NotifiedHouse:
    return NotifiedHouse(processes, store_url, tmp_path)


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


def _hook(house: NotifiedHouse, hook: HttpReceiver, more: str = "") -> None:
    url = f"hook json://user:geheim@127.0.0.1:{hook.port}/in\n"
    house.write("receivers:\n" + _receiver("anna", "url: hook", more), url)


def test_each_state_of_an_alarm_is_told_once_by_webhook(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver
) -> None:
    _hook(house, hook, "language: de")
    service = house.start().wait_ready()
    life = alarms.raised("HBW")
    wait_for(lambda: len(hook.taken) == 1)
    assert "HBW" in hook.titles[0]
    assert "Kritisch" in hook.titles[0]
    assert "/mock/alarms/active?alarm=device-silent%3AHBW" in hook.taken[0].said["message"]
    life = alarms.becomes(life, AlarmState.ACKNOWLEDGED, acknowledged_by="bert")
    wait_for(lambda: len(hook.taken) == 2)
    assert "bert" in hook.titles[1]
    alarms.over(life)
    wait_for(lambda: len(hook.taken) == 3)
    assert "vorbei" in hook.titles[2]
    wait_for(lambda: alarms.waiting() == 0)
    service.send(signal.SIGTERM)
    wait_for(lambda: not service.alive)
    assert service.returncode == 0
    assert "geheim" not in service.tail(500)


def test_mail_and_browser_are_told_each_in_their_language(
    house: NotifiedHouse, alarms: OwnedAlarms
) -> None:
    post, push = MailReceiver(), PushReceiver("bert")
    try:
        house.write(
            "receivers:\n"
            + _receiver("anna", "url: mail", "language: fr")
            + _receiver("bert", "web_push: bert"),
            f"mail mailto://127.0.0.1:{post.port}?from=omf@example.org&to=anna@example.org\n",
        )
        alarms.subscribe(push.browser)
        house.start().wait_ready()
        wait_for(lambda: (said := alarms.status()) is not None and said.push_key != "")
        alarms.raised("HBW")
        wait_for(lambda: len(post.mails) == 1 and len(push.taken) == 1)
    finally:
        post.close()
        push.close()
    (mail,) = post.mails
    assert "Critique" in mail["subject"]
    assert mail["to"] == "anna@example.org"
    (told,) = push.told()
    assert "Critical" in told["title"]
    assert told["url"].startswith("https://omf.example:8080/mock/alarms/")
    status = alarms.status()
    assert status
    assert f"k={status.push_key}" in push.taken[0].headers["authorization"]
    assert push.taken[0].headers["urgency"] == "high"


def test_a_browser_that_unsubscribed_is_forgotten(
    house: NotifiedHouse, alarms: OwnedAlarms
) -> None:
    push = PushReceiver("bert")
    push.status = 410
    house.write("receivers:\n" + _receiver("bert", "web_push: bert"))
    alarms.subscribe(push.browser)
    house.start().wait_ready()
    alarms.raised("HBW")
    wait_for(lambda: alarms.client.hlen("omf:{mock}:notifications:browsers") == 0)
    wait_for(lambda: (said := alarms.status()) and said.receivers[0].addresses[0].why)
    push.close()


def test_a_provider_that_is_away_loses_nothing_and_what_is_old_comes_as_one(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver
) -> None:
    other = HttpReceiver()
    house.write(
        "receivers:\n" + _receiver("anna", "url: hook") + _receiver("bert", "url: other"),
        f"hook json://user:geheim@127.0.0.1:{hook.port}/bot-geheim\nother json://127.0.0.1:{other.port}\n",
    )
    service = house.start().wait_ready()
    hook.status = 503
    first = alarms.raised("HBW")
    wait_for(lambda: hook.asked == 1 and len(other.taken) == 1)
    alarms.over(first)
    alarms.raised("DPS")
    wait_for(lambda: "503" in _why(alarms))
    status = alarms.status()
    assert status
    assert status.receivers[0].addresses[0].failing_since
    figures = probe.http_get(f"{service.health_url}/metrics")[1]
    assert 'omf_notification_address_failing{address="anna/a"} 1.0' in figures
    assert "geheim" not in figures
    wait_for(lambda: len(other.taken) >= 2)
    hook.status = 200
    wait_for(lambda: len(hook.taken) == 1, 40)
    said = hook.taken[0].said
    assert "3 reports" in said["title"]
    assert [name in said["message"] for name in ("HBW", "DPS", "over")] == [True] * 3
    wait_for(lambda: alarms.waiting() == 0)
    assert len(hook.taken) == 1
    assert not _why(alarms) or wait_for(lambda: not _why(alarms)) is None
    other.close()


@pytest.mark.parametrize("way", ["/bot-geheim", "/bot-geheim?+x-key=geheim"])
def test_nothing_of_an_address_is_logged_at_any_level(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver, way: str
) -> None:
    push = PushReceiver("anna")
    secret = push.browser.model_copy(update={"endpoint": f"{push.browser.endpoint}-geheim"})
    house.write(
        "receivers:\n" + _receiver("anna", "url: hook") + _receiver("bert", "web_push: anna"),
        f"hook json://user:geheim@127.0.0.1:{hook.port}{way}\n",
    )
    alarms.subscribe(secret)
    service = house.start(log_level="DEBUG").wait_ready()
    hook.status = push.status = 500
    life = alarms.raised("HBW")
    wait_for(lambda: "500" in _why(alarms) and push.asked)
    hook.close()
    push.close()
    alarms.over(life)
    wait_for(lambda: "does not answer" in _why(alarms), 40)
    pages = [probe.http_get(f"{service.health_url}/{page}")[1] for page in ("metrics", "logs")]
    kept = alarms.client.hgetall("omf:{mock}:notifications:addresses")
    said = [service.tail(5000), *pages, str(kept), str(alarms.status())]
    assert [one for one in said if "geheim" in one] == []


def _why(alarms: OwnedAlarms) -> str:
    status = alarms.status()
    why = status.receivers[0].addresses[0].why if status else None
    return why.en if why else ""


def test_a_file_with_a_fault_is_said_and_the_receivers_stay(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver
) -> None:
    _hook(house, hook)
    house.start().wait_ready()
    house.file.write_text("receivers:\n  - {name: anna, address: []}\n", "utf-8")
    wait_for(lambda: (said := alarms.status()) and said.fault and "line 2" in said.fault.en)
    alarms.raised("HBW")
    wait_for(lambda: len(hook.taken) == 1)


def test_a_fault_at_the_start_is_said_and_mended_without_a_restart(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver
) -> None:
    house.write("receivers: nobody\n")
    service = house.start()
    wait_for(lambda: (said := alarms.status()) is not None and said.fault is not None)
    assert not service.ready()
    _hook(house, hook)
    service.wait_ready()


def test_without_a_file_it_lives_needs_nothing_and_tells_nobody(processes: Processes) -> None:
    service = processes.service("notifications", store_url="redis://127.0.0.1:1/0")
    service.wait_ready()
