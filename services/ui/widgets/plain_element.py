"""Elements of plain HTML and SVG that hold a fraction of what NiceGUI holds for each of its own.

A page has hundreds of them. NiceGUI gives each three collections that watch themselves, a place for
children with a dictionary around it, and entries in its register of bindable properties: four
kilobytes, for every page of every person. Ours bind nothing and have one place for children; what
is the same on all pages (classes, attributes, words) is held once for all of them.

NiceGUI sees an `Element` that is its own `Slot`. What it uses of the two beside their public names
stands here and nowhere else (unit/services/ui/widgets/test_plain_element looks whether it still
does).
"""

import weakref
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Self

from nicegui import ui
from nicegui.classes import Classes
from nicegui.context import context
from nicegui.event_listener import EventListener
from nicegui.props import Props
from nicegui.slot import Slot
from nicegui.style import Style

SHARED = 16_384
"""So many different values are held once for all pages; beyond that a page has its own."""
NO_MARKERS: list[str] = []
Pairs = tuple[Any, ...]
"""Name, value, name, value: half the memory of a dictionary, and held once where it is the same."""


@lru_cache(maxsize=SHARED)
def _shared(value: Any, kinds: Any = ()) -> Any:  # noqa: ARG001 - the cache asks for it
    """The first value that equals this one; `kinds` tells 1 from True in it, which are equal."""
    return value


@lru_cache(maxsize=SHARED)
def _split(classes: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(classes.split()))


@lru_cache(maxsize=SHARED)
def _parsed(style: str) -> dict[str, str]:
    return Style.parse(style)


def shared_text(content: str) -> str:
    """The same text, held once however many pages show it."""
    found: str = _shared(content)
    return found


def hold_unwatched(element: ui.element, name: str, value: dict[str, Any]) -> None:
    """Give a component a property without watching what lies in it: whoever changes it, says so.

    NiceGUI makes an observer of each dictionary and list in it, of a table one for each row.
    """
    dict.__setitem__(element.props, name, value)


