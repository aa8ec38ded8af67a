"""What changed of an element is sent by itself; what the browser cannot put in place is not."""

import asyncio
from typing import Any

from nicegui import Client, json, ui

from services.ui.widgets.elements import attribute, div, set_classes, text
from tests.support.ui_pages import Pages

CODE = "omfChange(mounted_app, "
SENDING_TURNS = 1000


class SentToBrowser:
    """All that one open page sends from now on."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.changes: dict[str, dict[str, Any]] = {}
        self.whole: set[int] = set()
        client.outbox._emit = self._emit  # type: ignore[method-assign]

    async def _emit(self, message: Any) -> None:
        _, kind, told = message
        if kind == "update":
            self.whole |= set(told)
        elif told["code"].startswith(CODE):
            self.changes |= json.loads(told["code"].removeprefix(CODE).removesuffix(")"))

    async def over(self) -> None:
        """Return once all is sent that waits."""
        await asyncio.sleep(0)
        outbox = self.client.outbox
        for _ in range(SENDING_TURNS):
            if not outbox.updates and not outbox.messages:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"not sent: {dict(outbox.updates)}, {outbox.messages}")


async def opened(pages: Pages) -> SentToBrowser:
    """A page in a browser, with all of its beginning sent."""
    await pages.user.open("/mock/help")
    assert pages.user.client is not None
    sending = SentToBrowser(pages.user.client)
    await sending.over()
    sending.whole.clear()
    sending.changes.clear()
    return sending


async def test_only_what_changed_is_sent(pages: Pages) -> None:
    sending = await opened(pages)
    with sending.client:
        label, box = text("20 °C", "value"), div("tile")
    await sending.over()
    assert {label.id, box.id} <= sending.whole
    assert not sending.changes
    sending.whole.clear()
    label.say("21 °C")
    set_classes(box, aged=True)
    attribute(box, "aria-pressed", "true")
    label.say("22 °C")
    await sending.over()
    assert not sending.whole
    changed_box = {"class": ["tile", "aged"], "aria-pressed": "true"}
    assert sending.changes == {str(label.id): {"text": "22 °C"}, str(box.id): changed_box}


async def test_what_is_sent_whole_anyhow_is_not_sent_twice(pages: Pages) -> None:
    sending = await opened(pages)
    with sending.client:
        label = text("new")
    label.say("newer")
    await sending.over()
    assert label.id in sending.whole
    assert not sending.changes


async def test_a_field_is_nothing_the_browser_changes_alone(pages: Pages) -> None:
    sending = await opened(pages)
    with sending.client:
        field, entry, fold = ui.input("name"), div("", "input"), div("", "details")
    await sending.over()
    sending.whole.clear()
    set_classes(field, wrong=True)
    attribute(entry, "value", "typed")
    attribute(fold, "open", value=True)
    attribute(fold, "open", None)
    await sending.over()
    assert {field.id, entry.id, fold.id} <= sending.whole
    assert not sending.changes


async def test_a_browser_that_comes_back_hears_the_newest_last(pages: Pages) -> None:
    sending = await opened(pages)
    with sending.client:
        label, gone = text("a"), text("b")
    await sending.over()
    outbox = sending.client.outbox
    sending.client.tab_id, outbox.next_message_id = None, 7
    missed = {"code": f'{CODE}{{"{label.id}": {{"text": "missed"}}}})'}
    outbox.message_history.append((6, 0.0, (sending.client.id, "run_javascript", missed)))
    label.say("c")
    gone.say("late")
    gone.delete()
    await asyncio.sleep(0)
    assert label.id not in outbox.updates
    outbox.try_rewind(6)
    sending.client.tab_id = "back"
    await sending.over()
    assert sending.changes == {str(label.id): {"text": "c"}}
