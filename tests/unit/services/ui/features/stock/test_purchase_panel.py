"""Incoming goods on the page Stock: demand by colour, purchases and what has come of them."""

from omf.purchases.account import Purchase, PurchaseAccount, ReceivedPiece
from tests.support.factory import HBW, warehouse_factsheet
from tests.support.ui_pages import NOW, Pages, classed, working_factory


def demand(pages: Pages, colour: str) -> str:
    [found] = pages.user.find(marker=f"demand-{colour}").elements
    return str(found.text)


async def test_demand_is_unknown_until_bays_and_stock_are_told(pages: Pages) -> None:
    await pages.user.open("/mock/stock")
    assert "demand unknown" in demand(pages, "RED")
    working_factory(pages.factory)
    pages.factory.say("module_factsheet", warehouse_factsheet(HBW), serial=HBW)
    pages.tick(1)
    assert (demand(pages, "RED"), demand(pages, "WHITE")) == ("Red: needs 3", "White: needs 2")


async def test_a_purchase_shows_what_has_come_and_can_be_withdrawn(pages: Pages) -> None:
    piece = ReceivedPiece(order_id="o-1", workpiece_id=None, at=NOW)
    one = Purchase(
        id="p1",
        colour="RED",
        amount=2,
        note="4711",
        operator="anna",
        created_at=NOW - 600,
        stored=(piece,),
    )
    pages.models["mock"].purchases = [PurchaseAccount(colour="RED", open=(one,))]
    await pages.user.open("/mock/stock")
    await pages.user.should_see("1 of 2 came in 4711")
    await pages.user.should_see("entered by anna, 10 min ago")
    pages.user.find(marker="withdraw-p1").click()
    await pages.user.should_see("Ends a purchase that will not come")
    assert len(classed(pages, "purchase-line")) == 1


async def test_a_purchase_is_entered_on_a_card_of_its_colour(pages: Pages) -> None:
    working_factory(pages.factory)
    pages.factory.say("module_factsheet", warehouse_factsheet(HBW), serial=HBW)
    await pages.user.open("/mock/stock")
    pages.user.find(marker="purchase-BLUE").click()
    await pages.user.should_see("Nothing goes to the factory")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    [command] = pages.inboxes["mock"].commands
    assert (command.kind, command.parameters["colour"], command.parameters["amount"]) == (
        "purchase-enter",
        "BLUE",
        3,
    )
