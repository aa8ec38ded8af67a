"""Where a piece is: handed over, told at two places, lost, gone, with gaps between."""

import json

from omf.state import FactoryState
from omf.workpieces.life import MAX_ENDED_LIVES, MAX_LIFE_EVENTS, MAX_OPEN_LIVES
from omf.workpieces.record import status
from tests.support.factory import AIQS, DRILL, FTS, HBW, MILL, order, warehouse_loads
from tests.support.piece_story import OTHER, TAG, PieceTeller

SECOND = "leJ4"


def test_from_the_bay_onto_the_vehicle_it_is_one_piece_at_one_place() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}", B1=f"WHITE:{OTHER}")
    told.carries(HBW)
    told.acted(HBW, "DROP", "o", result=TAG, loads=warehouse_loads(B1=f"WHITE:{OTHER}"))
    assert [claim.name for claim in told.life().claims] == [FTS]
    told.carries(HBW, p2=f"RED:{TAG}")
    assert [claim.name for claim in told.life().claims] == [f"{FTS}/2"]
    assert told.happened() == ["in_bay", "retrieved", "loaded"]
    assert told.life().events[1].position == "A1"
    assert told.life().contradictions == []


def test_two_vehicles_with_the_same_load_are_shown_with_both_messages() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    first = f"{int(told.now * 1000)}-0"
    told.carries("2", SECOND, p3=f"RED:{TAG}")
    second = f"{int(told.now * 1000)}-0"
    assert len(told.pieces.open) == 1
    life = told.life()
    (found,) = life.contradictions
    assert found.said == (f"{FTS}/1", f"{SECOND}/3")
    assert found.evidence == (first, second)
    assert status(life) == "contradictory"
    assert [claim.name for claim in life.claims] == [f"{FTS}/1", f"{SECOND}/3"]
    told.carries("1")
    assert life.contradictions[0].until == told.now
    assert status(life) == "in_house"


def test_a_tag_in_two_bays_is_a_contradiction() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}", B2=f"RED:{TAG}")
    assert len(told.pieces.open) == 1
    assert [one.kind for one in told.life().contradictions] == ["place"]


def test_a_bay_and_a_vehicle_that_both_hold_it_contradict_each_other() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    told.carries("2", p1=f"RED:{TAG}")
    assert [one.said for one in told.life().contradictions] == [(f"{HBW}/A1", f"{FTS}/1")]


def test_swapped_tags_are_seen_by_their_colours() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}", p2=f"WHITE:{OTHER}")
    told.carries("1", p1=f"RED:{OTHER}", p2=f"WHITE:{TAG}")
    for tag in (TAG, OTHER):
        kinds = {one.kind for one in told.life(tag).contradictions}
        assert kinds == {"tag", "colour"}
    assert len(told.pieces.open) == 2


def test_a_piece_without_a_tag_is_joined_to_its_life_when_the_tag_appears() -> None:
    told = PieceTeller()
    told.rack(A1="RED:")
    unread = told.life(None)
    told.carries(HBW)
    told.acted(HBW, "DROP", "o", result="unknown", loads=warehouse_loads())
    told.carries(HBW, p1="RED:")
    assert list(told.pieces.open.values()) == [unread]
    told.carries("1", p1=f"RED:{TAG}")
    assert list(told.pieces.open.values()) == [unread]
    assert unread.tag == TAG
    assert told.happened() == ["in_bay", "retrieved", "loaded", "passed", "tag_read"]


def test_a_lost_piece_that_turns_up_without_a_tag_first_is_the_same_one() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    life = told.life()
    told.rack()
    assert status(life) == "place_unknown"
    told.carries("1", p1="RED:")
    told.carries("2", p1=f"RED:{TAG}")
    assert list(told.pieces.open.values()) == [life]
    joined = next(one for one in life.events if one.what == "joined")
    assert joined.inferred
    assert joined.evidence


def test_a_gap_between_vehicle_and_station_is_marked_as_inferred() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    told.carries(MILL, p1=f"RED:{TAG}")
    told.carries(MILL)
    (claim,) = told.life().claims
    assert (claim.device, claim.inferred) == (MILL, True)


def test_a_reset_loses_what_is_not_in_the_warehouse() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    told.carries("1", p1=f"WHITE:{OTHER}")
    told.say("ccu_set_reset", {"timestamp": "2026-08-07T09:00:00.000Z"})
    by = f"{int(told.now * 1000)}-0"
    assert told.life().end is None
    assert (told.life(OTHER).end, told.life(OTHER).ended_by) == ("lost_at_reset", by)
    told.carries("1", p1=f"WHITE:{OTHER}")
    assert len(told.pieces.open) == 1, "the vehicle repeats what it held before its own reset"
    told.say("ccu_set_reset", {"timestamp": "2026-08-07T09:00:00.000Z", "withStorage": True})
    assert told.pieces.open == {}


