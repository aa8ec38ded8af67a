"""What a module did with its time: silence, failure, another session, what nobody understands."""

import pytest

from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_figures import RangeFigures, compare_shifts, shift_figures
from omf.messages.message import Message
from omf.state import FactoryState
from tests.support.factory import DRILL, FTS
from tests.support.shared import recording

SESSION = "ml-wrb-red-nok_20260807_130729"


def told(messages: list[Message], since: float, until: float) -> RangeFigures:
    heard = ShiftClock(None, since)
    for message in messages:
        heard.take(message)
    heard.close(until)
    return shift_figures(heard, (since, until), [(since, until)])


def of(found: RangeFigures, subject: str) -> dict[str, float | None]:
    return {one.name: one.value for one in found.figures if one.subject == subject}


def session() -> list[Message]:
    return list(recording(SESSION))


def test_what_comes_after_a_silence_is_unknown_until_the_next_word() -> None:
    messages = session()
    since, until = messages[0].received_at, messages[-1].received_at
    quiet = [
        one
        for one in messages
        if DRILL not in one.topic or not since + 60 < one.received_at < since + 200
    ]
    whole, less = of(told(messages, since, until), DRILL), of(told(quiet, since, until), DRILL)
    assert (less["unknown"] or 0) - (whole["unknown"] or 0) > 95
    assert less["busy"] == whole["busy"]


def test_time_in_which_nobody_said_anything_is_no_time_without_orders() -> None:
    """A factory that is watched since an hour, in a shift of eight; and an hour without a word."""
    messages = session()
    begin, end = messages[0].received_at, messages[-1].received_at
    whole, early = told(messages, begin, end), told(messages, begin - 3600, end)
    idle = {one.name: one.value for one in whole.figures if one.group == "factory"}
    longer = {one.name: one.value for one in early.figures if one.group == "factory"}
    assert longer["no_order"] == pytest.approx(idle["no_order"], abs=2)
    assert longer["unknown"] == pytest.approx((idle["unknown"] or 0.0) + 3600, abs=2)
    later = told(messages, begin, end + 3600)
    assert {one.name: one.value for one in later.figures if one.group == "factory"}[
        "no_order"
    ] == pytest.approx(idle["no_order"], abs=2)


def test_nothing_heard_is_unknown_and_never_zero() -> None:
    found = told([], 0.0, 3600.0)
    values = {one[:3]: one.value for one in found.figures}
    assert values["quality", "", "first_pass_yield"] is None
    assert values["factory", "", "oee"] is None
    assert values["alarms", "", "raised"] is None
    of_messages = [one for one in found.figures if one.group in ("orders", "quality", "factory")]
    assert {one.value for one in of_messages if one.name != "unknown"} == {None}
    assert values["factory", "", "unknown"] == 3600.0
    empty = shift_figures(ShiftClock(None, 0.0), (0.0, 0.0), [])
    rates = {one.value for one in empty.figures if one.unit in ("share", "per_hour")}
    assert rates == {None}


def test_another_session_and_what_cannot_be_read_stop_nothing() -> None:
    messages = session()
    since, until = messages[0].received_at, messages[-1].received_at
    third = len(messages) // 3
    other = [m._replace(session="other") for m in messages[third:]]
    odd = [
        messages[third]._replace(topic=topic, payload=payload)
        for topic in ("module/v1/ff/X/state", f"fts/v1/ff/{FTS}/state", "ccu/order/active", "odd")
        for payload in (b"", b"[" * 9, b"{}", b"[{}]", b'{"actionState": {}}', b"\xff", b"null")
    ]
    found = told([*messages[:third], *odd, *other], since, until)
    for serial in found.types:
        seconds = sum(
            one.value or 0.0
            for one in found.figures
            if one.subject == serial and one.unit == "s" and one.group == "module"
        )
        assert abs(seconds - (until - since)) < 0.01


