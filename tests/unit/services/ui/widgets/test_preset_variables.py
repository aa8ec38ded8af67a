"""Snippets: variables asked for at use, versions with who and when, for everybody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.common.store import presets
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.common.store.presets import EVERYBODY, MAX_PRESET_VERSIONS, MAX_PRESETS, Preset
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages

CARD = "/mock/steering/free?kind=free-message"
LAMP = {"topic": "site/${room}", "payload": '{"level": ${level:number}, "on": ${on:switch}}'}


@pytest.fixture
async def pages(store_url: str, tmp_path: Path) -> AsyncIterator[Pages]:
    users = tmp_path / "users.jsonl"
    async with ui_pages.pages(users=users, store_url=store_url) as opened:
        opened.language("en")
        yield opened


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as opened:
        yield opened


def lamp(**changes: Any) -> Preset:
    return Preset(kind="free-message", name="lamp", parameters=LAMP).model_copy(update=changes)


async def marked(pages: Pages, name: str) -> Any:
    for _ in range(60):
        found = pages.user.find(marker=name).elements
        if found:
            return next(iter(found))
        await asyncio.sleep(0.05)
    raise AssertionError(name)


async def choose(pages: Pages, key: str = "lamp\n") -> None:
    choice = await marked(pages, "preset-choice")
    for _ in range(60):
        if key in choice.options:
            choice.set_value(key)
            return
        await asyncio.sleep(0.05)
    raise AssertionError(choice.options)


async def test_variables_are_asked_for_filled_in_and_remembered(pages: Pages, bus: Bus) -> None:
    await presets.keep(bus, EVERYBODY, lamp())
    await pages.sign_in(Role.ADMIN)
    await pages.user.open(CARD)
    await choose(pages)
    for name, value in (("room", "hall-2"), ("level", "much"), ("on", True)):
        (await marked(pages, f"variable-{name}")).set_value(value)
    pages.user.find(marker="preset-fill").click()
    await pages.user.should_see("Does not fit: level (number)")
    (await marked(pages, "variable-level")).set_value("-1.5")
    pages.user.find(marker="preset-fill").click()
    await asyncio.sleep(0.3)
    assert (await marked(pages, "field-topic")).value == "site/hall-2"
    assert (await marked(pages, "field-payload")).value == '{"level": -1.5, "on": true}'
    wanted = {"room": "hall-2", "level": "-1.5", "on": "true"}
    assert await presets.last_values(bus, "anna", lamp()) == wanted
    assert await presets.last_values(bus, "berta", lamp()) == {}
    await pages.user.open(CARD)
    await choose(pages)
    await asyncio.sleep(0.3)
    assert (await marked(pages, "variable-level")).value == "-1.5"
    assert not pages.inboxes["mock"].commands


async def test_an_earlier_version_says_who_and_when_and_leads_back(pages: Pages, bus: Bus) -> None:
    first = {"topic": "site/lamp", "payload": "1"}
    for number, who in ((1, "berta"), (2, "cleo")):
        kept = lamp(parameters=first | {"payload": f"{number}"}, by=who, at=NOW - 10 + number)
        await presets.keep(bus, EVERYBODY, kept)
    await pages.sign_in(Role.ADMIN)
    await pages.user.open(CARD)
    await choose(pages)
    versions = await marked(pages, "preset-version")
    assert ["cleo" in versions.options[0], "berta" in versions.options[1]] == [True, True]
    versions.set_value(1)
    await asyncio.sleep(0.1)
    assert (await marked(pages, "field-payload")).value == "1"
    (await marked(pages, "preset-name")).set_value("lamp")
    pages.user.find(marker="preset-share").click()
    await asyncio.sleep(0.5)
    (kept,) = await presets.of(bus, EVERYBODY, "free-message")
    assert (kept.parameters["payload"], kept.by) == ("1", "anna")
    assert [one.by for one in kept.earlier] == ["cleo", "berta"]


async def test_versions_are_bounded_and_keeping_the_same_adds_none(bus: Bus) -> None:
    for number in range(MAX_PRESET_VERSIONS + 3):
        for _ in range(2):
            await presets.keep(bus, "anna", lamp(parameters={"payload": f"{number}"}))
    (kept,) = await presets.of(bus, "anna", "free-message")
    assert len(kept.earlier) == MAX_PRESET_VERSIONS
    assert kept.earlier[0].parameters == {"payload": f"{MAX_PRESET_VERSIONS + 1}"}


async def test_last_values_are_bounded_however_many_templates_come_and_go(bus: Bus) -> None:
    one = lamp()
    await presets.keep(bus, "guest", one)
    await presets.keep_values(bus, "guest", one, {"room": "hall"})
    await presets.forget(bus, "guest", one.kind, one.name)
    assert await presets.last_values(bus, "guest", one) == {}
    for number in range(MAX_PRESETS + 5):
        await presets.keep_values(bus, "guest", lamp(name=f"lamp {number}"), {"room": "hall"})
    assert await bus.call(bus.client.hlen(bus.key("presets:guest"))) == MAX_PRESETS
    newest = lamp(name=f"lamp {MAX_PRESETS + 4}")
    assert await presets.last_values(bus, "guest", newest) == {"room": "hall"}
    await presets.keep_values(bus, "guest", newest, {"room": "x" * 20_000})
    assert await presets.last_values(bus, "guest", newest) == {"room": "hall"}
