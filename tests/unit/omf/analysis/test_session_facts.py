"""What a session is of: versions of the factory, how orders ended, when each alarm came."""

from typing import Any

from omf.analysis.session_facts import session_facts
from tests.support.factory import AIQS, DRILL, FTS, Factory, connection
from tests.support.shared import recording

FATAL = [{"errorType": "PICK_failed", "errorLevel": "FATAL"}]


def _order(name: str, state: str) -> dict[str, Any]:
    return {"orderId": name, "orderType": "PRODUCTION", "type": "WHITE", "state": state}


def test_each_outcome_of_an_order_is_counted_and_what_was_over_before_is_not() -> None:
    told = Factory()
    running = [_order(name, "IN_PROGRESS") for name in ("a", "b", "c", "d", "e")]
    told.orders(*running)
    ended = [_order("a", "FINISHED"), _order("b", "ERROR"), _order("c", "CANCELLED")]
    told.say("ccu_order_completed", [*ended, _order("before", "FINISHED")])
    told.orders(_order("e", "IN_PROGRESS"))
    facts = session_facts(told.heard)
    assert facts is not None
    assert facts.orders == {"finished": 1, "failed": 1, "cancelled": 1, "lost": 1, "open": 1}


def test_the_versions_are_those_each_part_told() -> None:
    told = Factory()
    told.say("module_factsheet", {"version": "1.3.0", "serialNumber": DRILL}, serial=DRILL)
    told.say("module_connection", {**connection(AIQS), "version": "1.4.0"}, serial=AIQS)
    told.say("fts_connection", {**connection(FTS), "version": "1.1.0"}, serial=FTS)
    told.say("ccu_state_version_mismatch", {"ccuVersion": "1.3.0-osf.4", "mismatchedModules": []})
    facts = session_facts(told.heard)
    assert facts is not None
    assert facts.versions == {
        "CCU": "1.3.0-osf.4", DRILL: "1.3.0", AIQS: "1.4.0", f"FTS {FTS}": "1.1.0",
    }  # fmt: skip


def test_an_alarm_that_comes_twice_is_told_twice_at_its_own_times() -> None:
    told = Factory.known(at=1_000.0)
    for at, errors in ((1_010.0, FATAL), (1_020.0, []), (1_030.0, FATAL), (1_040.0, [])):
        told.now = at
        told.module(DRILL, "PICK", "FAILED", errors=errors)
    facts = session_facts(told.heard)
    assert facts is not None
    came = [one for one in facts.alarms if one.rule == "device-fatal"]
    assert [one.subject for one in came] == [DRILL, DRILL]
    assert [round(one.at_s) // 10 for one in came] == [2, 4], "sampled before each message"
    assert facts.length_s == 40.0


def test_a_session_without_a_message_has_no_facts() -> None:
    assert session_facts([]) is None


def test_a_recorded_session_with_a_failed_piece() -> None:
    facts = session_facts(recording("ml-wrb-red-nok_20260807_130729"))
    assert facts is not None
    assert (facts.orders["finished"], facts.orders["failed"]) == (4, 1)
    assert facts.versions["DPS"] == "1.6.0"
    assert [one.rule for one in facts.alarms] == ["quality-failed"]
