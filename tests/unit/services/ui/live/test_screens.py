"""Which pages get news: those of a browser that is there, whichever of its sockets is left."""

from nicegui import Client

from tests.support.ui_pages import Pages

DOCUMENT = "document"


async def again(client: Client, socket: str) -> None:
    """The browser of an open page connects with another socket, as it does on a broken line."""
    assert client.tab_id
    await client.handle_handshake(socket, client.tab_id, None, DOCUMENT, None)


async def test_a_socket_that_ends_late_takes_no_news_from_who_is_back(pages: Pages) -> None:
    client = await pages.user.open("/mock/overview")
    await again(client, "broken")
    await again(client, "whole")
    # The server notices last that the first line broke: up to twenty seconds after the browser.
    client.handle_disconnect("broken")
    assert client.has_socket_connection
    assert [screen.page for screen in pages.dashboard.screens] == ["overview"]


async def test_a_browser_without_any_socket_gets_no_news(pages: Pages) -> None:
    client = await pages.user.open("/mock/overview")
    for socket in tuple(client._socket_to_document_id):
        client.handle_disconnect(socket)
    assert not list(pages.dashboard.screens)
