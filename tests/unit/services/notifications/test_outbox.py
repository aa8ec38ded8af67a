"""What waits, is sent, and is known of it: nothing lost, nothing twice, one address at a time."""

from omf.notifications.decision import AlarmNotice, AlarmPhase, Decided
from omf.texts import verbatim
from services.notifications.outbox import (
    FIRST_RETRY_S,
    GAP_S,
    MAX_NOTICES_WAITING,
    MAX_RETRY_S,
    Outbox,
    SendingResult,
)

KNOWN = {"anna/mail", "bert/mail"}
ADDRESSES = {"anna": ["anna/mail"], "bert": ["bert/mail"]}
AWAY = verbatim("away")


def _notice(alarm: str, receiver: str = "anna", at: float = 1.0) -> AlarmNotice:
    return AlarmNotice(
        receiver=receiver,
        alarm=alarm,
        phase=AlarmPhase.RAISED,
        raised_at=at,
        at=at,
        priority=1,
        severity="critical",
        text=verbatim("x"),
        action=verbatim("y"),
    )


def _take(box: Outbox, *notices: AlarmNotice, now: float = 1.0) -> None:
    box.take(Decided(list(notices), []), ADDRESSES, now)


def _keys(batch) -> tuple[str, ...]:
    return tuple(one.key for one in batch)


def test_an_entry_is_sent_once_and_the_next_ones_together_after_a_gap() -> None:
    box = Outbox()
    _take(box, _notice("a"))
    first = box.due(KNOWN, 1, "me")["anna/mail"]
    _take(box, _notice("b"), _notice("c"))
    assert box.due(KNOWN, 1, "me") == {}, "one attempt at a time"
    box.finish(SendingResult("anna/mail", _keys(first)), 2)
    assert box.due(KNOWN, 2 + GAP_S / 2, "me") == {}
    second = box.due(KNOWN, 2 + GAP_S, "me")["anna/mail"]
    assert [one.notice.alarm for one in second] == ["b", "c"]
    box.finish(SendingResult("anna/mail", _keys(second)), 6)
    assert box.entries == {}


def test_what_fails_is_tried_again_ever_later_and_nobody_else_waits() -> None:
    box, now, pauses = Outbox(), 1.0, []
    _take(box, _notice("a"), _notice("a", "bert"))
    for _ in range(9):
        batch = box.due(KNOWN, now, "me")
        assert set(batch) == (KNOWN if now == 1 else {"anna/mail"})
        if "bert/mail" in batch:
            box.finish(SendingResult("bert/mail", _keys(batch["bert/mail"])), now)
        box.finish(SendingResult("anna/mail", _keys(batch["anna/mail"]), AWAY), now)
        pauses.append(box.record("anna/mail").next_at - now)
        now = box.record("anna/mail").next_at
    assert pauses[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert pauses[-1] == MAX_RETRY_S
    failing = box.record("anna/mail")
    assert (failing.failing_since, failing.why) == (1.0, AWAY)
    box.finish(SendingResult("anna/mail", _keys(box.due(KNOWN, now, "me")["anna/mail"])), now)
    assert box.record("anna/mail").failing_since is None
    assert box.entries == {}


def test_what_another_process_was_sending_is_unknown_and_never_sent_again() -> None:
    box = Outbox()
    _take(box, _notice("a"))
    box.due(KNOWN, 1, "killed")
    _take(box, _notice("b"))
    after = Outbox(box.told, box.entries, box.records)
    lost = after.left_behind("me", set())
    assert [one.notice.alarm for one in lost] == ["a"]
    assert after.record("anna/mail").unknown == 1
    sent = after.due(KNOWN, 2, "me")["anna/mail"]
    assert [one.notice.alarm for one in sent] == ["b"]


def test_what_this_process_marked_and_never_began_waits_again() -> None:
    box = Outbox()
    _take(box, _notice("a"), _notice("b", "bert"))
    batches = box.due(KNOWN, 1, "me")
    assert box.left_behind("me", set(_keys(batches["bert/mail"]))) == []
    assert list(box.due(KNOWN, 1, "me")) == ["anna/mail"]


def test_who_has_no_address_at_the_moment_is_told_once_there_is_one() -> None:
    box = Outbox()
    box.take(Decided([_notice("a")], []), {}, 1)
    assert (box.told, box.entries) == ({}, {})


def test_an_address_that_is_no_more_keeps_nothing_and_too_many_are_counted() -> None:
    box = Outbox()
    _take(box, *(_notice(f"a{n:04}", at=float(n)) for n in range(MAX_NOTICES_WAITING + 5)))
    _take(box, _notice("b", "bert"))
    batch = box.due({"anna/mail"}, 1, "me")
    assert len(batch["anna/mail"]) == MAX_NOTICES_WAITING
    assert batch["anna/mail"][0].notice.alarm == "a0005"
    assert box.record("anna/mail").dropped == 5
    assert {one.address for one in box.entries.values()} == {"anna/mail"}


def test_an_address_that_fails_for_weeks_is_still_tried() -> None:
    box, failed = Outbox(), 5000
    _take(box, _notice("a"))
    box.records["anna/mail"] = box.record("anna/mail").but(failures=failed)
    batch = box.due(KNOWN, 1, "me")["anna/mail"]
    box.finish(SendingResult("anna/mail", _keys(batch), AWAY), 2)
    assert box.record("anna/mail").next_at == 2 + MAX_RETRY_S
    assert box.record("anna/mail").failures == failed + 1
