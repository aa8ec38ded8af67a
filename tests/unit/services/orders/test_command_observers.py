from omf.messages.message import Message
from omf.topics.catalogue import NEEDED_CLASS, TOPICS, address
from services.common.store.keys import CommandEvent, Stage
from services.orders.command_observers import LOOPBACK_S, LoopbackProbe

TOPIC = address("ccu_order_request")


def event(stage: Stage, payload: str = "{}", topic: str = TOPIC, step: int = 0) -> CommandEvent:
    sent = {"topic": topic, "payload": payload} if stage is Stage.PUBLISHED else {}
    return CommandEvent(command_id="c", kind="k", stage=stage, at=100.0, step=step, **sent)


def sent(probe: LoopbackProbe, payload: str = "{}", topic: str = TOPIC, step: int = 0) -> None:
    probe.on_events(
        [event(stage, payload, topic, step) for stage in (Stage.PUBLISHED, Stage.ACKNOWLEDGED)]
    )


def mirrored(probe: LoopbackProbe, payload: bytes = b"{}") -> None:
    probe.on_messages([Message(TOPIC, payload, "1-0", 1, retain=False, dup=False)])


def test_a_publish_that_came_back_is_not_missed_whichever_was_told_first() -> None:
    early, late = LoopbackProbe(), LoopbackProbe()
    mirrored(early)
    sent(early)
    sent(late)
    mirrored(late)
    assert early.lost(1000.0, blind=False) == late.lost(1000.0, blind=False) == 0


def test_a_publish_that_never_came_back_is_counted_once_after_its_time() -> None:
    probe = LoopbackProbe()
    sent(probe, "1")
    sent(probe, "2", step=1)
    mirrored(probe, b"other")
    assert probe.lost(100.0 + LOOPBACK_S, blind=False) == 0
    assert probe.lost(100.1 + LOOPBACK_S, blind=False) == 2
    assert probe.lost(1000.0, blind=False) == 0


def test_nothing_is_missed_while_the_factory_cannot_be_seen() -> None:
    probe = LoopbackProbe()
    sent(probe)
    assert probe.lost(200.0, blind=True) == 0
    assert probe.lost(200.0 + LOOPBACK_S, blind=False) == 0
    mirrored(probe)
    assert probe.lost(1000.0, blind=False) == 0


def test_a_publish_the_broker_did_not_acknowledge_is_not_awaited() -> None:
    probe = LoopbackProbe()
    probe.on_events([event(Stage.PUBLISHED)])
    assert probe.lost(1000.0, blind=False) == 0


def test_only_topics_that_are_always_mirrored_are_awaited() -> None:
    probe = LoopbackProbe()
    rare = next(t.topic for t in TOPICS if t.command and t.priority > NEEDED_CLASS)
    sent(probe, topic=rare)
    sent(probe, topic="free/message", step=1)
    assert probe.lost(1000.0, blind=False) == 0


def test_a_flood_of_commands_is_not_kept() -> None:
    probe = LoopbackProbe()
    for number in range(5000):
        mirrored(probe, str(number).encode())
        sent(probe, f"x{number}", step=number)
    assert probe.lost(1000.0, blind=False) == 1000


def test_what_the_broker_dropped_is_known_until_it_comes_back() -> None:
    """A command that had no effect can name the broker's access list as the cause."""
    probe = LoopbackProbe()
    sent(probe, "1")
    assert probe.dropped(TOPIC, b"1")
    probe.lost(100.1 + LOOPBACK_S, blind=False)
    assert probe.dropped(TOPIC, b"1")
    assert not probe.dropped(TOPIC, b"2")
    mirrored(probe, b"1")
    assert not probe.dropped(TOPIC, b"1")
