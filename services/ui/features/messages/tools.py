"""Between filters and list of the message centre: counts, pause, what waits, and the files."""

from collections.abc import Callable

from services.ui import formats
from services.ui.features.messages.feed import MessageFeed
from services.ui.features.messages.filter_bar import MessageBar
from services.ui.live.message_filter import MessageFilter
from services.ui.live.screen import Screen
from services.ui.views import filter_query
from services.ui.widgets.elements import Label, attribute, link, set_classes, text

FILES = ("jsonl", "csv")
"""Each kind of file."""


class MessageTools:
    """Buttons and figures of one list; `draw` keeps them true."""

    def __init__(self, screen: Screen, feed: MessageFeed, counts: Label) -> None:
        self._screen, self._feed, self._counts = screen, feed, counts

    def build(self, bar: MessageBar, on_topics: Callable[[], None]) -> None:
        """The row of them."""
        screen, say = self._screen, self._screen.say
        topics = text(say("messages.topics"), "act small beside-only", "button")
        topics.on("click", on_topics).mark("topics")
        bar.opener()
        self._pause = text("", "act small", "button").on("click", self._toggle)
        self._pause.props("data-pause")
        self._fresh = text("", "act small hidden", "button").on("click", self._go_on)
        self._fresh.mark("fresh")
        bar.ways()
        self._clear = link(say("messages.clear"), screen.path("messages"), "act small")
        self._files = {name: link(say(f"messages.{name}"), "", "act small") for name in FILES}
        for name, entry in self._files.items():
            # A bare attribute would be set to `true`, and that is what the file were called.
            attribute(entry, "download", f"{screen.environment}-messages.{name}")
            attribute(entry, "title", say("messages.file"))
            # A file is made of what the store holds by now.
            set_classes(entry, hidden=screen.past is not None)

    def _go_on(self) -> None:
        self._feed.pause(wanted=False)

    def _toggle(self) -> None:
        self._feed.pause(wanted=not self._feed.paused)

    def draw(self, selection: MessageFilter) -> None:
        """Say how many there are and where the files of this look are."""
        say, language, model = self._screen.say, self._screen.user.language, self._screen.model
        figures = {
            "listed": self._feed.listed,
            "topics": len(model.factory.traffic.topics),
        }
        told = {name: formats.number(count, language) for name, count in figures.items()}
        rate = formats.number(model.journal.rate(model.now), language, 1)
        searched = self._feed.status.progress(self._feed.search)
        self._counts.say(say("messages.counts", searched=searched, rate=rate, **told))
        query = filter_query.query(selection)
        for name, entry in self._files.items():
            attribute(entry, "href", self._screen.path(f"messages.{name}{query}"))
        set_classes(self._clear, hidden=not query)
        self._label()

    def _label(self) -> None:
        say, feed = self._screen.say, self._feed
        waiting = formats.number(feed.waiting, say.language)
        self._fresh.say(say("messages.new", count=waiting))
        set_classes(self._fresh, hidden=not feed.waiting)
        self._pause.say(say("messages.resume" if feed.paused else "messages.pause"))
        set_classes(self._pause, main_act=feed.paused)
