"""Puts the pages on their addresses and keeps every open one up to date."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nicegui import Client, app, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from services.common.auth.security_middleware import SecurityMiddleware
from services.common.foresight.reader import ForesightReader
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.keys import Environment
from services.ui.auth import busy_page, current_user
from services.ui.auth.auth_middleware import AuthMiddleware, person, sign_in_of
from services.ui.auth.auth_services import AuthServices
from services.ui.auth.choosing import Choosing
from services.ui.auth.login import Login
from services.ui.auth.person_change import PersonChange
from services.ui.auth.request_rules import MANIFEST, page_rules
from services.ui.auth.socket_ownership import disconnect_client, enforce_socket_ownership
from services.ui.features import PAGES
from services.ui.features.audit.downloads import AuditDownloads
from services.ui.features.commands.downloads import CommandDownloads
from services.ui.features.history.downloads import HistoryDownloads
from services.ui.features.messages.downloads import Downloads
from services.ui.features.report.downloads import ReportDownloads
from services.ui.features.sessions.downloads import SessionDownloads
from services.ui.features.sessions.uploads import SessionUploads
from services.ui.features.workpieces.downloads import LifeDownloads
from services.ui.live.golden_runs import GoldenRuns
from services.ui.live.model import ViewModel
from services.ui.live.page_queue import PageQueue
from services.ui.live.past import PastModels
from services.ui.live.past_player import PastPlayer
from services.ui.live.past_reader import ANSWER_S, PastSource
from services.ui.live.presence import Viewer, together
from services.ui.live.screen import ReplayContext, Screen, Screens
from services.ui.settings import UiSettings
from services.ui.shell import not_found, offline_page, web_manifest
from services.ui.shell.factory_switch import LISTED
from services.ui.shell.frame import frame
from services.ui.shell.past_band import only_now
from services.ui.shell.past_requests import AT, PastRequests, pace_of, without_moment
from services.ui.shell.site_page import SITE, SitePage
from services.ui.types import Page

PAST_S = ANSWER_S + 5
"""So long a page of the past may take; others are built at once."""
STATIC = Path(__file__).parent / "static"
_PAGE_STYLES = sorted({f.stem for f in STATIC.glob("*.css")} - {"base", "narrow"})
STYLES = ("base", *_PAGE_STYLES, "narrow")
"""The base first, so that a page may overrule it; what a narrow window needs overrules both."""


class Dashboard:
    """All pages over the given view models."""

    def __init__(
        self,
        settings: UiSettings,
        models: dict[Environment, ViewModel],
        buses: dict[Environment, Bus],
        auth: AuthServices,
        now: Callable[[], float] = clock.now,
        past: PastSource | None = None,
    ) -> None:
        """`past` makes the pages of the past; without it there are none."""
        self._settings = settings
        self._models = models
        self._buses = buses
        self._auth = auth
        self._now = now
        self.screens = Screens(models)
        self._queue = PageQueue(self.screens)
        self._past = past
        self.impacts: ForesightReader | None = None
        """Says what commands would change; without it no card does."""
        self._golden = GoldenRuns(settings)
        made = PastModels(past, models, buses) if past else None
        self._moments = PastRequests(models, made, now, lambda: self.screens.moments)

    def register(self) -> None:
        """Put everything on its address; call once, before the server starts."""
        stamp = int(max(file.stat().st_mtime for file in STATIC.iterdir()))
        ui.add_head_html(
            "".join(f'<link rel="stylesheet" href="/static/{s}.css?{stamp}">' for s in STYLES)
            + "".join(
                f'<script src="/static/{name}.js?{stamp}" defer></script>'
                for name in ("ui", "passkeys")
            )
            + web_manifest.head_tags(),
            shared=True,
        )
        app.add_static_files("/static", STATIC)
        rules = page_rules(local=self._settings.local, crowded=self._crowded)
        app.add_middleware(SecurityMiddleware, rules=rules)
        app.add_middleware(
            AuthMiddleware, sessions=self._auth.sessions, now=self._now, choices=self._auth.choices
        )
        app.exception_handler(404)(not_found.handler(self._settings.environments))
        enforce_socket_ownership()
        Login(self._auth, self._now, self.dismiss).open()
        PersonChange(self._auth, self._now, self.dismiss).open()
        app.get("/")(self._home)
        app.get(SITE)(SitePage(self._models, self._now).answer)
        app.get("/choose")(Choosing(self._auth.choices).answer)
        app.get(offline_page.ADDRESS)(offline_page.worker)
        app.get(MANIFEST)(web_manifest.manifest_of(self._settings.environments[0]))
        for name in self._settings.environments:
            app.get(f"/{name}")(self._first_page(name))
        self._downloads()
        if place := self._replay_of(None):
            SessionUploads(self._settings.data / "sessions", self._auth, place).register()
        self._pages()

    def _downloads(self) -> None:
        Downloads(self._models, self._buses, self._past).register()
        CommandDownloads(self._models, self._buses).register()
        AuditDownloads(self._models, self._buses, self._auth).register()
        HistoryDownloads(self._settings, self._models).register()
        LifeDownloads(self._settings, self._models, self._buses).register()
        ReportDownloads(self._settings, self._buses).register()
        SessionDownloads(
            self._settings.store_address, self._buses, self._settings.archive_of
        ).register()

    def tick(self) -> None:
        """Bring every open page up to date."""
        self.screens.tick(self._now())

    async def review(self) -> None:
        """Close the pages of everybody whose sign-in ended or whose role is another one now."""
        for sign_in, held in {(s.user.sign_in, s.rights) for s in self.screens}:
            if sign_in is None:
                continue
            found = await self._auth.sessions.still(sign_in, self._now())
            if found is None or any(found[1].role_at(at) is not role for at, role in held):
                await self.dismiss(sign_in)
        if not self._auth.trusting and any(s.user.at_hand for s in self.screens):
            await self.dismiss(None)

    def viewers(self, environment: Environment) -> tuple[Viewer, ...]:
        """The people behind the open pages of one factory."""
        return together(
            Viewer(name=s.user.name, role=s.user.role, pages=(s.page,))
            for s in self.screens
            if s.environment == environment
        )

    async def dismiss(self, sign_in: str | None) -> None:
        """Close every page of one sign-in, or of those without; their browsers ask anew."""
        for client in list(Client.instances.values()):
            if client.request and sign_in_of(client.request.scope) == sign_in:
                await disconnect_client(client)

    def _play(self, client: Client, screen: Screen, pace: float) -> None:
        """Let a page of the past go on by itself while its browser is there."""
        if self._past is None:
            return
        present = self._models[screen.environment]
        player = screen.player = PastPlayer(self._past, screen.model, lambda: present.now, pace)
        client.on_connect(player.connected)
        client.on_disconnect(
            lambda: None if client.has_socket_connection else player.disconnected()
        )
        client.on_delete(player.close)

    def _crowded(self, scope: Scope) -> bool:
        return self._queue.full(known=person(scope) is not None)

    def _replay(self, request: Request, name: Environment) -> ReplayContext | None:
        if (place := self._replay_of(name)) is None:
            return None
        who = current_user.of(request, place, trusting=self._auth.trusting)
        return ReplayContext(self._models[place], self._buses[place], who)

    def _replay_of(self, name: Environment | None) -> Environment | None:
        """Where sessions are played for who looks at a factory: there, else the first such."""
        places = [one for one in self._settings.environments if is_replay(one)]
        return name if name in places else next(iter(places), None)

    def _home(self) -> RedirectResponse:
        names = self._settings.environments
        return RedirectResponse(SITE if len(names) > LISTED else f"/{names[0]}/overview")

    def _first_page(self, name: str) -> Callable[[], RedirectResponse]:
        return lambda: RedirectResponse(f"/{name}/overview")

    def _pages(self) -> None:
        for page in PAGES:
            for address in page.addresses:
                ui.page(f"/{{environment}}/{address}", response_timeout=PAST_S)(self._shower(page))

    def _shower(self, page: Page) -> Callable[..., Any]:
        async def show(client: Client) -> Response | None:
            past = AT in client.request.query_params
            answer = await (self._show_past if past else self._show_in_turn)(client, page)
            if answer is not None and client.id in Client.instances:
                # It leads elsewhere: no browser will come for what was begun here.
                client.delete()
            return answer

        return show

    async def _show_in_turn(self, client: Client, page: Page) -> Response | None:
        known = person(client.request.scope) is not None
        gone = asyncio.create_task(_until_gone(client.request), name=f"asks {client.id}")
        try:
            async with self._queue.turn(client, known=known) as let_in:
                if not let_in or gone.done():
                    return busy_page.answer(client.request.headers)
                return self._show(client, page)
        finally:
            gone.cancel()

    async def _show_past(self, client: Client, page: Page) -> Response | None:
        past = await self._moments.of(client.request)
        return past if isinstance(past, Response) else self._show(client, page, past)

    def _show(self, client: Client, page: Page, past: ViewModel | None = None) -> Response | None:
        request = client.request
        name = next((n for n in self._models if n == request.path_params["environment"]), None)
        if name is None:
            return not_found.page(request, self._settings.environments)
        model = past or self._models[name]
        model.look(self._now())
        who = current_user.of(request, name, trusting=self._auth.trusting)
        if not page.open_to(who):
            known = person(request.scope)
            asked = "?".join(filter(None, (request.url.path, request.url.query)))
            login = f"/login?back={quote(asked)}"
            return RedirectResponse(f"/{name}/overview" if known else login)
        screen = Screen(model, None if past else self._buses[name], who, self._auth, page.name)
        screen.source = self._past
        screen.golden = None if past else self._golden
        screen.impacts = None if past else self.impacts
        if past and (pace := pace_of(request)) is not None:
            self._play(client, screen, pace)
        screen.address = without_moment(request)
        screen.replay = None if past else self._replay(request, name)
        with frame(screen, PAGES):
            if past and not page.past:
                only_now(screen)
            else:
                page.build(screen, {**request.query_params, **request.path_params})
        self.screens.admit(client, screen)
        return None


async def _until_gone(request: Request) -> None:
    """Return when whoever asked went away: what is built for them would never be fetched."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
