"""The view model: what is kept, what is chosen, what is said about links and commands."""

from collections.abc import Mapping
from typing import Any

import pytest

from omf.commands import CommandError, Plan
from omf.messages.message import Message
from omf.texts import verbatim
from omf.topics.filters import TopicError
from services.common.store.keys import (
    Command,
    CommandEvent,
    CommandRecord,
    LinkHealth,
    Reason,
    Role,
    Stage,
)
from services.ui.auth.current_user import CurrentUser
from services.ui.live import connection_health
from services.ui.live.command_log import CommandLog
from services.ui.live.message_filter import MessageFilter
from services.ui.live.model import Links, ViewModel
from services.ui.live.recent_messages import Journal
from services.ui.live.refresh_throttle import RefreshThrottle
from services.ui.translator import Translator
from services.ui.views import command_progress, command_view, message_rows
from tests.support.command_examples import command_of

NOW = 1_000.0
VISITOR = CurrentUser("local", Role.SUPERVISOR, "test", "de")


def _message(topic: str, payload: bytes = b"{}", at_ms: int = 1_000_000, seq: int = 0) -> Message:
    return Message(topic, payload, f"{at_ms}-{seq}")


def test_the_journal_keeps_the_newest_and_counts_all() -> None:
    kept = Journal(keep_count=3)
    for number in range(5):
        kept.add(_message("a", str(number).encode(), seq=number))
    assert (len(kept), kept.total) == (3, 5)
    assert [m.payload for m in kept.newest(2)] == [b"4", b"3"]
    assert kept.find("1000000-4") is not None
    assert kept.find("1000000-0") is None


def test_the_journal_is_bounded_by_bytes_too() -> None:
    kept = Journal(keep_bytes=10)
    for _ in range(4):
        kept.add(_message("camera", b"123456"))
    assert len(kept) == 1


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    kept = Journal()
    for second in (980, 985, 995, 996, 997, 998, 999):
        kept.add(_message("a", at_ms=second * 1000))
    assert kept.rate(NOW) == 0.5


@pytest.mark.parametrize(
    ("topic", "priority"),
    [
        ("module/v1/ff/SVR3QA0022/state", 1),
        ("fts/v1/ff/5iO4/state", 2),
        ("ccu/order/active", 3),
        ("nobody/knows/this", 6),
    ],
)
def test_a_topic_is_seen_from_its_class_on(topic: str, priority: int) -> None:
    assert MessageFilter(priority).takes(_message(topic))
    assert priority == 1 or not MessageFilter(priority - 1).takes(_message(topic))


def test_a_selection_searches_topic_and_payload_whatever_the_case() -> None:
    message = _message("ccu/order/active", '{"colour":"WEIß"}'.encode())
    assert MessageFilter(text="ORDER").takes(message)
    assert MessageFilter(text="weiß").takes(message)
    assert not MessageFilter(text="blau").takes(message)


def test_a_topic_filter_means_what_mqtt_means() -> None:
    chosen = MessageFilter().with_topic(" module/v1/ff/+/state ")
    assert chosen.takes(_message("module/v1/ff/X/state"))
    assert not chosen.takes(_message("module/v1/ff/NodeRed/X/state"))
    with pytest.raises(TopicError):
        MessageFilter().with_topic("module/*")


def _link(*, connected: bool = True, at: float = NOW) -> LinkHealth:
    return LinkHealth(connected=connected, broker="mqtt://b", since=900.0, at=at)


def test_without_the_bus_nothing_is_claimed_about_the_broker_links() -> None:
    model = ViewModel("mock", links=Links(_link(), _link()))
    model.turn(NOW)
    model.unreadable(NOW, "refused")
    assert [(v.name, v.state) for v in connection_health.views(model)] == [
        ("bus", "down"),
        ("read", "unknown"),
        ("gateway", "unknown"),
    ]


def test_a_link_whose_owner_is_silent_is_not_called_connected() -> None:
    model = ViewModel("mock", links=Links(_link(at=NOW - 6), _link(connected=False)))
    model.turn(NOW)
    model.readable(NOW)
    assert [v.state for v in connection_health.views(model)] == ["up", "gone", "down"]
    assert [v.name for v in connection_health.broken(model)] == ["read", "gateway"]


def test_a_picture_is_new_with_news_and_once_a_second() -> None:
    model = ViewModel("mock")
    assert model.turn(1.0)
    assert not model.turn(1.4)
    assert model.turn(2.0)
    model.receive([_message("a")])
    assert model.turn(2.1)


def test_what_a_picture_shares_is_made_once() -> None:
    model, made = ViewModel("mock"), []
    for _ in range(3):
        model.shared("rows", lambda: made.append(1))
    assert made == [1]


def _command(command_id: str = "c1") -> Command:
    return command_of(
        "production-order",
        command_id=command_id,
        parameters={"colour": "WHITE"},
        role=Role.OPERATOR,
        created_at=NOW,
    )


