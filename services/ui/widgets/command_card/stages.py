"""The stages of one command, live, each with its time and the messages that prove it."""

import re
from collections.abc import Sequence

from omf.commands import PlannedStep
from services.common.store.keys import CommandEvent, CommandRecord
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_view, urls
from services.ui.views.command_progress import StepCourse
from services.ui.views.order_rows import ORDERING
from services.ui.widgets.elements import div, link, set_classes, text

_ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_EVIDENCE = 3
"""A sequence is proven by dozens of messages; the first ones lead to the rest."""


class StageLine:
    """Draws one command's way; `show(None)` empties it."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._drawn: object = None
        self._holder = div("stages").props("role=status")

    def show(self, record: CommandRecord | None, steps: Sequence[PlannedStep] = ()) -> None:
        """Draw the way of this command; nothing is sent if nothing changed.

        Several steps stand below each other, the present one with its stages; `steps` tells what
        they are, also of those that have not begun.
        """
        if (record, len(steps)) == self._drawn:
            return
        self._drawn = (record, len(steps))
        self._holder.clear()
        if record is None:
            return
        courses = command_progress.courses(record)
        with self._holder:
            for course in courses[:-1]:
                self._past(course, steps)
            if len(courses) > 1 or len(steps) > 1:
                self._line(courses[-1].step, steps, self._now(record), "now")
            self._present(courses[-1])
            for number in range(len(courses), len(steps)):
                self._line(number, steps, self._screen.say("step.ahead"), "dim")

    def _now(self, record: CommandRecord) -> str:
        """A step is under way until it waits or the command has ended."""
        say, words = self._screen.say, command_progress.stage_words(record, self._screen.say)
        return words if record.final or words == say(command_progress.WAITING) else say("step.now")

    def _past(self, course: StepCourse, steps: Sequence[PlannedStep]) -> None:
        at = self._screen.when(course.done_at, millis=True)
        self._line(course.step, steps, self._screen.say("step.done", at=at), "dim")

    def _line(self, number: int, steps: Sequence[PlannedStep], state: str, classes: str) -> None:
        say = self._screen.say
        known = number < len(steps)
        what = say.either(steps[number].title) if known else say("command.step", step=number + 1)
        with div(f"step-line {classes}"):
            text(f"{number + 1}. {what}" if known else what, "grow")
            text(state, "hint")

    def _present(self, course: StepCourse) -> None:
        with div("stations"):
            for station in course.stations:
                with div("station") as made:
                    text(self._screen.say(station.word), "station-name")
                    text(self._screen.when(station.at, millis=True), "station-at")
                set_classes(made, reached=station.reached, bad=station.bad)
        for event in course.told:
            self._told(event)

    def _told(self, event: CommandEvent) -> None:
        """What was said about a stage, and links to the messages that prove it."""
        say = self._screen.say
        with div("told") as line:
            text(command_progress.event_words(event, say), "station-name")
            with div("told-words"):
                for reason in event.reasons:
                    text(say.either(reason))
                    self._order_link(event, say.either(reason))
                for message_id in event.evidence[:MAX_EVIDENCE]:
                    target = urls.to_message(self._screen, message_id)
                    link(say("command.evidence", id=message_id), target, "mono evidence")
        set_classes(line, bad=event.stage in command_view.FAILURES)

    def _order_link(self, event: CommandEvent, words: str) -> None:
        """The way to the order that was made."""
        named = _ORDER_ID.search(words) if event.kind in ORDERING else None
        if named is not None:
            target = urls.to_order(self._screen, named[0])
            link(self._screen.say("command.to_order"), target, "way-in").mark("to-order")
