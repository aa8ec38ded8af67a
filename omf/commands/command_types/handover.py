"""Shift hand-over: given by one person, taken by another one, each by a command of their own.

Nothing of this goes to the factory: the owner of the alarms keeps it, and its entry in the stream
`handovers` proves it.
"""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from omf.alarms.handover import HANDOVER_TOPIC, HandoverEvent
from omf.commands.command_types.alarms import OwnerForm, act_of_owner, owner_step
from omf.commands.forms import field
from omf.commands.schemas import Drafting, PlannedStep

Note = Annotated[str, StringConstraints(max_length=2000)]
HandoverId = Annotated[str, StringConstraints(max_length=200)]


class HandoverAct(OwnerForm):
    """One signature."""

    event: ClassVar[HandoverEvent]

    @property
    def details(self) -> dict[str, Any]:
        """Which one is meant, and what the person adds."""
        told = {"handover": getattr(self, "handover", ""), "note": getattr(self, "note", "")}
        return {"event": self.event, **told}


class Give(HandoverAct):
    """The shift ends for who gives it."""

    kind = "handover-give"
    event = HandoverEvent.GIVEN
    note: Note = field("field.handover_note", "")


class Take(HandoverAct):
    """The next one has read it and goes on."""

    kind = "handover-take"
    event = HandoverEvent.TAKEN
    handover: HandoverId = field("field.handover", "", hint="hint.handover_id")
    note: Note = field("field.handover_note", "")


class Withdraw(HandoverAct):
    """Given too early, or something was forgotten."""

    kind = "handover-withdraw"
    event = HandoverEvent.WITHDRAWN
    handover: HandoverId = field("field.handover", "", hint="hint.handover_id")


def act(form: HandoverAct, draft: Drafting) -> tuple[PlannedStep, ...]:
    """What the owner of the alarms is to write down."""
    return owner_step(draft, form.kind, "handover-act", HANDOVER_TOPIC, form.details)


KINDS = tuple(act_of_owner(one, act, "handover-act") for one in (Give, Take, Withdraw))
