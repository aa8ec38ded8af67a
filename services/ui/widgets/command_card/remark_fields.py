"""What a person writes beside a command: why, and why prudence is set aside."""

from collections.abc import Callable

from nicegui import ui

from services.common.store.keys import MAX_OVERRIDE
from services.ui.live.screen import Screen
from services.ui.views import command_submission
from services.ui.widgets.elements import set_classes


class RemarkFields:
    """Two fields of a card; the second one is there only where a reason is enough."""

    def __init__(self, screen: Screen, on_change: Callable[[], None]) -> None:
        """`on_change` is called while a reason is typed."""
        self._screen = screen
        self._note = self._field("command.note", command_submission.MAX_NOTE)
        self._reason = self._field("command.override", MAX_OVERRIDE).mark("override")
        self._reason.on_value_change(lambda _: on_change())

    @property
    def note(self) -> str:
        """Why the command is given."""
        return self._note.value or ""

    @property
    def reason(self) -> str:
        """Why prudence is set aside, as it is typed."""
        return (self._reason.value or "").strip()

    def ask_reason(self, *, wanted: bool) -> None:
        """Offer the field of the reason, or put it away."""
        set_classes(self._reason, hidden=not wanted)

    def lock(self, *, locked: bool) -> None:
        """Put both away while a command is on its way."""
        set_classes(self._note, hidden=locked)
        self.ask_reason(wanted=False)

    def _field(self, key: str, most: int) -> ui.input:
        label = self._screen.say(key)
        made = ui.input(placeholder=label).classes("field note-in")
        made.props(f'dense outlined square maxlength={most} aria-label="{label}"')
        return made
