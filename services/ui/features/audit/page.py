"""Audit: who asked for what, from where and why, what was decided and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.commands import CONTROLS, KINDS
from omf.messages.stream_id import StreamId
from services.common.store.access_notes import ACCESS_KINDS
from services.common.store.audit import SealedRecord
from services.common.store.bus import StoreError
from services.common.store.keys import Role, Stage
from services.ui import formats
from services.ui.features.audit.search import LEASE_KINDS, AuditFilter, AuditSearch
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row
from services.ui.views import access_view, command_view, urls
from services.ui.widgets.chain_check import ChainCheck
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text
from services.ui.widgets.filter_fields import FilterFields
from services.ui.widgets.table import Table, column
from services.ui.widgets.table_cards import NOT_ON_CARDS

MAX_AUDIT_FILTER_CHARS = 100
FILTERS = tuple(AuditFilter.__slots__)
AUDIT_FORMS = ("csv", "jsonl")


def filter_of(given: Address) -> AuditFilter:
    """What an address asks for; whatever it does not name is not asked."""
    return AuditFilter(**{name: given.get(name, "")[:MAX_AUDIT_FILTER_CHARS] for name in FILTERS})


def build(screen: Screen, address: Address) -> None:
    """Fill the page; the address holds the filters."""
    AuditPage(screen, filter_of(address)).build()


class AuditPage:
    """One person's look at the audit."""

    def __init__(self, screen: Screen, wanted: AuditFilter) -> None:
        self._screen, self._wanted = screen, wanted
        self._search: AuditSearch | None = None
        self._failed = ""
        self._seen: object = None
        self._files: dict[str, Label] = {}

    def build(self) -> None:
        """Filters above, the list below; what lies in the store comes a moment later."""
        say = self._screen.say
        with div("messages"), div("panel fill", "section").mark("audit"):
            with div("panel-head"):
                text(say("page.audit"), "panel-title", "h2")
                div("grow")
                self._downloads()
            self._bar()
            with div("row tools"):
                self._counts = text("", "hint").mark("audit-counts")
                ChainCheck(self._screen)
            self._hint = text("", "hint wrong hidden").props("role=alert").mark("audit-hint")
            self._picked = text("", "hint hidden").props("role=status").mark("audit-picked")
            self._table = Table(self._columns(), [], empty=say("audit.reading"), on_pick=self._open)
            self._more = text(say("audit.older"), "act small older hidden", "button")
            self._more.on("click", self._go_on).mark("audit-older")
        self._ask()
        self._screen.live(self._follow)

    def _downloads(self) -> None:
        for form in AUDIT_FORMS:
            file = link(self._screen.say(f"audit.{form}"), "", "act small").mark(f"audit-{form}")
            attribute(file, "download", f"{self._screen.environment}-audit.{form}")
            attribute(file, "title", self._screen.say(f"audit.{form}.is"))
            self._files[form] = file

    def _bar(self) -> None:
        say = self._screen.say
        kinds = (*KINDS, *CONTROLS, *ACCESS_KINDS)
        every = {name: command_view.kind_name(name, say) for name in kinds}
        named = dict(sorted(every.items(), key=lambda item: item[1].casefold()))

        def label(name: str) -> str:
            return say(f"audit.any.{name}")

        fields = FilterFields(self._screen, label, asdict(self._wanted), self._change)
        with div("message-bar audit-bar"):
            fields.entry("operator")
            fields.choice("kind", {LEASE_KINDS: say("audit.lease"), **named})
            fields.choice("stage", {str(stage): say(f"stage.{stage}") for stage in Stage})
            fields.entry("since")
            fields.entry("until")
            fields.search("text").classes("audit-text")
            self._narrowed = fields.clearing(self._screen.path("audit"))

    def _change(self, name: str, value: str) -> None:
        self._wanted = replace(self._wanted, **{name: value})
        query = self._query()
        ui.navigate.history.replace(self._screen.path(f"audit?{query}" if query else "audit"))
        self._ask()

    def _query(self) -> str:
        return urlencode({name: value for name, value in asdict(self._wanted).items() if value})

    def _ask(self) -> None:
        """Begin anew with these filters."""
        screen, bus = self._screen, self._screen.bus
        self._narrowed(self._wanted != AuditFilter())
        for form, file in self._files.items():
            attribute(file, "href", f"/{screen.environment}/audit.{form}?{self._query()}")
        self._search, self._failed = None, ""
        try:
            between = self._wanted.moments(screen.user.clock, screen.model.wall)
        except ValueError as error:
            self._failed = screen.say("messages.bad_time", given=error)
        else:
            self._search = AuditSearch(bus, self._wanted, between) if bus else None
        self._draw()
        if self._search is not None:
            background_tasks.create(self._read(self._search.go_on), name="audit")

    async def _go_on(self) -> None:
        if self._search is not None:
            await self._read(self._search.go_on)

    async def _read(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read and show it; a store that is away is said."""
        self._failed, asked = "", self._search
        try:
            await read()
        except StoreError as error:
            self._failed = self._screen.say("empty.buffer_unreadable", error=error)
        if asked is self._search and not self._more.is_deleted:
            self._draw()

    def _follow(self) -> None:
        """Whatever became of a command since is in the audit too."""
        last = self._screen.model.commands.last
        seen = last and (last.command.command_id, len(last.events))
        if seen == self._seen or self._search is None or not self._search.looked_at:
            return
        self._seen = seen
        background_tasks.create(self._read(self._search.newer), name="newer audit")

    def _draw(self) -> None:
        say, search = self._screen.say, self._search
        self._table.show([self._row(one) for one in (search.found if search else ())])
        self._table.empty.say(
            say("empty.audit" if search and search.looked_at else "audit.reading")
        )
        if search and search.ended and not search.looked_at:
            self._table.empty.say(say("empty.audit_at_all"))
        self._count(search)
        odd = (
            say("audit.unreadable", count=search.unreadable) if search and search.unreadable else ""
        )
        self._hint.say(" ".join(filter(None, (self._failed, odd))))
        set_classes(self._hint, hidden=not (self._failed or odd))
        set_classes(self._more, hidden=search is None or search.ended or not search.looked_at)

    def _count(self, search: AuditSearch | None) -> None:
        if search is None:
            self._counts.say("")
            return
        counts = {"shown": len(search.found), "looked": search.looked_at, "kept": search.kept}
        language = self._screen.user.language
        told = {name: formats.number(count, language) for name, count in counts.items()}
        self._counts.say(self._screen.say("audit.counts", **told))

    def _row(self, one: SealedRecord) -> Row:
        screen, say, record = self._screen, self._screen.say, one.record
        command = record.command
        at = StreamId.parse(one.entry_id)
        unmet = ", ".join(check.id for check in record.checks if check.met is not True)
        reasons = [say.either(reason) for reason in record.reasons]
        told = reasons or ([say("audit.unmet", checks=unmet)] if unmet else [])
        forged = [] if one.holds else [say("audit.forged", seal=one.seal[:16])]
        return {
            "id": one.entry_id,
            "order": f"{at.ms}-{at.sequence:06}",
            "time": screen.when(record.at, millis=True),
            "operator": say.known("user", command.operator),
            "role": access_view.role_words(command, say),
            "kind": command_view.kind_name(command.kind, say),
            "parameters": access_view.parameters_words(command, say),
            "part": say(f"audit.part.{record.part}"),
            "stage": access_view.stage_words(record, say),
            "bad": record.decision in command_view.FAILURES or not one.holds,
            "why": " · ".join(filter(None, (*forged, command.note, *told))),
            "source": command.source or formats.NONE,
        }

    def _columns(self) -> list[dict[str, object]]:
        say = self._screen.say
        return [
            column("time", say("column.time"), 126, sortable=False),
            column("operator", say("column.operator"), 96),
            column("role", say("users.role"), 108),
            column("kind", say("column.kind"), 150),
            column(
                "parameters",
                say("column.parameters"),
                0,
                tooltipField="parameters",
                cellClass="cell-mono",
            ),
            column("part", say("audit.column.part"), 88, cellClass=NOT_ON_CARDS),
            column("stage", say("column.stage"), 118, cellClassRules={"cell-warn": "data.bad"}),
            column("why", say("column.reason"), 0, tooltipField="why"),
            column("source", say("audit.column.source"), 120, tooltipField="source"),
            # An entry that comes later is added below all others: the newest is first by this.
            column("order", "", 1, hide=True, sort="desc"),
        ]

    def _open(self, entry_id: str) -> None:
        """The command of an entry, with all that is known of it; an entry about access whole."""
        found = self._search.found if self._search else ()
        one = next((one for one in found if one.entry_id == entry_id), None)
        if one is not None and access_view.is_access(one.record.command):
            told = access_view.entry_words(self._row(one))
            self._picked.say(told)
            set_classes(self._picked, hidden=False)
        elif one is not None:
            ui.navigate.to(urls.to_command(self._screen, one.record.command.command_id))


def _nothing(search: AuditSearch) -> str:
    """Why the list may be empty."""
    if search.looked_at:
        return "empty.audit"
    return "empty.audit_at_all" if search.ended else "audit.reading"


PAGE = Page("audit", "system", "j", build, role=Role.SUPERVISOR, past=False)
