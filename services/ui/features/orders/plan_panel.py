"""Orders by plan: each with its next time, and what became of it so far."""

from collections.abc import Callable, Mapping
from typing import Any

from omf.commands import CONTROLS, Kind
from omf.commands.command_types.plans import PLAN_PAUSE, PLAN_REMOVE, PLAN_RESUME, PLAN_SET
from omf.plans.plan import OrderPlan, PlanNote
from omf.plans.schedule import next_due
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import Label, attribute, div, fold, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

Open = Callable[[Kind, Mapping[str, Any]], None]


def plan_panel(screen: Screen, open_card: Open) -> None:
    """The list of plans, and the button that opens the card of a new one."""
    with panel(screen.say("plan.title"), "plans"):
        empty = text(screen.say("plan.none"), "empty")
        listing = KeyedList(
            div("lines"), lambda name: PlanLine(screen, name, open_card).draw, empty
        )
        with div("row"):
            new = text(screen.say("plan.new"), "act", "button").mark("plan-new")
            new.on("click", lambda: open_card(CONTROLS[PLAN_SET], {}))
    screen.live(lambda: listing.show([plan.name for plan in screen.model.plans]))


class PlanLine:
    """One plan; its buttons open the card of the command that pauses, resumes or removes it."""

    def __init__(self, screen: Screen, name: str, open_card: Open) -> None:
        self._screen, self._name, self._open = screen, name, open_card
        with div("bracket plan").mark(f"plan-{name}"):
            with div("row"):
                text(name, "grow cut")
                self._next = text("", "order-state")
            self._what, self._why = text("", "hint"), text("", "reason")
            with div("row run-acts"):
                acts = (PLAN_PAUSE, PLAN_RESUME, PLAN_REMOVE)
                self._acts = {act: self._act(act) for act in acts}
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
