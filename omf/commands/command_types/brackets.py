"""Steering a bracket under way: its next step, or its end (PROTOCOL C.20, F.6, F.8).

Nothing of this goes to the factory by itself, so these kinds have no steps and the gateway does not
know them: orders lets the next frozen step of the bracket go, or lets none go any more.
"""

from typing import Any

from omf.commands.forms import Form, Id, field
from omf.commands.schemas import Drafting, Kind, PlannedStep

NEXT_EXPIRY_S = 5.0
"""As a step of its own: what does not move at once must not move later."""
CANCEL_EXPIRY_S = 60.0
"""A cancellation is still meant when everything else is late."""


class OneBracket(Form):
    """A bracket by the order id its steps go out under."""

    order_id: Id = field("field.sequence_orderid", hint="hint.see_omf_brackets")


def _no_message(_form: Form, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """Nothing new to publish: a bracket's bytes were frozen when it was opened."""
    return ()


def act_of_orders(name: str, parameters: type[Form], expiry_s: float, **parts: Any) -> Kind:
    """A command that orders carries out itself: of it the factory hears nothing."""
    traits = {
        "interlocks": (),
        "risk": "normal",
        "role": "operator",
        "once": True,
        "moves": False,
        "source": "",
    }
    return Kind(
        name=name,
        parameters=parameters,
        build=_no_message,
        expiry_s=expiry_s,
        **(traits | parts),
    )


KINDS = (
    act_of_orders(
        "bracket-next",
        OneBracket,
        NEXT_EXPIRY_S,
        risk="guarded",
        role="supervisor",
        moves=True,
        source="C.20, F.8",
    ),
    act_of_orders(
        "bracket-cancel",
        OneBracket,
        CANCEL_EXPIRY_S,
        risk="guarded",
        role="supervisor",
        holds_back=True,
        source="F.6, F.8",
    ),
)
