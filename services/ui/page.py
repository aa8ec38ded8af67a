"""What a page is: its place in the menu, its addresses, and what fills it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.common.streams import Role
from services.ui.screen import Screen

Address = Mapping[str, str]
"""What the address says beyond the page: the named parts of its path, and its query."""


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
    menu: bool = True
    """False for a page that is reached from another one, such as the detail of a module."""

    def example(self, **named: str) -> str:
        """The first address with its named parts filled in; `none` for one that is not given."""
        return re.sub(r"{(\w+)[^}]*}", lambda part: named.get(part[1], "none"), self.addresses[0])

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address of the page behind the environment."""
        return self.paths or (self.name,)
