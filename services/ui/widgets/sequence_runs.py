"""Sequences of commands that run or ran: where each stands, its history, and what may be done."""

from collections.abc import Callable, Mapping
from typing import Any

from omf.commands import CONTROLS, Kind
from omf.commands.command_types.sequences import SEQUENCE_CANCEL, SEQUENCE_CONTINUE, SEQUENCE_HOLD
from omf.sequences.run import HELD_STATES, SequenceRun
from services.ui.live.screen import Screen
from services.ui.views import sequence_view, urls
from services.ui.widgets.elements import Label, attribute, div, fold, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

ACTS = (SEQUENCE_HOLD, SEQUENCE_CONTINUE, SEQUENCE_CANCEL)
Open = Callable[[Kind, Mapping[str, Any]], None]


def run_panel(screen: Screen, open_card: Open) -> Draw:
    """The list of runs, hidden while there is none; returns how to draw it again."""
    with panel(screen.say("sequence.runs"), "brackets runs") as section:
        empty = text("", "hidden")
        listing = KeyedList(
            div("lines"), lambda run_id: RunLine(screen, run_id, open_card).draw, empty
        )

    def draw() -> None:
        found = sequence_view.shown_runs(screen.model)
        set_classes(section, hidden=not found)
        listing.show(found)

    return draw


class RunLine:
    """One run; its buttons open the card of the command that holds, continues or cancels it."""

    def __init__(self, screen: Screen, run_id: str, open_card: Open) -> None:
        self._screen, self._id = screen, run_id
        with div("bracket run").mark(f"run-{run_id}"):
            with div("row"):
                self._title, self._state = text("", "grow cut"), text("", "order-state")
            self._present, self._why = text("", "hint"), text("", "reason")
            with div("row run-acts"):
                self._acts = {
                    act: _act(screen, act, run_id, open_card)
                    for act in (SEQUENCE_HOLD, SEQUENCE_CONTINUE, SEQUENCE_CANCEL)
                }
            with fold(screen.say("sequence.history")):
                self._notes = KeyedList(div("lines"), self._note)

    def draw(self) -> None:
        """Bring it up to date."""
        say, run = self._screen.say, sequence_view.run_of(self._screen.model, self._id)
        if run is None:
            return
        self._title.say(sequence_view.run_title(run, say))
        attribute(self._title, "title", run.id)
        self._state.say(sequence_view.run_state(run, say))
        set_classes(self._state, bad=sequence_view.run_bad(run))
        self._present.say(sequence_view.run_present(self._screen, run))
        self._why.say(say.either(run.why) if run.why else "")
        set_classes(self._why, hidden=run.why is None)
        self._draw_acts(run)
        self._notes.show([str(number) for number in reversed(range(len(run.history)))])

    def _draw_acts(self, run: SequenceRun) -> None:
        held = run.state in HELD_STATES
        hidden = {SEQUENCE_HOLD: held, SEQUENCE_CONTINUE: not held, SEQUENCE_CANCEL: False}
        for act, button in self._acts.items():
            set_classes(button, hidden=run.ended or hidden[act])
            attribute(button, "aria-label", f"{button.text}: {self._title.text}")

    def _note(self, key: str) -> Draw:
        """One line of the history; a command leads to its own."""
        screen, number = self._screen, int(key)
        run = sequence_view.run_of(screen.model, self._id)
        if run and number < len(run.history):
            note = run.history[number]
            words = f"{screen.when(note.at)} · {sequence_view.note_words(note, screen.say)}"
            if note.command_id:
                link(words, urls.to_command(screen, note.command_id), "batch-stage")
            else:
                text(words, "batch-stage")
        return _drawn_once


def _drawn_once() -> None:
    """What was noted never changes."""


def _act(screen: Screen, act: str, run_id: str, open_card: Open) -> Label:
    kind = CONTROLS[act]
    button = text(screen.say(f"sequence.act.{act}"), "act small", "button")
    button.on("click", lambda: open_card(kind, {"run": run_id})).mark(act)
    attribute(button, "data-act", act)
    return button
