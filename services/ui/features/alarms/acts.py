"""What may be done to an alarm in its state, and how a page does it."""

from collections.abc import Callable

from omf.alarms.changes import passage
from omf.alarms.life import AlarmLife
from omf.commands import CONTROLS, Kind
from omf.commands.command_types.alarms import OneAlarm
from services.common.store.keys import Role
from services.ui.live.screen import Screen
from services.ui.widgets.elements import Label, set_classes, text
from services.ui.widgets.one_press import OnePress

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
        self._buttons: dict[str, Label] = {}
        for name in (*AT_ONCE, *ON_CARD):
            kind, more = CONTROLS[name], " …" if name in ON_CARD else ""
            button = text(f"{screen.say.either(kind.title)}{more}", "act small hidden", "button")
            press = self._opener(kind, open_card) if name in ON_CARD else self._sender(kind)
            self._buttons[name] = button.on("click", press).mark(name)
        self._press = OnePress(screen)

    def draw(self, life: AlarmLife | None) -> None:
        """Offer what can be done now by who looks."""
        for name, button in self._buttons.items():
            may = self._screen.user.may(Role(CONTROLS[name].role))
            set_classes(button, hidden=not (may and possible(CONTROLS[name], life)))
        self._press.draw()

    def forget(self) -> None:
        """Another alarm is shown."""
        self._press.forget()

    def _opener(self, kind: Kind, open_card: Callable[[Kind, str], None]) -> Callable[[], None]:
        return lambda: open_card(kind, self._alarm())

    def _sender(self, kind: Kind) -> Callable[[], object]:
        return lambda: self._press.send(kind, {"alarm": self._alarm()}, to_factory=False)
