"""What a command about the settings of the site makes of them, and what differs then. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from omf.commands.schemas import CommandError, SettingChange
from omf.site.lists import links_of, links_text, order_of, order_text, tags_of, tags_text
from omf.site.settings import SiteContent, SiteModule, SiteTag
from omf.state import FactoryState
from omf.state.device_names import own_name
from omf.terms import term
from omf.texts import LANGUAGES, Text, joined, text, verbatim

SITE_NAME, SITE_MODULE, SITE_TAGS = "site-name", "site-module", "site-tags"
SITE_LINKS, SITE_ORDER, SITE_IMPORT = "site-links", "site-order", "site-import"
SITE_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SITE_NAME: ("name",),
        SITE_MODULE: (*(f"name_{one}" for one in LANGUAGES), "icon", "enabled"),
        SITE_TAGS: ("tags",),
        SITE_LINKS: ("links",),
        SITE_ORDER: ("module_order",),
        SITE_IMPORT: ("document",),
    }
)
"""Kinds that change what the site says, and the fields that hold it."""
ValueT = TypeVar("ValueT")
Given = Mapping[str, Any]
_NOTHING = text("site.nothing")


def site_present(kind: str, parameters: Given, state: FactoryState) -> dict[str, Any]:
    """The values a command with these parameters would set, as they are now."""
    content = state.site.content
    if kind == SITE_MODULE:
        module = content.modules.get(str(parameters.get("serial")), SiteModule())
        names = {f"name_{one}": module.names.get(one, "") for one in LANGUAGES}
        return {**names, "icon": module.icon, "enabled": module.enabled}
    return _PRESENT[kind](content)


def site_changed(kind: str, given: Given, content: SiteContent) -> SiteContent:
    """The content as a command wants it; a field it leaves out, or that is None, stays."""
    return _CHANGED[kind](given, content)


def name_conflict(
    content: SiteContent, state: FactoryState, about: Collection[str]
) -> CommandError | None:
    """The first name that one of `about` would share with another device in one language.

    Among the devices that are known, and the modules the site names that nobody has heard of yet.
    """
    layout = state.layout.modules if state.layout else {}
    serials = dict.fromkeys((*state.modules, *layout, *content.modules, *state.vehicles))
    given = {serial: one.name for serial, one in content.modules.items()}
    for language in LANGUAGES:
        first: dict[str, str] = {}
        for serial in serials:
            said = given.get(serial)
            name = said.in_(language) if said else own_name(state, serial)
            other = first.setdefault(name.casefold(), serial)
            if other != serial and not {serial, other}.isdisjoint(about):
                words = text("site.name_taken", name=name, one=other, other=serial)
                return CommandError(f"name_{language}", words)
    return None


def conflict_of(
    kind: str, given: Given, content: SiteContent, state: FactoryState
) -> CommandError | None:
    """A name that two devices would bear once a command is carried out on `content`."""
    after = site_changed(kind, given, content)
    if kind == SITE_MODULE:
        serial = str(given["serial"])
        before, now = (one.modules.get(serial, SiteModule()).names for one in (content, after))
        # Another device that came later may bear the name: that is no reason to refuse a symbol.
        return name_conflict(after, state, {serial}) if before != now else None
    found = name_conflict(after, state, after.modules) if kind == SITE_IMPORT else None
    return CommandError("document", found.text) if found else None


def site_differences(
    before: SiteContent, after: SiteContent, state: FactoryState
) -> Iterator[SettingChange]:
    """Each value that is not the same in both, in words."""
    yield from _between(text("site.factory_name"), (before.name, after.name), _line)
    for serial in {**before.modules, **after.modules}:
        one, other = (side.modules.get(serial, SiteModule()) for side in (before, after))
        yield from _of_module(own_name(state, serial), one, other)
    for tag in {**before.tags, **after.tags}:
        entries = before.tags.get(tag), after.tags.get(tag)
        yield from _between(text("site.tag", tag=tag), entries, _tag)
    yield from _of_links(before, after)
    orders = order_text(before.module_order), order_text(after.module_order)
    yield from _between(text("site.module_order"), orders, _line)


def _of_module(called: str, one: SiteModule, other: SiteModule) -> Iterator[SettingChange]:
    for language in LANGUAGES:
        what = text("site.module_name", module=called, language=text(f"language.{language}"))
        names = one.names.get(language, ""), other.names.get(language, "")
        yield from _between(what, names, _line)
    yield from _between(text("site.module_icon", module=called), (one.icon, other.icon), _icon)
    uses = one.enabled, other.enabled
    yield from _between(text("site.module_use", module=called), uses, _use)


def _of_links(before: SiteContent, after: SiteContent) -> Iterator[SettingChange]:
    old, new = ({link.name: link.url for link in side.links} for side in (before, after))
    for name in {**old, **new}:
        addresses = old.get(name, ""), new.get(name, "")
        yield from _between(text("site.link", name=name), addresses, _line)
    if old == new:
        yield from _between(text("site.link_order"), (", ".join(old), ", ".join(new)), _line)


def _between(
    what: Text, values: tuple[ValueT, ValueT], words: Callable[[ValueT], Text]
) -> Iterator[SettingChange]:
    before, after = values
    if before != after:
        yield SettingChange(name=what, before=words(before), after=words(after))


def _line(value: str) -> Text:
    return verbatim(value) if value else _NOTHING


def _icon(value: str) -> Text:
    return text(f"site.icon.{value}") if value else _NOTHING


def _use(enabled: bool) -> Text:  # noqa: FBT001 - the value is the subject
    return text("site.in_use" if enabled else "site.taken_out")


def _tag(entry: SiteTag | None) -> Text:
    if entry is None:
        return text("site.not_listed")
    colour = [term("colour", entry.colour)] if entry.colour else []
    words = [verbatim(entry.words)] if entry.words else []
    return joined(" · ", [*colour, *words]) if colour or words else text("site.listed")


def _module(given: Given, content: SiteContent) -> SiteContent:
    serial = str(given["serial"])
    now = content.modules.get(serial, SiteModule())
    told = {one: given.get(f"name_{one}") for one in LANGUAGES}
    kept = {one: now.names.get(one, "") if name is None else name for one, name in told.items()}
    icon, enabled = given.get("icon"), given.get("enabled")
    after = SiteModule(
        names={one: name for one, name in kept.items() if name},
        icon=now.icon if icon is None else icon,
        enabled=now.enabled if enabled is None else enabled,
    )
    rest = {name: one for name, one in content.modules.items() if name != serial}
    return content.but(modules=rest if after.says_nothing else {**rest, serial: after})


_PRESENT: Mapping[str, Callable[[SiteContent], dict[str, Any]]] = MappingProxyType(
    {
        SITE_NAME: lambda content: {"name": content.name},
        SITE_TAGS: lambda content: {"tags": tags_text(content.tags)},
        SITE_LINKS: lambda content: {"links": links_text(content.links)},
        SITE_ORDER: lambda content: {"module_order": order_text(content.module_order)},
        SITE_IMPORT: lambda content: {"document": content.model_dump(mode="json")},
    }
)
_CHANGED: Mapping[str, Callable[[Given, SiteContent], SiteContent]] = MappingProxyType(
    {
        SITE_NAME: lambda given, content: content.but(name=given["name"]),
        SITE_MODULE: _module,
        SITE_TAGS: lambda given, content: content.but(tags=tags_of(given["tags"])),
        SITE_LINKS: lambda given, content: content.but(links=links_of(given["links"])),
        SITE_ORDER: lambda given, content: content.but(
            module_order=order_of(given["module_order"])
        ),
        SITE_IMPORT: lambda given, _: SiteContent.model_validate(given["document"]),
    }
)
