"""What changed as rows of a table, and where each leads."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from omf.analysis.moment_changes import MomentChange
from services.ui.live.screen import Screen
from services.ui.translator import Translator
from services.ui.types import Row
from services.ui.views import urls
from services.ui.widgets.table import WHOLE, column


def columns(say: Translator) -> list[dict[str, Any]]:
    """What it is about, what of it, before and after."""
    names = ("subject", "what", "before", "after")
    return [column(name, say(f"changes.column.{name}"), **WHOLE) for name in names]


def change_rows(changes: Sequence[MomentChange], say: Translator) -> list[Row]:
    """One row for each, in their order; its id is its place."""
    return [
        {
            "id": str(place),
            "subject": say.either(one.subject),
            "what": say.either(one.what),
            "before": say.either(one.before),
            "after": say.either(one.after),
        }
        for place, one in enumerate(changes)
    ]


def target_of(screen: Screen, one: MomentChange) -> str:
    """Its message, or the page of what it is about; empty where there is none."""
    if one.message_id:
        return urls.to_archived_message(screen, one.message_id)
    if one.about.startswith("bay "):
        return screen.path("stock")
    if found := urls.to_subject(screen, one.about):
        return found
    pieces = screen.model.factory.workpieces
    if any(one.about == life.name for life in (*pieces.ended, *pieces.open.values())):
        return urls.to_workpiece(screen, one.about)
    if one.group == "configuration":
        return screen.path("floor") if " " in one.about else screen.path("steering")
    return screen.path(f"messages?text={quote(one.about, safe='')}") if one.about else ""
