"""What was done to a piece, for which order, and how it differs from the plan."""

from typing import Any

from omf.workpieces.collect import LifeCollector, matching
from omf.workpieces.deviations import Deviation, deviations
from omf.workpieces.record import CSV_COLUMNS, csv_rows, record, summary, timeline
from tests.support.factory import AIQS, DPS, DRILL, FTS, HBW, MILL, order, warehouse_loads
from tests.support.piece_story import OTHER, TAG, PieceTeller
from tests.support.shared import recording

FLOWS = {"RED": {"steps": ["MILL", "AIQS"]}, "WHITE": {"steps": ["DRILL", "AIQS"]}}
PIECE = [{"loadType": "RED"}]


def steps(*names: str, state: str = "ENQUEUED") -> list[dict[str, Any]]:
    made = []
    for number, name in enumerate(names):
        module, command = name.split(".")
        step = {"id": f"s{number}", "type": "MANUFACTURE", "state": state}
        made.append({**step, "moduleType": module, "command": command})
    return made


def producing(flows: dict[str, Any] | None = FLOWS) -> PieceTeller:
    """A red piece was given out by the warehouse for order `o`."""
    told = PieceTeller()
    if flows:
        told.say("ccu_state_flows", flows)
    told.rack(A1=f"RED:{TAG}")
    asked = {"orderType": "PRODUCTION", "type": "RED", "timestamp": "2026-08-07T09:00:00.000Z"}
    told.say("ccu_order_request", asked)
    listed = order("o", productionSteps=steps("HBW.DROP", "MILL.MILL", "AIQS.CHECK_QUALITY"))
    told.orders(listed)
    told.carries(HBW)
    told.acted(HBW, "DROP", "o", result=TAG, loads=warehouse_loads())
    told.carries(HBW, p1=f"RED:{TAG}")
    return told


def at(told: PieceTeller, serial: str, command: str, **more: Any) -> None:
    told.carries(serial, p1=f"RED:{TAG}")
    told.acted(serial, "PICK", "o", loads=PIECE)
    told.carries(serial)
    told.acted(serial, command, "o", loads=PIECE, **more)
    told.acted(serial, "DROP", "o")
    told.carries(serial, p1=f"RED:{TAG}")


def kinds(told: PieceTeller, tag: str = TAG) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in deviations(told.life(tag))]


def test_a_piece_is_made_and_delivered() -> None:
    told = producing()
    at(told, MILL, "MILL")
    at(told, AIQS, "CHECK_QUALITY", result="PASSED")
    told.carries(DPS, p1=f"RED:{TAG}")
    told.acted(DPS, "PICK", "o", result="PASSED")
    told.carries(DPS)
    shown = summary(told.life(), told.state)
    assert (shown["status"], shown["result"], len(shown["milled"])) == ("delivered", "PASSED", 1)
    assert shown["vehicles"] == [FTS]
    assert told.pieces.open == {}
    told.orders()
    told.say("ccu_order_completed", [order("o", "FINISHED")])
    assert told.life().orders[0].state == "FINISHED"
    assert kinds(told) == []


def test_a_failed_check_throws_the_piece_out() -> None:
    told = producing()
    told.carries(AIQS, p1=f"RED:{TAG}")
    told.acted(AIQS, "PICK", "o", loads=PIECE)
    told.acted(AIQS, "CHECK_QUALITY", "o", result="FAILED", loads=PIECE)
    assert told.life().end is None, "it is still told to lie there"
    told.acted(AIQS, "CHECK_QUALITY", "o", result="FAILED", loads=[])
    assert told.life().end == "rejected"


def test_a_delivery_whose_end_was_not_heard_is_inferred_from_the_order() -> None:
    told = producing()
    told.carries(DPS, p1=f"RED:{TAG}")
    told.carries(DPS)
    told.lies_at_dock("")
    assert told.life().end is None, "it went out, it was not taken back from the input"
    told.say("ccu_order_completed", [order("o", "FINISHED")])
    by = f"{int(told.now * 1000)}-0"
    life = told.life()
    assert (life.end, life.events[-1].inferred, life.events[-1].evidence) == (
        "delivered",
        True,
        (by,),
    )


def test_a_check_whose_end_was_not_heard_is_inferred_from_the_order() -> None:
    told = producing()
    told.carries(AIQS, p1=f"RED:{TAG}")
    told.acted(AIQS, "PICK", "o", loads=PIECE)
    checked = steps("HBW.DROP", "MILL.MILL", "AIQS.CHECK_QUALITY", state="ERROR")
    told.say("ccu_order_completed", [order("o", "ERROR", productionSteps=checked)])
    assert told.life().end == "rejected"
    assert told.life().events[-2].inferred
    assert summary(told.life(), told.state)["result"] == "FAILED"


