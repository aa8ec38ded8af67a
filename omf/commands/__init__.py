"""The message generator: every command the factory understands, built, guarded, proven.

    KINDS                             the menu: name -> Kind
    CONTROLS                          kinds of which nothing goes to the factory
    prepare(kind, parameters, ...)    -> Plan: exact messages, interlocks, expected effects
    fingerprint(kind, parameters, state)  what of it a person reads before it is sent
    onward(plan, state)               -> Checks before a further step
    judge(effect, message)            -> Verdict | None, for each message after the send
    likely_cause(kind, ...)           why nothing happened

Pure: time and ids are passed in (PROTOCOL sections C, D and G; DESIGN section 5).
"""

from omf.commands.command_types import (
    ALARM_ACTS,
    APPROVAL_ACTS,
    BRACKETS,
    CONTROLS,
    HANDOVER_ACTS,
    KINDS,
    LEASES,
    PLAN_ACTS,
    PURCHASE_ACTS,
    SEQUENCE_ACTS,
    SITE_ACTS,
)
from omf.commands.edits import changes_of, derived_ids
from omf.commands.fingerprint import (
    PART_WORDS,
    RELEASE,
    PlanPart,
    changed_parts,
    differing_parts,
    fingerprint,
    fingerprint_of,
    release_of,
)
from omf.commands.likely_causes import Cause, likely_cause
from omf.commands.prepare import FREE_MESSAGE, kind_of, onward, parameters_of, prepare
from omf.commands.proof import compares_times, judge
from omf.commands.schemas import (
    Basis,
    Check,
    CommandError,
    Effect,
    Kind,
    Outcome,
    Plan,
    PlannedStep,
    Risk,
    Verdict,
    standing,
)

__all__ = [
    "ALARM_ACTS",
    "APPROVAL_ACTS",
    "BRACKETS",
    "CONTROLS",
    "FREE_MESSAGE",
    "HANDOVER_ACTS",
    "KINDS",
    "LEASES",
    "PART_WORDS",
    "PLAN_ACTS",
    "PURCHASE_ACTS",
    "RELEASE",
    "SEQUENCE_ACTS",
    "SITE_ACTS",
    "Basis",
    "Cause",
    "Check",
    "CommandError",
    "Effect",
    "Kind",
    "Outcome",
    "Plan",
    "PlanPart",
    "PlannedStep",
    "Risk",
    "Verdict",
    "changed_parts",
    "changes_of",
    "compares_times",
    "derived_ids",
    "differing_parts",
    "fingerprint",
    "fingerprint_of",
    "judge",
    "kind_of",
    "likely_cause",
    "onward",
    "parameters_of",
    "prepare",
    "release_of",
    "standing",
]
