"""History: questions to the archive, as a list of messages or as charts, each with an address."""

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import cast

from nicegui import background_tasks, ui

from omf.messages.message import Message
from omf.topics.filters import TopicError
from services.common.process import clock
from services.history.field_search import FieldName
from services.ui.features.history.field_charts import FieldCharts
from services.ui.features.history.found_messages import FoundMessages
from services.ui.features.history.question_form import QuestionForm
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import history_query, urls
from services.ui.views.history_query import (
    HISTORY_VIEWS,
    HistoryQuestion,
    HistoryView,
    WrongTimeError,
)
from services.ui.widgets.elements import div, set_classes, text
from services.ui.widgets.message_panel import MessagePanel
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.tabs import Tabs


def build(screen: Screen, address: Address) -> None:
    """Fill the page with what the address asks."""
    QuestionPage(screen, history_query.read(address)).ask()


class QuestionPage:
    """One person's question: form, answer, and one message beside it."""

    def __init__(self, screen: Screen, asked: HistoryQuestion) -> None:
        self._screen, say = screen, screen.say
        with div("messages history").mark("history") as self._whole:
            with div("panel fill", "section"):
                with div("panel-head"):
                    text(say("page.history"), "panel-title", "h2")
                    self._reaches = text("", "hint").mark("reaches")
                self._form = QuestionForm(screen, asked, self._settled, self._asked_anew)
                names: dict[str, str] = {one: say(f"history.show.{one}") for one in HISTORY_VIEWS}
                self._tabs = Tabs(names, asked.show, lambda _: self._turn())
                with div("history-view") as self._list:
                    self._found = FoundMessages(screen, self._open, self._form.complain)
                with div("history-view") as self._chart:
                    self._charts = FieldCharts(
                        screen, asked.fields, self._chart_fields, self._zoom, self._open_id
                    )
            self._panel = MessagePanel(screen, self._close, self._link)

    def ask(self) -> None:
        """Answer what the address asks, and open its message."""
        background_tasks.create(self._say_reach(), name="reach of the archive")
        wanted = self._form.asked.message
        self._answer()
        if wanted:
            background_tasks.create(self._open_id(wanted), name="open archived message")

    @property
    def _zone(self) -> tzinfo | None:
        return UTC if self._screen.user.clock == "utc" else None

    def _settled(self, typed: str) -> str:
        return history_query.settled(typed, self._zone, self._screen.model.now)

    def _asked_anew(self, asked: HistoryQuestion) -> None:
        self._panel.close()
        self._arrange()
        if asked.show != self._tabs.chosen:
            # Its choice asks.
            self._form.asked = replace(asked, show=cast("HistoryView", self._tabs.chosen))
        self._charts.fields = asked.fields
        self._answer()
        self._note()

    def _answer(self) -> None:
        asked, now, past = self._form.asked, self._screen.model.now, self._screen.past
        self._form.lead_to_files(asked)
        self._form.complain("")
        for part, name in ((self._list, "messages"), (self._chart, "chart")):
            set_classes(part, hidden=name != asked.show)
        try:
            if past is not None:
                asked = history_query.before_moment(asked, past, self._zone)
                self._form.lead_to_files(asked)
            wanted = history_query.message_question(asked, self._zone, now)
        except TopicError as error:
            why = self._screen.say.either(error)
            self._form.complain(self._screen.say("messages.bad_filter", why=why))
            return
        except WrongTimeError as error:
            self._form.complain(self._screen.say("messages.bad_time", given=error.given))
            return
        if asked.show == "chart":
            self._found.stop()
            self._charts.show((wanted.since_ms, wanted.until_ms))
        else:
            self._found.ask(wanted)

    def _turn(self) -> None:
        shown = cast("HistoryView", self._tabs.chosen)
        self._form.asked = replace(self._form.asked, show=shown)
        self._answer()
        self._note()

    def _chart_fields(self, fields: tuple[FieldName, ...]) -> None:
        self._form.asked = replace(self._form.asked, fields=fields)
        self._note()

    def _zoom(self, since_ms: int, until_ms: int) -> None:
        self._form.take_range(clock.iso(since_ms / 1000), clock.iso(until_ms / 1000))

    async def _open_id(self, message_id: str) -> None:
        history = history_of(self._screen)
        try:
            found = await answer(lambda: history.message(message_id))
        except ValueError:
            found = None
        if found is None:
            self._form.complain(self._screen.say("history.gone", id=message_id[:40]))
        elif not self._panel.gone:
            with self._whole:
                self._open(found.message)

    def _open(self, message: Message) -> None:
        self._panel.show(message)
        self._form.asked = replace(self._form.asked, message=message.id)
        self._arrange()
        self._note()

    def _link(self, message: Message) -> None:
        """To the message centre at the moment of the message."""
        centre = MomentLink(self._screen, "evidence")
        centre.lead(urls.message_page(message.id), message.received_at)
        centre.say(self._screen.say("history.in_messages"))

    def _close(self) -> None:
        self._panel.close()
        self._form.asked = replace(self._form.asked, message="")
        self._arrange()
        self._note()

    def _arrange(self) -> None:
        """With a message beside it the list does without its excerpts."""
        beside = self._panel.open
        if beside != ("beside" in self._whole.classes):
            set_classes(self._whole, beside=beside)
            self._found.table.grid.run_grid_method("setColumnsVisible", ["excerpt"], not beside)

    def _note(self) -> None:
        """Keep the address true: it asks this very question."""
        query = history_query.query(self._form.asked)
        ui.navigate.history.replace(self._screen.path(f"history{query}"))

    async def _say_reach(self) -> None:
        """From when to when the archive reaches: what is newer is in the message centre."""
        history = history_of(self._screen)
        days = await answer(history.days)
        files = [file for day in days for file in day.files]
        if self._reaches.is_deleted:
            return
        if not files:
            self._reaches.say(self._screen.say("history.empty"))
            return
        first, last = min(one.first_ms for one in files), max(one.last_ms for one in files)
        when = self._screen.when
        said = {"since": when(first / 1000), "until": when(last / 1000)}
        self._reaches.say(self._screen.say("history.reaches", **said))


PAGE = Page("history", "messages", "i", build)
