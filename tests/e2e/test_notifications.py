"""Web Push from the button to the notification, in a browser that reaches no push service."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.common.store.bus import store
from services.common.store.keys import key
from services.common.store.notification_status import NotificationStatus, PushBrowser
from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page
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


def _sign_in(page: Page, system: RunFile) -> None:
    """As the first account, which whoever sits here makes."""
    page.goto(f"{system.ui}/login?back=/mock/overview")
    page.fill("[name=name]", "anna")
    for name in ("password", "again"):
        page.fill(f"[name={name}]", "correct horse battery")
    page.click("button[type=submit]")
    page.wait_for_selector(".shell")
