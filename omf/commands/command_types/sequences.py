"""Running a sequence of commands: orders starts, holds, continues and cancels the run.

Nothing of this goes to the factory by itself: the steps of a run go out as commands of their own.
"""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from omf.commands.command_types.brackets import act_of_orders
from omf.commands.forms import Form, Id, JsonList, JsonObject, field, split_list
from omf.factories import FactoryKind

SEQUENCE_EXPIRY_S = 60.0
CONTINUE_EXPIRY_S = 10.0
"""What does not go on at once must not go on later."""

MAX_SEQUENCE_NAME = 64
Name = Annotated[str, StringConstraints(max_length=MAX_SEQUENCE_NAME)]
FactoryKinds = Annotated[tuple[FactoryKind, ...], BeforeValidator(split_list)]


class StartedSequence(Form):
    """What runs: its steps as a file of sequences has them."""

    name: Name = field("field.sequence_name", "", hint="hint.sequence_name")
    version: Name = field("field.sequence_version", "")
    only: FactoryKinds = field("field.sequence_only", (), hint="hint.sequence_only")
    title: JsonObject = field("field.sequence_title", hint="hint.sequence_title")
    steps: JsonList = field("field.sequence_steps", hint="hint.sequence_steps")


class OneRun(Form):
    """A run by the id of the command that started it."""

    run: Id = field("field.sequence_run", hint="hint.sequence_run")


SEQUENCE_START = "sequence-start"
SEQUENCE_HOLD = "sequence-hold"
SEQUENCE_CONTINUE = "sequence-continue"
SEQUENCE_CANCEL = "sequence-cancel"

KINDS = (
    act_of_orders(SEQUENCE_START, StartedSequence, SEQUENCE_EXPIRY_S),
    act_of_orders(SEQUENCE_HOLD, OneRun, SEQUENCE_EXPIRY_S, holds_back=True),
    act_of_orders(SEQUENCE_CONTINUE, OneRun, CONTINUE_EXPIRY_S),
    act_of_orders(SEQUENCE_CANCEL, OneRun, SEQUENCE_EXPIRY_S, holds_back=True, risk="guarded"),
)