def test_a_range_that_begins_in_the_middle_knows_what_was_under_way() -> None:
    messages = session()
    middle, until = messages[len(messages) // 2].received_at, messages[-1].received_at
    state = FactoryState()
    for message in messages[: len(messages) // 2]:
        state.apply(message, message.received_at)
    heard = ShiftClock(state, middle)
    for message in messages[len(messages) // 2 :]:
        heard.take(message)
    heard.close(until)
    found = shift_figures(heard, (middle, until), [(middle, until)])
    values = {one[:3]: one.value for one in found.figures}
    assert (values["orders", "", "begun"], values["orders", "", "finished"]) == (0, 1)
    white = values["orders", "PRODUCTION WHITE", "lead_median"]
    assert white is not None
    assert white > until - middle
    assert of(found, DRILL)["unknown"] == 0.0


def test_a_figure_that_only_one_range_has_is_unknown_in_the_other() -> None:
    messages = session()
    since, until = messages[0].received_at, messages[-1].received_at
    whole, early = told(messages, since, until), told(messages[:500], since, since + 60)
    compared = {one[:3]: (one.a, one.b) for one in compare_shifts(whole, early)}
    a, b = compared["orders", "PRODUCTION WHITE", "lead_median"]
    assert (a is not None, b) == (True, None)


def figure(found: RangeFigures, name: str, group: str = "factory") -> float | None:
    return next(one.value for one in found.figures if one[:3] == (group, "", name))


def test_an_order_in_work_while_nobody_was_heard_was_not_worked_on_as_far_as_is_known() -> None:
    """Ten minutes without a word in the middle of orders: unknown, neither work nor a pause."""
    messages = session()
    begin, end = messages[0].received_at, messages[-1].received_at
    whole = told(messages, begin, end)
    middle = begin + (end - begin) / 2
    split = [one for one in messages if one.received_at < middle]
    later = [one._replace(id=shifted(one, 600)) for one in messages[len(split) :]]
    gap = told([*split, *later], begin, end + 600)
    unknown = figure(gap, "unknown") or 0.0
    assert unknown == pytest.approx(600, abs=35)
    worked = (figure(whole, "availability") or 0.0) * (end - begin)
    left = (figure(gap, "availability") or 0.0) * (end + 600 - begin)
    assert left == pytest.approx(worked, abs=35)
    assert (figure(gap, "effectiveness") or 0.0) < 1.5
    for serial in whole.types:
        busy, before = of(gap, serial)["busy"] or 0.0, of(whole, serial)["busy"] or 0.0
        assert busy <= before + 0.01
        assert (of(gap, serial)["unknown"] or 0.0) >= unknown - 40


def shifted(message: Message, seconds: int) -> str:
    ms, _, number = message.id.partition("-")
    return f"{int(ms) + 1000 * seconds}-{number}"


def test_an_order_in_work_before_a_range_in_which_nobody_said_anything_says_nothing() -> None:
    state = FactoryState()
    for message in session()[:1500]:
        state.apply(message, message.received_at)
    assert state.active_orders
    since = (state.last_received or 0.0) + 3600
    heard = ShiftClock(state, since)
    heard.close(since + 3600)
    found = shift_figures(heard, (since, since + 3600), [(since, since + 3600)])
    assert figure(found, "availability") is None
    assert figure(found, "oee") is None
    assert figure(found, "unknown") == 3600


def test_at_a_pace_nobody_has_measured_performance_is_unknown() -> None:
    """The simulated factory at ten times the speed is not ten times as good."""
    messages = session()
    begin = messages[0].received_at
    fast = [one._replace(id=faster(one, begin)) for one in messages]
    end = fast[-1].received_at
    found = told(fast, begin, end)
    assert figure(found, "effectiveness") is None
    assert figure(found, "oee") is None
    assert (figure(found, "availability") or 0.0) > 0.8
    assert {of(found, serial)["effectiveness"] for serial in found.types} == {None}
    usual = told(messages, begin, messages[-1].received_at)
    assert figure(usual, "effectiveness") is not None


def faster(message: Message, begin: float) -> str:
    at_ms = round(1000 * (begin + (message.received_at - begin) / 10))
    return f"{at_ms}-{message.id.replace('-', '')}"
