"""Keeps the preview of one card on the server, until it is sent or discarded."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from nicegui import background_tasks

from omf.commands import CONTROLS, Kind
from omf.messages.edited import EditedMessages
from services.common.store import pending_previews
from services.common.store.bus import StoreError
from services.common.store.pending_previews import PendingPreview
from services.ui.live.screen import Screen


class PreviewKeeper:
    """Writes what has changed, one write at a time; while the store is away the card is all."""

    def __init__(self, screen: Screen, kind: Kind, preview_id: str) -> None:
        self._screen, self._kind, self._id = screen, kind, preview_id
        self._since = screen.model.wall
        self._kept: tuple[dict[str, Any], EditedMessages | None] | None = None
        self._writing = self._done = False

    def follow(self, values: Mapping[str, Any], edited: EditedMessages | None) -> None:
        """The preview is this one now; what only a person of another role may send is not kept."""
        may = self._screen.user.may(self._kind.role) and self._kind.name not in CONTROLS
        wanted = dict(values), edited
        if self._done or not may or self._screen.bus is None or wanted == self._kept:
            return
        self._kept = wanted
        if not self._writing:
            self._writing = True
            background_tasks.create(self._write(), name="keep a preview")

    def done(self) -> None:
        """It was sent or discarded."""
        if self._screen.bus is None or self._kept is None:
            return
        self._done = True
        if not self._writing:
            background_tasks.create(self._drop(), name="drop a preview")

    async def _write(self) -> None:
        written = None
        bus = self._screen.bus
        with suppress(StoreError):
            while bus is not None and written != self._kept and not self._done:
                written = self._kept
                await pending_previews.keep_preview(bus, self._preview())
                # At once here: a page that is loaded anew must not miss it.
                self._screen.model.prepared(await pending_previews.pending_previews(bus))
        self._writing = False
        if self._done:
            await self._drop()

    async def _drop(self) -> None:
        if (bus := self._screen.bus) is not None:
            with suppress(StoreError):
                await pending_previews.drop_preview(bus, self._id)
                self._screen.model.prepared(await pending_previews.pending_previews(bus))

    def _preview(self) -> PendingPreview:
        values, edited = self._kept or ({}, None)
        return PendingPreview(
            id=self._id,
            kind=self._kind.name,
            parameters=values,
            edited=edited,
            operator=self._screen.user.name,
            since=self._since,
        )
