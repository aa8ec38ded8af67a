"""View models that stand at a moment of the past, shared by all who look at the same one."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.history.past_views import PastView
from services.ui.live.model import ViewModel
from services.ui.live.past_reader import PastSource
from services.ui.live.recent_messages import Journal

KEPT_MOMENTS = 12
"""Models kept beyond the pages that show them: the way back to one is a press."""

KEPT_MESSAGES, KEPT_BYTES = 2_000, 6_000_000
"""Messages of one moment at hand; there may be many moments."""


class PastModels:
    """Makes each model once, however many ask for it at the same time; called from one loop."""

    def __init__(
        self,
        source: PastSource,
        models: Mapping[Environment, ViewModel],
        buses: Mapping[Environment, Bus],
    ) -> None:
        """`models` are those of the present, for what never changes: pace, and who draws."""
        self.source = source
        self._models = models
        self._buses = buses
        self._kept: OrderedDict[tuple[Environment, float], asyncio.Task[ViewModel]] = OrderedDict()

    def has(self, environment: Environment, at: float) -> bool:
        """True if the moment costs nothing more."""
        return (environment, at) in self._kept

    async def at(self, environment: Environment, at: float) -> ViewModel:
        """The model of a moment; NothingKnownError, PastUnreadableError."""
        key = environment, at
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.create_task(self.own(environment, at))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT_MOMENTS:
            self._kept.popitem(last=False)
        try:
            # Who leaves before it is made does not take it from the others.
            return await asyncio.shield(task)
        except Exception:
            self._kept.pop(key, None)
            raise

    async def own(self, environment: Environment, at: float) -> ViewModel:
        """A model of a moment for one page alone, which may go on from there; errors as `at`."""
        return self._made(environment, await self.source.view(environment, at))

    def _made(self, environment: Environment, view: PastView) -> ViewModel:
        present = self._models[environment]
        made = ViewModel(environment, speed=present.speed, factory=view.state, past=view.at)
        made.journal = Journal(KEPT_MESSAGES, KEPT_BYTES)
        made.times = self._buses[environment].times
        made.on_news = present.on_news
        made.load(view.commands)
        for message in view.messages:
            made.journal.add(message)
            made.commands.publishes.of(message)
        made.through = view.through
        made.caught_up = True
        return made
