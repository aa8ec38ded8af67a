"""Who leads this factory, and how the lead passes on: the chip in the top bar."""

from typing import NamedTuple
from uuid import uuid4

from services.common.store.bus import StoreError
from services.common.store.keys import Command, Role, Stage
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_submission, command_view
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text

LEASE_ACTS = ("take", "release", "request", "hand-over")


class _Lead(NamedTuple):
    """What the chip and its menu show."""

    who: str
    held: bool
    sentence: str
    wish: str
    asks: str
    approvals: str
    ways: tuple[str, ...]


class LeaseChip:
    """The chip and its menu. Every way is a command like any other: orders decides it."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asked = ""
        say = screen.say
        with div("drop", "details"):
            with div("chip lead", "summary") as self._chip:
                div("chip-shape")
                text(say("lead.is"), "chip-name")
                self._who = text("", "chip-word")
                self._asks = text("", "chip-word hidden").props("role=status")
                self._approvals = text("", "chip-word hidden").props("role=status")
            attribute(self._chip, "title", say("lead.explained"))
            with div("drop-body"):
                self._words = text("", "lead-words")
                self._wish = text("", "hint")
                with div("row"):
                    self._ways = {way: self._button(way) for way in LEASE_ACTS}
                self._to_approvals = link(
                    say("approvals.title"), screen.path("steering"), "act small hidden"
                )
                self._told = text("", "hint")
        screen.live(drawn_from(self._shows, self._paint))
        screen.live(self._tell)

    def _button(self, way: str) -> Label:
        name = command_view.kind_name(f"control-{way}", self._screen.say)
        button = text(name, "act small", "button").mark(f"lead-{way}")

        async def press() -> None:
            await self._send(way)

        button.on("click", press)
        return button

    def _shows(self) -> _Lead:
        user = self._screen.user
        key = ("lead", user.name, user.role, user.known_by)
        return self._screen.shared(key, self._lead)

    def _lead(self) -> _Lead:
        """Holder, wish and what is possible for whoever looks."""
        screen, say = self._screen, self._screen.say
        lease, me = screen.model.lease, screen.user.name
        holder = lease.holder_at(screen.model.wall)
        asked = lease.asked_by if holder else ""
        asker = say.known("user", asked) if asked else ""
        ways = {
            "take": holder in ("", me),
            "release": holder == me,
            "request": holder not in ("", me) and asked != me,
            "hand-over": holder == me and bool(asked),
        }
        waiting = self._waiting_approvals()
        return _Lead(
            say.known("user", holder) if holder else say("lead.nobody"),
            bool(holder),
            self._sentence(holder, formats.moment(lease.until, screen.user.clock)),
            say("lead.asked", who=asker) if asked else "",
            # Who leads must see it without opening the menu: nobody else can answer.
            say("lead.asks_you", who=asker) if asked and holder == me else "",
            say("lead.approvals", count=waiting) if waiting else "",
            tuple(way for way in ways if ways[way] and screen.user.may(Role.OPERATOR)),
        )

    def _paint(self, shown: _Lead) -> None:
        self._who.say(shown.who)
        set_classes(self._chip, held=shown.held, asked=bool(shown.wish))
        self._words.say(shown.sentence)
        self._wish.say(shown.wish)
        self._asks.say(shown.asks)
        set_classes(self._asks, hidden=not shown.asks)
        self._approvals.say(shown.approvals)
        set_classes(self._approvals, hidden=not shown.approvals)
        set_classes(self._to_approvals, hidden=not shown.approvals)
        for way, button in self._ways.items():
            set_classes(button, hidden=way not in shown.ways)

    def _waiting_approvals(self) -> int:
        """How many commands wait for this person to be the second one."""
        user, model = self._screen.user, self._screen.model
        if user.known_by != "account":
            return 0
        waiting = (one for one in model.approvals if one.waits(model.wall))
        return sum(not one.given_by(user.name) and user.may(one.needed) for one in waiting)

    def _sentence(self, holder: str, until: str) -> str:
        say = self._screen.say
        environment = self._screen.environment.upper()
        means = "lead.needed" if self._screen.model.lease.required else "lead.free"
        needed = say(means, environment=environment)
        if not holder:
            return needed
        who = say.known("user", holder)
        if not (since := self._screen.model.lease.since):
            return say("lead.until", who=who, until=until, needed=needed)
        began = self._screen.when(since)
        return say("lead.since", who=who, since=began, until=until, needed=needed)

    def _tell(self) -> None:
        """What came of the last press; once it was carried out, the sentence above says it."""
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        if record is None:
            return
        say, done = self._screen.say, record.stage is Stage.EFFECT
        stage = command_progress.stage_words(record, say)
        self._told.say("" if done else command_view.last_reason(record, say) or stage)

    async def _send(self, way: str) -> None:
        """Hand the wish to orders; rights are asked there, and here."""
        screen = self._screen
        bus = screen.bus
        if bus is None or not screen.user.may(Role.OPERATOR):
            return
        self._asked = uuid4().hex
        try:
            command = Command(
                command_id=self._asked,
                kind=f"control-{way}",
                environment=screen.environment,
                operator=screen.user.name,
                role=screen.user.role,
                created_at=await bus.time(),
                source=screen.user.source,
                known_by=screen.user.known_by,
            )
            await bus.submit(command)
        except StoreError as error:
            self._told.say(command_submission.not_sent(screen, error))
            return
        screen.model.ask(command)
        screen.model.changed()
