"""Which life a page shows: of a piece the state knows, else the one the archive has."""

from collections.abc import Callable, Sequence

from nicegui import background_tasks, ui

from omf.messages.message import Message
from omf.workpieces import wording
from omf.workpieces.life import LifeEvent, WorkpieceLife
from omf.workpieces.record import timeline
from omf.workpieces.surroundings import windows
from services.history.lives import FoundLives, archived_readings, find_lives
from services.history.manifest import ArchiveError
from services.history.reader import History
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen
from services.ui.views import urls

Around = list[dict[str, Message]]


class ShownLife:
    """The life of one page and the other lives of its tag; the archive is asked once, beside it."""

    def __init__(self, screen: Screen, wanted: str) -> None:
        """`wanted` is a tag, an order or the id of a life."""
        self._screen, self._wanted = screen, wanted
        self._found = FoundLives([], 0, ())
        self._around: Around = []
        self.looking = bool(wanted)
        """Whether the archive is still being asked."""
        self.fault = ""
        """What of the archive could not be read."""

    def look(self, on_found: Callable[[], None]) -> None:
        """Ask the archive; `on_found` is called with the answer, if the page is still there."""
        alive = ui.context.client

        async def work() -> None:
            known = self._of_state()
            tag = known.tag if known else None
            history, until_ms = history_of(self._screen), self._until_ms
            try:
                found = await answer(
                    lambda: _ended(history, tag or self._wanted, until_ms, by_tag=tag is not None)
                )
                self._found = found
                archived = self._of_archive() if known is None else None
                if archived is not None:
                    self._around = await answer(lambda: _around(history, archived))
            except (ArchiveError, OSError) as error:
                self._found = FoundLives([], 0, ())
                history.faults.append(str(error))
            self.looking, self.fault = False, "; ".join(history.faults)
            if not alive.is_deleted:
                on_found()

        background_tasks.create(work(), name="lives of the archive")

    @property
    def _until_ms(self) -> int | None:
        past = self._screen.past
        return None if past is None else round(past * 1000)

    def _of_state(self) -> WorkpieceLife | None:
        factory = self._screen.model.factory
        key = ("workpiece", self._wanted)
        return self._screen.model.shared(key, lambda: wording.find(factory, self._wanted))

    def _of_archive(self) -> WorkpieceLife | None:
        lives = self._found.lives
        named = next((life for life in lives if life.id == self._wanted), None)
        return named or (lives[-1] if lives else None)

    @property
    def archived(self) -> bool:
        """Whether only the archive knows this life."""
        return self._of_state() is None and self._of_archive() is not None

    @property
    def life(self) -> WorkpieceLife | None:
        """The life as it is told now; None if nobody knows one."""
        return self._of_state() or self._of_archive()

    @property
    def others(self) -> list[WorkpieceLife]:
        """The other lives of its tag, newest first."""
        shown = self.life
        if shown is None or shown.tag is None:
            return []
        known = {life.id: life for life in self._found.lives}
        known |= {life.id: life for life in wording.all_lives(self._screen.model.factory)}
        same = [life for life in known.values() if life.tag == shown.tag and life.id != shown.id]
        return sorted(same, key=lambda life: life.begun_at, reverse=True)

    @property
    def archived_lives(self) -> list[WorkpieceLife]:
        """Those of the archive, as far as it was asked."""
        return self._found.lives

    @property
    def older(self) -> int:
        """How many more lives of the tag the archive has."""
        return self._found.older

    def around(self, events: Sequence[LifeEvent]) -> Around:
        """The last reading of each sensor before each of these events, the newest of the life."""
        if self.archived:
            return self._around[-len(events) :]
        said = reversed(list(self._screen.model.journal.newest()))
        return wording.readings_before([one.at for one in events], said)

    def to_message(self, message_id: str) -> str:
        """Where a message of this life is opened."""
        if self.archived:
            return urls.to_archived_message(self._screen, message_id)
        return urls.to_message(self._screen, message_id)


def _ended(history: History, wanted: str, until_ms: int | None, *, by_tag: bool) -> FoundLives:
    found = find_lives(history, wanted, until_ms=until_ms)
    tag = found.lives[-1].tag if found.lives and not by_tag else None
    if tag is None or tag == wanted:
        return found
    of_tag = find_lives(history, tag, until_ms=until_ms)
    lives = {life.id: life for life in (*of_tag.lives, *found.lives)}
    return of_tag._replace(lives=sorted(lives.values(), key=lambda life: life.begun_at))


def _around(history: History, life: WorkpieceLife) -> Around:
    readings, found = archived_readings(history), Around()
    for window in windows(timeline(life)):
        found += wording.readings_before(window.times, readings(window))
    return found
