"""Questions to the archive over the whole system: ask, stop, chart, open, take away, share."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page, press, running
from tests.support.archives import LDR, filled, lights, merged

pytestmark = pytest.mark.servers
SAID = lights(600, every_ms=20_000)
"""Three hours and twenty minutes of 2026-05-13, in the archive of the mock factory."""
RANGE = "from=2026-05-13T14:00:00Z&to=2026-05-13T17:30:00Z"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    folder = tmp_path_factory.mktemp("history")
    merged(filled(folder / "data" / "history" / "mock", SAID))
    with running(folder, "mock") as run:
        yield run


@pytest.fixture
def page(system: RunFile, chromium: Browser) -> Iterator[Page]:
    opened = open_page(chromium, system.ui, f"/mock/history?{RANGE}", clock="utc")
    yield opened
    opened.context.close()


def test_a_question_is_asked_narrowed_opened_and_shared(
    system: RunFile, chromium: Browser, page: Page
) -> None:
    told, rows = page.locator(".history-progress .hint"), page.locator(".hold .ag-row")
    expect(told).to_contain_text("The newest 100 found; there are older ones")
    page.click("[data-older]")
    expect(told).to_contain_text("The newest 200 found")
    page.get_by_label("Topic filter").fill(LDR)
    page.locator(".choice-match").click()
    page.get_by_role("option", name="Field=value").click()
    page.get_by_label("Text, or charge").fill("ldr >= 594")
    page.keyboard.press("Enter")
    expect(told).to_contain_text("2 found, that is all of them")
    expect(page).to_have_url(re.compile(r"match=field"))
    rows.first.click()
    panel = page.locator("aside.detail")
    expect(panel).to_contain_text('"ldr": 597')
    expect(page).to_have_url(re.compile(f"message={SAID[597].id}"))
    shared = page.url
    other = open_page(chromium, system.ui, shared.removeprefix(system.ui), language="de")
    expect(other.locator("aside.detail")).to_contain_text('"ldr": 597')
    expect(other.locator(".history-progress .hint")).to_contain_text("2 gefunden")
    other.context.close()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_what_is_no_question_is_said(page: Page) -> None:
    page.goto(page.url.split("?")[0] + f"?{RANGE}&match=regex&text=(")
    expect(page.get_by_role("alert").filter(has_text="expression")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?from=someday")
    expect(page.get_by_role("alert").filter(has_text="someday")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?topic=a/%23/b")
    expect(page.get_by_role("alert").filter(has_text="a/#/b")).to_be_visible()


def test_a_field_is_charted_zoomed_by_dragging_and_leads_to_its_message(page: Page) -> None:
    page.click("[data-tab=chart]")
    page.get_by_label("Topic of a field").fill("ldr")
    page.get_by_role("option", name=LDR).click()
    page.get_by_label("Field to add").fill("ldr")
    page.get_by_role("option", name="ldr", exact=True).click()
    chart = page.locator(".range-chart")
    expect(chart).to_have_attribute("aria-label", re.compile("0 to 597"))
    expect(page).to_have_url(re.compile("fields="))
    box = chart.bounding_box()
    assert box is not None
    y = box["y"] + 60
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=5)
    page.mouse.up()
    expect(chart).not_to_have_attribute("aria-label", re.compile("0 to 597"))
    expect(page).to_have_url(re.compile(r"from=2026-05-13T1[45]"))
    page.mouse.click(box["x"] + box["width"] * 0.5, y)
    expect(page.locator("aside.detail")).to_contain_text('"ldr"')
    press(page.get_by_text("Zoom out", exact=True), "Enter")
    expect(page.locator(".chart-time").first).to_be_visible()
    page.click("text=highest")
    expect(page.locator("aside.detail")).to_contain_text('"ldr"')


def test_what_is_found_is_taken_away_whole(page: Page) -> None:
    page.goto(page.url.split("?")[0] + f"?{RANGE}&topic={LDR}")
    expect(page.locator(".history-progress .hint")).to_contain_text("100 found")
    lengths = {"CSV": 201, "CSV by field": 201, "JSONL": 200}
    for name, lines in lengths.items():
        with page.expect_download() as asked:
            page.get_by_role("link", name=name, exact=True).click()
        assert asked.value.suggested_filename.startswith("mock-history.")
        text = Path(asked.value.path()).read_text("utf-8")
        assert text.count("\n") == lines, name
    assert [json.loads(line)["topic"] for line in text.splitlines()] == [LDR] * 200
    with page.expect_download() as asked:
        page.get_by_role("link", name="Parquet", exact=True).click()
    assert Path(asked.value.path()).read_bytes()[-4:] == b"PAR1"


def test_a_question_is_kept_by_name_for_everybody(
    system: RunFile, chromium: Browser, page: Page
) -> None:
    page.goto(page.url.split("?")[0] + f"?{RANGE}&text=597")
    expect(page.locator(".history-progress .hint")).to_contain_text("all of them")
    page.click(".question-presets summary")
    page.get_by_label("Name of the preset").fill("bright")
    page.get_by_text("Keep for everybody").click()
    other = open_page(chromium, system.ui, "/mock/history")
    other.click(".question-presets summary")
    other.locator(".question-presets .q-select:not(.hidden)").click()
    other.get_by_role("option", name="bright (for everybody)").click()
    expect(other).to_have_url(re.compile("text=597"))
    expect(other.locator(".history-progress .hint")).to_contain_text("1 found")
    other.context.close()