def _event(stage: Stage, at: float, **more: object) -> CommandEvent:
    return CommandEvent(command_id="c1", kind="production-order", stage=stage, at=at, **more)


def test_a_command_asked_elsewhere_is_learnt_before_its_events_count() -> None:
    log = CommandLog()
    assert not log.hear(_event(Stage.ACCEPTED, NOW))
    log.load([CommandRecord(command=_command())])
    assert log.hear(_event(Stage.ACCEPTED, NOW + 1))
    assert log.hear(_event(Stage.ACCEPTED, NOW + 1))
    record = log.get("c1")
    assert record is not None
    assert len(record.events) == 1
    assert log.last == record


def test_the_way_of_a_command_ends_where_it_failed() -> None:
    why = (Reason(id="no-stock", de="Kein Teil", en="No piece"),)
    events = (_event(Stage.ACCEPTED, 1), _event(Stage.REFUSED, 2, reasons=why))
    record = CommandRecord(command=_command(), events=events)
    assert _stations(record) == ["stage.requested", "stage.accepted", "stage.refused"]
    assert command_view.last_reason(record, Translator("de")) == "Kein Teil"
    good = CommandRecord(command=_command(), events=events[:1])
    assert _stations(good)[-1] == "stage.effect"


def _stations(record: CommandRecord) -> list[str]:
    (course,) = command_progress.courses(record)
    return [station.word for station in course.stations]


CORPUS = [
    b"",
    b"<script>alert(1)</script>",
    b'{"a":"<img src=x onerror=alert(1)>"}',
    b"{{constructor.constructor('alert(1)')()}}",
    b"${7*7}`",
    b'{":getRowId":"() => alert(1)"}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"a":1}',
    "\u202e\u0000\x1b[31m".encode(),
    b"x" * 1_000_000,
]


@pytest.mark.parametrize("payload", CORPUS, ids=range(len(CORPUS)))
def test_any_payload_becomes_a_flat_row_of_plain_values(payload: bytes) -> None:
    row = message_rows.row(_message("a/<b>", payload), VISITOR, NOW)
    assert all(not key.startswith(":") for key in row)
    assert all(isinstance(value, str | int) for value in row.values())
    assert len(str(row["excerpt"])) <= message_rows.EXCERPT_CHARS + 1
    assert "\x1b" not in str(row["excerpt"])


def test_a_payload_is_decoded_by_what_it_is() -> None:
    kinds = [message_rows.content(p).kind for p in (b'{"a":1}', b"hello", b"\xff\x00", b"")]
    assert kinds == ["json", "text", "binary", "empty"]
    assert message_rows.content(b'{"a":1}').pretty == '{\n  "a": 1\n}'
    assert message_rows.content(b"[" * 100_000).kind == "text"


def test_a_page_that_is_opened_takes_no_news_from_those_that_are_open() -> None:
    model = ViewModel("mock")
    model.turn(NOW)
    model.changed()
    model.look(NOW)
    assert model.turn(NOW)
    assert not model.turn(NOW)


def test_rounds_are_quick_in_calm_and_five_a_second_in_a_flood() -> None:
    calm = RefreshThrottle()
    assert calm.pause_s(10.0, 2, 10.02) == pytest.approx(0.08)
    assert calm.pause_s(10.1, 0, 10.5) == 0.0
    rounds, at, began = RefreshThrottle(), 0.0, []
    for number in range(60):
        began.append(at)
        at += 0.01 + rounds.pause_s(at, 1 if number < 20 else 400, at + 0.01)
    flooded = began[21:]
    assert all(later - first > 0.999 for first, later in zip(flooded, flooded[5:], strict=False))
    assert flooded[-1] - flooded[0] < len(flooded) * 0.25


def test_what_stands_against_a_command_is_told_for_lists_and_objects_as_well() -> None:
    model = ViewModel("mock")
    orders = {"order_ids": ["a", "b"]}
    flow = {"flows": {"RED": {"steps": ["DRILL"]}}}
    for kind, given in (("cancel-order", orders), ("flows", flow)):
        first = command_view.obstacle(kind, given, model, VISITOR)
        assert first
        assert command_view.obstacle(kind, given, model, VISITOR) == first


def test_two_lists_of_one_command_are_two_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    model, asked = ViewModel("mock"), []

    def prepare(_: str, given: Mapping[str, Any], *__: object, **___: object) -> Plan:
        asked.append(given["x"])
        raise CommandError("", verbatim(str(given["x"])))

    monkeypatch.setattr(command_view, "prepare", prepare)
    wanted = [[1], [1, 2], [1], {"a": 1}, {"a": 1}]
    said = [command_view.obstacle("park", {"x": x}, model, VISITOR) for x in wanted]
    assert said == [str(x) for x in wanted]
    assert asked == [[1], [1, 2], {"a": 1}]
