"""Which command may go out, and with which words it is refused; on the state of a real factory."""

from typing import Any
from uuid import UUID

import pytest

from omf.commands import fingerprint
from omf.messages.edited import EditedMessage, EditedMessages
from omf.state import FactoryState
from services.common.store.keys import Command, LinkHealth, Role, Stage
from services.gateway.checks import refusal
from services.orders.decision import MAX_PREVIEW_AGE_S, Decision, View, decide
from services.orders.transitions import begin
from tests.support.command_examples import command_of
from tests.support.factory import known_factory

NOW = 1_786_000_000.0
FREE = {"topic": "x/y", "payload": "{}", "confirm": "SENDEN"}


def view(**changes: Any) -> View:
    link = LinkHealth(connected=True, broker="b", since=0, at=NOW - 0.5)
    known = {"environment": "mock", "state": FactoryState(), "now": NOW, "journal_id": "0-0"}
    return View(**{**known, "link": link, "folded_at": NOW - 0.2, **changes})


def heard(at: float, *, connected: bool = True) -> LinkHealth:
    """Ingest is well, and the broker last said something at that time."""
    return LinkHealth(connected=connected, broker="b", since=0, at=NOW, last_packet_at=at)


def command(**changes: Any) -> Command:
    free = command_of("free-message", parameters=FREE, created_at=NOW)
    return free.model_copy(update=changes)


def judged(asked: Command, seen: View, asked_at: float = NOW) -> Decision:
    return decide(asked, asked_at, seen, lambda: "id")


def ids(decision: Decision) -> list[str]:
    return [reason.id for reason in decision.reasons]


def test_what_moves_nothing_needs_no_view() -> None:
    assert judged(command(), view(link=None)).stage is Stage.ACCEPTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"link": None}, "no-link"),
        ({"link": LinkHealth(connected=False, broker="b", since=0, at=NOW)}, "no-link"),
        ({"link": LinkHealth(connected=True, broker="b", since=0, at=NOW - 5.1)}, "old-view"),
        ({"folded_at": NOW - 5.1}, "old-view"),
        ({"link": heard(NOW - 5.1)}, "old-view"),
        ({"link": heard(NOW - 5.1, connected=False)}, "no-link"),
    ],
)
def test_what_moves_needs_a_young_view_and_a_link(changes: dict[str, Any], reason: str) -> None:
    park = command(kind="park", parameters={}, role=Role.SUPERVISOR)
    decision = judged(park, view(**changes))
    assert decision.stage is Stage.REFUSED
    assert reason in ids(decision)


def test_a_quiet_broker_that_answers_is_not_an_old_view() -> None:
    park = command(kind="park", parameters={}, role=Role.SUPERVISOR)
    assert "old-view" not in ids(judged(park, view(link=heard(NOW - 4.9))))


def edited(payload: str, topic: str = "ccu/set/park") -> EditedMessages:
    change = EditedMessage(step=0, topic=topic, payload=payload)
    return EditedMessages(ids=UUID(int=1), messages=(change,))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.SUPERVISOR])
def test_a_message_is_edited_only_by_whom_may_send_any(role: Role) -> None:
    park = command(kind="park", parameters={}, role=role, edited=edited('{"a": 1}'))
    assert "role" in ids(judged(park, view()))


def test_what_was_edited_is_told_in_every_language_and_goes_out_as_a_free_message() -> None:
    park = command(kind="park", parameters={}, role=Role.ADMIN, edited=edited('{"a": 1}', "x/y"))
    decision = judged(park, view(state=known_factory()))
    assert decision.stage is Stage.ACCEPTED, decision.reasons
    said = next(reason for reason in decision.reasons if reason.id == "edited")
    for words in (said.de, said.en, said.fr):
        assert "ccu/set/park → x/y" in words
        assert "→ 1" in words
    assert decision.plan is not None
    begun = begin(park, decision.plan, now=NOW, journal_id="0-0", expires_at=NOW + 9, expiry_s=9)
    assert begun.outgoing is not None
    assert (begun.outgoing.kind, begun.outgoing.topic) == ("free-message", "x/y")
    assert begun.outgoing.payload == '{"a": 1}'
    assert refusal(begun.outgoing) is None


