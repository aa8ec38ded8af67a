"""Four eyes: a second person approves or declines a dangerous command that waits for one.

Where a factory asks for it, orders keeps such a command until a person who did not give it, and may
give it as well, approves it within `APPROVAL_S`. Nothing of this goes to the factory.
"""

from omf.commands.command_types.brackets import act_of_orders
from omf.commands.forms import Form, Id, field

APPROVAL_GIVE = "approval-give"
APPROVAL_DECLINE = "approval-decline"
APPROVAL_S = 300.0
"""So long a command waits for the second person; what was read longer ago nobody answers for."""
APPROVAL_EXPIRY_S = 10.0


class OneApproval(Form):
    """A command that waits, by its id."""

    command: Id = field("field.approval", hint="hint.see_omf_control")


KINDS = (
    act_of_orders(APPROVAL_GIVE, OneApproval, APPROVAL_EXPIRY_S),
    act_of_orders(APPROVAL_DECLINE, OneApproval, APPROVAL_EXPIRY_S, holds_back=True),
)
