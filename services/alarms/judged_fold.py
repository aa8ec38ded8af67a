"""The fold that the owner of the alarms judges, with what the rules need beside it."""

from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from omf.alarms.life import AlarmLife
from omf.alarms.rule_data import BUILT_IN, AlarmRules
from omf.messages.message import Message
from omf.texts import Text
from services.alarms.drift_watch import DriftWatch
from services.common.process.health import Health
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.fold_reader import FoldReader
from services.common.store.journal import BEGINNING
from services.common.store.keys import CommandEvent, LinkHealth


class JudgedFold(FoldReader):
    """The fold, with what the rules need beside it, and whether anything is new."""

    def __init__(self, bus: Bus, health: Health) -> None:
        """It beats as `fold`."""
        super().__init__(bus, partial(health.beat, "fold"))
        self.drift_watch = DriftWatch(bus)
        self.news = False
        self.link: LinkHealth | None = None
        self.rules: tuple[AlarmRules, Text | None] = (BUILT_IN, None)
        """The rules to judge by, and why a newer file of the site is not among them."""
        self.usual: Mapping[str, float] = {}
        """What the archive says is usual: `Factory.usual_pauses`."""
        self.asked = 0
        """Rises with each batch of events of commands, and where some may have been missed."""
        self._link_heard = False

    @property
    def judgeable(self) -> bool:
        """True once all is known that the rules go by: on half of it they would find nothing."""
        return self.current and self._link_heard

    def now(self, store_now: float) -> float:
        """The moment the factory is judged at: nobody falls silent while a replay stands still."""
        if is_replay(self._bus.environment):
            return self.state.last_received or store_now
        return self.link.message_now(store_now) if self.link else store_now

    def fold(self, batch: Sequence[Message]) -> None:
        """Fold, and remember that there is something to judge."""
        super().fold(batch)
        self.drift_watch.take(batch)
        self.news = self.news or bool(batch)

    async def watch_drift(self, lives: Mapping[str, AlarmLife]) -> None:
        """Tell the state which payloads drifted; of the owner of the alarms alone."""
        await self.drift_watch.begin(self)
        await self.drift_watch.report(self.state, lives)

    async def on_opened(self) -> None:
        """What the broker refuses is asked anew; the rules are those of this process."""
        self._link_heard = False
        self.state.alarm_rules, self.state.rules_fault = self.rules
        self.state.usual_pauses = self.usual
        self.drift_watch.end()

    async def on_link(self, link: LinkHealth | None) -> None:
        """The broker's refusals are known by now."""
        self.link, self._link_heard = link, True

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """The events of commands alone: how the alarms are is said here, not heard."""
        return (self._follow_events(),)

    async def _follow_events(self) -> None:
        newest = await self._bus.newest_models("events", CommandEvent, 1)
        self.asked += 1
        after = newest[-1][0] if newest else BEGINNING
        async for batch in self._bus.follow_models("events", CommandEvent, after):
            self.asked += bool(batch)
