"""Topic and payload of each message of a command, to be changed before it goes out."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from nicegui import ui

from omf.commands import Plan, PlannedStep
from omf.constants import MAX_PAYLOAD_BYTES
from omf.messages.edited import EditedMessage
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.widgets.elements import div, text


class _Fields(NamedTuple):
    """What stands for one message, and what it was made as."""

    step: PlannedStep
    shown: str
    """The payload laid out for reading, as the field began."""
    topic: ui.input
    payload: ui.textarea


class MessageEditor:
    """Two fields a message; what nobody touched goes out as it was made, to the byte."""

    def __init__(
        self,
        screen: Screen,
        plan: Plan,
        on_change: Callable[[], None],
        on_take_back: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._on_change = on_change
        text(screen.say("command.edit_hint"), "hint")
        self._fields = [
            self._message(number, step, len(plan.steps))
            for number, step in enumerate(plan.steps, 1)
        ]
        with div("row"):
            back = text(screen.say("command.edit_back"), "act small", "button")
            back.on("click", on_take_back).mark("edit-back")

    @property
    def messages(self) -> tuple[EditedMessage, ...]:
        """Those that are not as they were made."""
        found = ((n, one.step, *_typed(one)) for n, one in enumerate(self._fields))
        return tuple(
            EditedMessage(step=number, topic=topic, payload=payload)
            for number, step, topic, payload in found
            if (topic, payload) != (step.topic, step.payload)
        )

    def fill(self, messages: Iterable[EditedMessage]) -> None:
        """Put these edits into the fields."""
        for one in messages:
            if one.step < len(self._fields):
                self._fields[one.step].topic.set_value(one.topic)
                self._fields[one.step].payload.set_value(one.payload)

    def _message(self, number: int, step: PlannedStep, count: int) -> _Fields:
        say = self._screen.say
        named = {"number": number}
        if count > 1:
            text(f"{number}. {say.either(step.title)}", "hint")
        shown = command_view.pretty(step.payload)
        topic = ui.input(value=step.topic, on_change=self._on_change).classes("field mono")
        topic.props(f'dense outlined square aria-label="{say("command.edit_topic", **named)}"')
        payload = ui.textarea(value=shown, on_change=self._on_change).classes("field code")
        label = say("command.edit_payload", **named)
        payload.props(f'outlined square rows=9 aria-label="{label}"')
        payload.props(f"maxlength={MAX_PAYLOAD_BYTES}")
        topic.mark(f"edit-topic-{number}")
        payload.mark(f"edit-payload-{number}")
        return _Fields(step, shown, topic, payload)


def _typed(one: _Fields) -> tuple[str, str]:
    payload = one.payload.value or ""
    return one.topic.value or "", one.step.payload if payload == one.shown else payload
