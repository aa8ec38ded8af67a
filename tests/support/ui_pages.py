"""Opens the pages over view models that a test fills by hand; no browser, no store."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
from nicegui import background_tasks, ui
from nicegui.testing import User, user_simulation

from omf.constants import COLOURS
from omf.messages.message import Message
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account
from services.common.process.main import end_all
from services.common.store import journal
from services.common.store.access_notes import AccessNote
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import JOURNAL, Command, Environment, LinkHealth, Role, buffer_key
from services.ui import app as ui_app
from services.ui.auth.auth_services import AuthServices
from services.ui.live.model import Links, ViewModel
from services.ui.live.past_reader import PastSource
from services.ui.settings import UiSettings
from tests.support.factory import DPS, DRILL, HBW, LISTED, Factory, paired, stock_message

NOW = 1_790_000_000.0  # of every picture in these tests, Unix seconds
PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that exist in tests only
FLOWS = {colour: {"steps": ["DRILL"]} for colour in COLOURS}
TRIES = 100  # tenths of a second until a page on a busy machine says what it was asked
NO_DATA = Path("/nonexistent/data")
NOWHERE = "redis://127.0.0.1:1/0"  # a store that is away


class Inbox(Bus):
    """The bus of one environment, over a real store if one is given; keeps what is handed in."""

    def __init__(self, environment: Environment, url: str = NOWHERE) -> None:
        super().__init__(url, environment)
        self.commands: list[Command] = []
        self.away = False
        self.priority: int | None = None

    async def submit(self, command: Command) -> str:
        """Keep the command, or raise StoreError."""
        if self.away:
            raise StoreError("connection refused")
        self.commands.append(command)
        return f"{len(self.commands)}-0"

    async def choose_class(self, priority: int) -> None:
        """Remember what ingest was asked to mirror."""
        self.priority = priority

    async def time(self) -> float:
        """The store's clock."""
        if self.away:
            raise StoreError("connection refused")
        return NOW


@dataclass(slots=True)
class Shelf:
    """Stands for the store: keeps sign-ins and choices, or is away."""

    kept: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, dict[str, str]] = field(default_factory=dict)
    away: bool = False

    async def read(self, person: str) -> dict[str, str]:
        """What a person chose."""
        self._there()
        return self.chosen.get(person, {})

    async def keep(self, person: str, chosen: dict[str, str]) -> None:
        """Keep what they chose."""
        self._there()
        self.chosen[person] = self.chosen.get(person, {}) | chosen

    async def put(self, key: str, value: str, lasts_s: int, until: float, note: AccessNote) -> None:
        """Keep it; StoreError while away."""
        assert 0 < lasts_s <= until
        self._there()
        assert note.sign_in == key[:8]
        self.kept[key] = value

    async def get(self, key: str) -> str | None:
        """What is kept."""
        self._there()
        return self.kept.get(key)

    async def drop(self, key: str, note: AccessNote) -> None:
        """Forget it."""
        self._there()
        assert note.act == "ended"
        self.kept.pop(key, None)

    async def all(self, now: float) -> list[str]:
        """Everything kept; nothing here ends by itself."""
        assert now > 0
        self._there()
        return list(self.kept.values())

    def _there(self) -> None:
        if self.away:
            raise StoreError("connection refused")


class ShownFactory(Factory):
    """What is said was said a second before the picture, and reaches the model of the pages."""

    usual_ago = 1.0

    def __init__(self, model: ViewModel) -> None:
        super().__init__()
        self.now, self.step_s = NOW, 0.0
        self._model = model

    def receive(self, message: Message) -> None:
        """Messages of one millisecond have numbers."""
        self.heard.append(message)
        self._model.receive([message._replace(id=f"{message.id[:-1]}{len(self.heard)}")])


