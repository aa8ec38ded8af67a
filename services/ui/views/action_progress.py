"""How far the running action of a module is, held against the time it usually takes."""

from typing import NamedTuple

from omf.analysis.steps import pace
from omf.state.device import ACTION_ENDED
from omf.state.modules import Module
from omf.state.values import Action
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import step_times
from services.ui.views.device_status import command_of, link_state


class ActionProgress(NamedTuple):
    """Seconds so far and usually; None where the beginning or the usual time is unknown."""

    seconds: float | None = None
    usual: float | None = None
    slow: bool = False
    """It takes longer than it ever usually does."""

    @property
    def part(self) -> float | None:
        """The share of the usual time that has passed, above 1 where it takes longer."""
        return None if self.seconds is None or not self.usual else self.seconds / self.usual

    @property
    def over(self) -> bool:
        """True once it takes longer than usual."""
        return (self.part or 0.0) > 1.0

    def words(self, say: Translator) -> str:
        """That it takes longer than usual; empty while it does not."""
        return say("floor.over", usual=formats.took(self.usual, say.language)) if self.over else ""

    def spoken(self, say: Translator) -> str:
        """As `words`; while it does not take longer, how long it usually takes."""
        usually = say("floor.usually", usual=formats.took(self.usual, say.language))
        return self.words(say) or (usually if self.part is not None else "")


NO_PROGRESS = ActionProgress()


def progress_of(module: Module, model: ViewModel) -> ActionProgress:
    """Of the action that runs; nothing is known of one that cannot be heard of any more."""
    return model.shared(("progress", module.serial), lambda: _progress(module, model))


def _progress(module: Module, model: ViewModel) -> ActionProgress:
    action = module.action
    if action is None or action.state != "RUNNING" or link_state(module, model) != "up":
        return NO_PROGRESS
    command, seconds = command_of(module, action), elapsed(action, model.factory_now)
    usual = step_times.of_action(module, command, model)
    if usual is None or seconds is None:
        return ActionProgress(seconds)
    return ActionProgress(seconds, usual.span.usual, slow=pace(seconds, usual.span) == "slow")


def elapsed(action: Action | None, now: float) -> float | None:
    """Seconds the action took, or takes by now; None if its beginning was not heard."""
    if action is None or action.began_at is None:
        return None
    end = action.since if action.state in ACTION_ENDED else now
    return None if end is None else max(0.0, end - action.began_at)
