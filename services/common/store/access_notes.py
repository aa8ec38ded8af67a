"""Notes of access: a token was made, has ended, or was refused. Orders seals each in the audit.

They wait in a stream of their own, which pages, HTTP door and command line write by themselves: as
a command anybody could give one, and say what never was.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from omf.texts import Text, text, verbatim
from services.common.store.keys import Role, StreamModel

ACCESS_NOTES = "access-notes"
MAX_WAITING_NOTES = 10_000
"""So many wait at most while orders is away; the oldest are let go."""

TokenAct = Literal["made", "ended", "refused"]
TokenWhy = Literal[
    "",
    "by_person",
    "everywhere",
    "time_over",
    "account_removed",
    "account_changed",
    "local_name",
    "no_right",
    "anew",
    "not_in_file",
    "rests",
    "over",
    "unknown",
    "unreadable",
]
ACCESS_KINDS: Mapping[str, Text] = MappingProxyType(
    {f"access-token-{act}": text(f"token_note.{act}") for act in ("made", "ended", "refused")}
)
"""What an entry of the audit about a token has as its kind, and what that is called."""


class AccessNote(StreamModel):
    """One thing that happened to a token, or was tried with one."""

    act: TokenAct
    name: str = Field(min_length=1, max_length=64)
    """Whose token it is; `?` where nobody knows."""
    label: str = Field("", max_length=200)
    token: str = Field("", max_length=8)
    """Beginning of its hash, as the log names it."""
    why: TokenWhy = ""
    by: str = Field("", max_length=64)
    """Who did it, where that is another person; "": its owner, or it ended by itself."""
    source: str = Field("", max_length=200)
    """Where they sat, as of a command."""
    most: Role = Role.VIEWER
    until: str = Field("", max_length=40)
    times: int = 1
    at: float
    """Unix seconds."""

    @property
    def kind(self) -> str:
        """As it stands in the audit."""
        return f"access-token-{self.act}"

    @property
    def told(self) -> Text:
        """What happened, in words."""
        if self.why:
            return text(f"token_note.{self.why}", times=self.times)
        if not self.until:
            return text("token_note.in_file", role=self.most.value)
        return text("token_note.opens", role=self.most.value, until=verbatim(self.until))
