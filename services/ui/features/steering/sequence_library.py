"""The sequences people wrote down, each run from one card."""

from collections.abc import Callable
from functools import partial

from omf.commands.command_types.sequences import MAX_SEQUENCE_NAME
from omf.sequences.written import WrittenSequence
from services.ui.features.steering import sequences
from services.ui.features.steering.sequences import CommandSequence
from services.ui.live.screen import Screen
from services.ui.widgets.command_card.batch_card import BatchCard, Called
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
            why = say.either(sequence.complaint) if sequence.complaint else ""
            text(say("sequences.broken", why=why), "hint wrong")
        else:
            count = len(written.steps)
            text(say("sequences.about", count=count, version=sequence.version), "hint")
            name = sequence.name[:MAX_SEQUENCE_NAME]
            called = Called(written.title, name, sequence.version, written.only)
            line.on("click", partial(put, partial(_card, screen, called, written)))
    set_classes(line, off=written is None)


def _card(screen: Screen, called: Called, written: WrittenSequence) -> BatchCard:
    return BatchCard(screen, called, lambda: written.steps)
