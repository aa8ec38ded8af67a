"""What a person is told of: Web Push, a notification that leads to its alarm, the sound."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from omf.notifications.decision import AlarmNotice, AlarmPhase
from omf.notifications.wording import NotificationPlace, notification_of
from omf.topics.catalogue import address
from services.common.process import clock
from services.common.store.bus import store
from services.common.store.entries import decode
from services.common.store.keys import key
from services.common.store.notification_status import NotificationStatus, PushBrowser
from services.supervisor.engines import program
from services.supervisor.runfile import RunFile
from tests.e2e.whole import WAIT_MS, browser, open_page
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
COUNTED = """
window.tones = 0;
const begin = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...words) { window.tones++; begin.apply(this, words); };
"""
CRITICAL_TONES, ALARMS_HEARD = 6, 5
RINGS_MS = 1800
"""A little more than six tones last."""
TOUCH_PX = 44


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The one with a screen: the other one knows no notifications."""
    with browser(program("chromium")) as started:
        yield started


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


@pytest.fixture
def phone(system: RunFile, chromium: Browser) -> Iterator[Page]:
    """As wide as one, with fingers; nobody has signed in on it."""
    size = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=size, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "omf_language", "value": "en", "url": system.ui}])
    yield context.new_page()
    context.close()


def test_from_the_link_of_a_notification_three_taps_after_the_sign_in_acknowledge(
    system: RunFile, chromium: Browser, phone: Page
) -> None:
    alarm = _fatal(system, "BROKEN1")
    _account(system, chromium)
    phone.goto(_link(system, alarm))
    phone.wait_for_selector(".shell")
    expect(phone.locator(".detail")).to_contain_text("BROKEN1")
    phone.locator(".who").tap()
    phone.locator("[href^='/login?']").tap()
    _fill_in(phone)
    taps, done = 0, phone.locator(".detail").get_by_text("acknowledged by anna")
    while not done.count():
        button = phone.locator(".detail").get_by_role("button", name="Acknowledge alarm")
        expect(button).to_be_visible()
        assert (button.bounding_box() or {"height": 0})["height"] >= TOUCH_PX
        button.tap()
        taps += 1
        done.first.wait_for(timeout=WAIT_MS)
    assert taps <= 3
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with closing(store(system.redis)) as client:
        found = [decode(AlarmEntry, raw) for _, raw in client.xrange(key("mock", "alarms"))]
    acts = [one for one in found if (one.alarm, one.event) == (alarm, AlarmEvent.ACKNOWLEDGED)]
    assert [one.who for one in acts] == ["anna"]


def _link(system: RunFile, alarm: str) -> str:
    """What the notification of the alarm leads to."""
    with closing(store(system.redis)) as client:
        raw = client.hget(key("mock", "alarms:now"), alarm)
    place = NotificationPlace("mock", "en", "UTC", system.ui)
    return notification_of([_notice(AlarmLife.model_validate_json(raw))], place).link


def test_two_tabs_of_a_person_ring_once_for_an_alarm_and_another_person_hears_nothing(
    system: RunFile, chromium: Browser
) -> None:
    _fatal(system, "BROKEN2")
    page = open_page(chromium, system.ui, "/mock/overview", sound="on")
    other = open_page(chromium, system.ui, "/mock/overview")
    page.context.add_init_script(COUNTED)
    other.context.add_init_script(COUNTED)
    tabs = [page, page.context.new_page()]
    for tab in (*tabs, other):
        tab.goto(f"{system.ui}/mock/overview")
        tab.wait_for_selector("[data-beat]")
        tab.mouse.click(5, 5)
        expect(tab.get_by_text("BROKEN2").first).to_be_visible()
    for number in range(3, 3 + ALARMS_HEARD):
        before = sum(_tones(tab) for tab in tabs)
        _fatal(system, f"BROKEN{number}")
        for tab in (*tabs, other):
            expect(tab.locator(".alarm-chip")).to_contain_text(f"Critical {_broken(system)}")
        wait_for(lambda before=before: sum(_tones(tab) for tab in tabs) > before)
        # One that rang in a second tab as well would have begun by now.
        page.wait_for_timeout(RINGS_MS)
        assert sum(_tones(tab) for tab in tabs) - before == CRITICAL_TONES
    assert _tones(other) == 0
    page.context.close()
    other.context.close()


def _broken(system: RunFile) -> int:
    with closing(store(system.redis)) as client:
        names = client.hkeys(key("mock", "alarms:now"))
    return sum(name.startswith(b"device-fatal:") for name in names)


def _tones(tab: Page) -> int:
    return int(tab.evaluate("window.tones"))


def _notice(life: AlarmLife) -> AlarmNotice:
    return AlarmNotice(
        receiver="anna",
        alarm=life.id,
        phase=AlarmPhase.RAISED,
        raised_at=life.raised_at,
        at=life.raised_at,
        priority=1,
        severity=life.severity,
        text=life.text,
        action=life.action,
    )


def _account(system: RunFile, chromium: Browser) -> None:
    """The account of anna, made by whoever sits here."""
    page = open_page(chromium, system.ui, "/mock/overview")
    _sign_in(page, system)
    page.context.close()


def _fatal(system: RunFile, serial: str) -> str:
    """A module says that it broke, and the alarm is there; its id."""
    at = clock.iso(clock.now())
    error = {"errorType": "broken", "errorLevel": "FATAL", "timestamp": at}
    said = {"serialNumber": serial, "timestamp": at, "errors": [error]}
    topic = address("module_state", serial=serial)
    with Connected(system.mqtt["mock"], "broken", []) as module:
        module.link.publish(topic, json.dumps(said).encode()).result(5)
    client = store(system.redis)
    wait_for(lambda: client.hexists(key("mock", "alarms:now"), f"device-fatal:{serial}"))
    client.close()
    return f"device-fatal:{serial}"


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
