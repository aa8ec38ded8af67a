"""Commands that wait for a second person, and what became of them: orders is the only writer."""

from typing import Any, Literal, Self

from pydantic import Field

from omf.commands import FREE_MESSAGE, kind_of
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable
from services.common.store.keys import Command, CommandEvent, Reason, Role, StreamModel

APPROVALS = "approvals"
"""Hash: command id -> PendingApproval."""
ENDED_APPROVALS = "approvals:ended"
_CALLED = "a command that waits for a second person"
Verdict = Literal["waits", "approved", "declined", "expired"]


class PendingApproval(StreamModel):
    """A command as its first person gave it, with what the second one reads."""

    command: Command
    """With the fingerprint of what it meant then: all else is refused after the approval too."""
    event: CommandEvent
    """That it was read, and waits."""
    asked_at: float
    """Store clock, Unix seconds."""
    until: float
    """Nobody can approve it after that."""
    messages: tuple[tuple[str, str], ...] = ()
    """Topic and payload of each message."""
    notes: tuple[Reason, ...] = ()
    """What was set aside or edited."""
    verdict: Verdict = "waits"
    by: str = ""
    """Who approved or declined it."""
    at: float = 0.0
    """When it was approved or declined, or had expired."""
    put_away: bool = False
    """It was decided on, or will never be."""
    revision: int = Field(default=1, ge=1)

    @property
    def needed(self) -> Role:
        """The least role that may approve it."""
        return needed_role(self.command)

    def given_by(self, name: str) -> bool:
        """True if this is who gave it, in whatever case another directory writes the name."""
        return self.command.operator.casefold() == name.casefold()

    def waits(self, now: float) -> bool:
        """True while somebody may still approve it."""
        return self.verdict == "waits" and now < self.until

    def but(self, **changes: Any) -> Self:
        """The next revision, with some fields changed."""
        return self.model_copy(update={**changes, "revision": self.revision + 1})


def needed_role(command: Command) -> Role:
    """The least role that may give a command, and approve it; CommandError for an unknown kind."""
    return Role(kind_of(FREE_MESSAGE if command.edited else command.kind).role)


async def read_approvals(bus: Bus) -> list[PendingApproval]:
    """All that wait or have only just been answered, the oldest first."""
    found = await bus.call(bus.client.hvals(bus.key(APPROVALS)))
    return sorted(all_readable(PendingApproval, found, _CALLED), key=lambda one: one.asked_at)


async def ended_approvals(bus: Bus) -> list[PendingApproval]:
    """The last that were answered or expired, the newest first."""
    found = await bus.call(bus.client.lrange(bus.key(ENDED_APPROVALS), 0, -1))
    return all_readable(PendingApproval, found, _CALLED)


async def approval_of(bus: Bus, command_id: str) -> PendingApproval | None:
    """That of one command, if there is one."""
    found = await bus.call(bus.client.hget(bus.key(APPROVALS), command_id))
    return readable(PendingApproval, found, _CALLED)
