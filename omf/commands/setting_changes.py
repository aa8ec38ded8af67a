"""What a settings command changes, value by value, and what of the present is lost by it.

    setting_changes(kind, form, state)   -> SettingChange for each value that would differ
    layout_losses(body, state), store_losses(form, state)   what is gone for good

Pure. `None` instead of changes: the kind sets nothing, it acts.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omf.commands.forms import Form, Labels
from omf.commands.hazards import ends, entries
from omf.commands.present import SET_FIELDS, bays_of, present
from omf.commands.schemas import SettingChange
from omf.commands.site_changes import SITE_FIELDS, site_changed, site_differences
from omf.layout.default import default_layout
from omf.layout.roads import COMPASS
from omf.state import FactoryState
from omf.state.device_names import device_name
from omf.terms import term
from omf.texts import Text, joined, text, verbatim

ABSENT = text("setting.absent")
NOT_TOLD = text("unknown")


def setting_changes(kind: str, form: Form, state: FactoryState) -> tuple[SettingChange, ...] | None:
    """Each value that would not be what it is, in the order of the fields; None: it sets nothing.

    A value the factory has not told is `unknown` before, and always listed.
    """
    if kind in SITE_FIELDS:
        content = state.site.content
        after = site_changed(kind, form.model_dump(), content)
        return tuple(site_differences(content, after, state))
    if kind not in SET_FIELDS:
        return None
    now = present(kind, form.model_dump(exclude_none=True), state)
    if kind in _LAYOUTS:
        wanted = getattr(form, "layout", None) or default_layout()
        return tuple(_between_layouts(now.get("layout"), wanted, state))
    return tuple(_changes(kind, form, now))


def _changes(kind: str, form: Form, now: Mapping[str, Any]) -> Iterator[SettingChange]:
    for name in SET_FIELDS[kind]:
        wanted = getattr(form, name)
        if name in _PARTS:
            yield from _PARTS[name](wanted or {}, now.get(name))
        elif wanted is not None:
            before = now.get(name)
            if before is None or _plain(before) != _plain(wanted):
                yield SettingChange(
                    name=_label(form, name),
                    before=NOT_TOLD if before is None else _value(before),
                    after=_value(wanted),
                )


def _label(form: Form, name: str) -> Text:
    labels = type(form).model_fields[name].json_schema_extra
    return labels.title if isinstance(labels, Labels) else verbatim(name)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _value(value: Any) -> Text:
    if isinstance(value, list | tuple):
        return verbatim(" → ".join(map(str, value))) if value else text("setting.no_steps")
    return verbatim(str(value))


def _bays(wanted: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[SettingChange]:
    for bay, piece in wanted.items():
        before = None if now is None else now.get(bay)
        if before is None or piece_of(before) != piece_of(piece):
            yield SettingChange(
                name=text("setting.bay", bay=bay),
                before=NOT_TOLD if before is None else piece_words(before),
                after=piece_words(piece),
            )


def piece_of(contents: Any) -> tuple[str, str]:
    """Colour and tag as SET_STORAGE writes them; both "" for an empty bay."""
    found = contents if isinstance(contents, Mapping) else {}
    return str(found.get("type") or ""), str(found.get("workpieceId") or "")


def piece_words(contents: Any) -> Text:
    """A piece by colour and tag, or that the bay is empty."""
    colour, tag = piece_of(contents)
    if not colour and not tag:
        return text("setting.empty_bay")
    return joined(" ", [term("colour", colour or "UNKNOWN"), *([verbatim(tag)] if tag else [])])


def _references(wanted: Any, now: Any) -> Iterator[SettingChange]:
    known = {one.get("referenceKey"): one.get("referenceValue") for one in now or ()}
    for one in wanted or ():
        key, value = one.get("referenceKey"), one.get("referenceValue")
        if key not in known or known[key] != value:
            before = verbatim(str(known[key])) if key in known else NOT_TOLD
            yield SettingChange(name=verbatim(str(key)), before=before, after=verbatim(str(value)))


def store_losses(form: Any, state: FactoryState) -> tuple[Text, ...]:
    """Pieces whose bay gets another content, and bays nobody knows that would become empty."""
    now = present("set-storage", {"serial": form.serial}, state).get("contents")
    told = now or {}
    gone = [
        text("loss.piece_of_bay", bay=bay, piece=piece_words(told[bay]))
        for bay, piece in form.contents.items()
        if piece_of(told.get(bay)) not in {("", ""), piece_of(piece)}
    ]
    store = state.modules.get(str(form.serial))
    unknown = [bay for bay in bays_of(store) if bay not in told and bay not in form.contents]
    if unknown:
        gone.append(text("loss.bays_unknown", bays=", ".join(unknown)))
    elif now is None and not bays_of(store):
        gone.append(text("loss.store_unknown"))
    return tuple(gone)


def layout_losses(form: Any, state: FactoryState) -> tuple[Text, ...]:
    """Modules and roads of the present layout that the new one does not have."""
    floor = present("layout", {}, state).get("layout")
    if floor is None:
        return (text("loss.layout_unknown"),)
    wanted = getattr(form, "layout", None) or default_layout()
    changes = _between_layouts(floor, wanted, state)
    return tuple(one.name for one in changes if one.after == ABSENT)


class _SettingPart(NamedTuple):
    name: Text
    says: Text


def _between_layouts(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], state: FactoryState
) -> Iterator[SettingChange]:
    old = _layout_parts(before, state) if before is not None else {}
    new = _layout_parts(after, state)
    untold = ABSENT if before is not None else NOT_TOLD
    for key in {**old, **new}:
        was, comes = old.get(key), new.get(key)
        if was is None or comes is None or was.says != comes.says:
            named = was or comes
            if named is not None:
                yield SettingChange(
                    name=named.name,
                    before=was.says if was else untold,
                    after=comes.says if comes else ABSENT,
                )


def _layout_parts(body: Mapping[str, Any], state: FactoryState) -> dict[object, _SettingPart]:
    found: dict[object, _SettingPart] = {}
    types = {str(m.get("serialNumber")): str(m.get("type")) for m in entries(body, "modules")}
    for serial, kind in types.items():
        name = text("setting.module", module=joined(" ", [verbatim(kind), verbatim(serial)]))
        found["module", serial] = _SettingPart(name, verbatim(kind))
    for node in (str(one.get("id")) for one in entries(body, "intersections")):
        found["crossing", node] = _SettingPart(
            text("setting.crossing", node=node), text("setting.there")
        )
    for road in entries(body, "roads"):
        start, end = map(str, ends(road))
        key, says = _road(start, end, road)
        ends_named = [_road_end(state, types, node) for node in (start, end)]
        name = text("setting.road", name=joined(" – ", ends_named))
        found["road", key] = _SettingPart(name, says)
    return found


def _road_end(state: FactoryState, types: Mapping[str, str], node: str) -> Text:
    kind = types.get(node)
    given = state.site.module_name(node)
    return given or (verbatim(kind) if kind else device_name(state, node))


def _road(start: str, end: str, road: Mapping[str, Any]) -> tuple[frozenset[str], Text]:
    """The same for both spellings of a road: it can be driven both ways."""
    direction = road.get("direction")
    if start > end and direction in COMPASS:
        direction = COMPASS[(COMPASS.index(direction) + 2) % 4]
    towards = text(f"compass.{direction}") if direction in COMPASS else verbatim(str(direction))
    length = verbatim(f"{road.get('length')} mm")
    return frozenset((start, end)), joined(", ", [length, towards])


_LAYOUTS = frozenset({"layout", "default-layout"})
_PARTS: Mapping[str, Callable[[Any, Any], Iterator[SettingChange]]] = MappingProxyType(
    {"contents": _bays, "references": _references}
)