def test_a_reset_without_a_timestamp_is_ignored_as_the_ccu_does() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    told.say("ccu_set_reset", {"withStorage": True})
    assert told.life().end is None


def test_a_vehicle_that_is_reset_forgets_its_loads() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    told.carries("2", SECOND, p1=f"WHITE:{OTHER}")
    reset = {"actions": [{"actionType": "reset", "actionId": "x"}]}
    told.say("fts_instant_action", reset, serial=FTS)
    assert (told.life().end, told.life(OTHER).end) == ("lost_at_reset", None)


def test_a_stock_that_is_set_anew_removes_what_it_does_not_name() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}", B1=f"WHITE:{OTHER}")
    contents = {"actions": [{"actionType": "SET_STORAGE", "actionId": "x"}]}
    told.say("module_instant_action", contents, serial=HBW)
    told.rack(B1=f"WHITE:{OTHER}")
    assert (told.life().end, told.life(OTHER).end) == ("removed_from_stock", None)


def test_the_stock_of_the_ccu_counts_while_the_warehouse_is_silent() -> None:
    told = PieceTeller()
    told.stock(A1=f"RED:{TAG}")
    assert [claim.name for claim in told.life().claims] == [f"{HBW}/A1"]
    told.rack(A1=f"RED:{TAG}")
    assert told.happened() == ["in_bay"]


def test_a_stock_that_still_lists_a_piece_long_gone_is_a_contradiction() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    told.carries(HBW)
    told.acted(HBW, "DROP", "o", result=TAG, loads=warehouse_loads())
    told.carries(HBW, p1=f"RED:{TAG}")
    told.stock(A1=f"RED:{TAG}")
    assert told.life().contradictions == []
    told.carries("1", p1=f"RED:{TAG}")
    told.wait(60)
    told.stock(A1=f"RED:{TAG}")
    assert [one.kind for one in told.life().contradictions] == ["stock"]
    told.stock()
    assert told.life().contradictions[0].until == told.now


def test_the_stock_names_the_bay_where_the_end_of_storing_was_not_heard() -> None:
    told = PieceTeller()
    told.rack()
    told.carries(HBW, p1=f"RED:{TAG}")
    told.carries(HBW)
    told.stock(A1=f"RED:{TAG}")
    (claim,) = told.life().claims
    assert (claim.name, claim.inferred) == (f"{HBW}/A1", True)
    assert told.life().contradictions == []


def test_companions_are_told_when_they_join_and_leave() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    told.carries("1", p1=f"RED:{TAG}", p2=f"WHITE:{OTHER}")
    told.carries("1", p1=f"RED:{TAG}")
    events = [(one.what, one.companions) for one in told.life().events[1:]]
    assert events == [("companion_joined", (OTHER,)), ("companion_left", (OTHER,))]
    assert told.life(OTHER).events[0].companions == (TAG,)


def test_what_a_vehicle_presets_while_it_waits_is_no_word_on_the_piece() -> None:
    told = PieceTeller()
    told.handed_in()
    waiting = {"loadPosition": "1", "loadType": "RED", "loadId": TAG}
    state = {"serialNumber": FTS, "lastNodeId": "SVR4H73275", "waitingForLoadHandling": True}
    told.say("fts_state", {**state, "load": [waiting]}, serial=FTS)
    assert [claim.device for claim in told.life().claims] == ["SVR4H73275"]


def test_a_state_without_loads_takes_no_piece_from_the_vehicle() -> None:
    told = PieceTeller()
    told.carries("1", p1=f"RED:{TAG}")
    told.say("fts_state", {"serialNumber": FTS, "lastNodeId": "2"}, serial=FTS)
    assert [claim.name for claim in told.life().claims] == [f"{FTS}/1"]


def test_the_pieces_stay_bounded_whatever_is_said() -> None:
    told = PieceTeller()
    for number in range(MAX_OPEN_LIVES + 200):
        told.carries("1", f"F{number}", p1=f"RED:T{number}")
    assert len(told.pieces.open) == MAX_OPEN_LIVES
    assert len(told.pieces.ended) == MAX_ENDED_LIVES
    assert {one.end for one in told.pieces.ended} == {"forgotten"}
    for number in range(2 * MAX_LIFE_EVENTS):
        told.carries(str(number), "F455", p1="RED:T455")
    life = told.life("T455")
    assert len(life.events) == MAX_LIFE_EVENTS
    assert life.events[0].what == "loaded"
    assert life.dropped_events > 0


def test_saved_and_brought_back_a_life_goes_on() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    told.orders(order("o"))
    told.state = FactoryState.restore(json.loads(json.dumps(told.state.snapshot())))
    told.carries(HBW)
    told.acted(HBW, "DROP", "o", result=TAG, loads=warehouse_loads())
    told.acted(AIQS, "CHECK_QUALITY", "o", result="FAILED")
    assert [trace.order_id for trace in told.life().orders] == ["o"]
    assert told.life().end == "rejected"
    assert DRILL in told.state.modules
