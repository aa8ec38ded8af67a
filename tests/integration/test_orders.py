"""The whole circle with real servers: asked, decided, sent once, proven by the factory."""

from collections.abc import Iterator

import pytest

from services.common.process import clock
from services.common.store.keys import Role, Stage
from services.orders.service import LINK_FRESH_S
from tests.support.circle import STOCK, World, settled, stock
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


@pytest.fixture
def running(world: World) -> World:
    return world.run()


def test_a_production_order_goes_round_and_the_answer_is_its_proof(running: World) -> None:
    final = running.desk.final(running.desk.order("one"))
    assert final.stage is Stage.EFFECT
    assert running.desk.stages("one") == [
        "requested",
        "accepted",
        "queued",
        "published",
        "acknowledged",
        "effect",
    ]
    [(_, body)] = running.factory.commands
    assert final.order_id == f"order-of-{body['requestId']}"
    [evidence] = final.evidence
    [proof] = running.desk.client.xrange("omf:{mock}:buffer:#", evidence, evidence)
    assert proof[1][b"t"] == b"ccu/order/response"
    assert [record.decision for record in running.desk.audit("one")] == [
        Stage.ACCEPTED,
        Stage.EFFECT,
    ]


@pytest.mark.alike
def test_the_course_of_the_order_is_noted_and_the_outcome_stays(running: World) -> None:
    running.desk.final(running.desk.order("one"))
    running.factory.finish(running.factory.commands[0][1], "ERROR")
    wait_for(lambda: len(running.desk.stages("one")) == 7)
    noted = running.desk.events("one")[-1]
    assert noted.stage is Stage.EFFECT
    assert [reason.id for reason in noted.reasons] == ["course-failed"]


def test_the_same_command_id_twice_is_one_command(running: World) -> None:
    running.desk.order("same")
    running.desk.order("same", operator="bert")
    running.desk.final("same")
    running.desk.order("same")
    running.desk.final(running.desk.order("next", colour="RED"))
    assert len(running.factory.commands) == 2
    assert [record.part for record in running.desk.audit("same")] == ["decision", "outcome"]
    assert running.desk.events("same")[0].operator == "anna"


@pytest.mark.alike
def test_silence_is_no_effect_and_names_the_likely_cause(running: World) -> None:
    running.factory.silent = True
    running.desk.order("mute")
    wait_for(lambda: "acknowledged" in running.desk.stages("mute"))
    running.factory.say(STOCK, stock(), retain=True)
    final = running.desk.final("mute")
    assert final.stage is Stage.NO_EFFECT
    assert [reason.id for reason in final.reasons] == ["silence", "stock-free"]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "dance"}, "kind"),
        ({"parameters": {"colour": "GREEN"}}, "parameter:colour"),
        ({"parameters": {}}, "parameter:colour"),
        ({"parameters": {"colour": "BLUE"}}, "stock-free"),
        ({"role": Role.VIEWER}, "role"),
        ({"environment": "live"}, "environment"),
        ({"created_at": 1e12}, "clock"),
        ({"created_at": 1.0}, "stale-preview"),
    ],
)
def test_a_refusal_names_its_reason_is_audited_and_sends_nothing(
    running: World, changes: dict[str, object], reason: str
) -> None:
    final = running.desk.final(running.desk.order("no", **changes))
    assert final.stage is Stage.REFUSED
    assert reason in [r.id for r in final.reasons]
    assert all(r.de and r.en for r in final.reasons)
    assert [record.decision for record in running.desk.audit("no")] == [Stage.REFUSED]
    settled(lambda: running.factory.commands == [])
    assert running.desk.client.xlen("omf:{mock}:outbox") == 0


@pytest.mark.alike
def test_a_forged_entry_is_refused_by_the_field_that_is_wrong(running: World) -> None:
    forged = '{"command_id":"forged","kind":"production-order","parameters":{"colour":"WHITE"}}'
    running.desk.client.xadd("omf:{mock}:commands", {"__data__": forged})
    assert running.desk.final("forged").reasons[0].id == "field:environment"
    nameless = running.desk.client.xadd("omf:{mock}:commands", {"__data__": "{"}).decode()
    assert running.desk.final(f"entry-{nameless}").stage is Stage.REFUSED
    fieldless = running.desk.client.xadd("omf:{mock}:commands", {"other": "x"}).decode()
    assert running.desk.final(f"entry-{fieldless}").reasons[0].id == "field:__data__"
    assert running.desk.final(running.desk.order("good")).stage is Stage.EFFECT
    assert running.desk.audit("forged")[0].command.operator == "?"


@pytest.mark.alike
def test_nothing_is_moved_on_a_broken_link_or_an_old_view(running: World) -> None:
    running.mirror.connected = False
    wait_for(lambda: not running.desk.link().connected)
    settled(lambda: True, 2 * LINK_FRESH_S)
    assert running.desk.final(running.desk.order("broken")).reasons[0].id == "no-link"
    running.mirror.fall_silent()
    old = clock.now() - 6
    running.desk.client.set(
        "omf:{mock}:link:ingest",
        f'{{"connected":true,"broker":"mirror","since":{old},"at":{old}}}',
    )
    settled(lambda: True, 2 * LINK_FRESH_S)
    assert running.desk.final(running.desk.order("old")).reasons[0].id == "old-view"
    settled(lambda: running.factory.commands == [])


def test_of_two_operators_with_the_same_wish_one_wins_and_the_other_learns_who(
    running: World,
) -> None:
    running.desk.order("first", operator="anna")
    running.desk.order("second", operator="bert")
    assert running.desk.final("first").stage is Stage.EFFECT
    lost = running.desk.final("second")
    assert lost.stage is Stage.REFUSED
    assert lost.reasons[0].id == "occupied"
    assert "anna" in lost.reasons[0].de
    assert "anna" in lost.reasons[0].en
    assert len(running.factory.commands) == 1


def test_a_command_submitted_before_orders_ever_ran_is_decided(world: World) -> None:
    world.desk.order("early")
    world.start("orders")
    world.start("gateway")
    assert world.desk.final("early").stage is Stage.EFFECT


def test_a_command_that_waited_too_long_for_orders_expires(world: World) -> None:
    old = f"{int((clock.now() - 3600) * 1000)}-0"
    world.desk.order("now")
    [(_, fields)] = world.desk.client.xrange("omf:{mock}:commands")
    world.desk.client.delete("omf:{mock}:commands")
    world.desk.client.xadd("omf:{mock}:commands", fields, id=old)
    world.start("orders")
    assert world.desk.final("now").stage is Stage.EXPIRED
    assert world.desk.client.xlen("omf:{mock}:outbox") == 0
