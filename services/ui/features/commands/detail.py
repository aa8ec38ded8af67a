"""One command in full: who, why, its stages with times, its bytes, and what the audit says."""

from collections.abc import Callable
from urllib.parse import urlencode

from nicegui import background_tasks

from omf.analysis.account import FactAccount
from services.common.store.audit import SealedRecord
from services.common.store.bus import StoreError
from services.common.store.keys import CommandEvent, CommandRecord
from services.history.accounts import command_account
from services.ui import formats
from services.ui.features.commands import audit_trail
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_view, urls
from services.ui.widgets.account_panel import clauses_panel
from services.ui.widgets.chain_check import ChainCheck
from services.ui.widgets.command_card.stages import StageLine
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.moment_link import MomentLink


class CommandDetail:
    """A side panel that shows one command at a time and follows it."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        self._screen = screen
        self._record: CommandRecord | None = None
        say = screen.say
        with div("panel detail wide hidden", "aside") as self._panel:
            with div("panel-head"):
                self._title = text("", "card-title", "h2")
                text(say("close"), "act small", "button").on("click", on_close).props("data-close")
            with div("row"):
                self._then = MomentLink(screen, "evidence")
            self._who, self._note = text("", "hint"), text("", "")
            self._parameters = text("", "mono")
            self._stages = StageLine(screen)
            self._account = clauses_panel(screen, self._account_of)
            self._times, self._evidence, self._sent = (div("card-part") for _ in range(3))
            self._audit = div("card-part")
            with div("row"):
                self._logs = link(say("command.log_lines"), "", "act small").mark("command-logs")
                self._chain = ChainCheck(screen)

    def show(self, record: CommandRecord | None) -> None:
        """Show this command, or nothing; what did not change is not drawn again."""
        set_classes(self._panel, hidden=record is None)
        if record is None or record == self._record:
            self._record = record
            return
        fresh = self._record is None or _id(self._record) != _id(record)
        self._record = record
        if fresh:
            self._chain.clear()
        say = self._screen.say
        self._title.say(command_view.kind_name(record.command.kind, say))
        self._then.lead(f"commands?command={_id(record)}", record.command.created_at)
        self._who.say(_who(self._screen, record))
        lines = f"system/logs?{urlencode({'about': _id(record)})}"
        attribute(self._logs, "href", self._screen.path(lines))
        self._note.say(say("command.because", note=record.command.note))
        set_classes(self._note, hidden=not record.command.note)
        self._parameters.say(command_view.parameters_words(record.command, say))
        self._stages.show(record)
        self._account()
        self._draw_times(record)
        self._draw_evidence(record)
        self._draw_bytes(record)
        background_tasks.create(self._read_audit(record), name="audit of a command")

    def _account_of(self) -> FactAccount | None:
        return command_account(self._record) if self._record else None

    def _draw_times(self, record: CommandRecord) -> None:
        """How long after the request each stage came."""
        self._times.clear()
        language, begin = self._screen.user.language, record.command.created_at
        with self._times:
            text(self._screen.say("command.times"), "panel-title")
            for event in record.events:
                with div("row stage-time"):
                    text(command_progress.event_words(event, self._screen.say), "grow")
                    step = self._screen.say("command.step", step=event.step + 1)
                    text(step if event.step else "", "hint")
                    text(f"+{formats.number(event.at - begin, language, 3)} s", "mono")

    def _draw_evidence(self, record: CommandRecord) -> None:
        """Every message that proves something; the stages show only the first ones."""
        self._evidence.clear()
        ids = dict.fromkeys(one for event in record.events for one in event.evidence)
        orders = dict.fromkeys(event.order_id for event in record.events if event.order_id)
        set_classes(self._evidence, hidden=not ids and not orders)
        screen = self._screen
        with self._evidence:
            text(self._screen.say("command.proofs"), "panel-title")
            with div("evidence-list"):
                for one in ids:
                    link(one, urls.to_message(screen, one), "mono evidence")
                for order in orders:
                    words = self._screen.say("command.order_messages", order=order[:8])
                    link(words, urls.to_text(screen, order), "evidence")

    def _draw_bytes(self, record: CommandRecord) -> None:
        """What went out, once for each step."""
        self._sent.clear()
        sent: dict[tuple[int, str, str], CommandEvent] = {}
        for event in record.events:
            if event.topic and event.payload:
                sent.setdefault((event.step, event.topic, event.payload), event)
        set_classes(self._sent, hidden=not sent)
        with self._sent:
            text(self._screen.say("command.sent"), "panel-title")
            for _, topic, payload in sent:
                text(topic, "mono")
                attribute(text(command_view.pretty(payload), "payload", "pre"), "tabindex", "0")

    async def _read_audit(self, record: CommandRecord) -> None:
        bus = self._screen.bus
        if bus is None:
            return
        found, none = None, self._screen.say("audit.none")
        try:
            found = await audit_trail.of(bus, record)
        except StoreError as error:
            none = self._screen.say("empty.buffer_unreadable", error=error)
        if self._record is not record or self._panel.is_deleted:
            return
        self._audit.clear()
        with self._audit:
            text(self._screen.say("audit.title"), "panel-title")
            if not found:
                text(none, "hint")
            for one in found or ():
                _entry(self._screen, one)


def _id(record: CommandRecord) -> str:
    return record.command.command_id


def _who(screen: Screen, record: CommandRecord) -> str:
    command, user = record.command, screen.user
    return screen.say(
        "command.who",
        operator=screen.say.known("user", command.operator),
        role=screen.say(f"role.{command.role}"),
        source=command.source or formats.NONE,
        at=formats.date_and_time(command.created_at, user.clock, user.language),
        id=command.command_id,
    )


def _entry(screen: Screen, one: SealedRecord) -> None:
    say, record = screen.say, one.record
    with div("audit-entry") as line:
        with div("row"):
            text(say(f"audit.part.{record.part}"), "station-name")
            text(say(f"stage.{record.decision}"), "grow")
            text(screen.when(record.at, millis=True), "mono")
        for reason in record.reasons:
            text(say.either(reason))
        unmet = [check.id for check in record.checks if check.met is not True]
        if unmet:
            text(say("audit.unmet", checks=", ".join(unmet)), "hint")
        seal = text(say("audit.seal" if one.holds else "audit.forged", seal=one.seal[:16]), "hint")
        attribute(seal, "title", one.seal)
        set_classes(seal, wrong=not one.holds)
    set_classes(line, bad=not one.holds)
