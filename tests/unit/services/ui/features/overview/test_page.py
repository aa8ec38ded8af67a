"""The overview answers: what runs, since when, why it waits, what is next, wrong and to do."""

import pytest
from nicegui import ui

from omf.simulation.forecast import ExpectedEnd, Forecast
from services.ui.widgets.elements import Label
from tests.support import ui_pages
from tests.support.factory import AIQS, DRILL, FTS, LISTED, SERIALS, paired, vehicle_state
from tests.support.ui_pages import Pages, classed, listed
from tests.support.ui_story import floor, iso, made, step

DRIVE = {"id": "d", "type": "NAVIGATION", "state": "ENQUEUED", "source": "START", "target": "HBW"}


def _story(pages: Pages) -> None:
    floor(pages)
    modules = [paired(DRILL, "DRILL"), paired(AIQS, "AIQS")]
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    pages.factory.vehicle(DRILL, orderId="runs")
    running = made(
        "runs",
        "IN_PROGRESS",
        step(1, "FINISHED", "DRILL", "PICK", began=70, ended=60),
        step(2, "IN_PROGRESS", "DRILL", "DRILL", began=1),
        step(3, "ENQUEUED", "AIQS", "CHECK_QUALITY"),
    )
    queued = made("queued", "ENQUEUED", DRIVE, type="BLUE", startedAt=None, receivedAt=iso(30))
    pages.factory.orders(queued, running)
    pages.factory.say(
        "ccu_order_completed", [made("ended", "FINISHED", type="RED", stoppedAt=iso(50))]
    )


def _texts(element: ui.element) -> list[str]:
    return [e.text for e in element.descendants() if isinstance(e, Label) and e.text]


async def test_each_order_says_on_one_line_how_it_stands(pages: Pages) -> None:
    _story(pages)
    model = pages.models["mock"]
    at = model.factory_now
    end = ExpectedEnd(at + 20, at + 30, at + 40, 1.0)
    model.forecast = Forecast({"runs": end, "queued": end}, 50, at=at)
    await pages.user.open("/mock/overview")
    runs, queued, ended = (_texts(line) for line in classed(pages, "order"))
    assert {"Production White runs", "running", "DRILL drills", "AIQS checks"} <= set(runs)
    assert any(word.startswith("~ ") for word in runs)
    assert any(word.startswith("~ ") for word in queued)
    assert {"Production Blue queued", "queued"} <= set(queued)
    assert "waits until one of the running orders ends (1 runs)" in queued
    assert {"Production Red ended", "finished", "took 1 min"} <= set(ended)


async def test_the_tiles_say_what_the_lines_say(pages: Pages) -> None:
    _story(pages)
    await pages.user.open("/mock/overview")
    values = [e.text for e in classed(pages, "figure-value")]
    assert values[:4] == ["1", "1", "1", "0"]


async def test_the_finished_ones_of_the_last_hour_are_counted(pages: Pages) -> None:
    _story(pages)
    ended = [
        made(f"e{ago}", state, type="RED", stoppedAt=iso(ago))
        for ago, state in ((50, "FINISHED"), (3500, "FINISHED"), (3700, "FINISHED"), (60, "ERROR"))
    ]
    pages.factory.say("ccu_order_completed", ended)
    await pages.user.open("/mock/overview")
    names = [e.text for e in classed(pages, "figure-name")]
    assert names[2] == "finished, 3 in 1 h"
    pages.tick(200)
    assert classed(pages, "figure-name")[2].text == "finished, 2 in 1 h"


