"""One message in full, pretty or as it came; always as text."""

from collections.abc import Callable

from omf.message import Message
from services.ui import formats, message_rows
from services.ui.parts.build import box, mark, text
from services.ui.screen import Screen


class Detail:
    """A side panel that shows one message at a time."""

    def __init__(self, screen: Screen, *, on_close: Callable[[], None]) -> None:
        """`on_close` runs when the person closes the panel."""
        self._screen = screen
        self._message: Message | None = None
        self._raw = False
        say = screen.say
        with box("panel detail hidden", "aside") as self._panel:
            with box("panel-head"):
                text(say("messages.detail"), "panel-title", "h2")
                closing = text(say("close"), "act", "button").on("click", on_close)
                closing.props("data-close")
            self._topic = text("", "mono detail-topic")
            self._about = text("", "hint")
            self._facts = text("", "hint")
            with box("row"):
                self._pretty = text(say("messages.pretty"), "tab", "button")
                self._pretty.on("click", lambda: self._turn(raw=False))
                self._as_is = text(say("messages.raw"), "tab", "button")
                self._as_is.on("click", lambda: self._turn(raw=True))
            self._payload = text("", "payload", "pre")

    @property
    def open(self) -> bool:
        """True while a message is shown."""
        return self._message is not None

    def show(self, message: Message) -> None:
        """Show this message."""
        self._message = message
        self._draw()

    def close(self) -> None:
        """Show nothing."""
        self._message = None
        mark(self._panel, hidden=True)

    def _turn(self, *, raw: bool) -> None:
        self._raw = raw
        self._draw()

    def _draw(self) -> None:
        message, say, visitor = self._message, self._screen.say, self._screen.visitor
        if message is None:
            return
        content = message_rows.content(message.payload)
        self._topic.say(message.topic)
        self._about.say(message_rows.about(message, say))
        self._facts.say(
            say(
                "messages.facts",
                at=formats.date_and_time(message.received_at, visitor.clock, visitor.language),
                id=message.id,
                kind=say(f"payload.{content.kind}"),
                size=formats.size(len(message.payload), visitor.language),
                flags=message_rows.flags(message),
            )
        )
        self._payload.say(content.raw if self._raw else content.pretty)
        mark(self._panel, hidden=False)
        mark(self._pretty, current=not self._raw)
        mark(self._as_is, current=self._raw)
