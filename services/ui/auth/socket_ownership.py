"""A socket belongs to the page it was opened for, and to the person who opened that page.

NiceGUI finds the page of a frame by an id inside the frame. Whoever learned the id of another
person's page could press its buttons with that person's rights; here such a frame is dropped.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError as RefusedError

from services.ui.auth.auth_middleware import sign_in_of

FRAMES = ("event", "javascript_response", "ack", "log")
Handler = Callable[..., Any]


def enforce_socket_ownership() -> None:
    """From now on frames for another page and sockets of another person are refused."""
    handlers = core.sio.handlers["/"]
    for name in FRAMES:
        core.sio.on(name, _own_page(handlers[name]))
    core.sio.on("connect", _same_person_connects(handlers["connect"]))
    core.sio.on("handshake", _same_person_shakes_hands(handlers["handshake"]))


async def disconnect_client(client: Client) -> None:
    """The page is gone and so are its sockets; the browser finds out and asks anew."""
    sids = [sid for sid, _ in core.sio.manager.get_participants("/", client.id)]
    if client.id in Client.instances:
        client.delete()
    for sid in sids:
        await core.sio.disconnect(sid)


def _own_page(handle: Handler) -> Handler:
    def received(sid: str, message: dict[str, Any]) -> None:
        if message.get("client_id") in core.sio.rooms(sid):
            handle(sid, message)

    return received


def _same_person_connects(handle: Handler) -> Handler:
    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if not _fits(query.get("client_id", [""])[0], environ):
            raise RefusedError("another person's page")
        await handle(sid, environ, auth)

    return connect


def _same_person_shakes_hands(handle: Handler) -> Handler:
    async def handshake(sid: str, data: dict[str, Any]) -> bool:
        environ = core.sio.get_environ(sid) or {}
        return _fits(str(data.get("client_id")), environ) and bool(await handle(sid, data))

    return handshake


def _fits(client_id: str, environ: dict[str, Any]) -> bool:
    client = Client.instances.get(client_id)
    if client is None or client.request is None:
        return True  # NiceGUI itself refuses a page it does not know
    return sign_in_of(client.request.scope) == sign_in_of(environ.get("asgi.scope", {}))
