"""A piece comes in: felt, colour read, tag read; or it leaves before that."""

import pytest

from tests.support.factory import DPS, FTS, HBW
from tests.support.piece_story import OTHER, TAG, PieceTeller


def test_a_piece_is_followed_before_its_tag_is_read() -> None:
    told = PieceTeller()
    told.lies_at_dock(None)
    (life,) = told.pieces.open.values()
    assert (life.tag, life.colour, life.origin) == (None, None, "intake")
    assert [claim.name for claim in life.claims] == [DPS]
    told.lies_at_dock("RED")
    told.lies_at_dock("RED", state="FINISHED", result=TAG)
    assert list(told.pieces.open.values()) == [life]
    assert (life.tag, life.colour) == (TAG, "RED")
    assert told.happened() == ["handed_in", "colour_read", "tag_read"]


def test_a_tag_that_comes_in_again_begins_a_new_life() -> None:
    told = PieceTeller()
    told.handed_in()
    first = told.life()
    told.acted(DPS, "PICK", "x", result="PASSED")
    told.handed_in()
    told.carries("1")
    assert first.end is None or told.life() is not first
    told = PieceTeller()
    told.handed_in()
    first = told.life()
    told.acted(DPS, "DROP", "")
    told.handed_in(colour="WHITE")
    second = told.life()
    assert second is not first
    assert (first.end, second.end) == ("reentered", None)
    assert first.events[-1].inferred
    assert first.events[-1].evidence == (second.begun_by,)
    assert second.contradictions == []


def test_a_tag_read_again_while_it_lies_in_a_bay_is_a_contradiction_on_both() -> None:
    told = PieceTeller()
    told.rack(A1=f"RED:{TAG}")
    stored = told.life()
    told.handed_in()
    new = told.life()
    assert new is not stored
    assert stored.end is None
    for life in (stored, new):
        (found,) = life.contradictions
        assert found.kind == "place"
        assert found.said == (f"{HBW}/A1", DPS)
        assert len(set(found.evidence)) == 2


def test_a_piece_that_leaves_without_a_tag_is_no_other_one() -> None:
    told = PieceTeller()
    told.lies_at_dock(None)
    told.lies_at_dock("")
    assert [life.end for life in told.pieces.ended] == ["left_without_tag"]
    told.lies_at_dock(None)
    assert len(told.pieces.open) == 1
    assert told.pieces.ended_total == 1


def test_a_tag_that_cannot_be_read_stays_unknown() -> None:
    told = PieceTeller()
    told.lies_at_dock(None)
    told.lies_at_dock("RED", state="FAILED")
    told.lies_at_dock("RED", state="FINISHED", result="unknown")
    assert told.happened(None) == ["handed_in", "colour_read", "tag_unreadable"]
    assert told.life(None).tag is None


def test_a_piece_that_is_thrown_out_says_by_what() -> None:
    told = PieceTeller()
    told.handed_in()
    cancel = {"actions": [{"actionType": "cancelStorageOrder", "actionId": "x"}]}
    told.say("module_instant_action", cancel, serial=DPS)
    by = f"{int(told.now * 1000)}-0"
    told.lies_at_dock("")
    (life,) = told.pieces.ended
    assert (life.end, life.events[-1].evidence) == ("turned_away", (by,))


def test_a_storage_request_alone_invents_no_piece() -> None:
    told = PieceTeller()
    asked = {"orderType": "STORAGE", "type": "RED", "workpieceId": TAG, "timestamp": "2026"}
    told.say("ccu_order_request", asked)
    assert told.pieces.open == {}


def test_the_request_names_the_tag_where_the_reading_was_not_heard() -> None:
    told = PieceTeller()
    told.lies_at_dock(None)
    told.lies_at_dock("RED")
    asked = {"orderType": "STORAGE", "type": "RED", "workpieceId": TAG, "timestamp": "2026"}
    told.say("ccu_order_request", asked)
    assert told.life().events[-1].what == "tag_read"
    assert told.life().events[-1].inferred


def test_another_piece_in_the_input_is_another_life() -> None:
    told = PieceTeller()
    told.handed_in()
    told.handed_in(OTHER, "WHITE")
    assert told.life() is not told.life(OTHER)
    assert told.life().claims == []
    assert told.life().end is None


@pytest.mark.parametrize("typed", [True, False])
def test_the_dock_is_known_by_its_loads_where_nobody_told_its_type(*, typed: bool) -> None:
    told = PieceTeller()
    if not typed:
        for module in told.state.modules.values():
            module.type = None
    told.handed_in()
    assert told.happened() == ["handed_in", "colour_read", "tag_read"]


def test_a_piece_whose_drop_was_not_heard_is_where_the_vehicle_says() -> None:
    told = PieceTeller()
    told.handed_in()
    told.carries(DPS)
    told.carries(DPS, p1=f"RED:{TAG}")
    life = told.life()
    assert [claim.name for claim in life.claims] == [f"{FTS}/1"]
    assert told.happened()[-2:] == ["put_out", "loaded"]
    assert life.events[-2].inferred
    assert life.contradictions == []
