"""The payload of a message: for reading, as it came, or byte by byte; a picture by its address."""

from omf.messages.message import Message
from services.ui.live.screen import Screen
from services.ui.views import message_rows, pictures
from services.ui.widgets.elements import attribute, div, text

PAYLOAD_VIEWS = ("pretty", "raw", "hex")


def show_payload(screen: Screen, message: Message, view: str) -> None:
    """Draw it in one of `PAYLOAD_VIEWS`; always as text, for it may hold anything."""
    if view == "pretty" and pictures.has_picture(message.payload):
        shown = div("picture", "img")
        attribute(shown, "src", screen.path(f"picture/{message.id}"))
        attribute(shown, "alt", screen.say("messages.picture"))
    content = message_rows.content(message.payload)
    shown_as = {"pretty": content.pretty, "raw": content.raw}
    if view == "hex":
        shown_as["hex"] = message_rows.hex_dump(message.payload)
    _lines(screen, shown_as[view], content.repeated if view == "pretty" else ())


def _lines(screen: Screen, shown: str, repeated: tuple[int, ...]) -> None:
    """A payload; what cannot be copied stands beside a line whose key was there already."""
    if not repeated:
        text(shown, "payload", "pre")
        return
    say, lines = screen.say, shown.split("\n")
    text(say("messages.repeated"), "hint wrong").mark("repeated")
    with div("payload", "pre"):
        done = 0
        for number in repeated:
            text("".join(f"{one}\n" for one in lines[done:number]))
            text(lines[number], "again")
            text(f" ← {say('messages.again')}\n", "again-mark")
            done = number + 1
        text("\n".join(lines[done:]))