def test_what_is_edited_after_it_was_read_is_not_sent() -> None:
    read = fingerprint("park", {}, known_factory(), edited("{}"))
    park = command(kind="park", parameters={}, role=Role.ADMIN, plan=read, edited=edited("{ }"))
    assert ids(judged(park, view(state=known_factory()))) == ["plan-changed"]


def test_every_objection_is_told_at_once() -> None:
    order = command(
        kind="production-order", parameters={"colour": "RED"}, role=Role.VIEWER, created_at=NOW + 60
    )
    assert ids(judged(order, view(link=None)))[:4] == ["role", "clock", "no-link", "stock-free"]


def test_a_command_older_than_its_expiry_has_expired_whoever_asked() -> None:
    decision = judged(command(role=Role.VIEWER), view(), asked_at=NOW - 60)
    assert decision.stage is Stage.EXPIRED


def test_a_store_whose_clock_was_set_back_gives_nobody_a_longer_life() -> None:
    decision = judged(command(), view(), asked_at=NOW + 3600)
    assert decision.stage is Stage.ACCEPTED
    assert decision.expires_at == NOW + decision.expiry_s


def test_a_preview_left_open_is_refused() -> None:
    stale = command(created_at=NOW - MAX_PREVIEW_AGE_S - 1)
    assert ids(judged(stale, view())) == ["stale-preview"]


def test_a_command_never_crosses_to_another_factory() -> None:
    assert ids(judged(command(environment="live"), view())) == ["environment"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "dance"}, "kind"),
        ({"parameters": FREE | {"qos": 3}}, "parameter:qos"),
        ({"parameters": FREE | {"colour": "RED"}}, "parameter:colour"),
    ],
)
def test_what_cannot_be_built_is_refused_by_the_field(changes: dict[str, Any], reason: str) -> None:
    decision = judged(command(**changes), view())
    assert ids(decision) == [reason]
    assert all(told.de and told.en for told in decision.reasons)


LAMP = {"kind": "status-led", "parameters": {"light": "red"}}


@pytest.mark.parametrize(
    ("only", "here", "refused"),
    [
        (["mock"], "mock", False),
        (["mock"], "live", True),
        (["mock"], "replay", True),
        (["live", "replay"], "mock", True),
        ("mock,live", "live", False),
        (None, "live", False),
        ([], "live", False),
    ],
)
def test_a_sequence_starts_only_on_the_kinds_of_factories_it_names(
    only: Any, here: str, *, refused: bool
) -> None:
    given = {"title": {"en": "Lamp"}, "steps": [LAMP]} | ({} if only is None else {"only": only})
    asked = command(kind="sequence-start", parameters=given, environment=here)
    found = judged(asked, view(environment=here))
    assert ("sequence-place" in ids(found)) is refused
    if refused and only == ["mock"]:
        [said] = [one.en for one in found.reasons if one.id == "sequence-place"]
        assert "simulated factory" in said


def test_a_kind_of_factory_nobody_knows_is_refused_by_its_name() -> None:
    given = {"title": {"en": "Lamp"}, "steps": [LAMP], "only": ["prod"]}
    found = judged(command(kind="sequence-start", parameters=given), view())
    assert [one.split(".")[0] for one in ids(found)] == ["parameter:only"]


def test_what_was_told_before_the_clock_was_set_back_is_an_old_view() -> None:
    """Ingest dies, and the store's clock is set back an hour: its last word is of the future."""
    link = heard(NOW).model_copy(update={"at": NOW + 3600, "last_packet_at": NOW + 3600})
    seen = view(link=link)
    assert seen.age_s == pytest.approx(3600)
    assert seen.flaw is not None


def test_devices_are_judged_by_the_clock_of_the_message_ids() -> None:
    assert view(link=heard(NOW).model_copy(update={"ahead_s": 3600.0})).message_now == NOW + 3600
    assert view(link=None).message_now == NOW