async def test_who_spoke_longest_ago_is_told_and_marked_once_it_is_late(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    assert classed(pages, "figure-name")[5].text == "devices heard"
    pages.factory.online(DRILL).online(AIQS)
    pages.tick()
    name = classed(pages, "figure-name")[5]
    assert (name.text, "comm" in name.classes) == ("heard, oldest 1 s", False)
    pages.factory.online(AIQS, ago=-100)
    pages.tick(100)
    assert (name.text, "comm" in name.classes) == ("heard, oldest 101 s", True)
    assert DRILL in name.props["title"]


async def test_an_alarm_opens_the_card_of_the_command_it_advises(pages: Pages) -> None:
    _story(pages)
    pages.factory.vehicle("UNKNOWN")
    await pages.user.open("/mock/overview")
    (button,) = [e for e in classed(pages, "alarm-act") if "Dock vehicle" in e.text]
    assert button.text == "Dock vehicle: 5iO4 …"
    pages.user.find(marker=f"alarm-act-position-unknown:{FTS}").click()
    await pages.user.should_see("findInitialDockPosition")


async def test_a_piece_is_ordered_right_there(pages: Pages) -> None:
    _story(pages)
    for serial in (ui_pages.HBW, ui_pages.DRILL):
        pages.factory.online(serial)
    pages.factory.say("ccu_state_stock", ui_pages.stock("WHITE"))
    await pages.user.open("/mock/overview")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("ccu/order/request")


async def test_without_orders_the_way_to_the_first_one_is_shown(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("No orders. Press a colour to order a piece.")
    await pages.user.open("/replay/overview")
    await pages.user.should_see("No order yet in what was played so far")
    assert classed(pages, "order-button") == []


@pytest.mark.parametrize(("later_s", "heard", "marked"), [(1, "6 / 6", 0), (300, "0 / 6", 2)])
async def test_messages_of_sensors_do_not_make_a_dead_factory_look_alive(
    pages: Pages, later_s: float, heard: str, marked: int
) -> None:
    floor(pages)
    for serial in SERIALS.values():
        if serial != "CHRG0":
            pages.factory.online(serial)
    await pages.user.open("/mock/overview")
    pages.factory.say("txt_bme680", {"t": 20, "h": 40, "p": 1000}, ago=-later_s)
    pages.tick(later_s)
    values = classed(pages, "figure-value")
    assert values[5].text == heard
    assert sum("comm" in value.classes for value in values) == marked


async def test_the_chip_counts_each_class_of_alarm_with_its_shape(pages: Pages) -> None:
    floor(pages)
    pages.factory.online(DRILL, "OFFLINE")
    pages.factory.vehicle("UNKNOWN")
    await pages.user.open("/mock/overview")
    (chip,) = classed(pages, "alarm-chip")
    shown = [e for e in classed(pages, "alarm-count") if "hidden" not in e.classes]
    assert [_texts(part) for part in shown] == [["Communication 1"], ["1"]]
    assert chip.props["title"] == "Communication: 1, Advisory: 1"


async def test_what_is_wrong_stands_on_top_where_that_is_asked_for(pages: Pages) -> None:
    kinds = {DRILL: "DRILL", AIQS: "AIQS", ui_pages.HBW: "HBW"}
    modules = [paired(serial, kind) for serial, kind in kinds.items()]
    modules[0]["available"] = "BLOCKED"
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    for serial in kinds:
        pages.factory.online(serial, "OFFLINE" if serial == AIQS else "ONLINE")
    pages.factory.vehicle(DRILL)
    pages.factory.say("fts_state", vehicle_state(DRILL, "Xy12"), serial="Xy12")
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    await pages.user.open("/mock/overview/modules")
    rows = {str(row["id"]): row for row in listed(pages)}
    assert list(rows) == [ui_pages.HBW, DRILL, AIQS, FTS, "Xy12"]
    assert (rows["Xy12"]["available"], rows["Xy12"]["unpaired"]) == ("not paired", True)
    assert not rows[FTS]["unpaired"]
    turn = pages.user.find(marker="problems-first")
    turn.click()
    (button,) = turn.elements
    assert "current" in button.classes
    await pages.user.open("/mock/overview/modules?first=problems")
    assert [row["id"] for row in listed(pages)] == [AIQS, DRILL, "Xy12", ui_pages.HBW, FTS]


async def test_a_device_that_becomes_wrong_moves_to_the_top_while_it_is_looked_at(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(ui.aggrid, "run_grid_method", lambda _, name, *_rest: sent.append(name))
    modules = [paired(serial, kind) for serial, kind in ((DRILL, "DRILL"), (AIQS, "AIQS"))]
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": []})
    pages.factory.online(DRILL).online(AIQS)
    await pages.user.open("/mock/overview/modules?first=problems")
    pages.factory.online(AIQS)
    pages.tick()
    assert set(sent) == {"applyTransactionAsync"}
    pages.factory.online(AIQS, "OFFLINE")
    pages.tick()
    assert sent[-2:] == ["flushAsyncTransactions", "setGridOption"]
