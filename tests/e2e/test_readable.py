"""What stands on a page can be read at 1280 x 720: nothing is cut, nothing lies on anything."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from omf.topics.catalogue import address
from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.runfile import RunFile
from services.ui.auth.current_user import CHOICES
from tests.e2e.whole import browser, open_page, running
from tests.support.floor import SERIALS, layout_message
from tests.support.known_factory import module_state
from tests.support.processes import wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("readable"),
    pytest.mark.timeout(400),
]
CUT_CELLS = """(cells) => cells.filter(cell => cell.offsetParent !== null
  && [cell, ...cell.querySelectorAll("*")].some(part => part.clientWidth > 0
    && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 4))
).map(cell => cell.getAttribute("col-id") + ": " + cell.innerText)"""
EMPTY_SHARE = """(page) => {
  const area = box => box.width * box.height, all = area(page.getBoundingClientRect());
  const tables = [...page.querySelectorAll(".ag-body-viewport")].map(view => {
    const rows = [...view.querySelectorAll(".ag-row")]
      .map(row => row.getBoundingClientRect().bottom);
    const box = view.getBoundingClientRect();
    return box.width * Math.max(0, box.bottom - Math.max(box.top, ...rows));
  });
  const panels = [...page.querySelectorAll(":scope > .panel")]
    .map(one => area(one.getBoundingClientRect()));
  const sum = found => found.reduce((one, other) => one + other, 0);
  return (all - sum(panels) + sum(tables)) / all;
}"""
"""Of a page: the part that no panel covers, and what tables leave free below their rows."""
CUT_PLACEHOLDERS = """(fields) => fields.filter(field => {
  if (field.offsetParent === null || field.value) return false;
  const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(field.placeholder).width > room + 1;
}).map(field => field.placeholder)"""
CUT_CHOICES = """(fields) => fields.filter(field => {
  const shown = [...field.querySelectorAll(".q-field__native > span, .q-field__native > input")]
    .filter(one => !one.classList.contains("q-select__focus-target"));
  return shown.some(one => one.offsetParent !== null && one.scrollWidth > one.clientWidth + 1);
}).map(field => field.innerText + " / " + (field.querySelector("input") || {}).value)"""
LABELS_ON_LABELS = """(texts) => {
  const seen = texts.filter(one => one.textContent.trim() && one.getBoundingClientRect().width > 0);
  return seen.flatMap((one, n) => seen.slice(n + 1).filter(other => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return across > 1 && down > 3;
  }).map(other => one.textContent + " lies on " + other.textContent));
}"""
NAMELESS = """(fields) => fields.filter(field => {
  if (field.offsetParent === null || field.closest("[aria-hidden=true]")) return false;
  const named = field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
  return !(named || (field.labels && [...field.labels].some(one => one.innerText.trim())));
}).map(field => field.outerHTML.slice(0, 200))"""
DAY_S = 86_400


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    with running(tmp_path_factory.mktemp("readable")) as started:
        _tell_of_yesterday(started)
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def _tell_of_yesterday(system: RunFile) -> None:
    """Orders of other days, and one that vanished by a reset."""
    link = MqttLink(system.mqtt["replay"], client_id="test-readable")
    link.start()
    wait_for(lambda: link.state.connected, 20)

    def say(name: str, body: object, **levels: str) -> None:
        link.publish(address(name, **levels), json.dumps(body).encode()).result(5)

    say("ccu_state_layout", layout_message())
    for serial in SERIALS.values():
        say("module_state", module_state(serial), serial=serial)
    say("ccu_order_active", [_order("left", "BLUE", "IN_PROGRESS", 1)])
    ended = [_order(f"day-{n}", "WHITE", state, n) for n, state in enumerate(ENDS, 1)]
    say("ccu_order_completed", ended)
    say("ccu_order_active", [])
    say("ccu_set_reset", {"timestamp": _iso(0), "withStorage": False})
    link.stop()


ENDS = ("FINISHED", "ERROR", "CANCELLED", "FINISHED")


def _iso(days_ago: float) -> str:
    at = time.gmtime(time.time() - days_ago * DAY_S)
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at)


def _order(name: str, colour: str, state: str, days_ago: int) -> dict[str, object]:
    step = {
        "id": f"{name}-step",
        "type": "MANUFACTURE",
        "state": state,
        "moduleType": "DRILL",
        "command": "DRILL",
        "startedAt": _iso(days_ago),
    }
    return {
        "orderId": name,
        "orderType": "PRODUCTION",
        "type": colour,
        "state": state,
        "timestamp": _iso(days_ago),
        "receivedAt": _iso(days_ago),
        "startedAt": _iso(days_ago),
        **({"stoppedAt": _iso(days_ago - 0.01)} if state != "IN_PROGRESS" else {}),
        "productionSteps": [step],
    }


@pytest.mark.parametrize("language", CHOICES["language"])
def test_when_orders_of_other_days_began_and_ended_is_read_in_full(
    system: RunFile, chromium: Browser, language: str
) -> None:
    page = open_page(chromium, system.ui, "/replay/orders", language=language)
    expect(page.locator(".ag-row")).to_have_count(len(ENDS) + 1)
    assert page.locator(".ag-header-cell-text").evaluate_all(CUT_CELLS) == []
    for name in ("piece", "type", "order", "state", "began", "ended", "lead"):
        cells = page.locator(f".ag-cell[col-id={name}]")
        assert cells.evaluate_all(CUT_CELLS) == [], name
    began = page.locator(".ag-cell[col-id=began]").all_inner_texts()
    assert any(len(one) > len("12:34:56") for one in began), "a day is named beside the time"
    page.context.close()


@pytest.mark.parametrize("language", CHOICES["language"])
@pytest.mark.parametrize("path", ["/mock/overview", "/mock/floor", "/replay/overview"])
def test_no_label_of_a_map_lies_on_another(
    system: RunFile, chromium: Browser, path: str, language: str
) -> None:
    page = open_page(chromium, system.ui, path, language=language)
    expect(page.locator(".map text").first).to_be_visible()
    assert page.locator(".map text").evaluate_all(LABELS_ON_LABELS) == []
    page.context.close()


PAGES = (
    "/mock/commands",
    "/mock/messages",
    "/replay/sessions",
    "/mock/sessions",
    "/mock/steering",
    "/mock/users",
)


@pytest.mark.parametrize("language", CHOICES["language"])
@pytest.mark.parametrize("path", PAGES)
def test_what_a_field_asks_for_and_what_is_chosen_are_read_in_full(
    system: RunFile, chromium: Browser, path: str, language: str
) -> None:
    page = open_page(chromium, system.ui, path, language=language)
    assert page.locator("input[placeholder]").evaluate_all(CUT_PLACEHOLDERS) == []
    assert page.locator(".q-select").evaluate_all(CUT_CHOICES) == []
    page.context.close()


@pytest.mark.parametrize("path", [*PAGES, "/mock/orders", "/mock/stock", "/mock/floor"])
def test_every_field_has_a_name_for_who_hears_it(
    system: RunFile, chromium: Browser, path: str
) -> None:
    page = open_page(chromium, system.ui, path)
    assert page.locator("input, select, textarea").evaluate_all(NAMELESS) == []
    page.context.close()


@pytest.mark.parametrize("environment", ["mock", "replay"])
def test_what_the_services_leave_of_their_page_is_filled(
    system: RunFile, chromium: Browser, environment: str
) -> None:
    page = open_page(chromium, system.ui, f"/{environment}/system")
    expect(page.locator(".services-now .ag-row").first).to_be_visible()
    expect(page.locator(".panel.fill .ag-row").nth(7)).to_be_visible()
    assert page.locator(".system").evaluate(EMPTY_SHARE) <= 0.25
    page.context.close()


def test_every_speed_is_read_in_full_in_its_box(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/replay/sessions")
    for speed in ("0.1 ×", "10 ×", "50 ×", "max"):
        _choose(page, ".pace", speed)
        assert page.locator(".pace").evaluate_all(CUT_CHOICES) == [], speed
    page.context.close()


def _choose(page: Page, field: str, option: str) -> None:
    page.locator(field).click()
    page.locator(".q-menu .q-item", has_text=option).first.click()
    expect(page.locator(f"{field} input").first).to_have_value(option)
