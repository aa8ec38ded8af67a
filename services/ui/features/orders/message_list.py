"""The newest messages that name one thing, each leading to the whole of it."""

from collections import deque

from omf.messages.message import Message
from services.ui.live.screen import Screen
from services.ui.views import message_rows, urls
from services.ui.widgets.elements import div, link, text
from services.ui.widgets.keyed_list import Draw, KeyedList

SHOWN_MESSAGES = 20


class MessageList:
    """Messages whose topic or payload holds a text; only what is new is looked through."""

    def __init__(self, screen: Screen, wanted: str) -> None:
        self._screen = screen
        self._wanted = wanted
        self._seen = screen.model.journal.first
        self._session = screen.model.factory.session
        self._found: deque[Message] = deque(maxlen=SHOWN_MESSAGES)
        more = urls.to_text(screen, wanted)
        link(screen.say("messages.all_of_it"), more, "way-in")
        empty = text(screen.say("messages.none_kept"), "empty")
        self._listing = KeyedList(div("message-lines"), self._line, empty)
        screen.live(self._draw)

    def _draw(self) -> None:
        journal, session = self._screen.model.journal, self._screen.model.factory.session
        if session != self._session:
            self._session = session
            self._found.clear()
        fresh = list(journal.newest(journal.total - self._seen))
        self._seen = journal.total
        raw = self._wanted.encode()
        for message in reversed(fresh):
            if raw in message.payload or self._wanted in message.topic:
                self._found.append(message)
        self._listing.show([message.id for message in reversed(self._found)])

    def _line(self, message_id: str) -> Draw:
        message = next(m for m in self._found if m.id == message_id)
        with div("message-line"):
            at = message_rows.at(message, self._screen.user, self._screen.model.now)
            text(at, "mono dim")
            target = urls.to_message(self._screen, message.id)
            link(message.topic, target, "mono way-in cut")
            known = (self._screen.model.factory, self._screen.user.language)
            says = message_rows.means(message, *known)
            text(says or message_rows.excerpt(message.payload), "dim cut")
        return lambda: None
