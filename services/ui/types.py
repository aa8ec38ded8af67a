"""What pages, rows of tables and lists of properties are made of."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.common.store.keys import Role
from services.ui.auth.current_user import CurrentUser
from services.ui.live.screen import Screen

Address = Mapping[str, str]
"""What the address says beyond the page: the named parts of its path, and its query."""


Row = Mapping[str, str | int | float | bool | None]
"""Flat, with keys of our own. A key that begins with a colon would be run as code by NiceGUI's
tables, so payloads of the factory never become rows; only values made here do."""

Value = str | tuple[str, str]
"""A word, or a word and the address it leads to."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. Its texts are `page.<name>` and `group.<group>`; `g` and `key` lead to it."""

    name: str
    group: str
    key: str
    build: Callable[[Screen, Address], None]
    paths: tuple[str, ...] = ()
    """Addresses behind the environment, named parts in braces; `<name>` where none is given."""
    role: Role = Role.VIEWER
    """Who stands below this role does not see the page in the menu and is turned away."""
    site: bool = False
    """True: it is about the whole site, and what somebody is in one factory does not count."""
    past: bool = True
    """False for a page of which nothing was kept: it shows the present only."""
    menu: bool = True
    """False for a page that is reached from another one, such as the detail of a module."""

    def example(self, **named: str) -> str:
        """The first address with its named parts filled in; `none` for one that is not given."""
        return re.sub(r"{(\w+)[^}]*}", lambda part: named.get(part[1], "none"), self.addresses[0])

    def open_to(self, user: CurrentUser) -> bool:
        """Whether this person may see it."""
        return user.may_everywhere(self.role) if self.site else user.may(self.role)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address of the page behind the environment."""
        return self.paths or (self.name,)
