"""Owner of what the site says of its factory: each change is a version of one document."""

from omf.commands.site_changes import conflict_of, site_changed
from omf.site.settings import SiteSettings
from services.common.store.keys import Command, Reason
from services.common.store.site_settings import (
    SITE_DOCUMENT,
    SITE_FIELD,
    SITE_VERSIONS,
    readable_site,
)
from services.orders import reasons
from services.orders.decision import Decision, View
from services.orders.kept import kept_reasons
from services.orders.kept.owner import KeptOwner
from services.orders.repository import Kept


class SiteKeeper(KeptOwner[SiteSettings]):
    """The only writer of the settings of the site."""

    _where = (SITE_DOCUMENT, SITE_VERSIONS)

    async def _wanted(
        self, command: Command, decision: Decision, view: View
    ) -> SiteSettings | Reason:
        told = await self._bus.call(
            self._bus.client.hget(self._bus.key(self._where[0]), SITE_FIELD)
        )
        known = readable_site(told) if told else SiteSettings()
        if known is None:
            return kept_reasons.SITE_UNREADABLE
        given = decision.plan.parameters if decision.plan else {}
        # Judged on what is kept: the view may be a second behind it.
        if conflict := conflict_of(command.kind, given, known.content, view.state):
            return reasons.unbuildable(conflict)
        content = site_changed(command.kind, given, known.content)
        if content == known.content:
            return kept_reasons.SITE_UNCHANGED
        revision = known.revision + 1
        return SiteSettings(revision=revision, at=view.now, by=command.operator, content=content)

    def _done(self, command: Command, found: SiteSettings) -> Reason:  # noqa: ARG002 - of each
        return kept_reasons.site_set(found.revision)

    def _kept(self, found: SiteSettings) -> Kept:
        body = found.model_dump_json()
        return Kept(self._where, SITE_FIELD, found.revision, body, ended=False, versioned=True)
