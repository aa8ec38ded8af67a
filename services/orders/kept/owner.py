"""What the owners of sequences, plans and purchases have in common: one decision, one write."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Reason, Stage
from services.orders.command_observers import CommandObservers
from services.orders.decision import Decision, View
from services.orders.records import audit_record, completed_events
from services.orders.repository import CommandRepository, Kept
from services.orders.view import JournalView

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnerContext:
    """What each owner works with."""

    bus: Bus
    repository: CommandRepository
    view: JournalView
    observers: CommandObservers


class KeptOwner(ABC, Generic[T]):
    """The only writer of things of one kind that are kept in the store.

    `accept` is called by CommandService, one command at a time; `tick` of each owner by a timer.
    Both write over the revision they read, so whoever comes second looks again. A crash leaves a
    thing as it was written last. StoreError: the command is tried again, the time comes again.
    """

    def __init__(self, context: OwnerContext) -> None:
        self._bus = context.bus
        self._repository = context.repository
        self._view = context.view
        self._observers = context.observers

    async def accept(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...]:
        """Carry out a command about a kept thing, and write both in one step; else why not."""
        while True:
            found = await self._wanted(command, decision, view)
            if isinstance(found, Reason):
                return (found,)
            done = Decision(Stage.EFFECT, (self._done(command, found),), decision.plan)
            events = completed_events(command, done.reasons, view.now)
            audit = audit_record(command, done, view)
            kept = self._kept(found)
            answer = await self._repository.kept_decided(entry, audit, events, kept)
            if answer == "written":
                self._observers.on_events(command, events)
            if answer != "stale":
                return ()

    @abstractmethod
    async def _wanted(self, command: Command, decision: Decision, view: View) -> T | Reason:
        """The thing as the command wants it, or why that cannot be."""

    @abstractmethod
    def _done(self, command: Command, found: T) -> Reason:
        """What is said of a command that was carried out."""

    @abstractmethod
    def _kept(self, found: T) -> Kept:
        """The thing as it is written."""

    async def _advanced(self, found: T, given: Command | None = None) -> bool:
        """Write what time made of a thing, with the command it gives; False if it came second."""
        return await self._repository.kept_advanced(self._kept(found), given) == "written"

    async def _current_view(self) -> View:
        """The factory as it is now, and who leads it."""
        return replace(await self._view.latest(), lease=self._repository.lease)
