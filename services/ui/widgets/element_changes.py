"""What changed of an element, sent by itself and put where it stands.

NiceGUI sends an element whole, and its script in the browser then makes every element of the page
anew to find what is different: for one changed word as long as for all of them. What says nothing
but text, classes, style and attributes is changed by `omfChange` of static/ui.js instead. What
NiceGUI knows of it, here and in the browser, is changed with it: what is drawn anew shows the same.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import Client, json, ui

TEXT_PART, CLASS_PART, STYLE_PART, INSIDE_PART = "text", "class", "style", "innerHTML"
NAMED_PARTS = frozenset({TEXT_PART, CLASS_PART, STYLE_PART, INSIDE_PART})
NOT_AN_ATTRIBUTE = frozenset({"value", "style", "innerHTML", "textContent"})
"""Properties of an element in the browser, which no attribute of the same name changes."""
_waiting: WeakKeyDictionary[Client, dict[ui.element, set[str]]] = WeakKeyDictionary()


def changed(element: ui.element, part: str) -> None:
    """Show what `part` of it is now: one of those named here, or the name of an attribute."""
    if not _alone(element, part):
        element.update()
        return
    client, known = element.client, _waiting.get(element.client)
    if known is None:
        if element.id in client.outbox.updates and not client.outbox.messages:
            return  # It is sent whole, with what it is by then.
        _waiting[client] = known = {}
        asyncio.get_running_loop().call_soon(_send, client)
    known.setdefault(element, set()).add(part)


def _alone(element: ui.element, part: str) -> bool:
    """True if a browser was told of the page, and the part can be changed without NiceGUI."""
    if element.is_deleted or not _told(element.client):
        return False
    if element.component is not None or "-" in element.tag:
        return False
    return part in NAMED_PARTS or _attribute(part, element.props.get(part))


def _attribute(name: str, value: Any) -> bool:
    """True of what every browser has as an attribute; what is there or not is for NiceGUI."""
    if name in NOT_AN_ATTRIBUTE or name.startswith((":", "on")):
        return False
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _told(client: Client) -> bool:
    """True also while its browser is away.

    NiceGUI sends whole elements first and then again what the browser had missed: a change of
    now must come behind that.
    """
    return client.has_socket_connection or client.outbox.next_message_id > 0


def _send(client: Client) -> None:
    """Send all that changed since, as it is now."""
    known = _waiting.pop(client)
    said = {one.id: _said(one, parts) for one, parts in known.items() if not one.is_deleted}
    if said and not client.is_deleted:
        code = f"omfChange(mounted_app, {json.dumps(said)})"
        client.outbox.enqueue_message("run_javascript", {"code": code}, client.id)


def _said(element: ui.element, parts: set[str]) -> dict[str, Any]:
    return {part: _value(element, part) for part in sorted(parts)}


def _value(element: ui.element, part: str) -> Any:
    if part == TEXT_PART and isinstance(element, ui.label):
        return element.text
    if part == STYLE_PART:
        return dict(element.style)
    return list(element.classes) if part == CLASS_PART else element.props.get(part)
