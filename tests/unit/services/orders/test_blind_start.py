"""A process that begins knows nothing of a link that was away before: its silence is no proof."""

from typing import Any

import pytest

from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import LinkHealth, Stage
from services.common.store.store_clock import StoreClock
from services.orders import transitions
from services.orders.command_observers import CommandObservers
from services.orders.decision import View
from services.orders.execution import CommandExecution, Transition
from services.orders.repository import CommandRepository
from services.orders.workflows import WorkflowOrderManager
from tests.support.command_examples import command_of, plan_of
from tests.support.factory import NOW, known_factory

SENT_AT = NOW - 20.0


class KeptStore(CommandRepository):
    """Keeps what became of a command."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.ends: list[Stage] = []
        self.kept: CommandExecution | None = None

    async def advanced(self, *given: Any, **_: Any) -> str:
        transition = given[1]
        assert isinstance(transition, Transition)
        self.ends += [event.stage for event in transition.events]
        self.kept = transition.execution
        return "written"


class Told(Bus):
    """No server: a clock, and the word of the reading side."""

    at = NOW
    up_since = 0.0
    journal_until: float | None = None

    async def time(self) -> float:
        return self.at

    async def link(self, _: str) -> LinkHealth:
        told = {"since": self.up_since, "at": self.at, "journal_until": self.journal_until}
        return LinkHealth(connected=True, broker="b", **told)


class ReadJournal:
    """Read to its end."""

    def __init__(self, bus: Told) -> None:
        self._bus = bus
        self.state = known_factory()

    async def latest(self) -> View:
        now = self._bus.at
        return View("mock", self.state, now, "1-0", await self._bus.link(""), now)


def sent() -> CommandExecution:
    """A command whose window is over."""
    given = {"topic": "site/lamp", "payload": "{}", "confirm": "SENDEN"}
    command = command_of("free-message", parameters=given)
    plan = plan_of("free-message")
    begun = transitions.begin(
        command, plan, now=SENT_AT, journal_id="1-0", expires_at=NOW, expiry_s=10
    )
    assert begun.execution
    return begun.execution.model_copy(update={"window_from": SENT_AT, "attempted_at": SENT_AT})


def begun(bus: Told, store: KeptStore, execution: CommandExecution) -> WorkflowOrderManager:
    """As orders begins with one command that it awaits."""
    given: Any = (bus, store, ReadJournal(bus), StoreClock(bus), CommandObservers("mock"))
    workflows = WorkflowOrderManager(*given)
    workflows.watch(execution)
    return workflows


async def watched(bus: Told) -> KeptStore:
    """What is written of that command by the first look at the time."""
    store = KeptStore(bus)
    await begun(bus, store, sent()).tick()
    return store


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says that nobody sets; it goes on by what a test adds to it."""
    at = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: at[0])
    return at


@pytest.mark.parametrize(
    ("up_since", "at", "ends"),
    [
        (SENT_AT - 60.0, NOW, [Stage.NO_EFFECT]),
        # What waited at the broker may still come.
        (NOW - 1.0, NOW, []),
        (NOW - 1.0, NOW + 4.0, [Stage.UNKNOWN]),
    ],
)
async def test_silence_counts_only_while_the_link_stood(
    up_since: float, at: float, ends: list[Stage]
) -> None:
    bus = Told("redis://127.0.0.1:1", "mock")
    bus.up_since, bus.at = up_since, at
    store = await watched(bus)
    assert store.ends == ends


@pytest.mark.parametrize(
    ("journal_until", "at", "ends"),
    [
        (NOW, NOW, [Stage.NO_EFFECT]),
        # The store was slow: what came before the window closed may still wait in ingest.
        (SENT_AT + 1.0, NOW, []),
        (SENT_AT + 1.0, NOW + 60.0, [Stage.UNKNOWN]),
    ],
)
async def test_silence_counts_only_as_far_as_ingest_has_come(
    journal_until: float, at: float, ends: list[Stage]
) -> None:
    bus = Told("redis://127.0.0.1:1", "mock")
    bus.journal_until, bus.at = journal_until, at
    store = await watched(bus)
    assert store.ends == ends


@pytest.mark.parametrize("seen", [True, False])
async def test_a_restart_behind_a_clock_set_back_takes_no_silence_for_proof(
    passed: list[float], *, seen: bool
) -> None:
    """The link came up behind the sending; orders began anew, `seen`: it had seen the clock set."""
    bus = Told("redis://127.0.0.1:1", "mock")
    store, kept = KeptStore(bus), sent().but(expires_at=SENT_AT + 10.0)
    if seen:
        bus.at = SENT_AT + 1.0
        before = begun(bus, store, kept)
        await before.tick()
        bus.at = SENT_AT - 8.0
        await before.tick()
        assert store.kept
        kept = CommandExecution.model_validate_json(store.kept.model_dump_json())
    bus.at, bus.up_since = SENT_AT - 5.0, SENT_AT - 6.0
    after = begun(bus, store, kept)
    await after.tick()
    passed[0] += 60.0
    bus.at += 60.0
    await after.tick()
    assert store.ends == [Stage.UNKNOWN]


@pytest.mark.usefixtures("passed")
async def test_a_restart_behind_a_clock_set_forward_takes_nothing_from_a_window() -> None:
    bus = Told("redis://127.0.0.1:1", "mock")
    store, kept = KeptStore(bus), sent().but(expires_at=SENT_AT + 10.0)
    bus.at = SENT_AT + 1.0
    before = begun(bus, store, kept)
    await before.tick()
    bus.at += 3600.0
    await before.tick()
    assert store.kept
    await begun(bus, store, store.kept).tick()
    assert store.ends == []


async def test_after_the_clock_was_set_back_silence_of_what_was_sent_before_is_no_proof(
    passed: list[float],
) -> None:
    """Sent, the clock set back, then the link came up: by the clock it stood before the sending."""
    bus = Told("redis://127.0.0.1:1", "mock")
    store = KeptStore(bus)
    bus.at = SENT_AT + 1.0
    workflows = begun(bus, store, sent().but(expires_at=SENT_AT + 10.0))
    await workflows.tick()
    bus.at = SENT_AT - 1.5
    bus.up_since = SENT_AT - 1.0
    await workflows.tick()
    assert store.ends == []
    passed[0] += NOW - bus.at
    bus.at = NOW
    await workflows.tick()
    assert store.ends == [Stage.UNKNOWN]
