"""The parts of the user interface process: buses, view models, readers, pages, health."""

import asyncio
import gc
from contextlib import suppress
from functools import partial

from services.common.foresight.reader import ForesightReader
from services.common.process import clock
from services.common.process.health import Health
from services.common.process.main import end_all
from services.common.store.bus import Bus, StoreError
from services.common.store.environments import is_mock
from services.common.store.keys import Environment
from services.common.store.pending_previews import pending_previews
from services.ui.app import Dashboard
from services.ui.auth.account_watch import AccountWatch
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.current_user import CHOICES
from services.ui.auth.directory_watch import DirectoryWatch
from services.ui.auth.person_choices import RedisChoiceStore
from services.ui.auth.session_store import RedisSessionStore
from services.ui.live.forecast_reader import ForecastReader
from services.ui.live.health_poller import HealthPoller
from services.ui.live.model import ViewModel
from services.ui.live.past_reader import PastReader
from services.ui.live.presence import Presence
from services.ui.live.reader import LiveReader
from services.ui.live.refresh_throttle import RefreshThrottle
from services.ui.metrics import TICK_SECONDS
from services.ui.settings import UiSettings

AGES_S = 0.9
"""Without news the ages still grow."""

REVIEW_S = 2.0
"""Who looks, and whether they still may."""

PARTS_S, PARTS_IDLE_S = 2.0, 10.0


class Process:
    """Puts the parts together; nothing runs before `start`."""

    def __init__(self, settings: UiSettings) -> None:
        self._settings = settings
        self._health = Health(self._missing)
        self._buses = {name: Bus(settings.store_address, name) for name in settings.environments}
        self._news = asyncio.Event()
        self._models = {
            name: ViewModel(name, on_news=self._news.set) for name in settings.environments
        }
        for name in filter(is_mock, self._models):
            self._models[name].speed = settings.mock_speed
        first = self._buses[settings.environments[0]]
        choices = RedisChoiceStore(first, tuple(CHOICES))
        self._auth = auth = AuthServices(settings, RedisSessionStore(first), first, choices)
        self._past = PastReader(settings)
        self._dashboard = Dashboard(
            settings, self._models, dict(self._buses), auth, past=self._past
        )
        self._impacts = ForesightReader(settings.store_address, settings.mock_speed)
        self._dashboard.impacts = self._impacts
        self._forecasts = ForecastReader(settings, self._models, self._looked_at)
        self._dashboard.register()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read, draw and answer health checks from now on."""
        self._health.serve(self._settings.metrics_host, self._settings.metrics_port)
        self._health.watch()
        for name, bus in self._buses.items():
            reader = LiveReader(
                bus,
                self._models[name],
                partial(self._health.beat, f"reader {name}"),
                partial(self._seen, name),
            )
            self._tasks.append(asyncio.create_task(reader.run(), name=f"reader {name}"))
        self._tasks.append(asyncio.create_task(self._draw(), name="pages"))
        self._tasks.append(asyncio.create_task(self._review(), name="people"))
        self._tasks.append(asyncio.create_task(self._ask_parts(), name="parts"))
        self._tasks.append(asyncio.create_task(self._auth.tokens.run(), name="personal tokens"))
        noted = AccountWatch(self._buses[self._settings.environments[0]], self._auth.accounts)
        self._tasks.append(asyncio.create_task(noted.run(), name="accounts"))
        refusals = self._auth.sign_in_refusals
        self._tasks.append(asyncio.create_task(refusals.run(), name="refused sign-ins"))
        if (watch := DirectoryWatch.of(self._auth)) is not None:
            self._tasks.append(asyncio.create_task(watch.run(), name="directory"))
        self._tasks.append(asyncio.create_task(self._forecasts.run(), name="forecasts"))
        _keep_what_stays()

    async def stop(self) -> None:
        """Close everything."""
        await end_all(set(self._tasks))
        await self._past.close()
        await self._impacts.close()
        await self._forecasts.close()
        for bus in self._buses.values():
            await bus.__aexit__()

    async def _draw(self) -> None:
        """The one tick of all pages: at once with the first news, then in `RefreshThrottle`."""
        throttle, shown = RefreshThrottle(), 0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), AGES_S)
            self._news.clear()
            before, shown = shown, sum(model.received for model in self._models.values())
            began = clock.monotonic()
            with TICK_SECONDS.time():
                self._dashboard.tick()
            self._health.beat("pages")
            await asyncio.sleep(throttle.pause_s(began, shown - before, clock.monotonic()))

    async def _review(self) -> None:
        """Rights end with the sign-in, also on a page that stays open."""
        presences = {name: Presence(bus) for name, bus in self._buses.items()}
        while True:
            await asyncio.sleep(REVIEW_S)
            await self._dashboard.review()
            await asyncio.gather(*(self._review_of(*one) for one in presences.items()))
            self._health.beat("people")

    async def _review_of(self, name: Environment, presence: Presence) -> None:
        """Who looks at one factory, and what they have prepared."""
        here = self._dashboard.viewers(name)
        if not presence.wanted(here):
            return
        try:
            self._models[name].viewers = await presence.exchange(here)
            self._models[name].prepared(await pending_previews(self._buses[name]))
        except StoreError:
            self._models[name].viewers = here

    async def _ask_parts(self) -> None:
        """How every process is: often while somebody looks at it, else now and then."""
        poller = HealthPoller(self._settings.ui_parts)
        while True:
            snapshot = await poller.poll()
            for name, model in self._models.items():
                model.health = snapshot.of(name)
            looked_at = any(screen.page == "system" for screen in self._dashboard.screens)
            await asyncio.sleep(PARTS_S if looked_at else PARTS_IDLE_S)

    def _seen(self, environment: Environment) -> bool:
        return any(one.environment == environment for one in self._dashboard.screens)

    def _looked_at(self, environment: Environment) -> bool:
        screens = self._dashboard.screens
        return any(one.environment == environment and one.impacts is not None for one in screens)

    def _missing(self) -> str | None:
        late = [name for name, model in self._models.items() if not model.store.readable]
        return f"the store cannot be read for {', '.join(late)}" if late else None


def _keep_what_stays() -> None:
    """Take all that start-up made out of the garbage collector's sight.

    It looked through half a million objects of modules and front end each time pages came or went,
    and no page got an answer for a third of a second.
    """
    gc.collect()
    gc.freeze()
    # Once more, for it looks again after a quarter more than it saw last time: now next to nothing.
    gc.collect()
