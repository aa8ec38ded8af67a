"""Replaying against a real broker: order, flags, and a broker that dies in between."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from omf.topics.catalogue import address
from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.common.sessions.files import Recorded
from services.replay import publisher
from services.replay.playback_report import PlaybackReport
from services.replay.player import ControlError, Player
from services.replay.publisher import BrokerAwayError, ReplayPublisher
from services.supervisor.server import LocalServer
from tests.support.processes import wait_for


class Listener:
    """Everything a broker delivers, in the order it comes."""

    def __init__(self, url: str, name: str = "listener", *, clean: bool = True) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.link = MqttLink(url, client_id=name, clean=clean, owner=LinkCallbacks(self._note))
        self.link.subscribe(["#"])
        self.link.start()
        wait_for(lambda: self.link.state.subscribed)

    def _note(self, received: Received) -> None:
        self.got.append((received.topic, received.payload))


TOPICS = (
    "t/0", "t/1", address("ccu_order_active"), "t/2", address("fts_state", serial="5iO4"),
)  # fmt: skip
"""At the QoS 1 of the unknown and the QoS 2 of the known, in turn."""
STOCK = address("ccu_state_stock")


def session(count: int) -> list[Recorded]:
    return [Recorded(i / 100, TOPICS[i % 5], str(i).encode()) for i in range(count)]


@pytest.fixture
def listener(mqtt_url: str) -> Iterator[Listener]:
    heard = Listener(mqtt_url)
    yield heard
    heard.link.stop()


def play(url: str, items: list[Recorded], speed: float | None) -> PlaybackReport:
    sending = ReplayPublisher(url)
    sending.connect()
    try:
        return Player(items, sending, speed=speed).run()
    finally:
        sending.close()


def test_all_arrives_in_the_order_of_the_session(mqtt_url: str, listener: Listener) -> None:
    items = session(400)
    report = play(mqtt_url, items, None)
    wait_for(lambda: len(listener.got) >= 400)
    assert report.sent == 400
    assert listener.got == [(i.topic, i.payload) for i in items]


def test_the_pace_is_the_session_s_own_times_the_speed(mqtt_url: str, listener: Listener) -> None:
    report = play(mqtt_url, session(100), 10.0)
    assert report.duration_s >= 0.099
    assert report.p99_ms is not None
    wait_for(lambda: len(listener.got) == 100)


def test_a_retained_topic_is_there_for_who_comes_later(mqtt_url: str) -> None:
    play(mqtt_url, [Recorded(0.0, "ccu/state/stock", b"{}"), Recorded(0.0, "x", b"1")], None)
    late = Listener(mqtt_url)
    wait_for(lambda: late.got)
    late.link.stop()
    assert late.got == [("ccu/state/stock", b"{}")]


def test_nobody_at_home_is_said_in_words(
    broker: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "CONNECT_S", 0.3)
    broker.kill()
    with pytest.raises(BrokerAwayError, match="no broker at"):
        ReplayPublisher(broker.url).connect()


@pytest.mark.mosquitto
def test_nothing_is_lost_when_the_broker_dies_in_between(broker: LocalServer) -> None:
    heard = Listener(broker.url, clean=False)
    items = session(800)

    def crash() -> None:
        wait_for(lambda: len(heard.got) > 100)
        broker.kill()
        broker.restart()

    # The restart happens here, in the thread that lives: a child dies with the one that made it.
    reports: list[PlaybackReport] = []
    replay = threading.Thread(target=lambda: reports.append(play(broker.url, items, None)))
    replay.start()
    crash()
    replay.join(60)
    wanted = {(item.topic, item.payload) for item in items}
    wait_for(lambda: set(heard.got) >= wanted)
    heard.link.stop()
    assert reports[0].sent == 800
    assert reports[0].resent > 0
    for topic, got in _by_topic(heard.got).items():
        numbers = [int(payload) for payload in dict.fromkeys(got)]
        assert numbers == sorted(numbers), topic


def _by_topic(messages: list[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for topic, payload in messages:
        found[topic].append(payload)
    return found


class Stage:
    """A player that stays, in a thread of its own, before a listener."""

    def __init__(self, url: str, items: list[Recorded], speed: float | None) -> None:
        self._sender = ReplayPublisher(url, patient=True)
        self._sender.connect()
        self.player = Player(items, self._sender, speed=speed)
        self._thread = threading.Thread(target=self.player.run, kwargs={"stay": True})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.player.tell(Player.stop)
        self._thread.join(10)
        self._sender.close()

    def do(self, control: Callable[[Player], None]) -> None:
        done = threading.Event()

        def both(player: Player) -> None:
            try:
                control(player)
            finally:
                done.set()

        self.player.tell(both)
        assert done.wait(10)


def test_a_player_pauses_steps_and_goes_on(mqtt_url: str, listener: Listener) -> None:
    items = session(100)
    with Stage(mqtt_url, items, 0.1) as stage:
        stage.do(Player.pause)
        sent = stage.player.report.sent
        for _ in range(3):
            stage.do(Player.step)
        assert stage.player.report.sent == sent + 3
        assert stage.player.position_s == pytest.approx((sent + 2) / 100)
        stage.do(lambda player: player.set_speed(None))
        assert stage.player.report.sent == sent + 3
        stage.do(Player.resume)
        wait_for(lambda: len(listener.got) == 100)
    assert listener.got == [(i.topic, i.payload) for i in items]


def test_seeking_restores_what_the_broker_held_then(mqtt_url: str, listener: Listener) -> None:
    items = [
        Recorded(0.0, STOCK, b"early"), Recorded(1.0, "x", b"1"), Recorded(2.0, STOCK, b"late"),
        Recorded(3.0, address("ccu_state_flows"), b"flows"), Recorded(4.0, "x", b"order-7"),
        Recorded(5.0, "y/z", b"end"),
    ]  # fmt: skip
    with Stage(mqtt_url, items, None) as stage:
        wait_for(lambda: stage.player.ended)
        stage.do(Player.pause)
        stage.do(lambda player: player.seek(1.5))
        assert stage.player.position_s == 1.5
        assert held(mqtt_url) == {STOCK: b"early"}
        stage.do(lambda player: player.seek_order("order-7"))
        assert held(mqtt_url) == {STOCK: b"late", address("ccu_state_flows"): b"flows"}
        stage.do(lambda player: player.seek(0))
        assert held(mqtt_url) == {}
        stage.do(lambda player: player.jump("y/#"))
        assert (stage.player.index, stage.player.ended) == (6, True)
        wait_for(lambda: listener.got[-1] == ("y/z", b"end"))
        with pytest.raises(ControlError, match="follows"):
            stage.player.jump("y/#")


def held(url: str) -> dict[str, bytes]:
    late = Listener(url, "late")
    # What the broker holds comes before anything that is published after the subscription.
    late.link.publish("marker", b"now").result(5)
    wait_for(lambda: ("marker", b"now") in late.got)
    late.link.stop()
    return dict(late.got[:-1])


def test_a_loop_begins_again_with_nothing_held(mqtt_url: str, listener: Listener) -> None:
    items = [Recorded(0.0, "a", b"1"), Recorded(0.05, STOCK, b"{}")]
    with Stage(mqtt_url, items, 10.0) as stage:
        stage.do(lambda player: setattr(player, "loop", True))
        wait_for(lambda: stage.player.report.rounds >= 2)
        stage.do(Player.pause)
    first = [("a", b"1"), (STOCK, b"{}"), (STOCK, b""), ("a", b"1"), (STOCK, b"{}"), (STOCK, b"")]
    wait_for(lambda: len(listener.got) >= len(first))
    assert listener.got[: len(first)] == first


def test_a_part_is_repeated_at_its_own_pace_until_the_whole_is_wanted(
    mqtt_url: str, listener: Listener
) -> None:
    items = [Recorded(at / 10, "a", str(at).encode()) for at in range(10)]
    with Stage(mqtt_url, items, 1.0) as stage:
        stage.do(lambda player: player.repeat(0.2, 0.45))
        wait_for(lambda: stage.player.report.rounds >= 2)
        assert stage.player.loop_range == (0.2, 0.45)
        stage.do(lambda player: setattr(player, "loop_range", None))
        stage.do(lambda player: setattr(player, "loop", False))
        wait_for(lambda: ("a", b"9") in listener.got)
        for begin, end in ((0.5, 0.5), (0.9, 2.0), (-1.0, 0.3)):
            with pytest.raises(ControlError, match="two seconds of the session"):
                stage.player.repeat(begin, end)
    got = [payload for _, payload in listener.got]
    twice = [b"2", b"3", b"4", b"2", b"3", b"4"]
    # How far it had come when the repeating began is the machine's matter.
    assert any(got[i : i + 6] == twice for i in range(len(got))), got


def test_a_part_up_to_the_end_is_repeated_too(mqtt_url: str, listener: Listener) -> None:
    items = [Recorded(at / 10, "a", str(at).encode()) for at in range(4)]
    with Stage(mqtt_url, items, None) as stage:
        stage.do(lambda player: player.repeat(0.2, 60))
        wait_for(lambda: stage.player.report.rounds >= 2)
        stage.do(Player.pause)
    # The player is ahead of its listener, and may have begun a third round.
    got = listener.got
    wait_for(lambda: b"2323" in b"".join(body for _, body in got), 20, lambda: str(got))


def test_a_paused_player_outlives_its_broker(broker: LocalServer) -> None:
    items = session(20)
    with Stage(broker.url, items, None) as stage:
        wait_for(lambda: stage.player.ended)
        stage.do(Player.pause)
        stage.do(lambda player: player.seek(0))
        broker.kill()
        broker.restart()
        heard = Listener(broker.url)
        stage.do(Player.resume)
        # What the broker retained at its death may come before.
        wanted = [(item.topic, item.payload) for item in items]
        wait_for(lambda: heard.got[-20:] == wanted, 20, lambda: str(heard.got))
        heard.link.stop()


def test_a_broker_that_forgot_everything_is_told_again_what_it_held(tmp_path: Path) -> None:
    broker = LocalServer("broker", tmp_path / "broker", embedded=True)
    broker.start()
    try:
        with Stage(broker.url, [Recorded(0.0, STOCK, b"{}"), Recorded(0.1, "x", b"")], None) as on:
            wait_for(lambda: on.player.ended)
            on.do(Player.pause)
            broker.kill()
            broker.restart()
            wait_for(lambda: held(broker.url) == {STOCK: b"{}"})
    finally:
        broker.kill()
