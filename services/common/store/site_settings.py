"""What the site says of its factory, as orders keeps it."""

import logging

from pydantic import ValidationError

from omf.site.settings import SiteSettings
from omf.state import FactoryState
from services.common.store.bus import Bus

SITE_DOCUMENT = "site"
"""Hash: `settings` -> SiteSettings."""
SITE_VERSIONS = "site:versions"
"""List of SiteSettings, the newest first: it is the one that holds now."""
SITE_FIELD = "settings"

_log = logging.getLogger(__name__)


class KnownSite:
    """The document of one environment, read again whenever it has changed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._told: bytes | None = None
        self._settings = SiteSettings()

    async def note(self, state: FactoryState) -> None:
        """Tell a state what the site says; StoreError."""
        told = await self._bus.call(self._bus.client.hget(self._bus.key(SITE_DOCUMENT), SITE_FIELD))
        if told != self._told:
            self._told = told
            self._settings = (readable_site(told) if told else None) or SiteSettings()
        state.site = self._settings


async def read_site(bus: Bus) -> SiteSettings | None:
    """What holds now; None where another version wrote it."""
    told = await bus.call(bus.client.hget(bus.key(SITE_DOCUMENT), SITE_FIELD))
    return readable_site(told) if told else SiteSettings()


async def site_versions(bus: Bus) -> list[SiteSettings]:
    """What held, the newest first: that one holds now."""
    found = await bus.call(bus.client.lrange(bus.key(SITE_VERSIONS), 0, -1))
    return [one for one in map(readable_site, found) if one is not None]


def readable_site(told: bytes) -> SiteSettings | None:
    """A version; None for one of another release, or a forged one."""
    try:
        return SiteSettings.model_validate_json(told)
    except ValidationError as error:
        _log.error("settings of the site of another version are left aside: %s", error)
        return None
