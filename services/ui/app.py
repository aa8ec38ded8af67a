"""Puts the pages on their addresses and keeps every open one up to date."""

from collections.abc import Callable, Iterator
from pathlib import Path

from nicegui import Client, app, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from services.common import clock
from services.common.streams import Environment
from services.ui import looks, message_rows, visitor
from services.ui.frame import frame
from services.ui.guard import Guard
from services.ui.journal import Selection
from services.ui.model import ViewModel
from services.ui.pages import commands, floor, messages, overview, steering, system
from services.ui.screen import Desk, Screen, Screens
from services.ui.settings import UiSettings

MAX_WAITING = 40
"""Pages built for browsers that have not connected yet: 300 requests without a browser behind
them cost 250 MB otherwise."""
MAX_PAGES = 100
YEAR_S = 31_536_000
STATIC = Path(__file__).parent / "static"


class Dashboard:
    """All pages over the given view models."""

    def __init__(
        self,
        settings: UiSettings,
        models: dict[Environment, ViewModel],
        desks: dict[Environment, Desk],
        now: Callable[[], float] = clock.now,
    ) -> None:
        self._settings = settings
        self._models = models
        self._desks = desks
        self._now = now
        self.screens = Screens(models)

    def register(self) -> None:
        """Put everything on its address; call once, before the server starts."""
        stamp = int(max(file.stat().st_mtime for file in STATIC.iterdir()))
        ui.add_head_html(
            f'<link rel="stylesheet" href="/static/ui.css?{stamp}">'
            f'<script src="/static/ui.js?{stamp}" defer></script>',
            shared=True,
        )
        app.add_static_files("/static", STATIC)
        app.add_middleware(Guard, local=self._settings.local, crowded=self._crowded)
        app.get("/")(self._home)
        app.get("/choose")(_choose)
        for name in self._settings.environments:
            app.get(f"/{name}")(self._first_page(name))
        app.get("/{environment}/messages.jsonl")(self._download)
        self._pages()

    def tick(self) -> None:
        """Bring every open page up to date."""
        self.screens.tick(self._now())

    def _crowded(self) -> bool:
        waiting = sum(not c.has_socket_connection for c in Client.instances.values())
        return waiting >= MAX_WAITING or len(self.screens) >= MAX_PAGES

    def _download(self, environment: str, request: Request) -> Response:
        """What a person sees in the message centre, to play again with `omf replay`."""
        if environment not in self._models:
            return Response(status_code=404)
        lines = _lines(self._models[environment], looks.read(request.query_params))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    def _home(self) -> RedirectResponse:
        return RedirectResponse(f"/{self._settings.environments[0]}/overview")

    def _first_page(self, name: str) -> Callable[[], RedirectResponse]:
        return lambda: RedirectResponse(f"/{name}/overview")

    def _pages(self) -> None:
        """Each page takes the part of the address that is its own."""

        @ui.page("/{environment}/overview")
        @ui.page("/{environment}/overview/{tab}")
        def _overview(client: Client, environment: str, tab: str = "now") -> None:
            self._show(client, environment, "overview", lambda s: overview.build(s, tab))

        @ui.page("/{environment}/floor")
        def _floor(client: Client, environment: str) -> None:
            self._show(client, environment, "floor", floor.build)

        @ui.page("/{environment}/messages")
        def _messages(client: Client, environment: str) -> None:
            self._show(client, environment, "messages", _look(client.request))

        @ui.page("/{environment}/steering")
        def _steering(client: Client, environment: str, kind: str = "") -> None:
            self._show(client, environment, "steering", lambda s: steering.build(s, kind))

        @ui.page("/{environment}/commands")
        def _commands(client: Client, environment: str, command: str = "") -> None:
            self._show(client, environment, "commands", lambda s: commands.build(s, command))

        @ui.page("/{environment}/system")
        def _system(client: Client, environment: str) -> None:
            self._show(client, environment, "system", system.build)

    def _show(
        self, client: Client, environment: str, page: str, build: Callable[[Screen], None]
    ) -> None:
        if environment not in self._models:
            ui.navigate.to("/")
            return
        name: Environment = environment
        model = self._models[name]
        model.turn(self._now())
        who = visitor.of(client.request, name, self._settings)
        screen = Screen(model, self._desks[name], who, self._settings, page)
        with frame(screen):
            build(screen)
        self.screens.admit(client, screen)


def _choose(request: Request) -> RedirectResponse:
    """Keep a choice of language, theme or clock in a cookie and go back to the page."""
    answer = RedirectResponse(visitor.back(request.query_params.get("back", "/")), 303)
    for choice, values in visitor.CHOICES.items():
        if (value := request.query_params.get(choice)) in values:
            answer.set_cookie(
                visitor.cookie(choice), value, max_age=YEAR_S, httponly=True, samesite="strict"
            )
    return answer


def _look(request: Request) -> Callable[[Screen], None]:
    """The look at the messages that the address asks for, and the message it opens."""
    query = request.query_params
    return lambda screen: messages.build(screen, looks.read(query), query.get("message", ""))


def _lines(model: ViewModel, selection: Selection) -> Iterator[str]:
    """The kept messages of a look, oldest first, as lines of a session file."""
    wanted = [message for message in model.journal.newest() if selection.takes(message)]
    return (f"{message_rows.line(message)}\n" for message in reversed(wanted))
