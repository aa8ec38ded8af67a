"""Devices in words: what is silent never reads well, what is over is not said for hours."""

import pytest

from omf.site.settings import SiteContent, SiteSettings
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.types import Row
from services.ui.views import device_status
from services.ui.views.field_choices import choices
from tests.support.factory import AIQS, DPS, DRILL, FTS, HBW, Factory, connection, paired
from tests.support.ui_pages import Pages
from tests.support.ui_story import floor, made

EN = Translator("en")


def _factory() -> Factory:
    told = Factory()
    kinds = {DRILL: "DRILL", HBW: "HBW", AIQS: "AIQS", DPS: "DPS"}
    modules = [paired(serial, kind) for serial, kind in kinds.items()]
    told.say("ccu_pairing_state", {"modules": modules, "transports": []})
    for serial in kinds:
        told.online(serial)
    return told


def _row(told: Factory, serial: str) -> Row:
    model = ViewModel("mock", factory=told.state, now=told.now)
    rows = [*device_status.module_rows(model, EN), *device_status.vehicle_rows(model, EN)]
    return next(row for row in rows if row["id"] == serial)


def test_a_silent_module_never_reads_connected_and_ready() -> None:
    told = _factory()
    heard = _row(told, DRILL)
    assert (heard["connection"], heard["available"]) == ("connected", "ready")
    told.wait(45)
    silent = _row(told, DRILL)
    assert (silent["connection"], silent["available"]) == ("silent", "last ready")
    assert (silent["link"], silent["old"]) == ("silent", True)


def test_without_node_red_no_module_reads_connected() -> None:
    told = _factory()
    told.say("nodered_status", connection("nodered", "OFFLINE"))
    row = _row(told, DRILL)
    assert (row["connection"], row["available"]) == ("Node-RED away", "last ready")


@pytest.mark.parametrize(
    ("serial", "command", "state", "more", "said"),
    [
        (HBW, "DROP", "RUNNING", {}, "gives out · 0 s"),
        (HBW, "DROP", "FINISHED", {}, "gave the piece out"),
        (DPS, "PICK", "FINISHED", {"result": "PASSED"}, "delivered, tag written"),
        (AIQS, "CHECK_QUALITY", "FINISHED", {"result": "FAILED"}, "checked, quality not OK"),
        (DRILL, "PICK", "FAILED", {}, "could not take the piece"),
    ],
)
def test_what_a_module_does_is_said_without_codes(
    serial: str, command: str, state: str, more: dict[str, str], said: str
) -> None:
    told = _factory()
    action = {"id": "a", "command": command, "state": state, **more}
    told.module(serial, command, actionState=action)
    assert _row(told, serial)["action"] == said


def test_what_the_dps_leaves_out_while_it_acts_is_taken_from_its_order() -> None:
    told = _factory()
    action = {"id": "a", "command": "PICK", "metadata": {}}
    sent = {"serialNumber": DPS, "orderId": "one", "orderUpdateId": 1, "action": action}
    told.say("module_order", sent, serial=DPS)
    running = {"id": "a", "state": "RUNNING"}
    told.module(DPS, "PICK", actionState=running)
    assert _row(told, DPS)["action"] == "takes for delivery · 0 s"


def test_what_a_module_did_is_not_said_for_hours() -> None:
    told = _factory()
    told.module(HBW, "DROP", orderId="one")
    told.wait(61)
    assert _row(told, HBW)["action"] == "idle"


def test_a_failure_is_said_until_it_is_over() -> None:
    told = _factory()
    told.module(DRILL, "PICK", "FAILED")
    told.wait(600)
    assert _row(told, DRILL)["action"] == "could not take the piece"


def test_a_device_works_for_an_order_only_while_that_is_open() -> None:
    told = _factory()
    told.orders(made("one", "IN_PROGRESS"))
    told.module(HBW, "DROP", orderId="one")
    told.vehicle(HBW, orderId="one")
    assert (_row(told, HBW)["order"], _row(told, FTS)["order"]) == ("one", "one")
    told.orders()
    assert (_row(told, HBW)["order"], _row(told, FTS)["order"]) == ("—", "—")


async def test_a_vehicle_shows_no_heartbeat_as_it_has_none(pages: Pages) -> None:
    floor(pages)
    pages.factory.online(FTS, ago=5000)
    pages.factory.vehicle(HBW)
    await pages.user.open(f"/mock/vehicle/{FTS}")
    names = [e for e in pages.user.find("Heartbeat").elements if _seen(e)]
    assert names == []
    await pages.user.should_see("Last heard")


async def test_the_charger_which_does_not_speak_is_not_said_to_be_silent(pages: Pages) -> None:
    floor(pages)
    await pages.user.open("/mock/module/CHRG0")
    await pages.user.should_see("does not speak itself, only the CCU tells of it")


def _seen(element: object) -> bool:
    slot = getattr(element, "parent_slot", None)
    return slot is None or "hidden" not in slot.parent.classes


def test_modules_stand_in_the_order_of_the_site_and_the_others_in_the_usual_one() -> None:
    told = _factory()
    model = ViewModel("mock", factory=told.state, now=told.now)
    assert [row["id"] for row in device_status.module_rows(model, EN)] == [DPS, HBW, DRILL, AIQS]
    order = SiteContent(module_order=(AIQS, "gone", HBW))
    told.state.site = SiteSettings(revision=1, content=order)
    listed = [AIQS, HBW, DPS, DRILL]
    assert [row["id"] for row in device_status.module_rows(model, EN)] == listed
    offered = choices("module-factsheet", "serial", model, EN)
    assert offered is not None
    assert [one for one in offered.options if one in listed] == listed
