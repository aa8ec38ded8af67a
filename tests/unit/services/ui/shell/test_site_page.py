"""The page of all factories: what it says of each, in which words, and how fast with many."""

import time
from collections.abc import Iterator
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
P99_S = 0.4
"""Of one core: what others do on this machine is no matter."""
LOOKS = 15


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


def request(language: str = "en") -> Request:
    headers = [(b"cookie", f"omf_language={language}".encode())]
    return Request({"type": "http", "headers": headers, "client": ("127.0.0.1", 1)})


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
    moments = iter(range(10_000))
    page = SitePage(models, lambda: NOW + 2 * next(moments))
    took = []
    for _ in range(LOOKS):
        began = time.process_time()
        text = bytes((await page.answer(request())).body).decode()
        took.append(time.process_time() - began)
    assert "200 factories" in text
    assert "Hall &lt;hall-7&gt;" in text
    assert sorted(took)[-2] < P99_S, took


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
