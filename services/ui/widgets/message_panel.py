"""One message in full: what it is, what it means, what leads on from it, and its payload.

Always as text; a picture is fetched by the browser from an address of its own.
"""

from collections.abc import Callable, Sequence

from omf.messages.message import Message
from omf.messages.printable import escaped
from omf.messages.properties import MessageProperties, PropertiesError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.translator import Translator
from services.ui.views import message_rows, pictures
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import attribute, copy_button, div, set_classes, text
from services.ui.widgets.tabs import Tabs

PAYLOAD_VIEWS = ("pretty", "raw", "hex", "base64")


class MessagePanel:
    """A side panel that shows one message at a time, in one of its views."""

    def __init__(
        self,
        screen: Screen,
        on_close: Callable[[], None],
        draw_links: Callable[[Message], None],
        views: Sequence[str] = PAYLOAD_VIEWS,
    ) -> None:
        """`on_close` runs when the person closes the panel; `draw_links` where links belong."""
        self._screen, self._draw_links = screen, draw_links
        self.message: Message | None = None
        say = screen.say
        with div("panel detail wide hidden", "aside").mark("message-panel") as self._panel:
            with div("panel-head"):
                text(say("messages.detail"), "panel-title", "h2")
                closing = text(say("close"), "act small", "button").on("click", on_close)
                closing.props("data-close")
            self._topic = text("", "mono detail-topic")
            attribute(self._topic, "data-copied", "copy-topic")
            self._means = text("", "detail-means").mark("means")
            self._about, self._facts = text("", "hint"), text("", "hint")
            self._sender = text("", "hint").mark("sender")
            self._properties = div("hint hidden").mark("properties")
            with div("row wraps"):
                for name in ("topic", "payload"):
                    copy_button(
                        say(f"messages.copy_{name}"), say("messages.copied"), f"copy-{name}"
                    )
            self._links, self._fit = div("row wraps"), div().mark("fit")
            names = {view: say(f"messages.view.{view}") for view in views}
            self._tabs = Tabs(names, views[0], lambda _: self._turn())
            self._holder = div("card-part")
            attribute(self._holder, "data-copied", "copy-payload")

    @property
    def open(self) -> bool:
        """True while a message is shown."""
        return self.message is not None

    @property
    def gone(self) -> bool:
        """True once the page is closed."""
        return self._panel.is_deleted

    @property
    def view(self) -> str:
        """How the message is shown."""
        return self._tabs.chosen

    def show(self, message: Message) -> None:
        """Show this message."""
        self.message = message
        set_classes(self._panel, hidden=False)
        self._head(message)
        self._draw(message)

    def close(self) -> None:
        """Show nothing."""
        self.message = None
        set_classes(self._panel, hidden=True)

    def _head(self, message: Message) -> None:
        screen, say, user = self._screen, self._screen.say, self._screen.user
        self._topic.say(message.topic)
        self._means.say(message_rows.means(message, screen.model.factory, user.language))
        self._about.say(message_rows.about(message, say))
        own = screen.model.commands.publishes
        found = message_rows.sender(message, own, screen.model.factory)
        self._sender.say(message_rows.sender_words(found, say))
        self._facts.say(
            say(
                "messages.facts",
                at=formats.date_and_time(message.received_at, user.clock, user.language),
                id=message.id,
                kind=say(f"payload.{message_rows.content(message.payload).kind}"),
                size=formats.size(len(message.payload), user.language),
                flags=message_rows.flags(message),
            )
        )
        set_classes(self._properties, hidden=not message.properties)
        for part in (self._links, self._fit, self._properties):
            part.clear()
        with self._links:
            self._draw_links(message)
        with self._properties:
            _show_properties(message.properties, say)
        with self._fit:
            parts.understood(screen, message.topic, message.payload)

    def _turn(self) -> None:
        if self.message is not None:
            self._draw(self.message)

    def _draw(self, message: Message) -> None:
        self._holder.clear()
        with self._holder:
            self._draw_view(message)

    def _draw_view(self, message: Message) -> None:
        _show_payload(self._screen, message, self.view)


def _show_properties(told: str, say: Translator) -> None:
    """What the sender says of the message (MQTT 5), a line each."""
    if not told:
        return
    text(say("messages.properties"), tag="div")
    try:
        found = MessageProperties.parse(told)
    except PropertiesError:
        text(escaped(told), "mono", "div")
        return
    for name, value in found.user:
        text(escaped(f"{name}: {value}"), "mono", "div")
    lines = {
        "content_type": escaped(found.content_type),
        "expiry": "" if found.expiry_s is None else formats.age(found.expiry_s, say.language),
        "response_topic": escaped(found.response_topic),
        "correlation": found.correlation.hex(" "),
        "utf8": say("yes") if found.utf8 else "",
        "unread": found.unread.hex(" "),
    }
    for name, value in lines.items():
        if value:
            text(say(f"messages.property.{name}", value=value), tag="div")


def _show_payload(screen: Screen, message: Message, view: str) -> None:
    """For reading, as it came, or byte by byte."""
    if view == "pretty" and pictures.has_picture(message.payload):
        shown = div("picture", "img")
        attribute(shown, "src", screen.path(f"picture/{message.id}"))
        attribute(shown, "alt", screen.say("messages.picture"))
    content, rule, fits = message_rows.ruled(message.topic, message.payload)
    shown_as = {
        "pretty": lambda: content.pretty,
        "raw": lambda: content.raw,
        "hex": lambda: message_rows.hex_dump(message.payload),
        "base64": lambda: message_rows.packed(message.payload),
    }
    if view == "pretty":
        _say_rule(screen, rule, fits=fits)
    _lines(screen, shown_as[view](), content.repeated if view == "pretty" else ())


def _say_rule(screen: Screen, rule: str, *, fits: bool) -> None:
    """By which rule of the catalogue it is shown, where that is not the usual one."""
    say = screen.say
    if not fits:
        text(say("messages.rule.misfit", rule=say(f"messages.rule.{rule}")), "hint wrong")
    elif rule != "json":
        text(say(f"messages.rule.{rule or 'none'}"), "hint")


def _lines(screen: Screen, shown: str, repeated: tuple[int, ...]) -> None:
    """A payload; what cannot be copied stands beside a line whose key was there already."""
    if not repeated:
        attribute(text(shown, "payload", "pre"), "tabindex", "0")
        return
    say, lines = screen.say, shown.split("\n")
    text(say("messages.repeated"), "hint wrong").mark("repeated")
    with div("payload", "pre").props("tabindex=0"):
        done = 0
        for number in repeated:
            text("".join(f"{one}\n" for one in lines[done:number]))
            text(lines[number], "again")
            text(f" ← {say('messages.again')}\n", "again-mark")
            done = number + 1
        text("\n".join(lines[done:]))
