"""What changed in the last seconds or minutes, of all topics at once."""

from collections.abc import Callable, Sequence
from typing import Any

from services.ui.features.messages import recent_changes
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.table import Table, column
from services.ui.widgets.tabs import Tabs


class ChangedList:
    """A row a leaf; how far back is the person's choice."""

    def __init__(self, screen: Screen, on_open: Callable[[str], Any]) -> None:
        """`on_open` gets the id of the message that told what was clicked."""
        self._screen = screen
        self._drawn_at = 0
        say = screen.say
        names = {str(window): say(f"topics.window.{window}") for window in recent_changes.WINDOWS_S}
        self._windows = Tabs(names, next(iter(names)), lambda _: self._turn())
        self._table = Table(
            self._columns(),
            self._rows(),
            empty=say("topics.changed.empty"),
            on_pick=lambda key: on_open(key.partition(" ")[0]),
        )

    def news(self) -> None:
        """Bring it up to date, once a second at most."""
        now = int(self._screen.model.now)
        if now != self._drawn_at:
            self._drawn_at = now
            self._table.show(self._rows())

    def _turn(self) -> None:
        self._table.show(self._rows())

    def _rows(self) -> Sequence[Row]:
        return recent_changes.rows(self._screen.model, self._screen.say, int(self._windows.chosen))

    def _columns(self) -> list[dict[str, Any]]:
        say = self._screen.say
        fixed = {"sortable": False}
        told = {"headerTooltip": say("topics.changed.what"), "tooltipField": "what", **fixed}
        tail = {"cellClass": "cell-mono", "tooltipField": "name", **fixed}
        return [
            column("name", say("column.topic"), 240, **tail),
            column("what", say("topics.changed"), 0, **told),
            column("age", say("column.age"), 54, type="rightAligned", **fixed),
            column("place", "", 1, hide=True, sort="asc"),
        ]
