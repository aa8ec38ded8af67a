"""Configuration: flows with the orders on them, what the control unit is set to, and a way back."""

import json

import pytest
from nicegui import ui

from omf.messages.message import Message
from omf.site.settings import SiteContent, SiteSettings
from omf.state import FactoryState
from services.ui.live import setting_versions
from services.ui.views.flow_marks import flow_marks
from tests.support import ui_pages
from tests.support.factory import FLOWS, MILL, TAG, Factory, known_factory, layout_message, order
from tests.support.ui_pages import Pages

CONFIG = {
    "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
    "productionSettings": {"maxParallelOrders": 4},
    "ftsSettings": {"chargeThresholdPercent": 10},
}


def _step(kind: str, place: str, state: str) -> dict[str, str]:
    if kind == "NAVIGATION":
        return {"id": place, "type": kind, "state": state, "source": "HBW", "target": place}
    return {"id": place, "type": kind, "state": state, "moduleType": place, "command": "PICK"}


def _state(state: str, *steps: dict[str, str]) -> FactoryState:
    factory = Factory(known_factory())
    factory.orders(order("one", state, type="RED", orderType="PRODUCTION", productionSteps=steps))
    return factory.state


@pytest.mark.parametrize(
    ("state", "steps", "box", "driving"),
    [
        ("ENQUEUED", [_step("NAVIGATION", "HBW", "ENQUEUED")], 0, False),
        ("IN_PROGRESS", [_step("NAVIGATION", "MILL", "IN_PROGRESS")], 1, True),
        (
            "IN_PROGRESS",
            [_step("NAVIGATION", "MILL", "FINISHED"), _step("MANUFACTURE", "MILL", "IN_PROGRESS")],
            1,
            False,
        ),
        ("IN_PROGRESS", [_step("MANUFACTURE", "OVEN", "IN_PROGRESS")], None, False),
    ],
)
def test_an_order_stands_at_the_box_its_piece_is_at(
    state: str, steps: list[dict[str, str]], box: int | None, *, driving: bool
) -> None:
    found = flow_marks(_state(state, *steps), "RED")
    assert [(mark.box, mark.driving) for mark in found] == [(box, driving)]
    assert flow_marks(_state(state, *steps), "WHITE") == []


async def test_earlier_versions_are_told_once_each_and_lead_back(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CCU repeats what it told at each start; only what changed is another version."""
    _told(pages)
    other = {**CONFIG, "ftsSettings": {"chargeThresholdPercent": 25}}
    bodies = [CONFIG, CONFIG, other, CONFIG]
    heard = [
        Message("ccu/state/config", json.dumps(body).encode(), id=f"{1000 * number}-0")
        for number, body in enumerate(bodies, 1)
    ]

    async def archived(_screen: object, _topic: str) -> list[Message]:
        return heard[:2]

    async def kept(_screen: object, _topic: str) -> list[Message]:
        return heard[::-1]

    monkeypatch.setattr(setting_versions, "_archived", archived)
    monkeypatch.setattr(setting_versions, "_kept", kept)
    await pages.user.open("/mock/configuration/ccu")
    await pages.user.should_see("Versions in journal and archive: 3")
    await pages.user.should_see("holds now")
    buttons = sorted(pages.user.find("Back to this version").elements, key=lambda one: one.id)
    assert len(buttons) == 2
    pages.user.find("Back to this version").click()
    await pages.user.should_see("Difference to now")


async def test_versions_that_cannot_be_read_are_not_told_as_none(pages: Pages) -> None:
    """The store of these pages is away."""
    await pages.user.open("/mock/configuration/flows")
    await pages.user.should_see("could not be asked")


def _told(pages: Pages) -> None:
    ui_pages.working_factory(pages.factory)
    pages.factory.say("ccu_state_layout", layout_message())
    steps = {colour: {"steps": steps} for colour, steps in FLOWS.items()}
    pages.factory.say("ccu_state_flows", steps).say("ccu_state_config", CONFIG)


@pytest.mark.parametrize("language", ["de", "en", "fr"])
@pytest.mark.parametrize(
    "tab",
    [
        *("flows", "layout", "ccu", "modules", "site", "tags", "thresholds", "templates"),
        "installation",
    ],
)
async def test_every_tab_has_an_address(pages: Pages, tab: str, language: str) -> None:
    _told(pages)
    pages.language(language)
    await pages.user.open(f"/mock/configuration/{tab}")
    await pages.user.should_see({"de": "Abläufe", "en": "Flows", "fr": "Gammes"}[language])


async def test_settings_are_shown_and_their_card_opens_beside_them(pages: Pages) -> None:
    _told(pages)
    await pages.user.open("/mock/configuration/ccu")
    await pages.user.should_see("580")
    pages.user.find(marker="change-config").click()
    await pages.user.should_see("now: 580")


async def test_what_nobody_told_is_unknown(pages: Pages) -> None:
    await pages.user.open("/mock/configuration/ccu")
    await pages.user.should_see("unknown")
    await pages.user.open("/mock/configuration/flows")
    await pages.user.should_see("has told no flow")
    await pages.user.open("/mock/configuration/modules")
    await pages.user.should_not_see(MILL)


async def test_a_module_is_named_on_its_card_and_the_name_stands_everywhere(pages: Pages) -> None:
    _told(pages)
    await pages.user.open("/mock/configuration/modules")
    pages.user.find(marker=f"name-{MILL}").click()
    await pages.user.should_see("Name in three languages")
    content = SiteContent.model_validate(
        {
            "name": "Plant 1",
            "modules": {MILL: {"names": {"en": "Big mill"}, "enabled": False}},
            "tags": {TAG: {"colour": "RED", "number": "7", "note": "demo"}},
            "links": [{"name": "Wiki", "url": "https://wiki.example.org"}],
        }
    )
    pages.models["mock"].factory.site = SiteSettings(revision=1, content=content)
    for tab, said in (("modules", "Big mill"), ("tags", "demo"), ("site", "Plant 1")):
        await pages.user.open(f"/mock/configuration/{tab}")
        await pages.user.should_see(said)
        await pages.user.should_see("Wiki")
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Big mill")


async def test_the_example_of_each_topic_can_be_read_and_copied(pages: Pages) -> None:
    _told(pages)
    await pages.user.open("/mock/configuration/templates")
    (chosen,) = pages.user.find(marker="topic-example").elements
    assert isinstance(chosen, ui.select)
    for name, said in (("module_state", "serialNumber"), ("ccu_state_config", "maxParallelOrders")):
        with pages.user:
            chosen.set_value(name)
        (shown,) = pages.user.find(marker="example-payload").elements
        assert shown.props["data-copied"] == "copy-payload"
        assert json.loads(shown.text)
        assert said in shown.text
    await pages.user.should_see("ccu/state/config")
    assert len(pages.user.find("Copy payload").elements) == 1
