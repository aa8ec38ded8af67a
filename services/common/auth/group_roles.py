"""What a person from the company's directory may, by the groups they are in.

    groups:
      plant-operators: operator                 # in every factory
      line-3-leads: [viewer, supervisor@line-3] # viewer everywhere, supervisor at line-3

Only what stands here gives a right: whatever else a directory claims, gives none.
"""

import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field

from services.common.auth.user_file import NO_PASSWORD, Account
from services.common.store.keys import Role

MAX_GROUPS = 500
"""Of one person; a directory that names more is not believed at all."""
MAX_MAPPED_GROUPS = 500
MAX_GROUP_LENGTH = 256
_FACTORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

DirectoryName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,63}$")]


class RoleGrant(NamedTuple):
    """A role, in one factory or in every one."""

    role: Role
    factory: str = ""
    """"": every factory."""


def _grants(value: object) -> tuple[RoleGrant, ...]:
    """`operator`, `operator@mock`, or a list of such; ValueError for anything else."""
    told = value if isinstance(value, list) else [value]
    if not told:
        raise ValueError("names no role; leave the group out, or give it one")
    return tuple(map(_grant, told))


def _grant(word: object) -> RoleGrant:
    role, at, factory = str(word).partition("@")
    if role not in list(Role) or (at and not _FACTORY.fullmatch(factory)):
        known = ", ".join(Role)
        raise ValueError(f"{word!r} is no role; known are {known}, each alone or with @FACTORY")
    return RoleGrant(Role(role), factory)


Grants = Annotated[tuple[RoleGrant, ...], BeforeValidator(_grants)]
GroupName = Annotated[str, Field(min_length=1, max_length=MAX_GROUP_LENGTH)]
MappedGroups = Annotated[dict[GroupName, Grants], Field(min_length=1, max_length=MAX_MAPPED_GROUPS)]


class GroupsError(ValueError):
    """What a directory says of somebody's groups gives no right; the text says why."""


class DirectoryAccount(Account):
    """A person as the directory knows them; stands in no file."""

    name: DirectoryName
    password: str = Field(NO_PASSWORD, repr=False)


class GroupRoles:
    """The mapping of one installation."""

    def __init__(self, mapped: Mapping[str, tuple[RoleGrant, ...]]) -> None:
        self._mapped = mapped

    def known(self, claimed: object) -> tuple[str, ...]:
        """Those of the claimed groups that give a right; GroupsError where none may be given."""
        if not isinstance(claimed, list | tuple):
            kind = "missing" if claimed is None else f"no list but {type(claimed).__name__}"
            raise GroupsError(f"the groups are {kind}")
        if len(claimed) > MAX_GROUPS:
            raise GroupsError(f"{len(claimed)} groups, more than {MAX_GROUPS}")
        if not all(isinstance(one, str) for one in claimed):
            raise GroupsError("a group is no text")
        found = tuple(one for one in self._mapped if one in set(claimed))
        if not found:
            raise GroupsError(f"none of the {len(claimed)} groups has a role here")
        return found

    def account(self, name: str, groups: tuple[str, ...]) -> DirectoryAccount | None:
        """The person with what the groups give now; None where they give nothing any more."""
        grants = [grant for one in groups for grant in self._mapped.get(one, ())]
        if not grants:
            return None
        everywhere = [grant.role for grant in grants if not grant.factory]
        factories: dict[str, Role] = {}
        for role, factory in grants:
            if factory:
                factories[factory] = _highest([role, factories.get(factory, role)])
        return DirectoryAccount(name=name, role=_highest(everywhere), factories=factories)


def _highest(roles: list[Role]) -> Role:
    return max([Role.VIEWER, *roles], key=lambda role: role.rank)
