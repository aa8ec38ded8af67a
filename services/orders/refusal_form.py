"""What is written of a command that is turned away, made once for all that are for one reason.

The forms are the models' own JSON with marks in the places that differ; to fill them in costs a
twentieth of making the models.
"""

import re
from typing import NamedTuple

from pydantic_core import to_json

from services.common.store.keys import Command
from services.orders.decision import Decision, View
from services.orders.records import audit_record, rejection_events

_ID, _KIND, _WHO, _WHOLE = "\ue000", "\ue001", "\ue002", "\ue003"
_MARK = re.compile(f'"({_ID}|{_KIND}|{_WHO}|{_WHOLE})"')


class RefusalText(NamedTuple):
    """The JSON of all that is written of one command."""

    command: str
    audit: str
    events: tuple[str, ...]


class RefusalForm:
    """The texts of one decision at one moment; filled in for each command."""

    def __init__(self, like: Command, decision: Decision, view: View) -> None:
        marked = like.model_copy(update={"command_id": _ID, "kind": _KIND, "operator": _WHO})
        audit = audit_record(marked, decision, view).model_dump_json()
        whole = marked.model_dump_json()
        if audit.count(whole) != 1:
            raise ValueError("an audit record holds its command once, as it is written by itself")
        self._audit = _MARK.split(audit.replace(whole, f'"{_WHOLE}"'))
        events = rejection_events(marked, decision, view.now)
        self._events = [_MARK.split(event.model_dump_json()) for event in events]

    def filled(self, command: Command) -> RefusalText:
        """The same as the models of this command would be written."""
        whole = command.model_dump_json()
        values = {
            _ID: to_json(command.command_id).decode(),
            _KIND: to_json(command.kind).decode(),
            _WHO: to_json(command.operator).decode(),
            _WHOLE: whole,
        }
        events = tuple(_filled(form, values) for form in self._events)
        return RefusalText(whole, _filled(self._audit, values), events)


def _filled(form: list[str], values: dict[str, str]) -> str:
    """Every second part is a mark."""
    parts = form.copy()
    parts[1::2] = [values[mark] for mark in form[1::2]]
    return "".join(parts)
