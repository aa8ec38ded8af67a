"""What a reset takes away is said before it is sent: as the factory stands, or unknown."""

import pytest

from omf.commands import Plan, prepare
from omf.state import FactoryState
from tests.support.command_examples import ids
from tests.support.factory import FTS, NOW, SERIALS, Factory, known_factory, order

DRILL = SERIALS["DRILL"]


def _reset(state: FactoryState, *, with_storage: bool) -> Plan:
    given = {"with_storage": with_storage}
    return prepare("factory-reset", given, state, now=NOW, new_id=ids())


def _busy() -> FactoryState:
    factory = Factory.known()
    orders = [order("running-one"), order("waiting-one", "ENQUEUED")]
    factory.say("ccu_order_active", orders)
    factory.say("ccu_order_completed", [order("done-one", "FINISHED")])
    load = {"loadType": "WHITE", "loadId": "04a1", "loadPosition": None}
    factory.module(DRILL, loads=[load])
    load = {"loadType": "BLUE", "loadId": "04b2", "loadPosition": "2"}
    factory.vehicle(SERIALS["DPS"], load=[load])
    return factory.state


def test_a_reset_names_the_orders_the_pieces_and_the_vehicles_it_takes() -> None:
    losses = _reset(_busy(), with_storage=False).losses
    assert [loss.en for loss in losses] == [
        "Running orders: 1 (running-)",
        "Queued orders: 1 (waiting-)",
        "List of ended orders in the CCU: 1",
        "Order of the pieces that have to be taken away by hand: DRILL White, FTS 5iO4/2 Blue",
        f"Position, to be docked again: vehicle {FTS}",
    ]
    assert [loss.de for loss in losses][3].endswith(f"DRILL Weiß, FTS {FTS}/2 Blau")


def test_with_the_store_its_pieces_are_counted_too() -> None:
    told = _reset(_busy(), with_storage=True).losses
    assert told[:-1] == _reset(_busy(), with_storage=False).losses
    assert told[-1].en == "Stock: 2 pieces (Red 1, White 1)"


def test_what_the_ccu_never_told_is_unknown_and_not_nothing() -> None:
    orders, stock = _reset(FactoryState(), with_storage=True).losses
    assert orders.en == "Orders: unknown how many, the CCU has not reported them"
    assert stock.en == "Stock: unknown how much, the CCU has not reported it"


@pytest.mark.parametrize("count", [0, 13])
def test_however_many_orders_there_are_the_line_stays_short(count: int) -> None:
    factory = Factory.known().say("ccu_order_active", [order(f"{n:08}-more") for n in range(count)])
    running = _reset(factory.state, with_storage=False).losses[0].en
    assert running.startswith(f"Running orders: {count}")
    assert running.count("00000") <= 12


def test_a_command_that_takes_nothing_says_nothing() -> None:
    assert prepare("park", {}, known_factory(), now=NOW, new_id=ids()).losses == ()
