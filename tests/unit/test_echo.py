from omf.messages.message import Message
from omf.topics.catalogue import NEEDED_CLASS, TOPICS, address
from services.common.store.keys import CommandEvent, Stage
from services.orders.echo import ECHO_S, Echo

TOPIC = address("ccu_order_request")


def event(stage: Stage, payload: str = "{}", topic: str = TOPIC, step: int = 0) -> CommandEvent:
    sent = {"topic": topic, "payload": payload} if stage is Stage.PUBLISHED else {}
    return CommandEvent(command_id="c", kind="k", stage=stage, at=100.0, step=step, **sent)


def sent(echo: Echo, payload: str = "{}", topic: str = TOPIC, step: int = 0) -> None:
    echo.tell(
        [event(stage, payload, topic, step) for stage in (Stage.PUBLISHED, Stage.ACKNOWLEDGED)]
    )


def mirrored(echo: Echo, payload: bytes = b"{}") -> None:
    echo.hear([Message(TOPIC, payload, "1-0", 1, retain=False, dup=False)])


def test_a_publish_that_came_back_is_not_missed_whichever_was_told_first() -> None:
    early, late = Echo(), Echo()
    mirrored(early)
    sent(early)
    sent(late)
    mirrored(late)
    assert early.lost(1000.0, blind=False) == late.lost(1000.0, blind=False) == 0


def test_a_publish_that_never_came_back_is_counted_once_after_its_time() -> None:
    echo = Echo()
    sent(echo, "1")
    sent(echo, "2", step=1)
    mirrored(echo, b"other")
    assert echo.lost(100.0 + ECHO_S, blind=False) == 0
    assert echo.lost(100.1 + ECHO_S, blind=False) == 2
    assert echo.lost(1000.0, blind=False) == 0


def test_nothing_is_missed_while_the_factory_cannot_be_seen() -> None:
    echo = Echo()
    sent(echo)
    assert echo.lost(200.0, blind=True) == 0
    assert echo.lost(200.0 + ECHO_S, blind=False) == 0
    mirrored(echo)
    assert echo.lost(1000.0, blind=False) == 0


def test_a_publish_the_broker_did_not_acknowledge_is_not_awaited() -> None:
    echo = Echo()
    echo.tell([event(Stage.PUBLISHED)])
    assert echo.lost(1000.0, blind=False) == 0


def test_only_topics_that_are_always_mirrored_are_awaited() -> None:
    echo = Echo()
    rare = next(t.topic for t in TOPICS if t.command and t.priority > NEEDED_CLASS)
    sent(echo, topic=rare)
    sent(echo, topic="free/message", step=1)
    assert echo.lost(1000.0, blind=False) == 0


def test_a_flood_of_commands_is_not_kept() -> None:
    echo = Echo()
    for number in range(5000):
        mirrored(echo, str(number).encode())
        sent(echo, f"x{number}", step=number)
    assert echo.lost(1000.0, blind=False) == 1000


def test_what_the_broker_dropped_is_known_until_it_comes_back() -> None:
    """A command that had no effect can name the broker's access list as the cause."""
    echo = Echo()
    sent(echo, "1")
    assert echo.dropped(TOPIC, b"1")
    echo.lost(100.1 + ECHO_S, blind=False)
    assert echo.dropped(TOPIC, b"1")
    assert not echo.dropped(TOPIC, b"2")
    mirrored(echo, b"1")
    assert not echo.dropped(TOPIC, b"1")
