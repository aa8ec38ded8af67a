"""Notes of access: what happened to sign-ins, accounts and tokens. Orders seals each in the audit.

They wait in a stream of their own, which pages, HTTP door and command line write by themselves: as
a command anybody could give one, and say what never was.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from omf.texts import Text, first, joined, text, verbatim
from services.common.store.keys import Role, StreamModel

ACCESS_NOTES = "access-notes"
MAX_WAITING_NOTES = 10_000
"""So many wait at most while orders is away; the oldest are let go."""
UNKNOWN_NAME = "?"
"""Of whom nobody knows who they are, or who changed something."""

AccessThing = Literal["token", "sign-in", "account"]
AccessAct = Literal["made", "ended", "refused", "changed"]
TokenWhy = Literal[
    "",
    "by_person",
    "everywhere",
    "logout",
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
SignInDoor = Literal["password", "passkey", "oidc", "ldap", "device", "pin", "cli"]
SignInEnd = Literal["by_person", "by_other", "everywhere", "anew", "handed_over", "directory"]
SignInFlaw = Literal[
    "wrong", "held_back", "locked", "no_right", "passkey_wrong", "oidc_wrong", "pin_wrong"
]
AccountTurn = Literal[
    "in_file",
    "not_in_file",
    "role",
    "password_new",
    "pin_new",
    "pin_gone",
    "lock",
    "unlock",
    "passkey_new",
    "passkey_gone",
    "signed_out",
]
_ACTS: Mapping[AccessThing, tuple[AccessAct, ...]] = MappingProxyType(
    {
        "token": ("made", "ended", "refused"),
        "sign-in": ("made", "ended", "refused"),
        "account": ("made", "changed", "ended"),
    }
)


def _text(about: AccessThing, word: str, **values: object) -> Text:
    if about == "token":
        return text(f"token_note.{word}", **values)
    if about == "sign-in":
        return text(f"sign_in_note.{word}", **values)
    return text(f"account_note.{word}", **values)


ACCESS_KINDS: Mapping[str, Text] = MappingProxyType(
    {f"access-{thing}-{act}": _text(thing, act) for thing, acts in _ACTS.items() for act in acts}
)
"""What an entry of the audit about access has as its kind, and what that is called."""


class AccessNote(StreamModel):
    """One thing that happened to a sign-in, an account or a token, or was tried with one."""

    about: AccessThing = "token"
    act: AccessAct
    name: str = Field(min_length=1, max_length=64)
    """Whose it is; `?` where nobody knows."""
    label: str = Field("", max_length=200)
    token: str = Field("", max_length=8)
    """Beginning of its hash, as the log names it."""
    sign_in: str = Field("", max_length=8)
    """Beginning of its id."""
    why: TokenWhy | SignInDoor | SignInEnd | SignInFlaw | AccountTurn = ""
    """Of a sign-in that was made: by which door."""
    by: str = Field("", max_length=64)
    """Who did it, where that is another person; "": its owner, or it ended by itself."""
    source: str = Field("", max_length=200)
    """Where they sat, as of a command."""
    most: Role = Role.VIEWER
    """The most it opens; of a change of an account the role of who made it."""
    roles: str = Field("", max_length=1000)
    """What the person may in each factory: `viewer, operator@hall-2`."""
    until: str = Field("", max_length=40)
    times: int = 1
    at: float
    """Unix seconds."""

    @property
    def kind(self) -> str:
        """As it stands in the audit."""
        return f"access-{self.about}-{self.act}"

    @property
    def told(self) -> Text:
        """What happened, in words."""
        until = verbatim(f"{self.until[:10]} {self.until[11:16]} UTC")
        if self.why:
            roles = roles_text(self.roles)
            return _text(self.about, self.why, times=self.times, until=until, roles=roles)
        role = text(f"role.{self.most.value}")
        if not self.until:
            return text("token_note.in_file", role=role)
        return text("token_note.opens", role=role, until=until)


def roles_text(roles: str) -> Text:
    """Roles as a note has them, in words: `Operator, Supervisor @ hall-2`."""
    return joined(", ", [_role_text(*one.split("@", 1)) for one in roles.split(", ") if one])


def _role_text(role: str, factory: str = "") -> Text:
    said = first(f"role.{role}", otherwise=role)
    return joined(" @ ", (said, verbatim(factory))) if factory else said
