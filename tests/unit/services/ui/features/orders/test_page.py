"""Orders on the pages: ordering, the lists, one order against time, what can still be done."""

from nicegui import ui

from omf.simulation.forecast import ExpectedEnd, Forecast
from tests.support import ui_pages
from tests.support.factory import FTS, HBW, LISTED, SERIALS, paired
from tests.support.ui_pages import DRILL, Pages, classed
from tests.support.ui_story import floor, iso, made, step, unanswered


def _rows(pages: Pages) -> dict[str, dict[str, object]]:
    grid = next(iter(pages.user.find(ui.aggrid).elements))
    return {str(row["order"]): row for row in grid.options["rowData"]}


def _every_list(pages: Pages) -> None:
    pages.factory.orders(made("running-1", "IN_PROGRESS"), made("queued-1", "ENQUEUED"))
    ended = {"stoppedAt": iso(10)}
    pages.factory.say(
        "ccu_order_completed",
        [
            made("finished", "FINISHED", **ended),
            made("cancelle", "CANCELLED", **ended),
            made("failed-1", "ERROR", **ended),
        ],
    )
    unanswered(pages)


async def test_every_order_stands_in_the_list_of_its_state(pages: Pages) -> None:
    _every_list(pages)
    await pages.user.open("/mock/orders")
    for words in ("all 6", "running 1", "queued 1", "finished 1", "cancelled 1", "failed 1"):
        await pages.user.should_see(words)
    await pages.user.should_see("unanswered 1")
    rows = _rows(pages)
    assert rows["failed-1"]["failed"] is True
    assert rows["finished"]["lead"] == "1 min 40 s"
    silent = rows["—"]
    assert (silent["state"], silent["piece"]) == ("unanswered", "Blue")


async def test_one_list_can_be_chosen_and_has_an_address(pages: Pages) -> None:
    _every_list(pages)
    await pages.user.open("/mock/orders/queued")
    assert set(_rows(pages)) == {"queued-1"}


async def test_what_ended_today_is_counted_and_what_ended_before_is_not(pages: Pages) -> None:
    _every_list(pages)
    before = made("long-ago", "FINISHED", stoppedAt=iso(3 * 86_400))
    pages.factory.say(
        "ccu_order_completed", [before, made("finished", "FINISHED", stoppedAt=iso(10))]
    )
    await pages.user.open("/mock/orders")
    (today,) = classed(pages, "orders-today")
    words = [one.text for one in today.descendants() if isinstance(one, ui.label)]
    counts = ["finished", "1", "failed", "1", "cancelled", "1", "unanswered", "1"]
    assert words == ["Today", *counts]


async def test_below_the_list_are_the_steps_of_its_first_order_or_the_chosen(pages: Pages) -> None:
    drills = step(1, "IN_PROGRESS", "DRILL", "DRILL", began=5)
    takes = step(2, "ENQUEUED", "DRILL", "PICK")
    both = [made("one", "IN_PROGRESS", drills), made("two", "ENQUEUED", takes)]
    pages.factory.say("ccu_order_active", both)
    await pages.user.open("/mock/orders")
    await pages.user.should_see("1  DRILL drills")
    pages.user.find(marker="steps-two").click()
    await pages.user.should_see("1  DRILL takes the piece")
    (whole,) = pages.user.find("Whole order").elements
    assert whole.props["href"] == "/mock/order/two"
    await pages.user.open("/mock/orders/queued")
    await pages.user.should_see("1  DRILL takes the piece")


async def test_an_empty_list_says_why_and_what_would_fill_it(pages: Pages) -> None:
    await pages.user.open("/mock/orders")
    await pages.user.should_see("The CCU has not sent its list of orders yet")
    pages.factory.orders()
    pages.tick()
    await pages.user.should_see("No orders. Order one on the left")


async def test_a_request_of_somebody_else_that_nobody_answered_is_listed(pages: Pages) -> None:
    request = {"type": "RED", "timestamp": iso(30), "orderType": "PRODUCTION"}
    pages.factory.say("ccu_order_request", request, ago=30)
    await pages.user.open("/mock/orders/unanswered")
    (row,) = _rows(pages).values()
    assert (row["piece"], row["step"]) == ("Red", "asked for elsewhere")


async def test_a_blocked_colour_says_why_in_its_button_and_still_opens(pages: Pages) -> None:
    pages.factory.say("ccu_state_stock", ui_pages.stock("WHITE"))
    await pages.user.open("/mock/orders")
    (button,) = pages.user.find(marker="order-RED").elements
    words = [child.text for child in button.descendants() if isinstance(child, ui.label)]
    assert any("No free piece in store: Red" in word for word in words)
    pages.user.find(marker="order-RED").click()
    await pages.user.should_see("ccu/order/request")


