"""Pages of modules and vehicles: what is known, what is not, what may be told."""

from base64 import b64encode
from typing import Any

import pytest

from omf.messages.message import Message
from services.ui.views import pictures
from tests.support.factory import (
    AIQS,
    DPS,
    DRILL,
    FTS,
    HBW,
    LISTED,
    SERIALS,
    module_state,
    warehouse_loads,
)
from tests.support.ui_pages import NOW, Pages, classed
from tests.support.ui_story import driving, floor, made

CHRG = SERIALS["CHRG"]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


async def test_a_module_shows_the_stages_of_its_action_against_the_usual_time(
    pages: Pages,
) -> None:
    floor(pages)
    pages.factory.module(DRILL, "DRILL", "WAITING", ago=9)
    pages.factory.module(DRILL, "DRILL", "RUNNING", ago=4)
    await pages.user.open(f"/mock/module/{DRILL}")
    for words in ("drills", "waits", "running"):
        await pages.user.should_see(words)
    await pages.user.should_see("9.0 s; usual 9.9 s (8.9 s to 9.9 s, from recordings)")
    pages.factory.module(DRILL, "DRILL", ago=0)
    pages.tick()
    await pages.user.should_see("finished")
    await pages.user.should_see("9.0 s")


async def test_every_command_says_what_stands_in_its_way(pages: Pages) -> None:
    floor(pages)
    pages.factory.online(DRILL)
    pages.factory.orders(made("one", "IN_PROGRESS"))
    await pages.user.open(f"/mock/module/{DRILL}")
    await pages.user.should_see("Module step: drills")
    await pages.user.should_see("The CCU works on orders; manual operation needs it idle")
    told = [r for r in classed(pages, "reason") if "hidden" not in r.classes]
    assert len([r for r in told if r.text.startswith("The CCU works on orders")]) == 1
    first, *_, last = classed(pages, "offer")
    assert ("off" in first.classes, "off" in last.classes) == (False, True)
    pages.user.find(marker="offer-module-sequence").click()
    await pages.user.should_see("Discard")


async def test_the_last_actions_lead_to_their_orders(pages: Pages) -> None:
    floor(pages)
    pages.factory.orders(made("order-of-it", "IN_PROGRESS"))
    pages.factory.module(DRILL, "PICK", orderId="order-of-it")
    await pages.user.open(f"/mock/module/{DRILL}")
    (way,) = {e.props["href"] for e in pages.user.find("order-of").elements if "href" in e.props}
    assert way == "/mock/order/order-of-it"


async def test_errors_and_the_history_of_the_connection_are_shown(pages: Pages) -> None:
    floor(pages)
    for state in ("ONLINE", "CONNECTIONBROKEN"):
        pages.factory.online(DRILL, state)
    error = {"errorType": "MOTOR", "errorLevel": "FATAL", "errorMessage": "stuck"}
    pages.factory.module(DRILL, errors=[error])
    await pages.user.open(f"/mock/module/{DRILL}")
    for words in ("MOTOR", "fatal: the device is blocked", "MOTOR · stuck", "connection lost"):
        await pages.user.should_see(words)


async def test_the_store_shows_its_bays_and_the_station_its_tag(pages: Pages) -> None:
    floor(pages)
    pages.factory.module(HBW, loads=warehouse_loads(A1="RED:04a1"))
    await pages.user.open(f"/mock/module/{HBW}")
    await pages.user.should_see("04a1")
    read = {"id": "0", "command": "RGB_NFC", "state": "FINISHED", "result": "04b2"}
    pages.factory.say("nodered_state", module_state(DPS, "RGB_NFC", actionState=read), serial=DPS)
    await pages.user.open(f"/mock/module/{DPS}")
    await pages.user.should_see("Tag read last: 04b2")


async def test_the_charger_names_who_stands_at_it(pages: Pages) -> None:
    floor(pages)
    await pages.user.open(f"/mock/module/{CHRG}")
    await pages.user.should_see("No vehicle at the charger")
    charging = {"charging": True, "percentage": 51, "currentVoltage": 8.6}
    pages.factory.vehicle(CHRG, batteryState=charging)
    pages.tick()
    await pages.user.should_see("charging, 8.60 V")


def _check(result: str, data: str, number: int) -> dict[str, Any]:
    told = {"ts": f"2026-08-07T09:00:0{number}.000Z", "result": result, "num": number}
    return told | {"classification": "CRACK", "data": data}


