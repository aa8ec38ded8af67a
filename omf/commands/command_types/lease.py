"""The control lease: who leads a factory for a while, so that two people never steer it at once.

Nothing of this goes to the factory. Where a factory requires the lease, `risky` kinds are refused
to everybody but its holder; taking and asking is open to all who may command at all.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from omf.commands.command_types.brackets import no_message
from omf.commands.command_types.factory import Nothing
from omf.commands.forms import Form, field
from omf.commands.schemas import Kind
from omf.texts import Text, text

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


def _kind(name: str, title: Text, summary: Text, parameters: type[Form]) -> Kind:
    return Kind(
        name=name,
        title=title,
        summary=summary,
        parameters=parameters,
        build=no_message,
        interlocks=(),
        risk="normal",
        role="operator",
        expiry_s=LEASE_EXPIRY_S,
        once=True,
        moves=False,
        source="",
    )


KINDS = (
    _kind(
        "control-take",
        text("kind.control-take"),
        text("kind.control-take.summary"),
        TakeControl,
    ),
    _kind(
        "control-release",
        text("kind.control-release"),
        text("kind.control-release.summary"),
        Nothing,
    ),
    _kind(
        "control-request",
        text("kind.control-request"),
        text("kind.control-request.summary"),
        Nothing,
    ),
    _kind(
        "control-hand-over",
        text("kind.control-hand-over"),
        text("kind.control-hand-over.summary"),
        HandOver,
    ),
)
