"""Asks the process that looks ahead when orders end, again and again while somebody looks."""

import asyncio
from collections.abc import Callable, Mapping

from services.common.foresight.reader import ForesightReader, NoForesightError
from services.common.process import clock
from services.common.store.keys import Environment
from services.ui.live.model import ViewModel
from services.ui.settings import UiSettings

FORECAST_ANSWER_S = 60.0
LEAST_PAUSE_S, PAUSE_SHARE = 2.0, 2.0
"""Between two questions: at least so long, and so many times as long as the last answer took, so
that looking ahead has a third of one processor at most."""


class ForecastReader:
    """One process for all environments, beside that of the command cards.

    A question is about the newest state at the moment it is asked; none waits.
    """

    def __init__(
        self,
        settings: UiSettings,
        models: Mapping[Environment, ViewModel],
        looked_at: Callable[[Environment], bool],
    ) -> None:
        """`looked_at`: whether somebody has a page of that environment open."""
        self._models, self._looked_at = models, looked_at
        self._foresight = ForesightReader(
            settings.store_address, settings.mock_speed, FORECAST_ANSWER_S
        )

    async def run(self) -> None:
        """Ask for ever; what was foretold stands in the models."""
        while True:
            began = clock.monotonic()
            for name in self._models:
                if self._looked_at(name):
                    await self.ask(name)
            took_s = clock.monotonic() - began
            await asyncio.sleep(max(LEAST_PAUSE_S, PAUSE_SHARE * took_s))

    async def ask(self, environment: Environment) -> None:
        """Foretell the ends of one environment; without an answer none is known."""
        model = self._models[environment]
        try:
            model.forecast = await self._foresight.forecast("pages", environment)
        except NoForesightError:
            model.forecast = None
        model.changed()

    async def close(self) -> None:
        """End the process, and see it gone."""
        await self._foresight.close()
