"""What became of a command, with the reasons given and the messages that prove it."""

import pytest

from omf.texts import LANGUAGES, text
from services.common.store.keys import CommandEvent, CommandRecord, Reason, Stage
from services.history.accounts import command_account
from tests.support.command_examples import command_of

KIND = "production-order"


@pytest.mark.parametrize("last", [Stage.NO_EFFECT, Stage.PUBLISHED])
def test_each_stage_of_a_command_is_told(last: Stage) -> None:
    asked = command_of(KIND, type="WHITE")
    why = Reason.of("module-free", text("why.paused"))
    known = {"command_id": asked.command_id, "kind": KIND}
    events = (
        CommandEvent(**known, stage=Stage.ACCEPTED, at=1.0),
        CommandEvent(**known, stage=last, at=2.0, reasons=(why,), evidence=("17-0",)),
    )
    found = command_account(CommandRecord(command=asked, events=events))
    said = [one.text.en for one in found.clauses]
    assert said[0] == f"{asked.operator} asked for it"
    assert said[2].endswith(": is paused")
    assert found.clauses[2].evidence == ("17-0",)
    assert (said[-1] == "how it ended is not known yet") == (last is Stage.PUBLISHED)
    assert all(one.text.in_(language) for one in found.clauses for language in LANGUAGES)
