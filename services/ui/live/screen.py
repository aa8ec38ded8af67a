"""One open page of one browser: what it shows, and how news reach it."""

import logging
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple, TypeVar
from urllib.parse import quote

from nicegui import Client

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.foresight.reader import ForesightReader
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import Environment, Role
from services.ui import formats, metrics
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.current_user import CurrentUser
from services.ui.live import message_history
from services.ui.live.golden_runs import GoldenRuns
from services.ui.live.model import ViewModel
from services.ui.live.past_player import PastPlayer
from services.ui.live.past_reader import PastSource

_log = logging.getLogger(__name__)

Part = Callable[[], None]
T = TypeVar("T")


def past_address(address: str, at: float) -> str:
    """The same address at a moment of the past."""
    return f"{address}{'&' if '?' in address else '?'}at={quote(clock.iso(at), safe=':')}"


class ReplayContext(NamedTuple):
    """The replay environment, where sessions are played whichever factory is looked at."""

    model: ViewModel
    bus: Bus
    user: CurrentUser
    """Who looks, with the rights they have there."""


class Screen:
    """A page being built or shown. A part draws itself once at building and again with news."""

    def __init__(
        self,
        model: ViewModel,
        bus: Bus | None,
        user: CurrentUser,
        auth: AuthServices,
        page: str,
    ) -> None:
        """`bus` is None for a page of the past: whatever it shows, nothing can be handed in."""
        self.model = model
        self.bus = bus
        self.user = user
        self.auth = auth
        self.settings = auth.settings
        self.page = page
        self.address = f"/{model.environment}/{page}"
        """Where it was opened, with object and filters, without the moment."""
        self.say = user.say
        self.replay: ReplayContext | None = None
        """None where nothing can be played."""
        self.player: PastPlayer | None = None
        """What plays this page of the past; None for one that stands."""
        self.impacts: ForesightReader | None = None
        """Says what a command would change; None on a page of the past."""
        self.source: PastSource | None = None
        """Where a page of the past asks for more; None where there is no archive."""
        self.golden: GoldenRuns | None = None
        """Keeps and checks golden sessions; None on a page of the past."""
        self._parts: list[Part] = []
        self._words = user.language, user.clock, user.emoji

    @property
    def environment(self) -> Environment:
        """The factory this page looks at."""
        return self.model.environment

    @property
    def rights(self) -> tuple[tuple[str, Role], ...]:
        """What the page was built for: the role in each factory it acts on; "": in every one."""
        here, played = (self.environment, self.user.role), self.replay
        there = [(played.model.environment, played.user.role)] if played else []
        return (("", self.user.everywhere or self.user.role), here, *there)

    def when(self, at: float | None, *, millis: bool = False) -> str:
        """A time as this person reads it, with the day if that is not today."""
        user, now = self.user, self.model.now
        clock, language = user.clock, user.language
        return formats.when(at, now=now, clock=clock, language=language, millis=millis)

    @property
    def past(self) -> float | None:
        """The moment of the past this page stands at; None: it shows the present."""
        return self.model.past

    def path(self, page: str, environment: str | None = None) -> str:
        """Address of a page and its query, of this environment unless another is named.

        Within one environment a page of the past leads to pages of the same moment.
        """
        found = f"/{environment or self.environment}/{page}"
        at = self.past
        if at is None or environment not in (None, self.environment):
            return found
        return past_address(found, at)

    async def message(self, message_id: str) -> Message | None:
        """One message by its id; None if it is kept no more, or came after this page's moment.

        StoreError, or PastUnreadableError in the past; ValueError for what is no id.
        """
        if self.bus is not None:
            return await message_history.message(self.bus, message_id)
        StreamId.parse(message_id)
        found = await self.source.message(self.environment, message_id) if self.source else None
        late = found is not None and self.past is not None and found.received_at > self.past
        return None if late else found

    def shared(self, key: Hashable, build: Callable[[], T]) -> T:
        """`build()`, made once per picture for every page that reads the same words."""
        return self.model.shared((key, self._words), build)

    def live(self, part: Part) -> None:
        """Draw `part` now, so the first paint is complete, and again whenever there are news."""
        part()
        self._parts.append(part)

    def refresh(self) -> None:
        """Draw every part again; one that fails is logged and does not stop the others."""
        for part in self._parts:
            try:
                part()
            except Exception:  # noqa: BLE001 - one broken part must not blank the page
                _log.exception("a part of page %s cannot be drawn", self.page)


class Screens:
    """Every page whose browser is connected. Others cost nothing: they get nothing."""

    def __init__(self, models: dict[Environment, ViewModel]) -> None:
        self._models = models
        self._open: dict[str, Screen] = {}
        self._ever_connected: set[str] = set()
        self._unconnected: dict[str, tuple[Client, float]] = {}
        """Each page whose browser is still to come, and since when."""

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Screen]:
        return iter(tuple(self._open.values()))

    def admit(self, client: Client, screen: Screen) -> None:
        """Serve the screen from the moment its browser is connected until it is gone.

        A page that is fetched and never opens its socket (a crawler, a flood) is never served.
        """
        self._unconnected[client.id] = client, clock.monotonic()
        client.on_connect(lambda: self._connected(client, screen))
        client.on_disconnect(lambda: self._disconnected(client))
        client.on_delete(lambda: self._forget(client))

    def ever_connected(self, client_id: str) -> bool:
        """True if a browser ever came for this page; a flood fetches and never comes."""
        return client_id in self._ever_connected

    def give_up(self, before: float) -> None:
        """Drop the pages that were ready before that time and no browser has come for."""
        for client, since in tuple(self._unconnected.values()):
            if since < before:
                client.delete()

    def _forget(self, client: Client) -> None:
        self._unconnected.pop(client.id, None)
        self._open.pop(client.id, None)
        self._ever_connected.discard(client.id)

    def _disconnected(self, client: Client) -> None:
        """A broken line is noticed late: the browser may be back on another by then."""
        if not client.has_socket_connection:
            self._open.pop(client.id, None)

    def _connected(self, client: Client, screen: Screen) -> None:
        self._unconnected.pop(client.id, None)
        self._ever_connected.add(client.id)
        self._open[client.id] = screen
        screen.refresh()

    def tick(self, now: float) -> None:
        """Bring every screen up to date whose factory has news."""
        metrics.OPEN_PAGES.set(len(self))
        metrics.KEPT_PAGES.set(len(Client.instances))
        shown = {id(screen.model): screen.model for screen in self}
        models = {id(model): model for model in self._models.values()} | shown
        news = {name for name, model in models.items() if model.turn(now)}
        for screen in self:
            if id(screen.model) in news:
                screen.refresh()

    @property
    def moments(self) -> int:
        """How many moments of the past are looked at."""
        return len({id(screen.model) for screen in self if screen.past is not None})
