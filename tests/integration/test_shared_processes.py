"""Ingest, orders, gateway and the owner of the alarms of three factories, each in one process."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from omf.topics.catalogue import address
from services.common.process import clock
from services.common.process.exit_codes import ExitCode
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.environments import FACTORIES
from services.common.store.keys import (
    FINAL_STAGES,
    Command,
    CommandEvent,
    LinkHealth,
    Role,
    Stage,
    key,
)
from services.supervisor.server import LocalServer
from tests.support.circle import Factory
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import ServerPool

NAMES = ("hall-1", "hall-2", "hall-3")
PARTS = ("ingest", "orders", "gateway", "alarms")


class Site:
    """Three factories that answer, and one process of each service for all of them."""

    def __init__(self, processes: Processes, pool: ServerPool, store_url: str, path: Path) -> None:
        self._processes, self.store_url = processes, store_url
        self.client: Any = store(store_url)
        self.brokers = {name: pool.own("broker") for name in NAMES}
        for one in self.brokers.values():
            one.start()
        self.factories = {
            name: Factory(one.url, WHITE=2, RED=1) for name, one in self.brokers.items()
        }
        self.file = path / "factories.yaml"
        lines = (
            f"- {{name: {name}, kind: mock, broker: '{one.url}'}}\n"
            for name, one in self.brokers.items()
        )
        self.file.write_text(f"factories:\n{''.join(lines)}", "utf-8")
        self.services: dict[str, Service] = {}

    def start(self, *parts: str, **settings: str) -> "Site":
        """Start these services for all factories; returns at once."""
        for part in parts:
            self.services[part] = self._processes.service(
                part,
                environment="*",
                factories=str(self.file),
                store_url=self.store_url,
                **settings,
            )
        return self

    def ask(self, part: str, path: str) -> tuple[int, str]:
        """What a health page says."""
        try:
            address = f"{self.services[part].health_url}{path}"
            with urllib.request.urlopen(address, timeout=5) as got:  # noqa: S310 - our own child
                return got.status, got.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except OSError as error:
            return 0, str(error)

    def wrong(self, part: str, name: str) -> list[str]:
        """What one factory lacks in a process."""
        status, body = self.ask(part, f"/{name}/health/ready")
        return list(json.loads(body)["wrong"]) if status else ["no answer"]

    def lacking(self, part: str) -> tuple[int, list[str]]:
        """What a process as a whole answers, and which factories it does not serve."""
        status, body = self.ask(part, "/health/ready")
        wrong = json.loads(body)["wrong"] if status else []
        return status, [one.partition(":")[0] for one in wrong]

    def wait_served(self, *names: str, parts: tuple[str, ...] = PARTS) -> None:
        """Until these factories are served by these processes."""
        for part in parts:
            for name in names:
                wait_for(
                    lambda part=part, name=name: not self.wrong(part, name),  # type: ignore[misc]
                    60,
                    lambda part=part, name=name: (  # type: ignore[misc]
                        f"{part} {name}: {self.wrong(part, name)}\n{self.services[part].tail()}"
                    ),
                )

    def order(self, name: str, command_id: str) -> None:
        """Ask a factory for a white piece."""
        command = Command(
            command_id=command_id,
            kind="production-order",
            parameters={"colour": "WHITE"},
            environment=name,
            operator="anna",
            role=Role.OPERATOR,
            created_at=clock.now(),
            source="test",
        )
        self.client.xadd(key(name, "commands"), entries.encode(command))

    def events(self, name: str, command_id: str) -> list[CommandEvent]:
        found = self.client.lrange(key(name, f"command:{command_id}"), 1, -1)
        return [CommandEvent.model_validate_json(item) for item in found]

    def final(self, name: str, command_id: str) -> Stage:
        """How the command ended."""

        def ended() -> list[Stage]:
            return [e.stage for e in self.events(name, command_id) if e.stage in FINAL_STAGES]

        wait_for(ended, 30, lambda: f"{name}: {self.events(name, command_id)}")
        return ended()[0]

    def heard(self, name: str) -> bool:
        """True once ingest has said that it hears the factory."""
        told = self.client.get(key(name, "link:ingest"))
        return bool(told) and LinkHealth.model_validate_json(told).connected

    def lines(self, part: str) -> list[dict[str, Any]]:
        """What a process logged."""
        return [
            json.loads(line)
            for line in self.services[part].log.read_text("utf-8").splitlines()
            if line.startswith("{")
        ]


@pytest.fixture
def site(
    processes: Processes,
    server_pool: ServerPool,
    store_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    made = Site(processes, server_pool, store_url, tmp_path)
    monkeypatch.setenv(FACTORIES, str(made.file))
    with ExitStack() as stack:
        for broker in made.brokers.values():
            stack.callback(broker.kill)
        stack.callback(made.client.close)
        for factory in made.factories.values():
            stack.enter_context(factory)
        yield made


@pytest.mark.timeout(180)
def test_a_command_of_each_reaches_its_own_factory_and_comes_to_its_effect(site: Site) -> None:
    site.start(*PARTS).wait_served(*NAMES)
    for name in NAMES:
        site.order(name, f"c-{name}")
    assert {site.final(name, f"c-{name}") for name in NAMES} == {Stage.EFFECT}
    for name in NAMES:
        assert len(site.factories[name].commands) == 1
    for part in PARTS:
        site.services[part].send(signal.SIGTERM)
        assert site.services[part].wait(60) == ExitCode.STOPPED


@pytest.mark.timeout(180)
def test_a_broker_that_is_killed_is_told_by_name_and_the_others_work_on(site: Site) -> None:
    site.start(*PARTS).wait_served(*NAMES)
    site.brokers["hall-2"].kill()
    for part in ("ingest", "gateway"):
        # A busy machine may make another one late for a moment; that of hall-2 stays.
        wait_for(lambda part=part: site.lacking(part) == (200, ["hall-2"]), 60)  # type: ignore[misc]
    for name in ("hall-1", "hall-3"):
        site.order(name, f"c-{name}")
        assert site.final(name, f"c-{name}") is Stage.EFFECT
    site.brokers["hall-2"].restart()
    site.wait_served("hall-2")
    # The factory of the test connects again by itself; without it nobody would answer.
    wait_for(lambda: site.factories["hall-2"].link.state.subscribed, 30)
    # Orders goes by what ingest has written of its link, which it does once a second.
    wait_for(lambda: site.heard("hall-2"), 30)
    site.order("hall-2", "again")
    assert site.final("hall-2", "again") is Stage.EFFECT, site.events("hall-2", "again")


@pytest.mark.timeout(180)
def test_a_store_account_that_is_refused_is_that_of_one_factory(site: Site) -> None:
    """Each has an account of its own; that of hall-2 has another password by now."""
    accounts = {}
    for name in NAMES:
        site.client.execute_command(
            "ACL", "SETUSER", name, "on", f">password-of-{name}", f"~omf:{{{name}}}:*", "+@all"
        )
        variable = f"{name.replace('-', '_')}_store_url"
        password = "wrong" if name == "hall-2" else f"password-of-{name}"
        accounts[variable] = site.store_url.replace("redis://", f"redis://{name}:{password}@")
    try:
        site.start(*PARTS, **accounts).wait_served("hall-1", "hall-3")
        for name in ("hall-1", "hall-3"):
            site.order(name, f"c-{name}")
            assert site.final(name, f"c-{name}") is Stage.EFFECT
        for part in PARTS:
            assert site.wrong(part, "hall-2")
            site.wait_served("hall-1", parts=(part,))
            graver = [one for one in site.lines(part) if one["level"] in {"warning", "critical"}]
            # A busy machine may make one of the others late, and that is said as well.
            told = {one["environment"] for one in graver if "password" in one["text"]}
            assert told == {"hall-2"}, (part, graver)
        site.client.execute_command("ACL", "SETUSER", "hall-2", ">wrong")
        site.wait_served("hall-2")
    finally:
        site.client.execute_command("ACL", "DELUSER", *NAMES)


@pytest.mark.alike
@pytest.mark.timeout(120)
def test_figures_and_lines_are_those_of_each_factory(site: Site) -> None:
    site.start("ingest").wait_served(*NAMES, parts=("ingest",))
    site.factories["hall-2"].say("module/v1/ff/T1/state", b"{}")
    own = "omf_ingest_appended_total"

    def appended(name: str) -> float:
        page = site.ask("ingest", f"/{name}/metrics")[1]
        return next(float(one.split()[1]) for one in page.splitlines() if one.startswith(own))

    # The stock of each factory is retained; one more message came to hall-2.
    wait_for(lambda: [appended(name) for name in NAMES] == [1, 2, 1], 20)
    whole = site.ask("ingest", "/metrics")[1].splitlines()
    assert f'{own}{{environment="hall-2",kind="mock"}} 2.0' in whole
    assert not [one for one in whole if one.startswith(f"{own} ")], "none of the process as a whole"
    assert len([one for one in whole if one == f"# TYPE {own} counter"]) == 1
    assert all(
        json.loads(line)["environment"] == "hall-2"
        for line in site.ask("ingest", "/hall-2/logs")[1].splitlines()
    )


@pytest.mark.timeout(120)
def test_an_ingest_that_was_taken_over_leaves_that_factory_alone(
    site: Site, processes: Processes
) -> None:
    site.start("ingest").wait_served(*NAMES, parts=("ingest",))
    other = processes.service(
        "ingest", environment="hall-1", factories=str(site.file), store_url=site.store_url
    ).wait_ready()
    site.factories["hall-1"].say("module/v1/ff/T1/state", b"{}")
    wait_for(lambda: "taken over" in str(site.wrong("ingest", "hall-1")), 60)
    site.wait_served("hall-2", "hall-3", parts=("ingest",))
    assert other.alive
    assert site.services["ingest"].alive


@pytest.mark.alike
def test_two_factories_with_one_broker_are_refused_before_anything_starts(
    site: Site, broker: LocalServer
) -> None:
    for part in ("ingest", "gateway"):
        service = site.start(part, mqtt_url=broker.url).services[part]
        assert service.wait(30) == ExitCode.BAD_SETTINGS
        assert "hall-1 and hall-2 have one broker" in service.tail()


@pytest.mark.alike
def test_a_wrong_setting_of_one_factory_is_named(site: Site) -> None:
    service = site.start("ingest", hall_2_priority="9").services["ingest"]
    assert service.wait(30) == ExitCode.BAD_SETTINGS
    assert "hall-2: OMF_PRIORITY" in service.tail()


@pytest.mark.alike
@pytest.mark.timeout(120)
def test_one_mock_process_plays_each_factory_at_its_own_broker(site: Site) -> None:
    site.start("ingest", "mock").wait_served(*NAMES, parts=("ingest", "mock"))
    layout = address("ccu_state_layout")
    for name in NAMES:
        wait_for(
            lambda name=name: site.client.hexists(key(name, "latest"), layout),  # type: ignore[misc]
            30,
            site.services["mock"].tail,
        )
    site.brokers["hall-1"].kill()
    wait_for(lambda: site.lacking("mock") == (200, ["hall-1"]), 60)
    site.services["mock"].send(signal.SIGTERM)
    assert site.services["mock"].wait(60) == ExitCode.STOPPED