async def test_the_quality_station_shows_its_pass_rate_and_its_picture(pages: Pages) -> None:
    floor(pages)
    picture = f"data:image/png;base64,{b64encode(PNG).decode()}"
    for number, result in enumerate(("PASSED", "PASSED", "FAILED")):
        pages.factory.say("txt_quality_check", _check(result, picture, number))
    await pages.user.open(f"/mock/module/{AIQS}")
    await pages.user.should_see("67 % passed (2 of 3)")
    newest = pages.models["mock"].factory.quality.checks[-1].picture.message_id
    answer = await pages.user.http_client.get(f"/mock/picture/{newest}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    gone = await pages.user.http_client.get("/mock/picture/1-1")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b'{"data": 5}',
        b'{"data": "data:image/svg+xml;base64,PHN2Zz4="}',
        b'{"data": "data:image/png;base64,PHNjcmlwdD4="}',
        b'{"data": "data:image/png;base64,A"}',
        b'{"data": "https://elsewhere/x.png"}',
    ],
)
def test_only_what_really_is_a_picture_passes_for_one(payload: bytes) -> None:
    assert pictures.of(Message("x", payload, "1-0")) is None


async def test_a_vehicle_shows_where_it_is_what_it_carries_and_its_way(pages: Pages) -> None:
    floor(pages)
    load = [{"loadPosition": "2", "loadType": "BLUE", "loadId": "04c3"}]
    driving(pages, HBW, "1", "2", DPS, at=1, load=load)
    await pages.user.open(f"/mock/vehicle/{FTS}")
    for words in ("1 → DPS", "Blue", "04c3", "HBW", "Battery 60 % · 8.60 V"):
        await pages.user.should_see(words)
    await pages.user.should_see("Charge threshold unknown")
    await pages.user.should_see("not paired")


async def test_a_lost_vehicle_may_dock_and_says_so(pages: Pages) -> None:
    floor(pages, LISTED)
    for serial in (DPS,):
        pages.factory.online(serial)
    pages.factory.online(FTS)
    pages.factory.vehicle("UNKNOWN")
    await pages.user.open(f"/mock/vehicle/{FTS}")
    await pages.user.should_see("position unknown")
    (dock,) = pages.user.find(marker="offer-fts-dock").elements
    (drive,) = pages.user.find(marker="offer-fts-navigate").elements
    assert "off" not in dock.classes
    assert "off" in drive.classes


async def test_the_battery_has_a_course_once_there_are_two_readings(pages: Pages) -> None:
    for ago in (100, 50):
        pages.factory.vehicle("1", ago=ago)
    config = {"ftsSettings": {"chargeThresholdPercent": 20}}
    pages.factory.say("ccu_state_config", config)
    await pages.user.open(f"/mock/vehicle/{FTS}")
    await pages.user.should_see("Charge threshold of the CCU: 20 %")
    await pages.user.should_see("Time to the charge threshold unknown until")
    readings = pages.models["mock"].factory.vehicles[FTS].battery
    assert [reading.at for reading in readings] == [NOW - 100, NOW - 50]


async def test_a_falling_battery_says_when_it_has_to_charge(pages: Pages) -> None:
    for number in range(11):
        told = {"charging": False, "percentage": 60 - number, "currentVoltage": 8.5}
        pages.factory.vehicle("1", batteryState=told, ago=600 - 60 * number)
    pages.factory.say("ccu_state_config", {"ftsSettings": {"chargeThresholdPercent": 35}})
    for language, words in (
        ("en", "Charge threshold expected in 15 min, estimated from the course of the last 10 min"),
        ("de", "Ladeschwelle voraussichtlich in 15 min erreicht"),
    ):
        pages.language(language)
        await pages.user.open(f"/mock/vehicle/{FTS}")
        await pages.user.should_see(words)
    told = {"charging": True, "percentage": 50, "currentVoltage": 8.5}
    pages.factory.vehicle("1", batteryState=told, ago=0)
    pages.tick(1)
    await pages.user.should_see("Zeit bis zur Ladeschwelle: lädt gerade")


"""Panels and columns of a page that show what the factory last said."""


@pytest.mark.parametrize(("page", "words"), [("module", "Module X9"), ("vehicle", "Vehicle X9")])
async def test_a_device_nobody_heard_of_is_said_to_be_unknown(
    pages: Pages, page: str, words: str
) -> None:
    await pages.user.open(f"/mock/{page}/X9")
    await pages.user.should_see(f"{words} is not known")


async def test_a_hostile_serial_is_only_a_name(pages: Pages) -> None:
    serial = "<img src=x>/#"
    module = {"serialNumber": serial, "type": "MODULE", "subType": "DRILL", "connected": True}
    pages.factory.say("ccu_pairing_state", {"modules": [module], "transports": []})
    await pages.user.open("/mock/module/%3Cimg%20src%3Dx%3E%2F%23")
    await pages.user.should_see(serial)
    await pages.user.should_see("Drilling station")


@pytest.mark.parametrize(
    ("left", "target"),
    [
        ("http://127.0.0.1/mock/module/X9?a=1", "/mock/module/X9?a=1"),
        ("http://elsewhere/mock/module/X9", "/mock/module"),
        ("", "/mock/module"),
    ],
)
async def test_a_choice_of_language_keeps_the_device_that_is_shown(
    pages: Pages, left: str, target: str
) -> None:
    answer = await pages.user.http_client.get(
        "/choose?language=de&back=/mock/module",
        headers={"referer": left} if left else {},
        follow_redirects=False,
    )
    assert answer.headers["location"] == target
