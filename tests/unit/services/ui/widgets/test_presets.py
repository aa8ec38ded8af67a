"""Parameters kept by name: one's own, for one kind of command, filled in and never sent by that."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import ui

from services.common.store import presets
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.common.store.presets import Preset, PresetError
from tests.support import ui_pages
from tests.support.ui_pages import Pages, offered

CARD = "/mock/steering?kind=storage-order"


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


def _preset(name: str = "usual", kind: str = "storage-order", **parameters: object) -> Preset:
    return Preset(kind=kind, name=name, parameters=parameters)


async def test_what_is_filled_in_is_kept_and_filled_in_again(pages: Pages, bus: Bus) -> None:
    await pages.user.open(f"{CARD}&colour=BLUE&workpiece_id=04798eca341290")
    pages.user.find(marker="edit").click()
    field = _named(pages)
    field.set_value("  blue   tag ")
    pages.user.find(marker="preset-keep").click()
    await offered(pages, "blue tag")
    (kept,) = await presets.of(bus, "local", "storage-order")
    assert kept.parameters == {"colour": "BLUE", "workpiece_id": "04798eca341290"}
    await pages.user.open(CARD)
    (await offered(pages, "blue tag")).set_value("blue tag")
    await pages.user.should_see('"04798eca341290"')
    assert not pages.inboxes["mock"].commands


def _named(pages: Pages) -> ui.input:
    label = "Name of the preset"
    found = pages.user.find(ui.input).elements
    return next(field for field in found if field.props.get("aria-label") == label)


async def test_one_that_is_forgotten_is_offered_no_more(pages: Pages, bus: Bus) -> None:
    for name in ("a", "b"):
        await presets.keep(bus, "local", _preset(name, colour="RED"))
    await pages.user.open(CARD)
    (await offered(pages, "a", "b")).set_value("a")
    pages.user.find(marker="preset-forget").click()
    await offered(pages, "b")
    assert [one.name for one in await presets.of(bus, "local", "storage-order")] == ["b"]


async def test_it_is_offered_to_its_person_and_its_kind_alone(pages: Pages, bus: Bus) -> None:
    await presets.keep(bus, "berta", _preset(colour="RED"))
    await presets.keep(bus, "anna", _preset("mine", colour="RED"))
    await presets.keep(bus, "anna", _preset("parked", kind="park"))
    await pages.sign_in(Role.SUPERVISOR)
    await pages.user.open(CARD)
    await offered(pages, "mine")


async def test_who_may_only_look_keeps_nothing(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER)
    await pages.user.open(CARD)
    await pages.user.should_not_see(marker="preset-choice")


async def test_a_preset_without_a_name_is_refused_in_words(pages: Pages, bus: Bus) -> None:
    await pages.user.open(f"{CARD}&colour=BLUE")
    pages.user.find(marker="preset-keep").click()
    await pages.user.should_see("A preset needs a name")
    assert await presets.of(bus, "local", "storage-order") == []


async def test_a_store_that_is_away_is_said_and_the_card_still_works() -> None:
    async with ui_pages.pages() as away:
        away.language("en")
        await away.user.open(f"{CARD}&colour=BLUE&workpiece_id=04798eca341290")
        await away.user.should_see("Presets cannot be reached")
        await away.user.should_see('"type": "BLUE"')


async def test_the_word_of_a_dangerous_command_is_never_kept(bus: Bus) -> None:
    wanted = _preset(kind="factory-reset", with_storage=True, confirm="RESET")
    await presets.keep(bus, "anna", wanted)
    (kept,) = await presets.of(bus, "anna", "factory-reset")
    assert kept.parameters == {"with_storage": True}


async def test_there_are_bounds(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MAX_PRESETS", 1)
    await presets.keep(bus, "anna", _preset(colour="RED"))
    await presets.keep(bus, "anna", _preset(colour="BLUE"))
    assert (await presets.of(bus, "anna", "storage-order"))[0].parameters == {"colour": "BLUE"}
    for too_much in (_preset("other"), _preset(payload="x" * presets.MAX_PRESET_BYTES)):
        with pytest.raises(PresetError):
            await presets.keep(bus, "anna", too_much)


async def test_a_forged_entry_blinds_nobody(bus: Bus) -> None:
    await presets.keep(bus, "anna", _preset(colour="RED"))
    await bus.client.hset(bus.key("presets:anna"), "storage-order/x", "no json")
    assert len(await presets.of(bus, "anna", "storage-order")) == 1
