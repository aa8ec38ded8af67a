"""The health of each link between the factory and the screen, in words a person can act on."""

from dataclasses import dataclass
from typing import Literal

from omf.state.staleness import ccu_silent_since
from services.common.store.keys import LinkHealth
from services.ui.live.model import ViewModel

LinkState = Literal["up", "impaired", "taken", "down", "gone", "unknown"]
LOST_STATES = frozenset({"taken", "down", "gone"})
"""Nothing comes or goes by such a link."""
NOTICE_S = 900.0
"""So long people are told what befell a link or the store and is well again."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link: `name` is bus, read or gateway; `since` when the state began."""

    name: str
    state: LinkState
    since: float | None = None
    detail: str = ""
    filters: str = ""
    """Topic filters that the broker refuses."""
    other: str = ""
    """Name of another client that took the connection over."""

    @property
    def words(self) -> dict[str, str]:
        """What the sentence about it names."""
        return {name: word for name in ("filters", "other") if (word := getattr(self, name))}

    @property
    def broken(self) -> bool:
        """True if something has to be done about it."""
        return self.state in {"impaired", "taken", "down", "gone"}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened: `name` is emptied, too_large or clock."""

    name: str
    at: float
    link: LinkHealth


def views(model: ViewModel) -> tuple[LinkView, ...]:
    """The three links the server knows of; the browser's own is the browser's business."""
    bus = _bus(model)
    if bus.state != "up":
        return bus, LinkView("read", "unknown"), LinkView("gateway", "unknown")
    links = model.links
    read = _broker("read", links.ingest, model.wall)
    return bus, read, _broker("gateway", links.gateway, model.wall)


def broken(model: ViewModel) -> tuple[LinkView, ...]:
    """The links that are down, nearest to the screen first."""
    return tuple(view for view in views(model) if view.broken)


def unheard(model: ViewModel) -> bool:
    """True while what is shown of the factory is only its last known state.

    Either nothing is read of it, or the CCU, which tells orders, stock and pairing, is silent.
    """
    return model.shared("unheard", lambda: _unheard(model))


def _unheard(model: ViewModel) -> bool:
    if any(view.state in LOST_STATES for view in views(model) if view.name != "gateway"):
        return True
    return ccu_silent_since(model.factory, model.factory_now) is not None


def _bus(model: ViewModel) -> LinkView:
    store = model.store
    if store.readable is None:
        return LinkView("bus", "unknown")
    return LinkView("bus", "up" if store.readable else "down", store.since, store.detail)


def _broker(name: str, link: LinkHealth | None, now: float) -> LinkView:
    if link is None:
        return LinkView(name, "unknown")
    if link.silent(now):
        return LinkView(name, "gone", link.at, link.detail)
    if link.taken_over_by and not link.connected:
        return LinkView(name, "taken", link.since, link.detail, other=link.taken_over_by)
    if link.connected and link.refused_filters:
        filters = ", ".join(link.refused_filters)
        return LinkView(name, "impaired", link.since, link.detail, filters)
    return LinkView(name, "up" if link.connected else "down", link.since, link.detail)


def notices(model: ViewModel) -> tuple[Notice, ...]:
    """What happened lately and explains what is shown, or what is not."""
    link = model.links.ingest
    if link is None:
        return ()
    times = {
        "emptied": link.emptied_at,
        "too_large": link.too_large.at if link.too_large else None,
        "clock": link.clock_step_at,
    }
    found = (Notice(name, at, link) for name, at in times.items() if at)
    return tuple(one for one in found if abs(model.now - one.at) < NOTICE_S)
