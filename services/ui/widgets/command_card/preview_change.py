"""What changed in a preview while it was read, told until there was time to look again."""

from collections.abc import Callable, Iterator

from nicegui import ui

from omf.commands import PART_WORDS, Plan, PlanPart
from omf.messages import json_diff
from omf.messages.json_diff import Difference
from services.ui.live.screen import Screen
from services.ui.translator import Translator
from services.ui.views import command_view
from services.ui.views.preview_watch import SECOND_LOOK_S, PreviewWatch
from services.ui.widgets.command_card import parts as card_parts
from services.ui.widgets.elements import div, set_classes, text

PREVIEW_LOOK_S = 0.4
"""Until the next picture tells the time."""


class ChangeNotice:
    """Says it of one preview; empty while the preview is what was read."""

    def __init__(self, screen: Screen, redraw: Callable[[], None]) -> None:
        """`redraw` is called once the preview may be sent again."""
        self._screen = screen
        self._redraw = redraw
        self._shown: object = None
        self._holder = div("card-notice hidden").props("role=alert")

    def draw(self, watch: PreviewWatch, refused: str = "") -> None:
        """Bring it up to date; `refused` is what orders said, if it saw the change first."""
        locked = watch.locked(self._screen.model.now)
        shown = (watch.before, watch.plan if watch.parts else None, refused, locked)
        if shown == self._shown:
            return
        self._shown = shown
        self._holder.clear()
        with self._holder:
            self._fill(watch, refused, locked=locked)
            if locked:
                ui.timer(SECOND_LOOK_S + PREVIEW_LOOK_S, self._redraw, once=True)
        set_classes(self._holder, hidden=not (watch.parts or refused), changed=locked)

    def _fill(self, watch: PreviewWatch, refused: str, *, locked: bool) -> None:
        say = self._screen.say
        if refused:
            text(refused, "card-notice-title")
        if watch.parts:
            names = ", ".join(say.either(PART_WORDS[part]) for part in watch.parts)
            text(say("command.changed", parts=names), "card-notice-title")
            if watch.before and watch.plan:
                found = list(between(watch.before, watch.plan, watch.parts, say))
                card_parts.difference_lines(self._screen, found)
        if locked:
            text(say("command.look_again"), "hint")


def between(
    before: Plan, now: Plan, parts: tuple[PlanPart, ...], say: Translator
) -> Iterator[Difference]:
    """What differs in these parts, in words; a message by its title, else by its fields."""
    if "messages" in parts:
        yield from _lines(say("command.what"), _titles(before, say), _titles(now, say))
        yield from _fields(before, now)
    if "losses" in parts:
        words = (tuple(map(say.either, plan.losses)) for plan in (before, now))
        yield from _lines(say("command.losses"), *words)
    if "effect" in parts:
        yield from _lines(say("command.effect"), _effects(before, say), _effects(now, say))
    if "checks" in parts:
        yield from _checks(before, now, say)


def _lines(name: str, before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[Difference]:
    """Only the lines that are not the same on both sides."""
    gone = "; ".join(line for line in before if line not in now)
    come = "; ".join(line for line in now if line not in before)
    if gone or come:
        yield Difference(name, gone, come)


def _titles(plan: Plan, say: Translator) -> tuple[str, ...]:
    return tuple(f"{n}. {say.either(step.title)}" for n, step in enumerate(plan.steps, 1))


def _fields(before: Plan, now: Plan) -> Iterator[Difference]:
    """Where as many messages go out under the same titles, what differs inside."""
    if [step.title for step in before.steps] != [step.title for step in now.steps]:
        return
    for old, new in zip(before.steps, now.steps, strict=True):
        yield from json_diff.between(json_diff.parsed(old.payload), json_diff.parsed(new.payload))


def _effects(plan: Plan, say: Translator) -> tuple[str, ...]:
    steps = (command_view.expected(step.effect) for step in plan.steps)
    return tuple(say.either(effect.text) for step in steps for effect in step)


def _checks(before: Plan, now: Plan, say: Translator) -> Iterator[Difference]:
    known = {check.id: check for check in before.checks}
    for check in now.checks:
        old = known.get(check.id)
        if old is None or old.met != check.met:
            words = {True: "check.met", False: "check.unmet", None: "check.open"}
            was = say(words[old.met]) if old else ""
            yield Difference(say.either(check), was, say(words[check.met]))
