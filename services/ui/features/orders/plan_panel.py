"""Orders by plan: each with its next time, and what became of it so far."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from nicegui import background_tasks

from omf.commands import CONTROLS, Kind
from omf.commands.command_types.plans import PLAN_PAUSE, PLAN_REMOVE, PLAN_RESUME, PLAN_SET
from omf.plans.future import DueOrders, ForeseenOrders, due_orders
from omf.plans.plan import OrderPlan, PlanNote
from omf.plans.schedule import next_due
from services.common.foresight.reader import ForesightReader, NoForesightError
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import Label, attribute, div, fold, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

PLANS_AGAIN_S, PLANS_RETRY_S = 60.0, 10.0
Open = Callable[[Kind, Mapping[str, Any]], None]


def plan_panel(screen: Screen, open_card: Open) -> None:
    """The list of plans, and the button that opens the card of a new one."""
    with panel(screen.say("plan.title"), "plans"):
        empty = text(screen.say("plan.none"), "empty")
        ahead = PlansAhead(screen)
        listing = KeyedList(
            div("lines"), lambda name: PlanLine(screen, name, open_card, ahead).draw, empty
        )
        with div("row"):
            new = text(screen.say("plan.new"), "act", "button").mark("plan-new")
            new.on("click", lambda: open_card(CONTROLS[PLAN_SET], {}))

    def draw() -> None:
        ahead.follow()
        listing.show([plan.name for plan in screen.model.plans])

    screen.live(draw)


class PlansAhead:
    """What all plans would order within a shift, asked beside the page once a minute."""

    def __init__(self, screen: Screen) -> None:
        self._screen, self._who = screen, uuid4().hex
        self._asked_at = 0.0
        self._asked: tuple[str, ...] = ()
        self._found: list[ForeseenOrders] = []

    def of(self, plan: str) -> list[ForeseenOrders]:
        """What is foreseen of one."""
        return [one for one in self._found if one.plan == plan]

    def follow(self) -> None:
        """Ask where plans are others than before, or a minute has passed."""
        screen, now = self._screen, self._screen.model.wall
        about = tuple(f"{plan.id} {plan.revision}" for plan in screen.model.plans)
        if screen.impacts is None or (
            about == self._asked and now - self._asked_at < PLANS_AGAIN_S
        ):
            return
        self._asked, self._asked_at = about, now
        zone = screen.settings.shift_calendar.zone
        due = due_orders(screen.model.plans, now, zone)
        if due:
            background_tasks.create(self._ask(screen.impacts, due), name="orders by plan ahead")
        else:
            self._found = []

    async def _ask(self, reader: ForesightReader, due: list[DueOrders]) -> None:
        try:
            found = await reader.orders_by_plan(self._who, self._screen.environment, due)
        except NoForesightError:
            # A program that has just begun on a busy machine is asked again before the minute.
            self._asked_at -= PLANS_AGAIN_S - PLANS_RETRY_S
            return
        self._found = self._found if found is None else found


class PlanLine:
    """One plan; its buttons open the card of the command that pauses, resumes or removes it."""

    def __init__(self, screen: Screen, name: str, open_card: Open, ahead: PlansAhead) -> None:
        self._screen, self._name, self._open, self._ahead = screen, name, open_card, ahead
        with div("bracket plan").mark(f"plan-{name}"):
            with div("row"):
                text(name, "grow cut")
                self._next = text("", "order-state")
            self._what, self._why = text("", "hint"), text("", "reason")
            with div("row run-acts"):
                acts = (PLAN_PAUSE, PLAN_RESUME, PLAN_REMOVE)
                self._acts = {act: self._act(act) for act in acts}
            with fold(screen.say("plan.ahead")) as self._fold:
                self._lines = KeyedList(div("lines"), _line)
            with fold(screen.say("sequence.history")):
                self._notes = KeyedList(div("lines"), self._note)

    def draw(self) -> None:
        """Bring it up to date."""
        plan = self._plan()
        if plan is None:
            return
        self._next.say(when_words(self._screen, plan))
        self._what.say(what_words(self._screen, plan))
        self._why.say(self._screen.say.either(plan.why) if plan.why else "")
        set_classes(self._why, hidden=plan.why is None)
        set_classes(self._acts[PLAN_PAUSE], hidden=bool(plan.paused_by))
        set_classes(self._acts[PLAN_RESUME], hidden=not plan.paused_by)
        coming = [ahead_words(self._screen, one) for one in self._ahead.of(self._name)]
        set_classes(self._fold, hidden=not coming)
        self._lines.show(coming)
        # Notes have no number of their own, and the oldest are let go.
        keys = [f"{note.at}/{note.event}/{note.due}" for note in reversed(plan.history)]
        self._notes.show(list(dict.fromkeys(keys)))

    def _plan(self) -> OrderPlan | None:
        return next((one for one in self._screen.model.plans if one.name == self._name), None)

    def _act(self, act: str) -> Label:
        button = text(self._screen.say(f"plan.act.{act}"), "act small", "button").mark(act)
        button.on("click", lambda: self._open(CONTROLS[act], {"name": self._name}))
        attribute(button, "data-act", act)
        attribute(button, "aria-label", f"{button.text}: {self._name}")
        return button

    def _note(self, key: str) -> Draw:
        plan = self._plan()
        history = plan.history if plan else ()
        note = next((n for n in history if f"{n.at}/{n.event}/{n.due}" == key), None)
        if note is not None:
            words = note_words(self._screen, note)
            if note.run_id:
                link(words, urls.to_command(self._screen, note.run_id), "batch-stage")
            else:
                text(words, "batch-stage")
        return _as_noted


def _line(words: str) -> Draw:
    text(words, "batch-stage")
    return _as_noted


def ahead_words(screen: Screen, one: ForeseenOrders) -> str:
    """What would be ordered at one time, and when it would be done."""
    say = screen.say
    colours = ", ".join(say(f"colour.{colour}") for colour in one.colours)
    ends = [end for end in one.ends if end is not None]
    done = say("plan.ahead_done", time=screen.when(max(ends))) if ends else ""
    why = say("plan.ahead_skipped", why=say.either(one.why)) if one.why else ""
    return " · ".join(part for part in (screen.when(one.at), colours, done, why) if part)


def _as_noted() -> None:
    """What was noted never changes."""


def when_words(screen: Screen, plan: OrderPlan) -> str:
    """When it is due next, or what keeps it."""
    say = screen.say
    if plan.paused_by:
        return say("plan.is_paused")
    if plan.keep is not None:
        return say("plan.keeps", keep=plan.keep)
    due = next_due(plan, screen.model.wall, screen.settings.shift_calendar.zone)
    return say("plan.next", time=screen.when(due)) if due is not None else say("plan.never")


def what_words(screen: Screen, plan: OrderPlan) -> str:
    """What is ordered, at which times, and in whose name."""
    say = screen.say
    colours = ", ".join(say(f"colour.{colour}") for colour in plan.colours)
    who = say.known("user", plan.operator)
    times = ", ".join(f"{one:%H:%M}" for one in plan.times)
    what = say("plan.what", amount=plan.amount, colours=colours, operator=who)
    return f"{times} · {what}" if times else what


def note_words(screen: Screen, note: PlanNote) -> str:
    """One line of the history of a plan."""
    say = screen.say
    who = say.known("user", note.by) if note.by else ""
    told = say.either(note.said) if note.said else ""
    parts = (screen.when(note.at), say(f"plan.event.{note.event}"), who, told)
    return " · ".join(part for part in parts if part)
