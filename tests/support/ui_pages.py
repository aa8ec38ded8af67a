"""Opens the pages over view models that a test fills by hand; no browser, no store."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from nicegui.testing import User, user_simulation

from omf.catalogue import address
from omf.message import Message
from services.common.bus import StoreError
from services.common.streams import Command, Environment, Link
from services.ui import app as ui_app
from services.ui.model import Links, ViewModel
from services.ui.settings import UiSettings

NOW = 1_790_000_000.0
"""The time of every picture in these tests, Unix seconds."""
HBW, DRILL = "SVR3QA0022", "SVR4H76449"


@dataclass(slots=True)
class Inbox:
    """Stands for the bus: takes commands, or is away."""

    commands: list[Command] = field(default_factory=list)
    away: bool = False

    async def submit(self, command: Command) -> str:
        """Keep the command, or raise StoreError."""
        if self.away:
            raise StoreError("connection refused")
        self.commands.append(command)
        return f"{len(self.commands)}-0"

    async def time(self) -> float:
        """The store's clock."""
        if self.away:
            raise StoreError("connection refused")
        return NOW


@dataclass(slots=True)
class Pages:
    """A simulated user before the pages of three factories."""

    user: User
    models: dict[Environment, ViewModel]
    inboxes: dict[Environment, Inbox]
    dashboard: ui_app.Dashboard
    _sequence: int = 0

    def say(self, topic: str, payload: Any, *, model: Environment = "mock", ago: float = 1) -> None:
        """Let the factory say something."""
        self._sequence += 1
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        at_ms = int((NOW - ago) * 1000)
        self.models[model].receive([Message(topic, raw, f"{at_ms}-{self._sequence}")])

    def tick(self, later_s: float = 0) -> None:
        """Bring every open page up to date."""
        self.dashboard.screens.tick(NOW + later_s)

    def language(self, language: str) -> None:
        """Choose a language as the switch does."""
        self.user.http_client.cookies.set("omf_language", language)


@asynccontextmanager
async def pages(host: str = "127.0.0.1") -> AsyncIterator[Pages]:
    """All pages, over empty models whose links are up."""
    async with user_simulation() as user:
        user.http_client.base_url = "http://127.0.0.1"
        environments: tuple[Environment, ...] = ("live", "mock", "replay")
        models = {name: ViewModel(name) for name in environments}
        inboxes = {name: Inbox() for name in environments}
        settings = UiSettings(environments=environments, ui_host=host)
        dashboard = ui_app.Dashboard(settings, models, dict(inboxes), lambda: NOW)
        dashboard.register()
        for model in models.values():
            up = Link(connected=True, broker="mqtt://broker", since=NOW - 60, at=NOW)
            model.links = Links(up, up)
            model.readable(NOW - 60)
            model.caught_up = True
        yield Pages(user, models, inboxes, dashboard)


def connection(serial: str, state: str = "ONLINE") -> tuple[str, Mapping[str, Any]]:
    """A module's heartbeat."""
    payload = {"connectionState": state, "ip": "192.168.0.80", "version": "1.3.0"}
    whole = {"headerId": 1, "timestamp": "2026-08-07T09:00:00.000Z", "serialNumber": serial}
    return address("module_connection", serial=serial), {
        **whole,
        **payload,
        "manufacturer": "Fischertechnik",
    }


def pairing(available: str = "READY") -> tuple[str, Mapping[str, Any]]:
    """The CCU's word on two modules."""
    modules = [
        {
            "serialNumber": serial,
            "type": "MODULE",
            "subType": kind,
            "connected": True,
            "available": available,
            "assigned": False,
        }
        for serial, kind in ((HBW, "HBW"), (DRILL, "DRILL"))
    ]
    return address("ccu_pairing_state"), {"modules": modules, "transports": []}


def stock(colour: str = "WHITE", state: str = "RAW") -> tuple[str, Mapping[str, Any]]:
    """The CCU's stock with one piece in A1."""
    items = [
        {
            "workpiece": {"id": "", "type": "", "state": "RAW"},
            "location": f"{letter}{number}",
            "hbw": HBW,
        }
        for letter in "ABC"
        for number in "123"
    ]
    items[0]["workpiece"] = {"id": "04798eca341290", "type": colour, "state": state}
    return address("ccu_state_stock"), {"ts": "2026-08-07T09:00:00.000Z", "stockItems": items}


def flows() -> tuple[str, Mapping[str, Any]]:
    """Every colour is drilled."""
    return address("ccu_state_flows"), {
        colour: {"steps": ["DRILL"]} for colour in ("RED", "WHITE", "BLUE")
    }
