"""The tree of topics beside the messages; a click looks at what is below."""

from collections.abc import Callable

from services.ui.features.messages import topic_nodes
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.table import Table, column


class TopicTree:
    """Which levels are open is this person's; the figures are everybody's."""

    def __init__(self, screen: Screen, on_choice: Callable[[str], None]) -> None:
        """`on_choice` gets the topic filter of what was clicked."""
        self._screen = screen
        self._on_choice = on_choice
        self._opened: frozenset[str] = frozenset()
        self._drawn_at = 0
        self._table = Table(
            self._columns(),
            self._rows(),
            empty=screen.say("empty.traffic"),
            on_pick=self._pick,
        )

    def news(self) -> None:
        """Bring the figures up to date, once a second: nobody reads fifty figures faster."""
        if int(self._screen.model.now) != self._drawn_at:
            self.draw()

    def draw(self) -> None:
        """Show what is opened, with the figures of this moment."""
        self._drawn_at = int(self._screen.model.now)
        self._table.show(self._rows())

    def _rows(self) -> list[Row]:
        screen = self._screen
        return topic_nodes.rows(screen.model, self._opened, screen.user.language)

    def _pick(self, path: str) -> None:
        node = topic_nodes.nodes(self._screen.model).get(path)
        if node is None:
            return
        if node.inner:
            self._opened = self._opened ^ {path}
        self.draw()
        self._on_choice(topic_nodes.filter_of(path, node))

    def _columns(self) -> list[dict[str, object]]:
        say = self._screen.say
        right = {"type": "rightAligned", "sortable": False}
        return [
            column("name", say("column.topic"), 0, cellClass="cell-mono", tooltipField="id"),
            column("count", say("column.messages"), 54, **right),
            column("rate", say("column.rate"), 42, headerTooltip=say("messages.rate"), **right),
            column("age", say("column.age"), 60, **right),
            column("kept", "", 24, headerTooltip=say("messages.kept"), sortable=False),
            column("place", "", 1, hide=True, sort="asc"),
        ]
