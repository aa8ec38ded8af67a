"""An entry of the audit about access, as people see it: whose it is, and what it opens."""

from collections.abc import Mapping

from services.common.store.access_notes import ACCESS_KINDS, UNKNOWN_NAME, roles_text
from services.common.store.keys import AuditRecord, Command, Stage
from services.ui import formats
from services.ui.translator import Translator
from services.ui.views import command_view


def is_access(command: Command) -> bool:
    """True for what is no command: it was noted, and leads to no page of its own."""
    return command.kind in ACCESS_KINDS


def parameters_words(command: Command, say: Translator) -> str:
    """The parameters of a command on one line; of an entry about access, whom it is about."""
    if not is_access(command):
        return command_view.parameters_words(command, say)
    told = {name: str(value) for name, value in command.parameters.items()}
    roles = say.either(roles_text(told.get("roles", "")))
    of = told.get("of", "") if told.get("of") != command.operator else ""
    ids = (told.get("token", ""), told.get("sign_in", ""))
    return " · ".join(filter(None, (of, roles, told.get("label", ""), *ids)))


def role_words(command: Command, say: Translator) -> str:
    """The role of who did it; of whom nobody knows, none."""
    unknown = is_access(command) and command.operator == UNKNOWN_NAME
    return formats.NONE if unknown else say(f"role.{command.role}")


def stage_words(record: AuditRecord, say: Translator) -> str:
    """What was decided; what was merely noted is done."""
    if is_access(record.command) and record.decision is Stage.EFFECT:
        return say("audit.done")
    return say(f"stage.{record.decision}")


def entry_words(row: Mapping[str, object]) -> str:
    """A row of the audit in one sentence: its cells cut what is long."""
    named = ("time", "operator", "kind", "parameters", "why", "source")
    return " · ".join(str(row[name]) for name in named if row[name])
