"""Interlocks about acts on alarms: what cannot be done to an alarm is refused, with the reason."""

from collections.abc import Mapping
from typing import Any

from omf.alarms import handover
from omf.alarms.changes import refusal
from omf.commands.interlocks.rule import InterlockRule
from omf.state import FactoryState
from omf.texts import Text, verbatim


def _why(form: Any, state: FactoryState) -> Text | None:
    return refusal((state.lives or {}).get(form.alarm), form.event)


def _possible(form: Any, state: FactoryState) -> bool | None:
    """None while the owner of the alarms is silent: it alone knows what they are like."""
    return None if state.lives is None else _why(form, state) is None


def _words(form: Any, state: FactoryState) -> Mapping[str, Text]:
    return {"why": _why(form, state) or verbatim("")}


def _not_handed_over(form: Any, state: FactoryState) -> Text | None:
    return handover.refusal(state.handover, form.event, handover=getattr(form, "handover", ""))


def _handed_over(form: Any, state: FactoryState) -> bool | None:
    """None while the owner of the alarms is silent: it alone knows what waits."""
    return None if state.lives is None else _not_handed_over(form, state) is None


def _handover_words(form: Any, state: FactoryState) -> Mapping[str, Text]:
    return {"why": _not_handed_over(form, state) or verbatim("")}


RULES = (
    InterlockRule("alarm-owner", lambda _, s: s.lives is not None),
    InterlockRule("alarm-act", _possible, words=_words),
    InterlockRule("handover-act", _handed_over, words=_handover_words),
)
