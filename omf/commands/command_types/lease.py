"""The control lease: who leads a factory for a while, so that two people never steer it at once.

Nothing of this goes to the factory. Where a factory requires the lease, `risky` kinds are refused
to everybody but its holder; taking and asking is open to all who may command at all.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from omf.commands.command_types.brackets import act_of_orders
from omf.commands.command_types.factory import Nothing
from omf.commands.forms import Form, field

LEASE_EXPIRY_S = 10.0
DEFAULT_MINUTES = 15
"""Whoever leaves without a word blocks the others no longer than that."""
MAX_MINUTES = 60
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES)]
Person = Annotated[str, StringConstraints(max_length=64)]


class TakeControl(Form):
    """For how long."""

    minutes: Minutes = field("field.duration_in_minutes", DEFAULT_MINUTES)


class HandOver(Form):
    """To whom."""

    to: Person = field(
        "field.to_whom",
        "",
        hint="hint.default_asker",
    )
    minutes: Minutes = field("field.duration_in_minutes", DEFAULT_MINUTES)


KINDS = (
    act_of_orders("control-take", TakeControl, LEASE_EXPIRY_S),
    act_of_orders("control-release", Nothing, LEASE_EXPIRY_S, urgent=True),
    act_of_orders("control-request", Nothing, LEASE_EXPIRY_S),
    act_of_orders("control-hand-over", HandOver, LEASE_EXPIRY_S),
)
