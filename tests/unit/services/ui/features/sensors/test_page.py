"""Sensors & camera: what was told and how old it is, and what a press of the pad sends."""

import base64
from typing import Any

from omf.alarms.rule_data import with_site
from services.common.store.keys import CommandEvent, Stage
from tests.support.factory import AIQS, DPS
from tests.support.ui_pages import NOW, Pages, classed, working_factory

BME, LDR = "/j1/txt/1/i/bme680", "/j1/txt/1/i/ldr"
FLAME = "osf/arduino/flame/flame-1/state"
JPEG = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0 picture").decode()


def tile(pages: Pages, name: str) -> str:
    """All words of one tile."""
    [found] = pages.user.find(marker=f"tile-{name}").elements
    parts = [one for one in found.descendants() if "hidden" not in one.classes]
    return " | ".join(str(getattr(one, "text", "")) for one in parts if getattr(one, "text", ""))


def ready(pages: Pages) -> None:
    working_factory(pages.factory)
    pages.factory.online(DPS)


async def test_a_tile_says_value_unit_accuracy_and_age(pages: Pages) -> None:
    pages.say(BME, {"t": 21.46, "h": 40, "iaq": 33, "aq": 1}, ago=20)
    await pages.user.open("/mock/sensors")
    assert tile(pages, "room-temperature") == "Room temperature | 21.5 °C | 20 s ago"
    assert tile(pages, "air-quality") == "Air quality (IAQ) | 33 | accuracy: low | 20 s ago"
    assert tile(pages, "brightness") == "Brightness | — | never reported here"
    for language, words in (("de", "Genauigkeit: gering"), ("fr", "précision\u00a0: faible")):
        pages.language(language)
        await pages.user.open("/mock/sensors")
        assert words in tile(pages, "air-quality")


async def test_what_is_silent_kept_or_away_does_not_look_current(pages: Pages) -> None:
    pages.say(BME, {"t": 20}, ago=4000)
    pages.factory.raw(LDR, {"br": 50}, retain=True)
    pages.say(FLAME, {"flameDetected": False}, ago=3)
    lost = {"connectionState": "CONNECTIONBROKEN"}
    pages.say("osf/arduino/flame/flame-1/connection", lost, ago=2)
    await pages.user.open("/mock/sensors")
    assert "silent since" in tile(pages, "room-temperature")
    assert "age unknown" in tile(pages, "brightness")
    assert "nothing detected" in tile(pages, "flame")
    assert "connection lost" in tile(pages, "flame").lower()
    assert len(classed(pages, "sensor-tile", "aged")) == 3


async def test_a_limit_is_shown_and_said_once_it_is_passed(pages: Pages) -> None:
    limits = "room-temperature: {limits: {high: {above: 30, hysteresis: 2}}}"
    site = f"version: 1\nsensors:\n  {limits}\n"
    pages.models["mock"].factory.alarm_rules = with_site(site)
    pages.say(BME, {"t": 29})
    await pages.user.open("/mock/sensors")
    assert "limit > 30 °C" in tile(pages, "room-temperature")
    pages.say(BME, {"t": 31})
    pages.tick(1)
    assert "beyond its limit: limit > 30 °C" in tile(pages, "room-temperature")


async def test_the_address_says_which_trend_is_shown(pages: Pages) -> None:
    pages.say(BME, {"t": 20, "h": 41})
    await pages.user.open(f"/mock/sensors?tile=room-humidity&topic={BME}&range=7d")
    [title] = pages.user.find(marker="trend-title").elements
    assert title.text == "Room humidity"
    await pages.user.should_see("Room humidity: 41")
    await pages.user.open("/mock/sensors?tile=nothing&range=soon")
    [title] = pages.user.find(marker="trend-title").elements
    assert title.text == "Room temperature"


async def test_the_camera_says_how_old_its_picture_is(pages: Pages) -> None:
    await pages.user.open("/mock/sensors")
    await pages.user.should_see("No picture has come yet")
    pages.say("/j1/txt/1/i/cam", {"data": JPEG}, ago=5)
    pages.tick()
    [age] = pages.user.find(marker="camera-age").elements
    assert age.text == "5 s ago"
    [picture] = pages.user.find(marker="camera-picture").elements
    assert picture.props["src"].startswith("/mock/picture/")
    pages.tick(3600)
    assert age.text.startswith("silent since")


async def test_a_press_of_the_pad_sends_one_move_of_the_chosen_step(pages: Pages) -> None:
    ready(pages)
    await pages.user.open("/mock/sensors")
    pages.user.find(marker="step-20").click()
    pages.user.find(marker="camera-relmove_left").click()
    await pages.user.should_see("requested")
    [command] = pages.inboxes["mock"].commands
    assert (command.kind, command.parameters) == (
        "camera",
        {"move": "relmove_left", "degree": 20.0},
    )
    pages.models["mock"].hear(_event(command, Stage.EFFECT))
    pages.tick(1)
    await pages.user.should_see("effect seen")


def _event(command: Any, stage: Stage) -> CommandEvent:
    return CommandEvent(command_id=command.command_id, kind=command.kind, stage=stage, at=NOW)


async def test_what_stands_in_the_way_is_said_and_nothing_is_sent(pages: Pages) -> None:
    await pages.user.open("/mock/sensors")
    pages.user.find(marker="camera-home").click()
    await pages.user.should_see("Unknown: The DPS is")
    assert pages.inboxes["mock"].commands == []


async def test_the_position_is_what_was_sent_and_else_unknown(pages: Pages) -> None:
    await pages.user.open("/mock/sensors")
    await pages.user.should_see("sideways unknown, up and down unknown")
    await pages.user.should_see("No move was seen")
    for move in ({"cmd": "home"}, {"cmd": "relmove_left", "degree": 15}, {"cmd": "start_tilt"}):
        pages.factory.say("txt_ptu", move)
    pages.tick(1)
    await pages.user.should_see("sideways 15° left of: home")
    await pages.user.should_see("up and down at the start of its range")
    await pages.user.should_see("Last move: tilt to its start")


async def test_the_gallery_leads_to_order_and_piece(pages: Pages) -> None:
    tag = "04798eca341290"
    order = {"orderId": "o-77", "orderType": "PRODUCTION", "type": "WHITE", "state": "IN_PROGRESS"}
    pages.factory.say("ccu_order_active", [order])
    action = {"id": "a1", "command": "CHECK_QUALITY", "state": "RUNNING"}
    action["metadata"] = {"type": "WHITE", "workpieceId": tag}
    told = {"serialNumber": AIQS, "orderId": "o-77", "orderUpdateId": 0, "actionState": action}
    pages.factory.say("module_state", told, serial=AIQS)
    check = {"ts": "x", "result": "FAILED", "classification": "CRACK", "data": JPEG}
    pages.factory.say("txt_quality_check", check)
    await pages.user.open("/mock/sensors")
    [item] = classed(pages, "gallery-item")
    links = [one.props.get("href") for one in item.descendants() if one.props.get("href")]
    assert [one.split("?")[0] for one in links[1:]] == [
        "/mock/order/o-77",
        f"/mock/workpiece/{tag}",
    ]
