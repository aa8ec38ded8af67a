"""Every kind of command in each of its bad ends: refused, expired, silent, denied, unknown."""

from typing import Any

import pytest

from omf.commands import CONTROLS, KINDS, CommandError, Verdict, kind_of, prepare
from omf.texts import stored
from services.common.store.consumer import StreamEntry
from services.common.store.entries import DATA
from services.common.store.keys import Command, LinkHealth, Receipt, ReceiptStage, Role, Stage
from services.gateway.checks import refusal
from services.orders import transitions
from services.orders.decision import View, decide
from services.orders.execution import CommandExecution, Proof, Transition, outgoing_of
from services.orders.records import lenient_decode
from tests.support.command_examples import EXAMPLES, STEERING, command_of, plan_of
from tests.support.factory import NOW, known_factory

ALL = (*KINDS, *CONTROLS)
MOVING = [name for name in ALL if kind_of(name).moves]
LINK = LinkHealth(connected=True, broker="b", since=0, at=NOW)
SEEN = View("mock", known_factory(), NOW, "1-0", LINK, NOW)
DENIED = Proof(Verdict(outcome="failed", text=stored(de="nein", en="no")), "5-0")


def asked(kind: str, **changes: Any) -> Command:
    wish = command_of(kind, parameters=(EXAMPLES | STEERING)[kind])
    return wish.model_copy(update=changes)


def begun(kind: str) -> CommandExecution:
    expiry_s = KINDS[kind].expiry_s
    plan = plan_of(kind)
    transition = transitions.begin(
        asked(kind),
        plan,
        now=NOW,
        journal_id="1-0",
        expires_at=NOW + expiry_s,
        expiry_s=expiry_s,
    )
    assert transition.execution
    return transition.execution


def told(execution: CommandExecution, stage: ReceiptStage) -> Transition:
    receipt = Receipt(outbox_id=execution.outbox_id, command_id="c", stage=stage, at=NOW + 1)
    return transitions.on_receipt(execution, receipt, None, NOW + 1)


def ended(transition: Transition) -> tuple[Stage, list[str]]:
    """How it ended, and that nothing more will be sent or awaited."""
    assert transition.execution is None
    assert transition.outgoing is None
    last = transition.events[-1]
    assert all(reason.de and reason.en for reason in last.reasons)
    return last.stage, [reason.id for reason in last.reasons]


@pytest.mark.parametrize("kind", ALL)
def test_a_viewer_is_refused_by_name_and_by_the_gateway_once_more(kind: str) -> None:
    decision = decide(asked(kind, role=Role.VIEWER), NOW, SEEN, lambda: "id")
    assert decision.stage is Stage.REFUSED
    assert decision.reasons[0].id == "role"
    if kind in KINDS:
        forged = outgoing_of(begun(kind)).model_copy(update={"role": Role.VIEWER})
        why = refusal(forged)
        assert why
        assert why.id == "gateway-role"


@pytest.mark.parametrize("kind", MOVING)
def test_nothing_is_moved_on_an_old_view(kind: str) -> None:
    old = View("mock", known_factory(), NOW, "1-0", LINK.model_copy(update={"at": NOW - 6}), NOW)
    decision = decide(asked(kind), NOW, old, lambda: "id")
    assert decision.stage is Stage.REFUSED
    assert "old-view" in [reason.id for reason in decision.reasons]


@pytest.mark.parametrize("kind", ALL)
def test_what_waited_too_long_for_orders_has_expired(kind: str) -> None:
    late = decide(asked(kind), NOW - kind_of(kind).expiry_s - 0.1, SEEN, lambda: "id")
    assert (late.stage, late.reasons[0].id) == (Stage.EXPIRED, "expired")


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_gateway_may_not_send_any_more_has_expired(kind: str) -> None:
    assert ended(told(begun(kind), ReceiptStage.EXPIRED))[0] is Stage.EXPIRED
    assert ended(transitions.on_never_sent(begun(kind), NOW + 99)) == (Stage.EXPIRED, ["expired"])


