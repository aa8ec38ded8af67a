"""The dashboard can be installed, and how large it is drawn is a choice of the person."""

from pathlib import Path

import pytest

from services.ui.auth.request_rules import MANIFEST
from services.ui.shell import offline_page
from tests.support.ui_pages import Pages

PNG_SIZE = slice(16, 24)


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Alarms"), ("de", "Alarme"), ("fr", "Alarmes")]
)
async def test_an_app_has_name_icons_and_a_begin(pages: Pages, language: str, name: str) -> None:
    pages.language(language)
    answer = await pages.user.http_client.get(MANIFEST)
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert (told["short_name"], told["lang"], told["display"]) == ("OMF", language, "standalone")
    assert told["shortcuts"][0] == {"name": name, "url": "/live/alarms"}
    for icon in told["icons"]:
        file = Path(offline_page.__file__).parents[1] / icon["src"].lstrip("/")
        wide, high = (int(icon["sizes"].split("x")[0]),) * 2
        size = file.read_bytes()[PNG_SIZE]
        assert size == wide.to_bytes(4) + high.to_bytes(4)


async def test_pages_name_the_manifest(pages: Pages) -> None:
    page = await pages.user.http_client.get("/mock/overview")
    assert f'<link rel="manifest" href="{MANIFEST}"' in page.text


async def test_the_service_worker_keeps_nothing(pages: Pages) -> None:
    worker = await pages.user.http_client.get(offline_page.ADDRESS)
    assert "caches" not in worker.text
    assert "indexedDB" not in worker.text


@pytest.mark.parametrize(("chosen", "drawn"), [("150", "--scale: 1.5"), ("100", ""), ("9", "")])
async def test_a_page_is_drawn_as_large_as_was_chosen(
    pages: Pages, chosen: str, drawn: str
) -> None:
    pages.user.http_client.cookies.set("omf_scale", chosen)
    page = await pages.user.http_client.get("/mock/overview")
    assert ("--scale" in page.text) == bool(drawn)
