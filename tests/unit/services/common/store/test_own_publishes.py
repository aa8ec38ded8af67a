"""Which messages are our own: by topic and bytes, once for each publish that went out."""

import pytest

from omf.messages.message import Message
from services.common.store import own_publishes
from services.common.store.keys import CommandEvent, Stage
from services.common.store.own_publishes import OwnPublishes
from services.ui.live.message_filter import MessageFilter

AT = 1_790_000_000.0


def _event(
    stage: Stage, command: str = "c1", *, at: float = AT, payload: str = "1"
) -> CommandEvent:
    told = stage in {Stage.QUEUED, Stage.PUBLISHED}
    return CommandEvent(
        command_id=command,
        kind="free",
        stage=stage,
        at=at,
        topic="test/hello" if told else "",
        payload=payload if told else "",
    )


def _message(number: int = 0, *, later: float = 0.1, payload: bytes = b"1") -> Message:
    return Message("test/hello", payload, f"{int((AT + later) * 1000)}-{number}")


def test_what_came_back_is_ours_once_and_again_when_asked_again() -> None:
    own = OwnPublishes()
    own.load([_event(Stage.QUEUED), _event(Stage.PUBLISHED), _event(Stage.ACKNOWLEDGED)])
    mine, other = _message(0), _message(1, later=0.2)
    assert [own.of(one) for one in (mine, other, mine)] == ["c1", "", "c1"]


def test_of_two_that_are_alike_the_first_is_ours_in_whichever_order_they_are_asked() -> None:
    own = OwnPublishes()
    own.hear(_event(Stage.PUBLISHED))
    before, first, second = (_message(n, later=at) for n, at in enumerate((-0.5, 0.1, 3.0)))
    for message in (second, first, before):
        own.of(message)
    assert [own.of(one) for one in (before, first, second)] == ["", "c1", ""]


@pytest.mark.parametrize(
    "message",
    [
        _message(later=60),
        _message(later=-60),
        _message(payload=b"2"),
        _message()._replace(topic="test/other"),
        _message()._replace(retain=True),
    ],
)
def test_what_somebody_else_says_is_not_ours(message: Message) -> None:
    own = OwnPublishes()
    own.hear(_event(Stage.PUBLISHED))
    assert own.of(message) == ""


def test_what_was_refused_at_the_door_was_never_sent() -> None:
    own = OwnPublishes()
    own.load([_event(Stage.QUEUED), _event(Stage.EXPIRED)])
    assert own.of(_message()) == ""


def test_two_publishes_of_the_same_bytes_are_two_messages() -> None:
    own = OwnPublishes()
    own.load([_event(Stage.PUBLISHED, "c1"), _event(Stage.PUBLISHED, "c2", at=AT + 1)])
    first, second = _message(0), _message(1, later=1.1)
    assert {own.of(first), own.of(second)} == {"c1", "c2"}


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_publishes, "MAX_OWN_PUBLISHES", 2)
    own = OwnPublishes()
    own.load(_event(Stage.PUBLISHED, f"c{n}", payload=str(n)) for n in range(3))
    assert [own.of(_message(n, payload=b"%d" % n)) for n in range(3)] == ["", "c1", "c2"]


def test_a_free_message_of_ours_is_among_the_sent_ones() -> None:
    own = OwnPublishes()
    own.hear(_event(Stage.PUBLISHED))
    mine, other = _message(0), _message(1)
    sent, received = MessageFilter(way="to"), MessageFilter(way="from")
    assert [sent.takes(one, own.of) for one in (mine, other)] == [True, False]
    assert [received.takes(one, own.of) for one in (mine, other)] == [False, True]