class PlainElement(Slot, ui.element):
    """An element that is no component: it has attributes, classes, a style, children, events."""

    __slots__ = (
        "_attributes", "_children", "_client", "_deleted", "_listeners", "_markers", "_names",
        "_parent_slot", "_styled", "_text", "id", "tag",
    )  # fmt: skip
    name, template = "default", None
    _attributes: Pairs
    _children: list[ui.element] | None
    _listeners: dict[str, EventListener] | None
    _names: tuple[str, ...]
    _styled: dict[str, str] | None

    def __init__(self, tag: str = "div", classes: str = "", attributes: Pairs = ()) -> None:
        """Stand in what is being filled, as any element does."""
        place = context.slot
        client = place.parent.client
        self._client = weakref.ref(client)
        self.id = client.next_element_id
        client.next_element_id += 1
        self.tag = tag
        self._names = _split(classes)
        self._attributes = _shared(attributes, tuple(map(type, attributes)))
        self._styled = self._children = self._listeners = self._text = None
        self._markers = NO_MARKERS
        self._deleted = False
        self._parent_slot = weakref.ref(place)
        client.elements[self.id] = self
        place.children.append(self)
        self.update()
        place.parent.update()

    # What is asked hundreds of times a second.

    @property
    def names(self) -> tuple[str, ...]:
        """The classes, in their order."""
        return self._names

    def attribute(self, name: str) -> Any:
        """The value of an attribute; None without it."""
        pairs = self._attributes
        for at in range(0, len(pairs), 2):
            if pairs[at] == name:
                return pairs[at + 1]
        return None

    def put(self, attributes: Mapping[str, Any]) -> None:
        """Have these attributes; nobody is told."""
        pairs = tuple(part for pair in attributes.items() for part in pair)
        try:
            self._attributes = _shared(pairs, tuple(map(type, pairs)))
        except TypeError:  # a value without a hash is nothing two pages could hold together
            self._attributes = pairs

    def dress(self, style: str) -> bool:
        """Have this style and no other; nobody is told. True if it had another."""
        before, self._styled = self._styled, _parsed(style)
        return before != self._styled

    def call(self, names: Sequence[str]) -> None:
        """Have these classes; nobody is told."""
        self._names = _shared(tuple(names))

    def attributes(self) -> dict[str, Any]:
        """All of them."""
        pairs = self._attributes
        return dict(zip(pairs[::2], pairs[1::2], strict=True))

    # What NiceGUI asks of an element.

    @property
    def _classes(self) -> "ClassNames":  # type: ignore[override] # made when somebody asks
        return ClassNames(self)

    @property
    def _props(self) -> "Attributes":  # type: ignore[override] # the same
        return Attributes(self)

    @property
    def _style(self) -> "Style[Self]":  # type: ignore[override] # the same, and then kept
        if not isinstance(self._styled, Style):
            self._styled = Style(self._styled or {}, element=self)
        return self._styled

    @property
    def _event_listeners(self) -> dict[str, EventListener]:  # type: ignore[override] # the same
        if self._listeners is None:
            self._listeners = {}
        return self._listeners

    @property
    def visible(self) -> bool:
        """True: what is hidden has a class that says so."""
        return True

    @property
    def slots(self) -> dict[str, Slot]:  # type: ignore[override] # always this one
        """Itself: it has but one place for children."""
        return {self.name: self}

    @property
    def default_slot(self) -> Slot:  # type: ignore[override] # always this one
        """Itself."""
        return self

    def update(self) -> None:
        """Send it whole, unless the page is being built: then all of it will be sent."""
        client = self._client()
        if client is None or client._response_built:  # noqa: SLF001
            super().update()

    def add_slot(self, name: str, template: str | None = None) -> Slot:
        """Refuse it: TypeError. Components have further places, plain elements have none."""
        raise TypeError(f"<{self.tag}> has no place {name!r} ({template!r})")

    def _handle_delete(self) -> None:
        self._children = self._listeners = None

    def _to_dict(self) -> dict[str, Any]:
        listeners = self._listeners or {}
        told = {
            "class": self._names,
            "style": self._styled,
            "props": self.attributes(),
            "children": [child.id for child in self],
            "events": [listener.to_dict() for listener in listeners.values()],
        }
        text = {} if self._text is None else {"text": self._text}
        return {"tag": self.tag, **text, **{name: part for name, part in told.items() if part}}

    # What NiceGUI asks of a place for children.

    @property
    def parent(self) -> Self:
        """Itself."""
        return self

    @property
    def children(self) -> list[ui.element]:  # type: ignore[override] # most have none
        """Whatever stands in it."""
        if self._children is None:
            self._children = []
        return self._children

    def __iter__(self) -> Iterator[ui.element]:
        return iter(self._children or ())


class ClassNames(Sequence[str]):
    """The classes of an element, as `element.classes` gives them."""

    __slots__ = ("_element",)

    def __init__(self, element: PlainElement) -> None:
        self._element = element

    def __getitem__(self, at: Any) -> Any:
        return self._element.names[at]

    def __len__(self) -> int:
        return len(self._element.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(self._element.names)

    def __repr__(self) -> str:
        return repr(list(self))

    def __call__(
        self,
        add: str | None = None,
        *,
        remove: str | None = None,
        toggle: str | None = None,
        replace: str | None = None,
    ) -> PlainElement:
        """As NiceGUI does it; the element is sent whole."""
        now = Classes.update_list(list(self), add, remove, toggle, replace)
        if tuple(now) != self._element.names:
            self._element.call(now)
            self._element.update()
        return self._element


class Attributes(MutableMapping[str, Any]):
    """The attributes of an element, as `element.props` gives them."""

    __slots__ = ("_element",)
    _suspend_count = 0

    def __init__(self, element: PlainElement) -> None:
        self._element = element

    def __getitem__(self, name: str) -> Any:
        return self._element.attributes()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._element.put(self._element.attributes() | {name: value})
        self._element.update()

    def __delitem__(self, name: str) -> None:
        kept = self._element.attributes()
        del kept[name]
        self._element.put(kept)
        self._element.update()

    def __iter__(self) -> Iterator[str]:
        return iter(self._element.attributes())

    def __len__(self) -> int:
        return len(self._element.attributes())

    def __repr__(self) -> str:
        return repr(self._element.attributes())

    def __call__(self, add: str | None = None, *, remove: str | None = None) -> PlainElement:
        """As NiceGUI does it; the element is sent whole."""
        for name in Props.parse(remove):
            self.pop(name, None)
        for name, value in Props.parse(add).items():
            if self.get(name) != value:
                self[name] = value
        return self._element