async def test_an_order_shows_its_steps_and_when_it_may_end(pages: Pages) -> None:
    steps = (
        step(1, "FINISHED", "DRILL", "PICK", began=40, ended=30),
        step(2, "IN_PROGRESS", "DRILL", "DRILL", began=5),
        step(3, "ENQUEUED", "DRILL", "DROP"),
    )
    pages.factory.orders(made("one", "IN_PROGRESS", *steps))
    await pages.user.open("/mock/order/one")
    for words in ("1  DRILL takes the piece", "2  DRILL drills", "3  DRILL hands", "10 s"):
        await pages.user.should_see(words)
    await pages.user.should_see("unknown: not foretold yet")
    model = pages.models["mock"]
    at = model.factory_now
    end = ExpectedEnd(at + 20, at + 30, at + 40, 1.0, failing=0.25)
    model.forecast = Forecast({"one": end}, 50, at=at)
    model.changed()
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("in nine of ten futures by")
    await pages.user.should_see("In 25 % of the futures the piece fails its check")


async def test_docking_again_in_a_fast_factory_is_not_called_slow(pages: Pages) -> None:
    floor(pages)
    again = {"id": "again", "type": "NAVIGATION", "state": "FINISHED"}
    again |= {"source": "DRILL", "target": "DRILL", "startedAt": iso(48), "stoppedAt": iso(47)}
    steps = (
        step(1, "FINISHED", "DRILL", "PICK", began=50, ended=48.94),
        step(2, "FINISHED", "DRILL", "DRILL", began=50, ended=49.01),
        step(3, "FINISHED", "DRILL", "DROP", began=50, ended=49.02),
    )
    pages.factory.orders(made("one", "IN_PROGRESS", *steps, again))
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("vehicle docks at DRILL again")
    await pages.user.should_not_see("slow")


async def test_an_order_leads_to_the_map_with_the_place_of_its_step(pages: Pages) -> None:
    drilling = {**step(1, "IN_PROGRESS", "DRILL", "DRILL", began=5), "serialNumber": DRILL}
    pages.factory.orders(made("one", "IN_PROGRESS", drilling))
    await pages.user.open("/mock/order/one")
    links = pages.user.find("Shop floor").elements
    assert f"/mock/floor?show={DRILL}" in {link.props.get("href") for link in links}


async def test_a_running_order_says_why_it_cannot_be_cancelled(pages: Pages) -> None:
    pages.factory.orders(made("one", "IN_PROGRESS"))
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("A running order cannot be cancelled")
    await pages.user.should_see("only a reset stops it")


async def test_a_queued_order_is_cancelled_through_the_card(pages: Pages) -> None:
    pages.factory.orders(made("one", "ENQUEUED"))
    await pages.user.open("/mock/order/one")
    pages.user.find(marker="offer-cancel-order").click()
    await pages.user.should_see("ccu/order/cancel")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert (command.kind, command.parameters) == ("cancel-order", {"order_ids": ["one"]})


async def test_a_failed_order_proposes_the_same_piece_again(pages: Pages) -> None:
    floor(pages)
    for serial in (ui_pages.HBW, ui_pages.DRILL):
        pages.factory.online(serial)
    pages.factory.say("ccu_state_stock", ui_pages.stock("WHITE"))
    failed = step(1, "ERROR", "AIQS", "CHECK_QUALITY", began=40, ended=30)
    pages.factory.say("ccu_order_completed", [made("one", "ERROR", failed, stoppedAt=iso(30))])
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("A new piece is not ordered by itself")
    pages.user.find(marker="offer-production-order").click()
    await pages.user.should_see("ccu/order/request")
    await pages.user.should_see('"type": "WHITE"')


async def test_an_unknown_order_is_said_to_be_and_appears_once_it_is_named(pages: Pages) -> None:
    await pages.user.open("/mock/order/later")
    await pages.user.should_see("Order later is not known")
    pages.factory.orders(made("later", "IN_PROGRESS"))
    pages.tick()
    await pages.user.should_see("Production White later")
    (note,) = pages.user.find(marker="absent").elements
    assert "hidden" in note.classes


async def test_the_messages_of_an_order_are_listed_and_new_ones_join(pages: Pages) -> None:
    pages.factory.orders(made("one-and-only", "IN_PROGRESS"))
    await pages.user.open("/mock/order/one-and-only")
    await pages.user.should_see("ccu/order/active")
    pages.factory.say("ccu_order_response", made("one-and-only", "IN_PROGRESS"))
    pages.tick()
    await pages.user.should_see("ccu/order/response")


