"""Personal access tokens: what people show at the HTTP door and to `omf` in place of a password.

Who signs in by a provider has no password here. A token is kept as its hash, and what its person
may is worked out by the pages alone, who know the accounts and hear what the directory says: they
write it down for some minutes (`PersonStanding`), and whoever is shown the token believes no more.

Four hashes of the first environment: the tokens, what a directory said last of their people, what
these may now, and when a token was last used.
"""

import secrets
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.auth.api_tokens import MAX_TOKEN, ApiClient, digest
from services.common.auth.group_roles import DirectoryName
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable, text
from services.common.store.keys import Environment, Role, StreamModel

ACCESS_TOKENS = "access-tokens"
DIRECTORY_WORDS = "access-tokens:directory"
STANDINGS = "access-tokens:standing"
LAST_USES = "access-tokens:used"
TOKEN_PREFIX = "omf_"  # noqa: S105 - what every one begins with, so that scanners for secrets know it
MAX_ACCESS_TOKENS = 10
"""Of one person."""
MAX_LABEL = 40
EXPIRIES_DAYS = (7, 30, 90, 365)
USED_EVERY_S = 60
"""A use within so long of the last one is not written down again."""
_CALLED = "a personal token"

DirectoryKind = Literal["oidc", "ldap"]
TokenLabel = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^[\w .:()/+-]+$", min_length=1, max_length=MAX_LABEL
    ),
]


class StandingOverError(Exception):
    """The token is good, but for minutes nobody has confirmed what its person may."""


class AccessToken(StreamModel):
    """One token. `id` is its hash: no token follows from what pages and logs show of it."""

    id: str
    name: str
    label: TokenLabel
    """What it is for, in the words of the person."""
    most: Role
    """At most this, however much the person may."""
    made: float
    until: float
    """Unix seconds."""
    directory: DirectoryKind | None = None
    """Who knows the person; None: the users file."""
    proof: str = Field("", repr=False)
    """Of a local account, as in a sign-in: another password or a sign-out everywhere ends it."""

    @property
    def person(self) -> str:
        """Whose it is: people of one name whom different parties know are not the same."""
        return person_key(self.directory, self.name)


class DirectoryWord(StreamModel):
    """What a directory said last of a person."""

    name: str
    directory: DirectoryKind
    groups: tuple[str, ...] = ()
    """Those that have a role here; none: the person has no right any more."""
    at: float

    @property
    def person(self) -> str:
        """Of whom it speaks, as `AccessToken.person`."""
        return person_key(self.directory, self.name)


class PersonStanding(StreamModel):
    """What a person may, as the pages worked it out; nobody believes it longer than `until`."""

    role: Role
    factories: dict[str, Role] = Field(default_factory=dict)
    until: float

    def same_rights(self, other: "PersonStanding") -> bool:
        """True if nothing but the time differs."""
        return (self.role, self.factories) == (other.role, other.factories)


class PersonClient(ApiClient):
    """A person by a token of theirs: never more than the token, never more than the person."""

    name: DirectoryName
    label: str
    factories: dict[str, Role] = Field(default_factory=dict)
    """Factories in which it is more than `role`."""

    @property
    def counted_as(self) -> str:
        """Nobody's name stands among figures."""
        return "person"

    def role_at(self, environment: Environment) -> Role:
        """What this client may in one factory."""
        return self.factories.get(environment, self.role)

    @classmethod
    def of(cls, token: AccessToken, standing: PersonStanding) -> "PersonClient":
        """The token with the rights of now."""
        factories = {one: _lower(token.most, role) for one, role in standing.factories.items()}
        role = _lower(token.most, standing.role)
        return cls(
            name=token.name,
            role=role,
            sha256=token.id,
            label=token.label,
            factories={one: more for one, more in factories.items() if more.rank > role.rank},
        )


def person_key(directory: DirectoryKind | None, name: str) -> str:
    """One person, by whoever knows them."""
    return f"{directory or 'local'}/{name}"


