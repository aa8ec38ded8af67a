"""Purchases with real orders, store and broker: entered, closed by storage orders, withdrawn."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from omf.purchases.account import PurchaseAccount
from omf.topics.catalogue import address
from services.common.store.keys import Stage, key
from tests.support.api import Door
from tests.support.circle import ENVIRONMENT, World
from tests.support.factory import order
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def ask(world: World, command_id: str, act: str, **given: Any) -> Stage:
    asked = {"kind": f"purchase-{act}", "parameters": given}
    return world.desk.final(world.desk.order(command_id, **asked)).stage


def red(world: World) -> PurchaseAccount:
    told = world.desk.client.hget(key(ENVIRONMENT, "purchases"), "RED")
    return PurchaseAccount.model_validate_json(told) if told else PurchaseAccount(colour="RED")


def say_orders(world: World, state: str, *names: str) -> None:
    told = [order(name, state, orderType="STORAGE", workpieceId=f"t-{name}") for name in names]
    done = state == "FINISHED"
    active, completed = ([], told) if done else (told, [])
    for name, listed in (("ccu_order_active", active), ("ccu_order_completed", completed)):
        world.factory.say(address(name), json.dumps(listed).encode(), retain=True)


def test_a_storage_order_closes_one_piece_though_orders_dies_between(world: World) -> None:
    orders = world.start("orders", failpoint="orders.before_purchase").wait_ready()
    assert ask(world, "p1", "enter", colour="RED", amount=2, note="4711") is Stage.EFFECT
    # The same command again is the same purchase.
    world.desk.order("p1", kind="purchase-enter", parameters={"colour": "RED", "amount": 2})
    assert ask(world, "p2", "enter", colour="RED") is Stage.EFFECT
    assert [one.id for one in red(world).open] == ["p1", "p2"]
    say_orders(world, "IN_PROGRESS", "s1", "s2")
    say_orders(world, "FINISHED", "s1", "s2")
    wait_for(lambda: not orders.alive, 30, orders.tail)
    assert red(world).counted == ()
    world.start("orders").wait_ready()
    wait_for(lambda: bool(red(world).counted), 30, lambda: str(red(world)))
    assert sorted(red(world).counted) == ["s1", "s2"]
    assert [one.id for one in red(world).ended] == ["p1"]
    assert [(one.id, one.outstanding) for one in red(world).open] == [("p2", 1)]
    assert ask(world, "w1", "withdraw", purchase="p2") is Stage.EFFECT
    assert ask(world, "w2", "withdraw", purchase="p2") is Stage.REFUSED
    assert [one.withdrawn_by for one in red(world).ended] == ["anna", ""]


def test_demand_and_purchases_are_told_at_both_doors(
    world: World, processes: Processes, servers: Addresses
) -> None:
    world.start("orders").wait_ready()
    assert ask(world, "p1", "enter", colour="RED", amount=2, note="4711") is Stage.EFFECT
    door = Door(processes, servers.store_url).ready()
    told = door.client("viewer").get("/purchases").json()
    door.close()
    [account] = told["accounts"]
    assert (account["open"][0]["id"], account["open"][0]["note"]) == ("p1", "4711")
    [demand] = [one for one in told["demand"] if one["colour"] == "RED"]
    # Nobody told how many bays there are.
    assert (demand["purchased"], demand["capacity"], demand["to_order"]) == (2, None, None)
    omf = (sys.executable, "-m", "services.cli", "purchases")
    shown = processes.run(*omf, OMF_STORE_URL=servers.store_url)
    assert shown.wait(30) == 0
    assert "4711" in shown.tail()
