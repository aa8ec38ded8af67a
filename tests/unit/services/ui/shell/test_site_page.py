"""The page of all factories: what it says of each, in which words, and what many cost."""

import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from starlette.requests import Request

from omf.topics.catalogue import address
from services.common.store.keys import LinkHealth
from services.ui.live.model import Links, ViewModel
from services.ui.shell.site_page import SitePage
from services.ui.translator import Translator
from services.ui.views.factory_view import factory_title
from tests.support.ui_pages import DRILL, HBW, NOW, Pages, ShownFactory, working_factory

MANY = 200
STEPS_EACH = 1400
"""Calls of functions for one factory and its line; 690 were counted."""


def ill(factory: ShownFactory, level: str) -> None:
    """A module that reports an error of this level."""
    error = {"errorType": "x", "errorLevel": level, "timestamp": "2026-08-07T09:00:00.000Z"}
    said = {"serialNumber": DRILL, "timestamp": error["timestamp"], "errors": [error]}
    factory.raw(address("module_state", serial=DRILL), said, ago=1)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of two hundred factories of a file."""
    names = [f"hall-{number}" for number in range(MANY)]
    lines = (f"  - {{name: {name}, kind: mock, title: 'Hall <{name}>'}}\n" for name in names)
    path = tmp_path / "factories.yaml"
    path.write_text(f"factories:\n{''.join(lines)}")
    monkeypatch.setenv("OMF_FACTORIES", str(path))
    return iter([names])


def request(language: str = "en", asked: str = "") -> Request:
    headers = [(b"cookie", f"omf_language={language}".encode())]
    scope = {"type": "http", "headers": headers, "query_string": asked.encode()}
    return Request({**scope, "client": ("127.0.0.1", 1)})


def connected(name: str) -> ViewModel:
    model = ViewModel(name)
    up = LinkHealth(connected=True, broker="mqtt://broker", since=NOW - 60, at=NOW)
    model.links = Links(up, up)
    model.readable(NOW - 60)
    model.caught_up = True
    return model


@pytest.mark.parametrize(
    ("language", "title", "calm"),
    [
        ("de", "Alle Fabriken", "kein Alarm"),
        ("en", "All factories", "no alarm"),
        ("fr", "Toutes les usines", "aucune alarme"),
    ],
)
async def test_it_tells_of_every_factory_in_the_reader_s_language(
    pages: Pages, language: str, title: str, calm: str
) -> None:
    working_factory(pages.told["mock"])
    pages.language(language)
    answer = await pages.user.http_client.get("/site")
    assert (answer.status_code, title in answer.text, calm in answer.text) == (200, True, True)
    for name in ("live", "mock", "replay"):
        assert f'href="/{name}/overview"' in answer.text
    assert "nicegui" not in answer.text.lower()


async def test_the_worst_alarm_stands_there_and_the_others_are_counted(pages: Pages) -> None:
    working_factory(pages.told["live"])
    working_factory(pages.told["mock"])
    ill(pages.told["live"], "FATAL")
    page = (await pages.user.http_client.get("/site")).text
    assert "1 with a critical alarm" in page
    assert 'alarm-shape critical"' in page
    assert page.index("Critical:") < page.index('href="/mock/overview"')


async def test_a_factory_that_is_not_heard_is_said_to_be_so_and_never_well(pages: Pages) -> None:
    working_factory(pages.told["mock"])
    down = LinkHealth(connected=False, broker="mqtt://broker", since=NOW - 60, at=NOW)
    pages.models["mock"].links = Links(down, down)
    page = (await pages.user.http_client.get("/site")).text
    assert "1 without connection" in page
    assert page.count("no alarm") == 0
    assert page.count("alarms unknown") == 3
    assert '<tr class="site-lost">' in page


async def test_three_factories_stand_in_the_band_as_they_did(pages: Pages) -> None:
    home = await pages.user.http_client.get("/", follow_redirects=False)
    assert home.headers["location"] == "/live/overview"
    await pages.user.open("/mock/overview")
    await pages.user.should_see("REPLAY")
    await pages.user.should_not_see("All 3 factories")


async def test_two_hundred_are_there_at_once(site: Iterator[list[str]]) -> None:
    [names] = site
    models = {name: connected(name) for name in names}
    for model in models.values():
        factory = ShownFactory(model)
        working_factory(factory)
        factory.online(HBW)
    ill(ShownFactory(models["hall-7"]), "FATAL")
    whole, text = await worked(models)
    assert "200 factories" in text
    assert "Hall &lt;hall-7&gt;" in text
    assert whole < STEPS_EACH * MANY
    half, _ = await worked({name: models[name] for name in names[: MANY // 2]})
    assert whole <= 2 * half, "a factory costs no more where there are more of them"


async def worked(models: dict[str, ViewModel]) -> tuple[int, str]:
    """How many functions a new picture of these factories calls, and the page."""
    moments, steps = count(), 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    page = SitePage(models, lambda: NOW + 2 * next(moments))
    await page.answer(request())  # what is made once, as the template
    sys.setprofile(called)
    try:
        answer = await page.answer(request())
    finally:
        sys.setprofile(None)
    return steps, bytes(answer.body).decode()


async def answered(page: SitePage, asked: str = "") -> tuple[list[str], str]:
    """The factories that stand there, and the whole page."""
    text = bytes((await page.answer(request(asked=asked))).body).decode()
    return re.findall(r'href="/(hall-\d+)/overview"', text), text


async def test_fifty_stand_on_a_page_and_all_are_counted(site: Iterator[list[str]]) -> None:
    [names] = site
    page = SitePage({name: connected(name) for name in names}, lambda: NOW)
    first, text = await answered(page)
    assert first == names[:50]
    assert "200 factories" in text
    assert "1 to 50 of 200" in text
    assert 'href="/site?page=2" rel="next"' in text
    assert 'rel="prev"' not in text
    last, text = await answered(page, "page=4")
    assert last == names[150:]
    assert 'rel="next"' not in text
    for beyond in ("page=99", "page=-1", "page=x", "page=%C2%B2", f"page={10**9}"):
        assert len((await answered(page, beyond))[0]) == 50, beyond


async def test_one_is_found_by_its_title_or_its_name(site: Iterator[list[str]]) -> None:
    [names] = site
    page = SitePage({name: connected(name) for name in names}, lambda: NOW)
    for asked, wanted in (("find=hall-17", 11), ("find=HALL+%3Chall-199", 1), ("find=moon", 0)):
        found, text = await answered(page, asked)
        assert len(found) == wanted, asked
    assert "No factory is called so" in text
    assert 'value="moon"' in text
    assert "<script>" not in (await answered(page, "find=%22%3E%3Cscript%3E"))[1]


async def test_problems_first_puts_those_in_trouble_on_top(site: Iterator[list[str]]) -> None:
    [names] = site
    models = {name: connected(name) for name in names}
    for name in names:
        working_factory(ShownFactory(models[name]))
    ill(ShownFactory(models["hall-150"]), "FATAL")
    down = LinkHealth(connected=False, broker="mqtt://broker", since=NOW - 60, at=NOW)
    models["hall-120"].links = Links(down, down)
    page = SitePage(models, lambda: NOW)
    found, text = await answered(page, "first=problems")
    assert set(found[:2]) == {"hall-120", "hall-150"}
    assert 'href="/site?first=problems&amp;page=2"' in text
    assert "hall-150" not in (await answered(page))[0]


def test_a_factory_is_called_by_its_title_else_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [factory_title(Translator("en", None), n) for n in ("live", "mock")] == ["LIVE", "MOCK"]
    path = tmp_path / "factories.yaml"
    path.write_text(
        "factories:\n  - {name: a, kind: mock, title: Hall A}\n  - {name: b, kind: mock}\n"
    )
    monkeypatch.setenv("OMF_FACTORIES", str(path))
    assert [factory_title(Translator("en", None), name) for name in "ab"] == ["Hall A", "b"]