@dataclass(slots=True)
class Pages:
    """A simulated user before the pages of three factories."""

    user: User
    models: dict[Environment, ViewModel]
    inboxes: dict[Environment, Inbox]
    dashboard: ui_app.Dashboard
    people: AuthServices
    shelf: Shelf
    told: dict[Environment, "ShownFactory"]
    """Who speaks in each of the three factories."""

    @property
    def factory(self) -> "ShownFactory":
        """The mock factory."""
        return self.told["mock"]

    def say(self, topic: str, payload: Any, *, model: Environment = "mock", ago: float = 1) -> None:
        """Let the factory say something."""
        self.told[model].raw(topic, payload, ago=ago)

    def tick(self, later_s: float = 0) -> None:
        """Bring every open page up to date."""
        self.dashboard.screens.tick(NOW + later_s)

    def language(self, language: str) -> None:
        """Choose a language as the switch does."""
        self.user.http_client.cookies.set("omf_language", language)

    async def sign_in(self, role: Role, name: str = "anna") -> None:
        """Sign in with an account of that role, made for it."""
        if self.people.accounts.get(name) is None:
            self.people.accounts.add(Account(name=name, role=role, password=_hash()))
        answer = await self.post("/login", {"name": name, "password": PASSWORD, "back": "/"})
        assert answer.status_code == 303, answer.text

    async def post(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form as the browser does."""
        origin = {"origin": "http://127.0.0.1"}
        return await self.user.http_client.post(
            path, data=dict(form), headers=origin, follow_redirects=False
        )


@cache
def _hash() -> str:
    return hashed(PASSWORD)


@asynccontextmanager
async def pages(
    host: str = "127.0.0.1",
    users: Path | None = None,
    store_url: str = NOWHERE,
    past: PastSource | None = None,
    data: Path = NO_DATA,
    directory: Path | None = None,
) -> AsyncIterator[Pages]:
    """All pages, over empty models whose links are up; those of the past are made by `past`."""
    environments: tuple[Environment, ...] = ("live", "mock", "replay")
    inboxes = {name: Inbox(name, store_url) for name in environments}
    # The simulation collects garbage twice for each test: 2.5 s instead of 0.4 beside the
    # recordings that other tests of this worker keep.
    gc.freeze()
    try:
        async with user_simulation() as user:
            user.http_client.base_url = "http://127.0.0.1"
            user.should_see = partial(user.should_see, retries=TRIES)  # type: ignore[method-assign]
            user.should_not_see = partial(user.should_not_see, retries=TRIES)  # type: ignore[method-assign]
            models = {name: ViewModel(name) for name in environments}
            settings = UiSettings(
                environments=environments,
                ui_host=host,
                ui_users_file=users,
                ui_directory_file=directory,
                store_url=store_url,
                data=data,
            )
            shelf = Shelf()
            people = AuthServices(settings, shelf, inboxes[environments[0]], shelf)
            dashboard = ui_app.Dashboard(settings, models, {**inboxes}, people, lambda: NOW, past)
            dashboard.register()
            for model in models.values():
                up = LinkHealth(connected=True, broker="mqtt://broker", since=NOW - 60, at=NOW)
                model.links = Links(up, up)
                model.readable(NOW - 60)
                model.caught_up = True
            told = {name: ShownFactory(model) for name, model in models.items()}
            yield Pages(user, models, inboxes, dashboard, people, shelf, told)
    finally:
        # What a page still reads of the store would open a connection again after they are closed.
        await end_all(set(background_tasks.running_tasks))
        for inbox in inboxes.values():
            await inbox.__aexit__()


def pairing(available: str = "READY") -> dict[str, Any]:
    """The CCU's word on three modules and a vehicle."""
    kinds = {HBW: "HBW", DRILL: "DRILL", DPS: "DPS"}
    modules = [paired(serial, kind, available=available) for serial, kind in kinds.items()]
    return {"modules": modules, "transports": [LISTED]}


def stock(colour: str = "WHITE", state: str = "RAW", count: int = 1) -> dict[str, Any]:
    """The CCU's stock with so many pieces, the first in A1."""
    told = stock_message()
    for number, item in enumerate(told["stockItems"][:count]):
        item["workpiece"] = {"id": f"04798eca34129{number}", "type": colour, "state": state}
    return told


def working_factory(factory: Factory, colour: str = "WHITE", state: str = "RAW") -> None:
    """Two modules, paired, with a piece in stock; every colour is drilled."""
    factory.online(HBW).online(DRILL).say("ccu_pairing_state", pairing())
    factory.say("ccu_state_flows", FLOWS).say("ccu_state_stock", stock(colour, state))


def listed(pages: Pages, grid: int = -1) -> list[dict[str, object]]:
    """What the server believes a list of the open page to show."""
    # Beside a list of messages stands the tree of topics, which is made before it.
    grids = sorted(pages.user.find(ui.aggrid).elements, key=lambda element: element.id)
    found: list[dict[str, object]] = grids[grid].options["rowData"]
    return found


def listed_ids(pages: Pages) -> list[str]:
    """The ids of `listed`, uppermost first."""
    return [str(row["id"]) for row in listed(pages)]


def classed(pages: Pages, *names: str) -> list[Any]:
    """What the open page shows in all of these classes."""
    wanted = set(" ".join(names).split())
    assert pages.user.client is not None
    return [e for e in pages.user.client.elements.values() if wanted <= set(e.classes)]


def entry(pages: Pages, beginning: str) -> ui.input:
    """The input field whose label begins so."""
    found = pages.user.find(ui.input).elements
    return next(f for f in found if str(f.props.get("aria-label")).startswith(beginning))


async def keep(
    pages: Pages, topic: str, body: Mapping[str, Any], ago: int, properties: str = ""
) -> str:
    """A message that only the buffers remember; its id."""
    message_id = f"{int(NOW - ago) * 1000}-0"
    fields = {"t": topic, "p": json.dumps(body), "q": 1, "r": 0}
    fields |= {"m": properties} if properties else {}
    for name in {JOURNAL, journal.buffer_of(topic)}:
        await pages.inboxes["mock"].client.xadd(buffer_key("mock", name), fields, message_id)
    return message_id


def preset_choice(pages: Pages) -> ui.select:
    """The list of what was kept by name."""
    (found,) = pages.user.find(marker="preset-choice").elements
    assert isinstance(found, ui.select)
    return found


async def offered(pages: Pages, *names: str) -> ui.select:
    """That list, as soon as it offers just these."""
    for _ in range(60):
        if (choice := preset_choice(pages)).options and list(choice.options)[1:] == list(names):
            return choice
        await asyncio.sleep(0.05)
    raise AssertionError(f"{choice.options} are offered")
