"""Web Push from the button to the notification, in a browser that reaches no push service."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from omf.topics.catalogue import address
from services.common.process import clock
from services.common.store.bus import store
from services.common.store.keys import key
from services.common.store.notification_status import NotificationStatus, PushBrowser
from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page
from tests.support.circle import Connected
from tests.support.processes import wait_for

pytestmark = pytest.mark.browser
SUBSCRIBED = """
PushManager.prototype.getSubscription = async () => window.known || null;
PushManager.prototype.subscribe = async (options) => {
  window.asked = options;
  window.known = {
    endpoint: "https://push.example/1",
    unsubscribe: async () => { window.known = null; return true; },
    toJSON: () => ({endpoint: "https://push.example/1", keys: {p256dh: "BPoint", auth: "secret"}}),
  };
  return window.known;
};
"""
"""Headless, it reaches no push service: the browser's own answer, said by the page."""


@pytest.fixture
def page(system: RunFile, chromium: Browser) -> Iterator[Page]:
    page = open_page(chromium, system.ui, "/mock/overview")
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(SUBSCRIBED)
    yield page
    page.context.close()


def test_a_press_subscribes_and_the_next_one_ends_it(system: RunFile, page: Page) -> None:
    client = store(system.redis)
    status = NotificationStatus(at=0.0, push_key="BKey")
    client.set(key("mock", "notifications"), status.model_dump_json())
    _sign_in(page, system)
    page.locator(".who").click()
    button = page.locator("[data-push-key]")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator(".person")).to_contain_text("told of alarms from now on")
    assert page.evaluate("window.asked") == {
        "userVisibleOnly": True,
        "applicationServerKey": "BKey",
    }
    browsers = key("mock", "notifications:browsers")
    (kept,) = [PushBrowser.model_validate_json(one) for one in client.hvals(browsers)]
    assert kept.endpoint == "https://push.example/1"
    button.click()
    expect(page.locator(".person")).to_contain_text("told no more")
    assert client.hlen(browsers) == 0
    client.close()


def test_what_is_pushed_is_shown_and_leads_only_to_pages_of_ours(
    system: RunFile, page: Page
) -> None:
    session = page.context.new_cdp_session(page)
    found: list[dict[str, str]] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    session.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for(lambda: page.evaluate("1") and bool(found))
    told = {"title": "OMF mock: Critical", "body": "HBW", "url": "https://evil.example/mock/alarms"}
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": system.ui,
            "registrationId": found[-1]["registrationId"],
            "data": json.dumps(told),
        },
    )
    shown = """async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map((n) => [n.title, n.body]);
    }"""
    wait_for(lambda: page.evaluate(shown) == [["OMF mock: Critical", "HBW"]])


def test_a_link_leads_to_its_alarm_also_through_the_sign_in_and_a_tap_acknowledges(
    system: RunFile, chromium: Browser
) -> None:
    alarm = _fatal(system)
    page = open_page(chromium, system.ui, "/mock/overview")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{system.ui}/mock/alarms/active?alarm={quote(alarm)}")
    page.locator(".who").click()
    page.locator("[href^='/login?']").click()
    _fill_in(page)
    expect(page).to_have_url(re.compile(f"alarm={re.escape(quote(alarm, safe=''))}"))
    page.get_by_role("button", name="Acknowledge alarm").first.click()
    expect(page.get_by_text("acknowledged by anna").first).to_be_visible()
    page.context.close()


def _fatal(system: RunFile) -> str:
    """A module says that it broke, and the alarm is there; its id."""
    at = clock.iso(clock.now())
    error = {"errorType": "broken", "errorLevel": "FATAL", "timestamp": at}
    said = {"serialNumber": "BROKEN1", "timestamp": at, "errors": [error]}
    topic = address("module_state", serial="BROKEN1")
    with Connected(system.mqtt["mock"], "broken", []) as module:
        module.link.publish(topic, json.dumps(said).encode()).result(5)
    client = store(system.redis)
    wait_for(lambda: client.hexists(key("mock", "alarms:now"), "device-fatal:BROKEN1"))
    client.close()
    return "device-fatal:BROKEN1"


def _sign_in(page: Page, system: RunFile) -> None:
    page.goto(f"{system.ui}/login?back=/mock/overview")
    _fill_in(page)


def _fill_in(page: Page) -> None:
    """The form; the first account is made by whoever sits here."""
    page.fill("[name=name]", "anna")
    for field in page.locator("[type=password]").all():
        field.fill("correct horse battery")
    page.click("button[type=submit]")
    page.wait_for_selector(".shell")
