"""One archived message in full, beside the list or the chart it was found by."""

from collections.abc import Callable

from omf.messages.message import Message
from services.ui import formats
from services.ui.live.screen import Screen, past_address
from services.ui.views import message_rows, urls
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import div, link, set_classes, text
from services.ui.widgets.payload_view import PAYLOAD_VIEWS, show_payload
from services.ui.widgets.tabs import Tabs

A_MOMENT_S = 0.001
"""So that the moment is not before the message."""


class ArchivedMessagePanel:
    """A side panel that shows one message at a time."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        """`on_close` runs when the person closes the panel."""
        self._screen = screen
        self._shown: Message | None = None
        say = screen.say
        with div("panel detail wide hidden", "aside").mark("archived-message") as self._panel:
            with div("panel-head"):
                text(say("messages.detail"), "panel-title", "h2")
                closing = text(say("close"), "act small", "button").on("click", on_close)
                closing.props("data-close")
            self._topic = text("", "mono detail-topic")
            self._means = text("", "detail-means").mark("means")
            self._facts = text("", "hint")
            self._fit, self._ways = div(), div("row")
            names = {view: say(f"messages.view.{view}") for view in PAYLOAD_VIEWS}
            self._tabs = Tabs(names, PAYLOAD_VIEWS[0], lambda _: self._draw())
            self._holder = div("card-part")

    @property
    def open(self) -> bool:
        """True while a message is shown."""
        return self._shown is not None

    @property
    def gone(self) -> bool:
        """True once the page is closed."""
        return self._panel.is_deleted

    def show(self, message: Message) -> None:
        """Show this message."""
        self._shown = message
        screen, user = self._screen, self._screen.user
        set_classes(self._panel, hidden=False)
        self._topic.say(message.topic)
        self._means.say(message_rows.means(message, screen.model.factory, user.language))
        self._facts.say(
            screen.say(
                "messages.facts",
                at=formats.date_and_time(message.received_at, user.clock, user.language),
                id=message.id,
                kind=screen.say(f"payload.{message_rows.content(message.payload).kind}"),
                size=formats.size(len(message.payload), user.language),
                flags=message_rows.flags(message),
            )
        )
        for part in (self._fit, self._ways):
            part.clear()
        with self._fit:
            parts.understood(screen, message.topic, message.payload)
        with self._ways:
            link(screen.say("history.in_messages"), self._there(message), "evidence")
        self._draw()

    def close(self) -> None:
        """Show nothing."""
        self._shown = None
        set_classes(self._panel, hidden=True)

    def _there(self, message: Message) -> str:
        """The message centre at the moment of the message, or at that of a page of the past."""
        target = urls.to_message(self._screen, message.id)
        if self._screen.past is not None:
            return target
        return past_address(target, message.received_at + A_MOMENT_S)

    def _draw(self) -> None:
        if self._shown is None:
            return
        self._holder.clear()
        with self._holder:
            show_payload(self._screen, self._shown, self._tabs.chosen)