@pytest.mark.parametrize("kind", KINDS)
def test_silence_to_the_end_of_the_window_is_no_effect_and_says_what_was_missed(kind: str) -> None:
    sent = told(begun(kind), ReceiptStage.ACKNOWLEDGED).execution
    assert sent
    assert sent.deadline == NOW + 1 + sent.awaiting.window_s
    transition = transitions.on_silence(sent, sent.deadline + 1, (), blind=False)
    left = ["piece-left"] if sent.bracket else []
    said = "nothing-to-change" if sent.awaiting.already else "silence"
    assert ended(transition) == (Stage.NO_EFFECT, [said, *left])
    assert sent.awaiting.text.en in transition.events[-1].reasons[0].en


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_factory_denies_has_failed(kind: str) -> None:
    sent = told(begun(kind), ReceiptStage.ACKNOWLEDGED).execution
    assert sent
    assert ended(transitions.on_proof(sent, DENIED, NOW + 2))[0] is Stage.FAILED


@pytest.mark.parametrize("kind", KINDS)
def test_doubt_that_the_factory_does_not_clear_up_stays_unknown(kind: str) -> None:
    doubtful = told(begun(kind), ReceiptStage.UNKNOWN).execution
    assert doubtful
    assert doubtful.deadline
    assert ended(transitions.on_silence(doubtful, doubtful.deadline + 1, (), blind=False))[0] is (
        Stage.UNKNOWN
    )


@pytest.mark.parametrize(
    ("kind", "given", "german", "english"),
    [
        ("fts-navigate", {}, "braucht preset, target oder stops", "needs preset"),
        ("free-message", {"topic": "a", "payload": '"' + "x" * 70_000 + '"'}, "Bytes", "bytes"),
        ("module-step", {"serial": "a/b"}, "", ""),
        ("free-message", {"topic": "a/#"}, "gehören in Filter", "belong in filters"),
        ("free-message", {"topic": ""}, "ist leer", "is empty"),
        ("clear-retained", {"topic": "a", "qos": 1}, "nicht vorgesehen", "not part of this"),
    ],
)
def test_what_is_wrong_is_said_in_one_language(
    kind: str, given: dict[str, Any], german: str, english: str
) -> None:
    with pytest.raises(CommandError) as caught:
        prepare(kind, given, known_factory(), now=NOW, new_id=str)
    assert german in caught.value.de
    assert english in caught.value.en
    assert caught.value.en not in caught.value.de


@pytest.mark.parametrize(
    ("changes", "german", "english"),
    [
        ({"topic": "a/+"}, "gehören in Filter", "belong in filters"),
        ({"payload": "{"}, "ist kein JSON", "is no JSON"),
        ({"payload": "{}"}, "muss da sein", "must be there"),
    ],
)
def test_what_the_gateway_finds_wrong_is_said_in_one_language(
    changes: dict[str, Any], german: str, english: str
) -> None:
    sent = outgoing_of(begun("production-order"))
    why = refusal(sent.model_copy(update=changes))
    assert why
    assert german in why.de
    assert english in why.en
    assert english not in why.de


@pytest.mark.parametrize(
    ("fields", "german", "english"),
    [
        ({}, "__data__: So ist es kein Befehl (fehlt).", "(is missing)"),
        ({DATA: b"{"}, "(ist kein JSON)", "is no JSON"),
        ({DATA: b"{}"}, "command_id: So ist es kein Befehl (fehlt).", "(is missing)"),
        (
            {DATA: b'{"command_id":"a b"}'},
            "(hat nicht die verlangte Form)",
            "form that is asked for",
        ),
    ],
)
def test_what_is_no_command_is_said_in_one_language(
    fields: dict[bytes, bytes], german: str, english: str
) -> None:
    _, flaw = lenient_decode(StreamEntry("1-0", fields), "mock")
    assert flaw
    assert german in flaw.de
    assert english in flaw.en
    assert english not in flaw.de
