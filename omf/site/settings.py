"""What a site says of its own factory: its name, its modules, its tags and its links.

One document for each factory, kept with its versions. No device and no control unit hears of it:
names are for people, and a module that is taken out is taken out by the word of the site only.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from omf.texts import LANGUAGES, Language, Text, stored, text

MAX_SITE_MODULES = 64
MAX_SITE_TAGS = 500
MAX_SITE_LINKS = 30
_SCHEMES = ("http", "https")
_LINE = r"^[^\x00-\x1f\x7f\u0085\u2028\u2029]*$"
"""One line: no control characters."""


def _line(most: int, least: int = 0) -> StringConstraints:
    return StringConstraints(
        strip_whitespace=True, min_length=least, max_length=most, pattern=_LINE
    )


def _checked_address(url: str) -> str:
    """An address a browser opens by http or https, and that shows no password to who hovers."""
    try:
        parts = urlsplit(url)
        found = parts.scheme in _SCHEMES and parts.hostname and parts.username is None
        _ = parts.port
    except ValueError:
        found = None
    if not found or any(sign.isspace() for sign in url):
        raise PydanticCustomError("link", "no address", {"text": text("site.no_address")})
    return url


def _each_once(serials: tuple[str, ...]) -> tuple[str, ...]:
    for place, serial in enumerate(serials):
        if serial in serials[:place]:
            said = text("site.twice", name=serial)
            raise PydanticCustomError("module_order", "twice", {"text": said})
    return serials


FactoryName = Annotated[str, _line(60)]
ModuleName = Annotated[str, _line(40)]
TagNote = Annotated[str, _line(200)]
TagNumber = Annotated[str, _line(20)]
LinkName = Annotated[str, _line(60, 1)]
LinkAddress = Annotated[str, _line(500, 1), AfterValidator(_checked_address)]
TagId = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[0-9A-Fa-f]{14}$")
]
"""NFC tag: 14 hex digits (PROTOCOL A.3)."""
ModuleSerial = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
ModuleOrder = Annotated[
    tuple[ModuleSerial, ...], Field(max_length=MAX_SITE_MODULES), AfterValidator(_each_once)
]
"""Serials in the order in which modules are listed."""
TagColour = Literal["", "RED", "WHITE", "BLUE"]
ModuleIcon = Literal[
    "", "store", "delivery", "drill", "mill", "oven", "camera", "charger", "gear", "star"
]
MODULE_ICONS: tuple[ModuleIcon, ...] = get_args(ModuleIcon)


class _SiteModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)


class SiteModule(_SiteModel):
    """What the site says of one module; what it does not say is as the module tells."""

    names: Mapping[Language, ModuleName] = {}
    icon: ModuleIcon = ""
    enabled: bool = True
    """False: taken out by the site. The control unit does not know it and may use it still."""

    @property
    def name(self) -> Text | None:
        """The name, in a language the site left out as in another; None: it gives none."""
        usual = self.names.get("en") or next(filter(None, self.names.values()), "")
        if not usual:
            return None
        return stored(**{one: self.names.get(one) or usual for one in LANGUAGES})

    @property
    def says_nothing(self) -> bool:
        """True if everything is as it would be without it."""
        return self.name is None and not self.icon and self.enabled


class SiteTag(_SiteModel):
    """A tag on the list of the factory."""

    colour: TagColour = ""
    number: TagNumber = ""
    note: TagNote = ""

    @property
    def words(self) -> str:
        """Number and note as they are shown beside the tag; "" where there is neither."""
        return " · ".join(part for part in (self.number, self.note) if part)


class SiteLink(_SiteModel):
    """A page elsewhere."""

    name: LinkName
    url: LinkAddress


class SiteContent(_SiteModel):
    """What can be changed, exported and imported."""

    name: FactoryName = ""
    """What the factory is called; "" where it has no name."""
    modules: Annotated[Mapping[ModuleSerial, SiteModule], Field(max_length=MAX_SITE_MODULES)] = {}
    tags: Annotated[Mapping[TagId, SiteTag], Field(max_length=MAX_SITE_TAGS)] = {}
    links: Annotated[tuple[SiteLink, ...], Field(max_length=MAX_SITE_LINKS)] = ()
    module_order: ModuleOrder = ()
    """Which modules lists begin with; the others follow in the usual order."""


class SiteSettings(_SiteModel):
    """The document: its content, who made it so, and when."""

    revision: int = 0
    """0: nobody ever changed anything."""
    at: float = 0.0
    """Unix s."""
    by: str = ""
    content: SiteContent = SiteContent()

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Every name the site gives to a module, in small letters."""
        return frozenset(word.casefold() for one in self.module_names.values() for word in one.each)

    @property
    def module_names(self) -> dict[str, Text]:
        """The names it gives to modules, by serial."""
        named = ((serial, one.name) for serial, one in self.content.modules.items())
        return {serial: name for serial, name in named if name is not None}

    def module_name(self, serial: str) -> Text | None:
        """The name of a module; None where the site gives none."""
        found = self.content.modules.get(serial)
        return found.name if found else None

    def taken_out(self, serial: str) -> bool:
        """True of a module, or of the TXT behind it, that the site took out."""
        found = self.content.modules.get(serial.partition("/")[0])
        return found is not None and not found.enabled

    def place_in_lists(self, serial: str) -> int:
        """Where the site wants a module in lists, from 0; of one it does not name behind those."""
        order = self.content.module_order
        return order.index(serial) if serial in order else len(order)

    def tag(self, tag: str | None) -> SiteTag | None:
        """What the list says of a tag; None where it is not on it."""
        return self.content.tags.get(tag.lower()) if tag else None

    def unlisted(self, tag: str | None) -> bool:
        """True of a tag that is not on the list; never where there is no list."""
        return bool(tag and self.content.tags) and self.tag(tag) is None
