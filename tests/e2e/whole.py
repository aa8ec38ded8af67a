"""The whole system as a newcomer starts it, and a browser in front of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from services.supervisor.engines import program
from services.supervisor.runfile import RunFile
from tests.support.processes import wait_for
from tests.support.system import System

WAIT_MS = 20_000
"""Two cores may be busy with other tests; what is measured is measured in the bench."""
expect.set_options(timeout=WAIT_MS)
SIZE = {"width": 1280, "height": 720}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_program() -> str | None:
    """The browser that can do without a screen only: it takes half the processor time."""
    return program("chromium-headless-shell") or program("chromium")


@contextmanager
def running(folder: Path, environments: str = "mock,replay") -> Iterator[RunFile]:
    """`omf up` with its data in `folder`; ends with the context, and left no traceback in a log."""
    system = System(folder / "data", "--environments", environments)
    try:
        yield system.start().run
    finally:
        system.close()
    assert not system.tracebacks(), "\n".join(system.tracebacks())


@contextmanager
def browser(path: str | None = None) -> Iterator[Browser]:
    """A headless Chromium that talks to nobody but us: that at `path`, or the lightest there is."""
    path = path or chromium_program()
    assert path, "install the package chromium-headless-shell or chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield started
        finally:
            started.close()


def open_page(browser: Browser, base: str, path: str, **choices: str) -> Page:
    """A fresh visitor's page, e.g. `open_page(b, url, "/mock/overview", language="de")`."""
    context = browser.new_context(viewport=SIZE)
    wanted = {"language": "en", **choices}
    context.add_cookies(
        [{"name": f"omf_{name}", "value": value, "url": base} for name, value in wanted.items()]
    )
    page = context.new_page()
    page.goto(f"{base}{path}")
    page.wait_for_selector(".shell")
    return page


def insist(act: Callable[[], None], seen: Locator) -> None:
    """Do it until this is seen: a page whose server was late loads anew, and loses a press."""
    for _ in range(4):
        if not seen.is_visible():
            act()
        try:
            expect(seen).to_be_visible(timeout=WAIT_MS / 2)
        except AssertionError:
            continue
        return
    expect(seen).to_be_visible()


def press(entry: Locator, key: str) -> None:
    """Press a key on an entry once it takes the focus.

    On a machine so busy that the server said nothing for five seconds, a page takes no input.
    """
    focus = "entry => (entry.focus(), document.activeElement === entry)"
    wait_for(lambda: bool(entry.evaluate(focus)), 60)
    entry.page.keyboard.press(key)
