"""One line per message: when, which way, where, what; and the whole of it for the detail."""

import base64
import codecs
from typing import NamedTuple

from omf.messages import exact_json
from omf.messages.base import has_surrogates
from omf.messages.encodings import decode
from omf.messages.message import Message
from omf.messages.printable import escaped
from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.summaries import meaning
from omf.texts import Text, text, verbatim
from omf.topics import catalogue
from services.common.sessions import files
from services.common.store.own_publishes import OwnPublishes
from services.ui import formats
from services.ui.auth.current_user import CurrentUser
from services.ui.live.recent_messages import priority_of, to_factory
from services.ui.translator import Language, Translator
from services.ui.types import Row
from services.ui.views import pictures

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""How UTF-16 and UTF-32 say what they are; that of UTF-32-LE begins as the first."""
EXCERPT_CHARS = 160
HEX_WIDTH, HEX_BYTES = 8, 4_096
GAP = "gap:"
"""Begins the id of a row for what is not listed; the id of the message above it follows."""
SHOWN_CHARS = 100_000
"""More than this of one payload helps nobody on a page; the size says how much there is."""


def row(
    message: Message,
    user: CurrentUser,
    now: float,
    own: OwnPublishes | None = None,
    factory: Factory | None = None,
) -> Row:
    """A message as a row of the live list; flat text only, whatever the payload holds.

    `own` are the publishes of this dashboard; `factory` knows the names of the devices.
    """
    shown = pictures.has_picture(message.payload)
    return {
        "id": message.id,
        "time": at(message, user, now),
        "way": "→" if sent(message, own) else "←",
        "sender": _short(sender(message, own, factory), user.say),
        "priority": priority_of(message.topic),
        "topic": message.topic,
        "meaning": means(message, factory, user.language),
        "excerpt": "" if shown else excerpt(message.payload),
        "picture": message.id if shown else "",
        "size": formats.size(len(message.payload), user.language),
        "flags": flags(message),
    }


def means(message: Message, factory: Factory | None, language: Language) -> str:
    """What a message says, in the words and with the names a person knows; "" if nobody does."""

    def name(serial: str) -> tuple[Text, str | None]:
        if factory is None:
            return verbatim(serial), None
        module = factory.modules.get(serial)
        return device_name(factory, serial), module.type if module else None

    return meaning(message.topic, message.payload, name).in_(language)


def gap_row(above: str, count: int, say: Translator) -> Row:
    """Stands where so many messages are not listed, below the one with the id `above`."""
    words = say("messages.gap", count=formats.number(count, say.language))
    told = {"topic": words, "meaning": "", "excerpt": say("messages.read_gap"), "picture": ""}
    return {"id": f"{GAP}{above}", "gap": count, **told}


def sent(message: Message, own: OwnPublishes | None) -> bool:
    """True for what the factory is told: by its topic, or because we sent it ourselves."""
    return to_factory(message.topic) or bool(own and own.of(message))


class Sender(NamedTuple):
    """Who sent a message: known of ours, else inferred from its topic, else unknown."""

    who: Text
    inferred: bool
    ours: bool = False


def sender(
    message: Message, own: OwnPublishes | None = None, factory: Factory | None = None
) -> Sender | None:
    """None where nothing says it: the broker names nobody.

    A device speaks under its own serial number; else it is whoever publishes on that topic.
    """
    if own and own.of(message):
        return Sender(verbatim(""), inferred=False, ours=True)
    entry = catalogue.of(message.topic)
    if entry is None:
        return None
    serial = catalogue.levels(entry.name, message.topic).get("serial", "")
    if serial and entry.direction == "from_factory" and factory is not None:
        return Sender(device_name(factory, serial), inferred=True)
    return Sender(verbatim(entry.publisher), inferred=True)


def _short(found: Sender | None, say: Translator) -> str:
    if found is None:
        return ""
    return say("messages.sender_ours") if found.ours else f"~ {say.either(found.who)}"


def sender_words(found: Sender | None, say: Translator) -> str:
    """Who sent it in words, and whether that is known."""
    if found is None:
        return say("messages.sender_unknown")
    who = say("messages.sender_ours") if found.ours else found.who
    return say("messages.sender_inferred" if found.inferred else "messages.sender", who=who)


def at(message: Message, user: CurrentUser, now: float) -> str:
    """When it came, to the millisecond; with the day if that is not today."""
    clock, language = user.clock, user.language
    return formats.when(message.received_at, now=now, clock=clock, language=language, millis=True)


def excerpt(payload: bytes) -> str:
    """The beginning of a payload on one line."""
    text = payload[: EXCERPT_CHARS * 4].decode(errors="replace")
    flat = escaped(" ".join(text.split()))
    return flat if len(flat) <= EXCERPT_CHARS else f"{flat[:EXCERPT_CHARS]}…"


def flags(message: Message) -> str:
    """QoS as delivered, R for retained, D for a repeated delivery."""
    return f"{message.qos}{' R' if message.retain else ''}{' D' if message.dup else ''}"


def hex_dump(payload: bytes) -> str:
    """The first bytes as hex with their place and what of them can be printed."""
    lines = []
    for place in range(0, min(len(payload), HEX_BYTES), HEX_WIDTH):
        piece = payload[place : place + HEX_WIDTH]
        printed = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in piece)  # noqa: PLR2004 - ASCII
        lines.append(f"{place:04x}  {piece.hex(' '):<{3 * HEX_WIDTH}} {printed}")
    return "\n".join(lines)


class Content(NamedTuple):
    """A payload for reading: pretty if it is JSON, and as it came."""

    kind: str
    """`json`, `text`, `binary` or `empty`."""
    pretty: str
    """Each number as it was sent, and doubled keys with each of their values."""
    raw: str
    repeated: tuple[int, ...] = ()
    """The lines of `pretty`, from 0, whose key its object had already."""


def ruled(topic: str, payload: bytes) -> tuple[Content, str, bool]:
    """A payload as the catalogue says it is to be read; the rule, and whether it fits.

    The rule is "" for a topic the catalogue does not know: then it is read as what it is.
    """
    entry = catalogue.of(topic)
    found = content(payload)
    if entry is None or found.kind == "empty":
        return found, entry.content if entry else "", True
    if entry.content == "json":
        return found, "json", found.kind == "json"
    if entry.content == "text":
        return found._replace(pretty=found.raw, repeated=()), "text", found.kind != "binary"
    shown = unpacked(payload) if entry.content == "base64" else payload
    if shown is None:
        return found._replace(pretty=found.raw, repeated=()), "base64", False
    return found._replace(pretty=hex_dump(shown), repeated=()), entry.content, True


def unpacked(payload: bytes) -> bytes | None:
    """The bytes a base64 text stands for; None if it is none."""
    try:
        return base64.b64decode(b"".join(payload.split()), validate=True)
    except ValueError:
        return None


def packed(payload: bytes) -> str:
    """The payload in base64, in lines that can be read and copied."""
    return base64.encodebytes(payload[: SHOWN_CHARS // 2]).decode().rstrip()


def content(payload: bytes) -> Content:
    """Decode by what is there, never by guess: JSON, else UTF-8 text, else bytes in hex."""
    if not payload:
        return Content("empty", "", "")
    text = _text(payload)
    if text is None:
        shown = payload[: SHOWN_CHARS // 3].hex(" ")
        return Content("binary", shown, shown)
    try:
        pretty = exact_json.pretty(exact_json.read(text), SHOWN_CHARS)
    except (ValueError, RecursionError):
        return Content("text", text[:SHOWN_CHARS], text[:SHOWN_CHARS])
    return Content("json", pretty.text, text[:SHOWN_CHARS], pretty.repeated)


def _text(payload: bytes) -> str | None:
    """UTF-8, or UTF-16 and UTF-32 as readers of messages take them; None for bytes."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        text, remarks = decode(payload)
        whole = remarks and not has_surrogates(text) and "\ufffd" not in text
        # Two bytes of anything could be UTF-16: a mark or the beginning of JSON has to say so.
        said = payload.startswith(WIDE_MARKS) or text.startswith(("{", "[", '"'))
        return text if whole and said else None


def about(message: Message, say: Translator) -> str:
    """What the catalogue knows of the topic."""
    entry = catalogue.of(message.topic)
    if entry is None:
        return say("messages.unknown_topic")
    return say(
        "messages.about",
        what=say.either(entry.text),
        publisher=entry.publisher,
        number=entry.priority,
    )


def class_name(priority: int, language: Language) -> str:
    """The name of a priority class."""
    return text(f"priority.{priority}").in_(language)


def line(message: Message) -> str:
    """A message as one line of a session file, which `omf replay` plays again."""
    return files.line_of(files.recorded(message))
