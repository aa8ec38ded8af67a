"""The lives that ended become rows: once, and once more where something was told of them later."""

from collections.abc import Iterable

from omf.messages.stream_id import StreamId
from omf.workpieces.life import WorkpieceLife, Workpieces
from omf.workpieces.record import status
from omf.workpieces.tracking import last_news
from services.history.lives import life_json
from services.history.rows import EndedLife


class EndedLives:
    """What was told so far of the ended lives a state still holds; for one thread."""

    def __init__(self, pieces: Workpieces) -> None:
        """`pieces` are those of the state up to which everything is told."""
        self._told = {life.id: life_json(life) for life in pieces.ended}

    def rows(
        self, left: Iterable[WorkpieceLife], pieces: Workpieces, through: str
    ) -> list[EndedLife]:
        """Rows of what ended, and of what changed, since the last call up to the id `through`."""
        found = {life.id: life for life in (*left, *pieces.ended)}
        told = {name: life_json(life) for name, life in found.items()}
        news = [name for name, data in told.items() if self._told.get(name) != data]
        self._told = {life.id: told[life.id] for life in pieces.ended}
        return [_row(found[name], told[name], through) for name in news]


def _row(life: WorkpieceLife, data: str, through: str) -> EndedLife:
    by = life.ended_by or through
    time_ms = round(1000 * (last_news(life) if life.ended_at is None else life.ended_at))
    orders = " ".join(one.order_id for one in life.orders)
    begun_ms = round(1000 * life.begun_at)
    known = (life.tag, life.colour, status(life), orders, begun_ms, data)
    return EndedLife(str(StreamId.parse(by)), time_ms, life.id, *known)
