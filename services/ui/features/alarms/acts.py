"""What may be done to an alarm in its state, and how a page does it."""

from collections.abc import Callable
from uuid import uuid4

from omf.alarms.changes import passage
from omf.alarms.life import AlarmLife
from omf.commands import CONTROLS, CommandError, Kind
from omf.commands.command_types.alarms import OneAlarm
from services.common.store.bus import StoreError
from services.common.store.keys import Role, Stage
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_submission, command_view
from services.ui.widgets.elements import Label, set_classes, text

AT_ONCE = ("alarm-acknowledge", "alarm-reset", "alarm-unshelve", "alarm-return-to-service")
"""Nothing is to be entered: one press does it."""
ON_CARD = ("alarm-comment", "alarm-shelve", "alarm-out-of-service")


def possible(kind: Kind, life: AlarmLife | None) -> bool:
    """True if this can be done to the alarm as it is."""
    form = kind.parameters
    return life is not None and issubclass(form, OneAlarm) and passage(life, form.event) is not None


class ActButtons:
    """The buttons of one alarm, and a line that says what came of the last press."""

    def __init__(
        self, screen: Screen, alarm: Callable[[], str], open_card: Callable[[Kind, str], None]
    ) -> None:
        """`alarm` is the id of the one shown; `open_card` asks for what is to be entered."""
        self._screen = screen
        self._alarm = alarm
        self._asked = ""
        self._buttons: dict[str, Label] = {}
        for name in (*AT_ONCE, *ON_CARD):
            kind, more = CONTROLS[name], " …" if name in ON_CARD else ""
            button = text(f"{screen.say.either(kind.title)}{more}", "act small hidden", "button")
            press = self._opener(kind, open_card) if name in ON_CARD else self._sender(kind)
            self._buttons[name] = button.on("click", press).mark(name)
        self._told = text("", "hint grow")

    def draw(self, life: AlarmLife | None) -> None:
        """Offer what can be done now by who looks."""
        for name, button in self._buttons.items():
            may = self._screen.user.may(Role(CONTROLS[name].role))
            set_classes(button, hidden=not (may and possible(CONTROLS[name], life)))
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        if record is not None:
            say = self._screen.say
            reason = command_view.last_reason(record, say)
            self._told.say(reason or command_progress.stage_words(record, say))
            set_classes(self._told, wrong=record.final and record.stage is not Stage.EFFECT)

    def forget(self) -> None:
        """Another alarm is shown."""
        self._asked = ""
        self._told.say("")

    def _opener(self, kind: Kind, open_card: Callable[[Kind, str], None]) -> Callable[[], None]:
        return lambda: open_card(kind, self._alarm())

    def _sender(self, kind: Kind) -> Callable[[], object]:
        async def send() -> None:
            screen, command_id = self._screen, str(uuid4())
            given, now = {"alarm": self._alarm()}, screen.model.wall
            try:
                plan = command_submission.planned(screen, kind.name, given, command_id, now)
                await command_submission.ask(screen, plan, command_id)
            except StoreError as error:
                self._told.say(screen.say("command.send_failed", detail=str(error)))
                return
            except CommandError as error:
                self._told.say(screen.say.either(error.told))
                return
            self._asked = command_id

        return send
