"""The sequences people wrote down, each run from one card."""

from collections.abc import Callable
from functools import partial

from services.ui.features.steering import sequences
from services.ui.features.steering.sequences import CommandSequence
from services.ui.live.screen import Screen
from services.ui.widgets.command_card.batch_card import BatchCard
from services.ui.widgets.elements import attribute, div, panel, set_classes, text


def sequence_library(screen: Screen, put: Callable[[Callable[[], BatchCard]], None]) -> None:
    """One line per file as it is now; a broken one says what is wrong with it."""
    say, folder = screen.say, screen.settings.ui_sequences
    with panel(say("sequences.title")):
        found = sequences.library(folder)
        for sequence in found:
            _line(screen, sequence, put)
        if not found:
            where = say("sequences.none_named") if folder is None else str(folder)
            text(say("sequences.empty", folder=where), "empty")


def _line(
    screen: Screen, sequence: CommandSequence, put: Callable[[Callable[[], BatchCard]], None]
) -> None:
    say, written = screen.say, sequence.written
    with div("entry-line", "button") as line:
        line.mark(f"sequence-{sequence.name}")
        attribute(line, "data-entry", f"sequence-{sequence.name}")
        text(say.either(written.title) if written else sequence.name, "entry-name")
        if written is None:
            text(say("sequences.broken", why=sequence.complaint), "hint wrong")
        else:
            count = len(written.steps)
            text(say("sequences.about", count=count, version=sequence.version), "hint")
            line.on("click", partial(put, partial(_card, screen, sequence)))
    set_classes(line, off=written is None)


def _card(screen: Screen, sequence: CommandSequence) -> BatchCard:
    title = screen.say.either(sequence.written.title) if sequence.written else sequence.name
    name = f"{sequence.name} {sequence.version}"
    return BatchCard(screen, title, lambda: sequence.wishes, name=name)
