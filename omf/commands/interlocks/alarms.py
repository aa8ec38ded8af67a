"""Interlocks about acts on alarms: what cannot be done to an alarm is refused, with the reason."""

from collections.abc import Mapping
from typing import Any

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


RULES = (
    InterlockRule("alarm-owner", lambda _, s: s.lives is not None),
    InterlockRule("alarm-act", _possible, words=_words),
)