def is_personal(token: str) -> bool:
    """True for what looks like a token of a person: only these are looked for in the store."""
    return token.startswith(TOKEN_PREFIX) and len(token) <= MAX_TOKEN


def drawn() -> tuple[str, str]:
    """A new token, and its id."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


async def client_by_token(bus: Bus, token: str, now: float) -> PersonClient | None:
    """Who shows this token; None for an unknown, ended or outdated one. StandingOverError."""
    return await client_by_id(bus, digest(token), now) if is_personal(token) else None


async def client_by_id(bus: Bus, token_id: str, now: float) -> PersonClient | None:
    """The same for one that was shown before. StandingOverError, StoreError."""
    token = await token_by_id(bus, token_id)
    if token is None or now >= token.until:
        return None
    told = await bus.call(bus.client.hget(bus.key(STANDINGS), token.person))
    standing = readable(PersonStanding, told, _CALLED)
    if standing is None or now >= standing.until:
        raise StandingOverError(token.name)
    return PersonClient.of(token, standing)


async def token_by_id(bus: Bus, token_id: str) -> AccessToken | None:
    """The token that is kept under this id, whatever it opens now. StoreError."""
    found = await bus.call(bus.client.hget(bus.key(ACCESS_TOKENS), token_id))
    token = readable(AccessToken, found, _CALLED)
    return token if token and token.id == token_id else None


async def note_use(bus: Bus, token_id: str, now: float) -> None:
    """Write down that it was used. StoreError."""
    await bus.call(bus.client.hset(bus.key(LAST_USES), token_id, f"{now:.0f}"))


async def last_uses(bus: Bus) -> dict[str, float]:
    """When each token was last used, by id; a forged value is as none. StoreError."""
    found = await bus.call(bus.client.hgetall(bus.key(LAST_USES)))
    told = {text(one): text(at) for one, at in found.items()}
    return {one: float(at) for one, at in told.items() if at.isdecimal()}


async def every_token(bus: Bus) -> list[AccessToken]:
    """All that are kept, the newest first. StoreError."""
    found = await bus.call(bus.client.hvals(bus.key(ACCESS_TOKENS)))
    return sorted(all_readable(AccessToken, found, _CALLED), key=lambda one: (-one.made, one.id))


async def keep_word(bus: Bus, word: DirectoryWord) -> None:
    """What a directory says of a person from now on. StoreError."""
    await bus.call(bus.client.hset(bus.key(DIRECTORY_WORDS), word.person, word.model_dump_json()))


async def every_word(bus: Bus) -> dict[str, DirectoryWord]:
    """What directories said, by person. StoreError."""
    found = await bus.call(bus.client.hvals(bus.key(DIRECTORY_WORDS)))
    return {one.person: one for one in all_readable(DirectoryWord, found, _CALLED)}


async def drop_words(bus: Bus, *people: str) -> None:
    """Nobody asks what a directory said of them. StoreError."""
    if people:
        await bus.call(bus.client.hdel(bus.key(DIRECTORY_WORDS), *people))


async def keep_standing(bus: Bus, person: str, standing: PersonStanding) -> None:
    """What a person may until then. StoreError."""
    await bus.call(bus.client.hset(bus.key(STANDINGS), person, standing.model_dump_json()))


async def every_standing(bus: Bus) -> dict[str, PersonStanding | None]:
    """What each person may; None where it cannot be read. StoreError."""
    found = await bus.call(bus.client.hgetall(bus.key(STANDINGS)))
    return {text(one): readable(PersonStanding, told) for one, told in found.items()}


async def drop_standings(bus: Bus, *people: str) -> None:
    """These may nothing by a token. StoreError."""
    if people:
        await bus.call(bus.client.hdel(bus.key(STANDINGS), *people))


def _lower(one: Role, other: Role) -> Role:
    return min(one, other, key=lambda role: role.rank)
