"""Purchases: closed piece by piece by the storage orders of their colour, each of them once."""

from typing import Any

from omf.purchases.account import MAX_ENDED_PURCHASES, Purchase, PurchaseAccount
from omf.purchases.demand import demands
from tests.support.factory import HBW, Factory, order, warehouse_factsheet


def purchase(name: str = "p1", amount: int = 1, at: float = 1_000.0, **more: Any) -> Purchase:
    return Purchase(id=name, colour="RED", amount=amount, operator="anna", created_at=at, **more)


def account(*purchases: Purchase) -> PurchaseAccount:
    made = PurchaseAccount(colour="RED")
    for one in purchases:
        made = made.entered(one)
    return made


def storage(name: str, state: str = "IN_PROGRESS", **more: Any) -> dict[str, Any]:
    return order(name, state, **{"orderType": "STORAGE", "workpieceId": f"tag-{name}", **more})


def stored(factory: Factory, *names: str, **more: Any) -> Factory:
    """Storage orders that began and ended."""
    done = [storage(name, "FINISHED", **more) for name in names]
    factory.orders(*(storage(name, **more) for name in names))
    return factory.orders().say("ccu_order_completed", done)


def closed(made: PurchaseAccount, factory: Factory) -> PurchaseAccount:
    return made.closed_by(factory.state.orders.values())


def test_a_storage_order_of_its_colour_closes_a_piece_and_the_last_one_the_purchase() -> None:
    factory = stored(Factory(), "one")
    after = closed(account(purchase(amount=2)), factory)
    assert [(one.outstanding, len(one.stored)) for one in after.open] == [(1, 1)]
    assert after.open[0].stored[0].workpiece_id == "tag-one"
    stored(factory, "one", "two")
    after = closed(after, factory)
    assert (after.open, [one.id for one in after.ended]) == ((), ["p1"])
    assert after.ended[0].ended_at == factory.state.orders["two"].changed_at


def test_no_order_closes_two_pieces_however_often_it_is_looked_at() -> None:
    factory = stored(Factory(), "one")
    after = closed(account(purchase("p1"), purchase("p2")), factory)
    assert closed(after, factory) is after
    assert ([one.id for one in after.ended], [one.id for one in after.open]) == (["p1"], ["p2"])


def test_what_is_no_stored_piece_of_the_colour_closes_nothing() -> None:
    made = account(purchase())
    for more in (
        {"type": "BLUE"},
        {"orderType": "PRODUCTION"},
        {"type": "UNKNOWN"},
    ):
        assert closed(made, stored(Factory(), "one", **more)) is made
    running = Factory().orders(storage("one"))
    assert closed(made, running) is made
    failed = running.orders().say("ccu_order_completed", [storage("one", "ERROR")])
    assert closed(made, failed) is made


def test_an_order_that_began_before_counts_for_no_later_purchase() -> None:
    factory = stored(Factory(), "one")
    assert closed(made := account(purchase(at=factory.now)), factory) is made
    # One of which only the end is known, as after a restart, may be of any age.
    known = Factory().say("ccu_order_completed", [storage("old", "FINISHED")])
    assert closed(made := account(purchase(at=0)), known) is made


def test_a_withdrawn_purchase_keeps_what_came_and_is_closed_by_nothing() -> None:
    made = closed(account(purchase(amount=3)), stored(Factory(), "one"))
    after = made.withdrawn(made.open[0], "bert", 2_000.0)
    assert after.open == ()
    assert (after.ended[0].withdrawn_by, len(after.ended[0].stored)) == ("bert", 1)
    assert closed(after, stored(Factory(), "one", "two")) is after


def test_it_is_found_by_the_beginning_that_only_one_has() -> None:
    made = account(purchase("abc"), purchase("abe"), purchase("ab"))
    found = {wanted: made.find(wanted) for wanted in ("abc", "ab", "a", "x", "")}
    assert {name: one.id if one else None for name, one in found.items()} == {
        "abc": "abc",
        "ab": "ab",
        "a": None,
        "x": None,
        "": None,
    }


def test_the_past_of_an_account_is_bounded() -> None:
    made = PurchaseAccount(colour="RED")
    for number in range(MAX_ENDED_PURCHASES + 5):
        made = made.entered(one := purchase(f"p{number}")).withdrawn(one, "anna", 2_000.0)
    assert len(made.ended) == MAX_ENDED_PURCHASES
    assert made.ended[0].id == f"p{MAX_ENDED_PURCHASES + 4}"


def test_demand_is_free_bays_less_what_is_being_stored_and_ordered() -> None:
    factory = Factory()
    assert {(one.needed, one.to_order) for one in demands(factory.state, ())} == {(None, None)}
    factory.say("module_factsheet", warehouse_factsheet(HBW), serial=HBW)
    factory.stock(A1="RED", B1="WHITE", C1="WHITE")
    made = account(purchase(amount=2, at=factory.now))
    found = {one.colour: one for one in demands(factory.state, [made])}
    assert [(c, one.needed, one.to_order) for c, one in found.items()] == [
        ("RED", 2, 0),
        ("WHITE", 1, 1),
        ("BLUE", 3, 3),
    ]
    factory.orders(storage("one"), storage("two", "ENQUEUED", type="BLUE"))
    found = {one.colour: one for one in demands(factory.state, [made])}
    red, blue = found["RED"], found["BLUE"]
    assert (red.storing, red.needed, red.purchased, red.to_order) == (1, 1, 1, 0)
    assert (blue.storing, blue.needed, blue.to_order) == (1, 2, 2)
