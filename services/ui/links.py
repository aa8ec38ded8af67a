"""The health of each link between the factory and the screen, in words a person can act on."""

from dataclasses import dataclass
from typing import Literal

from omf.factory.freshness import ccu_silent_since
from services.common.streams import Link
from services.ui.model import ViewModel

LinkState = Literal["up", "down", "gone", "unknown"]


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link: `name` is bus, read or gateway; `since` when the state began."""

    name: str
    state: LinkState
    since: float | None = None
    detail: str = ""

    @property
    def broken(self) -> bool:
        """True if something has to be done about it."""
        return self.state in {"down", "gone"}


def views(model: ViewModel) -> tuple[LinkView, ...]:
    """The three links the server knows of; the browser's own is the browser's business."""
    bus = _bus(model)
    if bus.state != "up":
        return bus, LinkView("read", "unknown"), LinkView("gateway", "unknown")
    links = model.links
    read = _broker("read", links.ingest, model.now)
    return bus, read, _broker("gateway", links.gateway, model.now)


def broken(model: ViewModel) -> tuple[LinkView, ...]:
    """The links that are down, nearest to the screen first."""
    return tuple(view for view in views(model) if view.broken)


def unheard(model: ViewModel) -> bool:
    """True while what is shown of the factory is only its last known state.

    Either nothing is read of it, or the CCU, which tells orders, stock and pairing, is silent.
    """
    return model.shared("unheard", lambda: _unheard(model))


def _unheard(model: ViewModel) -> bool:
    if any(view.broken for view in views(model) if view.name != "gateway"):
        return True
    return ccu_silent_since(model.factory, model.factory_now) is not None


def _bus(model: ViewModel) -> LinkView:
    store = model.store
    if store.readable is None:
        return LinkView("bus", "unknown")
    return LinkView("bus", "up" if store.readable else "down", store.since, store.detail)


def _broker(name: str, link: Link | None, now: float) -> LinkView:
    if link is None:
        return LinkView(name, "unknown")
    if link.silent(now):
        return LinkView(name, "gone", link.at, link.detail)
    return LinkView(name, "up" if link.connected else "down", link.since, link.detail)