def test_an_action_told_twice_counts_once_and_a_kept_copy_never() -> None:
    told = producing()
    for _ in range(2):
        told.now = 2_000.0
        told.acted(MILL, "MILL", "o", loads=PIECE)
    assert told.happened().count("milled") == 1
    said = {"orderId": "o", "actionState": {"id": "x", "command": "MILL", "state": "FINISHED"}}
    told.say("module_state", said, serial=MILL, retain=True)
    assert told.happened().count("milled") == 1


def test_work_on_a_piece_whose_pick_was_not_heard_is_where_it_is() -> None:
    told = producing()
    told.acted(MILL, "MILL", "o", loads=PIECE)
    (claim,) = [one for one in told.life().claims if one.device == MILL]
    assert claim.inferred
    assert told.happened()[-1] == "milled"


def test_the_plan_is_the_flow_in_force_when_the_order_was_made() -> None:
    told = producing()
    told.say("ccu_state_flows", {"RED": {"steps": ["DRILL"]}})
    (trace,) = told.life().orders
    assert trace.planned == ("MILL", "AIQS")
    assert trace.planned_by is not None
    assert producing(None).life().orders[0].planned == ("MILL", "AIQS")
    assert producing(None).life().orders[0].planned_by is None


def test_a_station_that_was_left_out_is_named() -> None:
    told = producing()
    at(told, AIQS, "CHECK_QUALITY", result="PASSED")
    assert kinds(told) == [("skipped", "MILL")]


def test_a_station_that_was_visited_twice_is_named() -> None:
    told = producing()
    at(told, MILL, "MILL")
    at(told, MILL, "MILL")
    assert kinds(told) == [("repeated", "MILL")]
    (found,) = deviations(told.life())
    assert len(found.evidence) == 2


def test_stations_in_another_order_and_unplanned_ones_are_named() -> None:
    told = producing()
    at(told, AIQS, "CHECK_QUALITY", result="PASSED")
    at(told, DRILL, "DRILL")
    at(told, MILL, "MILL")
    assert kinds(told) == [("unplanned", "DRILL"), ("wrong_order", "AIQS")]


def test_a_failed_order_left_no_station_out() -> None:
    told = producing()
    at(told, MILL, "MILL")
    told.say("ccu_order_completed", [order("o", "ERROR")])
    assert kinds(told) == []


def test_a_step_that_takes_longer_than_usual_is_named_with_both_times() -> None:
    told = producing()
    listed = order("o", productionSteps=steps("HBW.DROP", "MILL.MILL", state="IN_PROGRESS"))
    told.orders(listed)
    listed["productionSteps"][0]["state"] = "FINISHED"
    told.orders(listed)
    told.wait(100)
    listed["productionSteps"][1]["state"] = "FINISHED"
    told.orders(listed)
    waited = [one for one in deviations(told.life()) if one.kind == "waited"]
    (found,) = waited
    assert isinstance(found, Deviation)
    assert (found.what, found.seconds) == ("MILL.MILL", 101.0)
    assert found.usual is not None
    assert found.usual.most == 10.1
    assert len(found.evidence) == 3


def test_a_piece_on_its_way_is_known_by_the_tag_of_its_order() -> None:
    told = PieceTeller()
    told.orders(order("o", workpieceId=TAG))
    assert told.pieces.open == {}
    told.acted(DRILL, "DRILL", "o", loads=PIECE)
    assert (told.life().origin, told.happened()) == ("module", ["drilled"])


def test_two_tags_for_one_order_are_a_contradiction() -> None:
    told = producing()
    told.carries(AIQS, p1=f"RED:{TAG}")
    told.acted(AIQS, "PICK", "o", loads=PIECE, metadata={"type": "RED", "workpieceId": OTHER})
    assert [one.kind for one in told.life().contradictions] == ["tag"]


def test_an_action_that_failed_is_told_and_changes_no_place() -> None:
    told = producing()
    told.acted(MILL, "PICK", "o", state="FAILED")
    assert told.happened()[-1] == "failed"
    assert [claim.device for claim in told.life().claims] == [FTS]


def test_the_record_has_each_event_with_its_message() -> None:
    told = producing()
    at(told, MILL, "MILL")
    shown = record(told.life(), told.state)
    assert [one["what"] for one in shown["events"][:3]] == ["in_bay", "requested", "accepted"]
    assert all(one["message_id"] for one in shown["events"])
    assert {one["column"] for one in shown["events"]} == {"order", "station", "transport"}
    assert shown["stations"][0]["planned"] == ["MILL", "AIQS"]
    assert shown["stations"][0]["actual"] == ["MILL"]
    rows = list(csv_rows([told.life()], told.state))
    assert len(rows) == len(timeline(told.life()))
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}


def test_lives_that_left_the_state_are_collected_and_found() -> None:
    collector = LifeCollector()
    for name in (
        "red-storage-production_20260807_113213",
        "white-storage-production_20260807_111716",
    ):
        for message in recording(name):
            collector.take(message._replace(session=name))
    assert [life.end for life in collector.lives] == ["delivered", "delivered"]
    (red,) = matching(collector.lives, "3599c42c6416a0")
    assert matching(collector.lives, red.orders[1].order_id) == [red]
