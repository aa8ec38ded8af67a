"""Steering a bracket under way: its next step, or its end (PROTOCOL C.20, F.6, F.8).

Nothing of this goes to the factory by itself, so these kinds have no steps and the gateway does not
know them: orders lets the next frozen step of the bracket go, or lets none go any more.
"""

from omf.commands.forms import Form, Id, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.texts import text

NEXT_EXPIRY_S = 5.0
"""As a step of its own: what does not move at once must not move later."""
CANCEL_EXPIRY_S = 60.0
"""A cancellation is still meant when everything else is late."""


class OneBracket(Form):
    """A bracket by the order id its steps go out under."""

    order_id: Id = field("field.sequence_orderid", hint="hint.see_omf_brackets")


def no_message(_form: Form, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """Nothing new to publish: a bracket's bytes were frozen when it was opened."""
    return ()


KINDS = (
    Kind(
        name="bracket-next",
        title=text("kind.bracket-next"),
        summary=text("kind.bracket-next.summary"),
        parameters=OneBracket,
        build=no_message,
        interlocks=(),
        risk="guarded",
        role="supervisor",
        expiry_s=NEXT_EXPIRY_S,
        once=True,
        moves=True,
        source="C.20, F.8",
    ),
    Kind(
        name="bracket-cancel",
        title=text("kind.bracket-cancel"),
        summary=text("kind.bracket-cancel.summary"),
        parameters=OneBracket,
        build=no_message,
        interlocks=(),
        risk="guarded",
        role="supervisor",
        expiry_s=CANCEL_EXPIRY_S,
        once=True,
        moves=False,
        holds_back=True,
        source="F.6, F.8",
    ),
)
