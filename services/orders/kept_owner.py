"""What the owners of sequences, plans and purchases have in common: one decision, one write."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Reason, Stage
from services.orders.command_observers import CommandObservers
from services.orders.decision import Decision, View
from services.orders.records import audit_record, completed_events
from services.orders.repository import CommandRepository, Kept

T = TypeVar("T")
RUN_SOURCE, PLAN_SOURCE = "sequence", "plan"
"""What begins the source of a command that orders gives itself, before whose it is."""


def paced_as(command: Command) -> str:
    """Whose pace a command counts to: each sequence and plan has its own, beside its operator.

    A person who sends many by hand would else stop the sequence that goes on in their name.
    """
    own = command.source.partition(" ")[0] in (RUN_SOURCE, PLAN_SOURCE)
    return command.source if own else command.operator


class KeptOwner(ABC, Generic[T]):
    """The only writer of things that are kept in the store beside the commands about them."""

    def __init__(self, repository: CommandRepository, observers: CommandObservers) -> None:
        self._repository = repository
        self._observers = observers

    async def accept(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...]:
        """Carry out a command about a kept thing, and write both in one step; else why not.

        Whoever comes second, over a revision that is gone, looks again.
        """
        while True:
            found = await self._wanted(command, decision, view)
            if isinstance(found, Reason):
                return (found,)
            why, kept = self._carried_out(command, found)
            done = Decision(Stage.EFFECT, (why,), decision.plan)
            events = completed_events(command, done.reasons, view.now)
            audit = audit_record(command, done, view)
            answer = await self._repository.kept_decided(entry, audit, events, kept)
            if answer == "written":
                self._observers.on_events(command, events)
            if answer != "stale":
                return ()

    @abstractmethod
    async def _wanted(self, command: Command, decision: Decision, view: View) -> T | Reason:
        """The thing as the command wants it, or why that cannot be."""

    @abstractmethod
    def _carried_out(self, command: Command, found: T) -> tuple[Reason, Kept]:
        """What is said of it, and what is written."""
