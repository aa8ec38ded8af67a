"""The server of the pages dies, also while a page loads: the browser comes back by itself."""

import time

import pytest
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from services.supervisor.ports import free_port
from tests.e2e.whole import open_page
from tests.support.processes import Processes, Service, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.timeout(240)]
TITLES = {
    "de": "Das Dashboard ist gerade nicht erreichbar",
    "en": "The dashboard is out of reach right now",
}
SHOWN = "e => [getComputedStyle(e).fontSize, getComputedStyle(e, '::before').content]"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"


class Pages:
    """The pages' process alone, on a port that stays."""

    def __init__(self, processes: Processes, store_url: str) -> None:
        self._processes = processes
        self._settings = {"store_url": store_url, "environments": "mock"}
        self._settings["ui_port"] = str(free_port())
        self.url = f"http://127.0.0.1:{self._settings['ui_port']}"
        self.service: Service = self.start()

    def start(self) -> Service:
        self.service = self._processes.service("ui", **self._settings)
        return self.service.wait_ready()


@pytest.fixture
def pages(processes: Processes, store_url: str) -> Pages:
    return Pages(processes, store_url)


def watched(chromium: Browser, pages: Pages, language: str = "en") -> Page:
    """An open page that the service worker looks after."""
    page = open_page(chromium, pages.url, "/mock/overview", language=language)
    page.wait_for_function(CONTROLLED)
    return page


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_reload_without_a_server_waits_and_comes_back(
    chromium: Browser, pages: Pages, language: str
) -> None:
    page = watched(chromium, pages, language)
    pages.service.kill()
    page.reload()
    expect(page.locator("h1")).to_have_text(TITLES[language])
    assert page.locator("html").get_attribute("lang") == language
    pages.start()
    page.wait_for_selector(".shell", timeout=30_000)
    assert page.url == f"{pages.url}/mock/overview"
    page.context.close()


def test_a_server_that_dies_while_the_page_comes_back_is_waited_for_again(
    chromium: Browser, pages: Pages
) -> None:
    page = watched(chromium, pages)
    pages.service.kill()
    page.reload()
    pages.start().kill()
    time.sleep(3.0)
    pages.start()
    page.wait_for_selector(".shell", timeout=30_000)
    page.context.close()


def test_a_server_that_dies_between_the_page_and_its_scripts(
    chromium: Browser, pages: Pages
) -> None:
    page = watched(chromium, pages)
    died: list[str] = []

    def die(route: Route) -> None:
        if not died:
            died.append(route.request.url)
            pages.service.kill()
        route.continue_()

    page.context.route("**/_nicegui/**/nicegui.js", die)
    page.reload(wait_until="commit")
    page.wait_for_timeout(4000)
    assert died
    pages.start()
    page.wait_for_selector(".shell", timeout=40_000)
    page.context.close()


class RefusedHandshake:
    """The first socket opens and its handshake is refused when told; the others are the server's.

    NiceGUI loads the page anew then; so it does where a busy server did not answer in time.
    """

    OPENED = '0{"sid":"one","upgrades":[],"pingInterval":60000,"pingTimeout":60000,"maxPayload":9}'

    def __init__(self, page: Page) -> None:
        self._first: WebSocketRoute | None = None
        page.route_web_socket("**/_nicegui_ws/**", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        if self._first is None:
            self._first = socket
            socket.send(self.OPENED)
        else:
            socket.connect_to_server()

    def refuse(self) -> None:
        assert self._first
        self._first.send('44{"message":"Implicit handshake failed"}')


def test_a_press_on_a_page_that_is_loaded_anew_is_told_as_perhaps_not_taken(
    chromium: Browser, pages: Pages
) -> None:
    context = chromium.new_context(locale="en-GB", service_workers="block")
    page = context.new_page()
    handshake = RefusedHandshake(page)
    page.goto(f"{pages.url}/mock/steering")
    page.wait_for_selector("[data-beat]")
    # At once: after five seconds without the server a page takes no press any more.
    page.locator("button.act:visible").first.dispatch_event("click")
    with page.expect_navigation():
        handshake.refuse()
    page.wait_for_function("() => window.did_handshake")
    told = page.locator(".unheard")
    expect(told).to_contain_text("may not have been taken")
    page.locator("[data-help]").click()
    expect(told).to_be_hidden()
    context.close()


def test_a_slow_load_is_not_blamed_on_the_browser(chromium: Browser, pages: Pages) -> None:
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/_nicegui/**/*.js", hold)
    page.goto(f"{pages.url}/mock/overview", wait_until="commit")
    fallback = page.locator("#esm-fallback")
    expect(fallback).to_be_attached()
    wait_for(lambda: fallback.evaluate(SHOWN) == ["0px", '"OMF"'])
    assert held
    context.close()
