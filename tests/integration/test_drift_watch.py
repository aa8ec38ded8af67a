"""Drift watch over real processes: found once, told to everybody, kept through a kill, accepted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from omf.payload_shapes.shape import LEARN_MESSAGES
from services.cli import app
from services.common.store.keys import Stage, key
from tests.support.alarm_desk import AlarmDesk
from tests.support.circle import ENVIRONMENT, World
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

TOPIC = "site/gate"
ALARM = f"payload-drift:{TOPIC}"
LEARNED, CHANGED = {"speed": 3, "mode": "AUTO"}, {"speed": "3", "mode": "AUTO", "more": 1}


@pytest.fixture
def desk(
    processes: Processes, servers: Addresses, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AlarmDesk]:
    monkeypatch.setenv("OMF_STORE_URL", servers.store_url)
    with World(processes, servers) as world:
        yield AlarmDesk(world)


def say(desk: AlarmDesk, payload: dict[str, Any], times: int = 1) -> None:
    for _ in range(times):
        desk.world.factory.say(TOPIC, json.dumps(payload).encode())


def learned(desk: AlarmDesk) -> int:
    """How many messages of the topic are learned, as it is kept."""
    found = desk.world.desk.client.get(key(ENVIRONMENT, "shapes"))
    topics = json.loads(found)["topics"] if found else {}
    return int(topics.get(TOPIC, {}).get("count", 0))


def drifts() -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, ["drift", "--json", "-e", ENVIRONMENT])
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_drift_is_alarmed_survives_a_kill_and_is_normal_once_acknowledged(
    desk: AlarmDesk,
) -> None:
    orders, alarms = (desk.world.start(name) for name in ("orders", "alarms"))
    for one in (orders, alarms):
        one.wait_ready()
    say(desk, LEARNED, LEARN_MESSAGES)
    wait_for(lambda: learned(desk) == LEARN_MESSAGES, 30)
    alarms.kill()
    say(desk, CHANGED)
    desk.world.start("alarms").wait_ready()
    desk.becomes(ALARM, "unacknowledged")
    assert {one["what"] for one in drifts()} == {"speed: another type", "more: field is new"}
    [one, other] = drifts()
    assert (one["topic"], one["times"], one["message"]) == (TOPIC, 1, other["message"])
    assert desk.lives()[ALARM].priority == 4
    assert desk.act("anna", "alarm-acknowledge", ALARM).stage is Stage.EFFECT
    desk.becomes(ALARM, "normal")
    assert drifts() == []
    say(desk, CHANGED, 5)
    wait_for(lambda: learned(desk) == LEARN_MESSAGES + 6, 30)
    assert drifts() == []
    assert [entry.event.value for entry in desk.told(ALARM)] == [
        *("raised", "acknowledged", "returned"),
    ]
