"""Who leads this factory, and how the lead passes on: the chip in the top bar."""

from uuid import uuid4

from services.common.store.bus import StoreError
from services.common.store.keys import Command, Role, Stage
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_submission, command_view
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text

LEASE_ACTS = ("take", "release", "request", "hand-over")


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
        screen.live(self.draw)

    def _button(self, way: str) -> Label:
        name = command_view.kind_name(f"control-{way}", self._screen.say)
        button = text(name, "act small", "button").mark(f"lead-{way}")

        async def press() -> None:
            await self._send(way)

        button.on("click", press)
        return button

    def draw(self) -> None:
        """Bring holder, wish and what is possible up to date."""
        screen, say = self._screen, self._screen.say
        lease, now, me = screen.model.lease, screen.model.wall, screen.user.name
        holder = lease.holder_at(now)
        clock = screen.user.clock
        self._who.say(say.known("user", holder) if holder else say("lead.nobody"))
        set_classes(self._chip, held=bool(holder), asked=bool(holder and lease.asked_by))
        self._words.say(self._sentence(holder, formats.moment(lease.until, clock)))
        asked = lease.asked_by if holder else ""
        self._wish.say(say("lead.asked", who=say.known("user", asked)) if asked else "")
        # Who leads must see it without opening the menu: nobody else can answer.
        mine = bool(asked) and holder == me
        self._asks.say(say("lead.asks_you", who=say.known("user", asked)) if mine else "")
        set_classes(self._asks, hidden=not mine)
        self._draw_approvals(now, me)
        may = screen.user.may(Role.OPERATOR)
        set_classes(self._ways["take"], hidden=not (may and holder in ("", me)))
        set_classes(self._ways["release"], hidden=not (may and holder == me))
        set_classes(
            self._ways["request"], hidden=not (may and holder not in ("", me) and asked != me)
        )
        set_classes(self._ways["hand-over"], hidden=not (may and holder == me and asked))
        self._tell()

    def _draw_approvals(self, now: float, me: str) -> None:
        """Commands that wait for this person to be the second one."""
        user = self._screen.user
        found = [
            one
            for one in self._screen.model.approvals
            if one.waits(now) and not one.given_by(me) and user.may(one.needed)
        ]
        if user.known_by != "account":
            found = []
        self._approvals.say(self._screen.say("lead.approvals", count=len(found)) if found else "")
        set_classes(self._approvals, hidden=not found)
        set_classes(self._to_approvals, hidden=not found)

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
