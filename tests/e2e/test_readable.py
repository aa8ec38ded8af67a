"""What stands on a page can be read at 1280 x 720: nothing is cut, nothing lies on anything."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from omf.texts import Language
from omf.topics.catalogue import address
from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.runfile import RunFile
from services.ui import formats
from services.ui.auth.current_user import CHOICES
from tests.e2e.page_judges import CUT_CHOICES
from tests.e2e.whole import open_page, running
from tests.support.factory import SERIALS, layout_message, module_state
from tests.support.processes import wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]
CUT_CELLS = """(cells) => cells.filter(cell => cell.offsetParent !== null
  && [cell, ...cell.querySelectorAll("*")].some(part => part.clientWidth > 0
    && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 4))
).map(cell => cell.closest("[col-id]")?.getAttribute("col-id") + ": " + cell.innerText)"""
EMPTY_SHARE = """(page) => {
  const box = part => part.getBoundingClientRect();
  const area = part => box(part).width * box(part).height;
  const below = (part, inner) => box(part).width * Math.max(0, box(part).bottom
    - Math.max(box(part).top, ...[...inner].map(one => box(one).bottom)));
  const sum = found => found.reduce((one, other) => one + other, 0);
  const shown = page.checkVisibility ? part => part.checkVisibility() : () => true;
  const panels = [...page.querySelectorAll(".panel")].filter(shown);
  const tables = [...page.querySelectorAll(".ag-body-viewport")].filter(shown);
  const drawn = panels.filter(panel => !panel.querySelector(".ag-body-viewport"));
  const seen = panel => [...panel.querySelectorAll("*")]
    .filter(part => shown(part) && !part.childElementCount)
    .filter(part => part.innerHTML || part.ownerSVGElement);
  return (area(page) - sum(panels.map(area)) + sum(drawn.map(one => below(one, seen(one))))
    + sum(tables.map(view => below(view, view.querySelectorAll(".ag-row"))))) / area(page);
}"""
"""Of a page: what no panel covers, and what panels leave free below their words and their rows."""
CUT_IN_CHART = """(chart) => {
  const edge = part => part.getBoundingClientRect();
  const begins = edge(chart.querySelector(".gantt-mark")).left, ends = edge(chart).right + 1;
  return [...chart.querySelectorAll("text")].filter(one =>
    edge(one).right > (one.classList.contains("gantt-name") ? begins : ends)
  ).map(one => one.textContent);
}"""
LABELS_ON_LABELS = """(texts, oldest) => {
  texts.filter(one => one.classList.contains("module-age") && one.textContent)
    .forEach(one => { one.textContent = oldest; });
  const seen = texts.filter(one => one.textContent.trim() && one.getBoundingClientRect().width > 0);
  return seen.flatMap((one, n) => seen.slice(n + 1).filter(other => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return across > -Math.min(a.height, b.height) / 2 && down > 3;
  }).map(other => one.textContent + " lies on " + other.textContent));
}"""
"""Labels that lie on another or run into it as one word, ages being as long as they get."""
IN_ALL_LANGUAGES = tuple(("mock", language) for language in CHOICES["language"])
"""The pages of another environment differ in their rows, not in their words."""
DAY_S = 86_400


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    with running(tmp_path_factory.mktemp("readable")) as started:
        _tell_of_yesterday(started)
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


STEPS = (
    ("HBW", "DROP"),
    ("DRILL", "PICK"),
    ("DRILL", "DRILL"),
    ("DRILL", "DROP"),
    ("AIQS", "PICK"),
    ("AIQS", "CHECK_QUALITY"),
    ("AIQS", "DROP"),
    ("DPS", "PICK"),
)
ENDS = ("FINISHED", "ERROR", "CANCELLED", "FINISHED")


def _iso(days_ago: float) -> str:
    at = time.gmtime(time.time() - days_ago * DAY_S)
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at)


def _order(name: str, colour: str, state: str, days_ago: int) -> dict[str, object]:
    steps = [
        {
            "id": f"{name}-step-{number}",
            "type": "MANUFACTURE",
            "state": state,
            "moduleType": module,
            "command": command,
            "startedAt": _iso(days_ago),
        }
        for number, (module, command) in enumerate(STEPS)
    ]
    return {
        "orderId": name,
        "orderType": "PRODUCTION",
        "type": colour,
        "state": state,
        "timestamp": _iso(days_ago),
        "receivedAt": _iso(days_ago),
        "startedAt": _iso(days_ago),
        **({"stoppedAt": _iso(days_ago - 0.01)} if state != "IN_PROGRESS" else {}),
        "productionSteps": steps,
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
def test_no_label_of_a_map_lies_on_another(
    system: RunFile, chromium: Browser, language: Language
) -> None:
    page = open_page(chromium, system.ui, "/mock/overview", language=language)
    oldest = formats.age(119 * formats.MINUTE_S, language)
    for path in ("/mock/overview", "/mock/floor", "/replay/overview"):
        page.goto(f"{system.ui}{path}")
        expect(page.locator(".map text").first).to_be_visible()
        assert page.locator(".map text").evaluate_all(LABELS_ON_LABELS, oldest) == [], path
    page.context.close()


@pytest.mark.parametrize(("environment", "language"), [*IN_ALL_LANGUAGES, ("replay", "de")])
def test_what_the_services_leave_of_their_page_is_filled(
    system: RunFile, chromium: Browser, environment: str, language: str
) -> None:
    page = open_page(chromium, system.ui, f"/{environment}/system", language=language)
    expect(page.locator(".services-now .ag-row").first).to_be_visible()
    expect(page.locator(".panel.fill .ag-row").nth(7)).to_be_visible()
    assert page.locator(".system").evaluate(EMPTY_SHARE) <= 0.25
    assert page.locator(".ag-header-cell-text").evaluate_all(CUT_CELLS) == []
    page.context.close()


@pytest.fixture(scope="module")
def ordered(system: RunFile, chromium: Browser) -> RunFile:
    """Three orders in the simulated factory."""
    page = open_page(chromium, system.ui, "/mock/overview")
    for colour in ("WHITE", "BLUE", "RED"):
        page.goto(f"{system.ui}/mock/overview")
        page.click(f"[data-order={colour}]")
        page.click("[data-send]:not(.off)")
        expect(page.locator(".told").last).to_contain_text("effect seen")
    page.context.close()
    return system


@pytest.mark.parametrize(
    ("environment", "orders", "language"),
    [
        *((place, 3, language) for place, language in IN_ALL_LANGUAGES),
        ("replay", len(ENDS) + 1, "de"),
    ],
)
def test_what_the_orders_leave_of_their_page_is_filled(
    ordered: RunFile, chromium: Browser, environment: str, orders: int, language: str
) -> None:
    page = open_page(chromium, ordered.ui, f"/{environment}/orders", language=language)
    expect(page.locator(".ag-row")).to_have_count(orders)
    assert page.locator(".orders").evaluate(EMPTY_SHARE) <= 0.25
    assert page.locator(".gantt").evaluate(CUT_IN_CHART) == []
    assert page.locator(".order-act").evaluate_all(CUT_CELLS) == []
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