async def test_a_visitor_may_look_at_an_order_but_not_touch_it(pages: Pages) -> None:
    payload = [made("one", "ENQUEUED")]
    pages.say("ccu/order/active", payload, model="live")
    await pages.user.open("/live/order/one")
    await pages.user.should_see("View only: needs Operator")
    pages.user.find(marker="offer-cancel-order").click()
    pages.user.find(marker="send").click()
    assert pages.inboxes["live"].commands == []


async def test_a_page_without_its_object_leads_to_the_list(pages: Pages) -> None:
    await pages.user.open("/mock/order")
    await pages.user.should_see("Order a workpiece")
    await pages.user.open("/mock/module")
    await pages.user.should_see("Module status")


async def test_the_waiting_before_a_step_is_drawn_and_named(pages: Pages) -> None:
    steps = (
        step(1, "FINISHED", "DRILL", "PICK", began=77, ended=67),
        step(2, "FINISHED", "DRILL", "DRILL", began=66.5, ended=57),
        step(3, "FINISHED", "DRILL", "DROP", began=51, ended=42),
    )
    ended = made("one", "FINISHED", *steps, stoppedAt=iso(42))
    pages.factory.say("ccu_order_completed", [ended])
    await pages.user.open("/mock/order/one")
    waits = [one for one in classed(pages, "waiting") if "hidden" not in one.classes]
    told = [[e.text for e in one.descendants() if isinstance(e, ui.label)] for one in waits]
    assert [words[:2] for words in told] == [["waited", "33 s"], ["waited", "6.0 s"]]


async def test_a_step_far_over_its_usual_time_and_a_failed_one_are_marked(pages: Pages) -> None:
    quick = [step(n, "FINISHED", "DRILL", "DRILL", began=99 - n, ended=89 - n) for n in range(3)]
    slow = step(8, "FINISHED", "DRILL", "DRILL", began=86, ended=38)
    failed = step(9, "ERROR", "AIQS", "CHECK_QUALITY", began=38, ended=30)
    whole = made("one", "ERROR", *quick, slow, failed, stoppedAt=iso(30))
    pages.factory.say("ccu_order_completed", [whole])
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("usual 10 s, ▲ too slow")
    await pages.user.should_see("◆ failed")
    (late,) = classed(pages, "late")
    assert "waiting" not in late.classes
    (state,) = classed(pages, "detail-state")
    assert (state.text, "bad" in state.classes) == ("failed", True)


async def test_an_order_that_stands_still_offers_what_frees_it(pages: Pages) -> None:
    floor(pages)
    pages.factory.vehicle("UNKNOWN")
    drive = {"id": "d", "type": "NAVIGATION", "state": "ENQUEUED", "source": "START"}
    pages.factory.orders(made("one", "IN_PROGRESS", {**drive, "target": "HBW"}))
    pages.factory.say(
        "ccu_pairing_state", {"modules": [paired(HBW, "HBW")], "transports": [LISTED]}
    )
    await pages.user.open("/mock/order/one")
    await pages.user.should_see("waits for FTS 5iO4: its position is unknown")
    await pages.user.should_see("none while it waits")
    pages.user.find(marker="offer-fts-dock").click()
    await pages.user.should_see("findInitialDockPosition")


async def test_the_map_of_an_order_marks_who_does_its_present_step(pages: Pages) -> None:
    floor(pages, LISTED)
    pages.factory.vehicle("2", orderId="one")
    drive = {"id": "d", "type": "NAVIGATION", "state": "IN_PROGRESS", "source": "HBW"}
    work = step(2, "ENQUEUED", "DRILL", "DRILL")
    pages.factory.orders(made("one", "IN_PROGRESS", {**drive, "target": "DRILL"}, work))
    await pages.user.open("/mock/order/one")

    def marked() -> list[str]:
        return [str(one.props["data-serial"]) for one in classed(pages, "pickable", "chosen")]

    assert marked() == [FTS]
    drive["state"] = "FINISHED"
    pages.factory.orders(made("one", "IN_PROGRESS", {**drive, "target": "DRILL"}, work))
    pages.tick(1)
    assert marked() == [SERIALS["DRILL"]]
    (panel,) = classed(pages, "order-map")
    assert "hidden" not in panel.classes
    pages.factory.orders()
    ended = made("one", "FINISHED", {**work, "state": "FINISHED"}, stoppedAt=iso(0))
    pages.factory.say("ccu_order_completed", [ended])
    pages.tick(2)
    assert marked() == []
    assert "hidden" in panel.classes
