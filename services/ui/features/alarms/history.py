"""What became of the alarms, from archive and store, for one open page."""

from dataclasses import dataclass
from datetime import tzinfo

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.constants import DAY_S
from services.history.alarm_search import PassageQuestion, find_passages
from services.history.reader import History
from services.history.storage import ArchiveStorage
from services.ui.live.screen import Screen
from services.ui.views import history_query

PASSAGE_PIECE = 200
MAX_LISTED = 10_000
MAX_OF_ALARM = 500
OF_ALARM_S = 366 * DAY_S
"""So far back earlier lives of one alarm are looked for by themselves; the history has all."""


@dataclass(frozen=True, slots=True)
class WantedPassages:
    """Which part of the history a person wants to see; an empty field asks nothing."""

    since: str = ""
    """Times as typed: `2h` stays two hours before now."""
    until: str = ""
    device: str = ""
    priority: str = ""
    rule: str = ""
    state: str = ""
    text: str = ""

    def question(self, zone: tzinfo | None, now: float) -> PassageQuestion:
        """It as it is asked now; WrongTimeError names what is no time."""
        states = [state for state in AlarmState if state == self.state]
        return PassageQuestion(
            since_ms=history_query.milliseconds(self.since, zone, now),
            until_ms=history_query.milliseconds(self.until, zone, now),
            device=self.device,
            rule=self.rule,
            priority=int(self.priority) if self.priority.isdigit() else None,
            state=states[0] if states else None,
            text=self.text.strip(),
        )


class AlarmHistory:
    """The entries that fit a question, newest first, in pieces; StoreError as `find_passages`."""

    def __init__(self, screen: Screen) -> None:
        self._bus = screen.bus
        self._storage: ArchiveStorage = screen.settings.archive_of(screen.environment)
        self._asked = PassageQuestion(limit=PASSAGE_PIECE)
        self.listed: list[tuple[str, AlarmEntry]] = []
        self.more = False
        """Older ones are kept."""
        self.faults: list[str] = []
        """What of the archive could not be read."""

    def ask(self, asked: PassageQuestion) -> None:
        """Another question from now on; what was found before is forgotten."""
        self._asked = asked._replace(limit=PASSAGE_PIECE)
        self.listed, self.more = [], False

    async def go_on(self) -> None:
        """Read the next piece of older ones."""
        asked = self._asked
        before = self.listed[-1][0] if self.listed else asked.before
        found, more = await self._find(asked._replace(before=before))
        if asked is self._asked:
            self.listed = self.listed + found
            self.more = more and len(self.listed) < MAX_LISTED

    async def renew(self) -> None:
        """Put what came since above what was read."""
        if not self.listed:
            await self.go_on()
            return
        asked, newest = self._asked, self.listed[0][0]
        found, gap = await self._find(asked._replace(after=newest))
        if asked is not self._asked:
            return
        if gap:
            self.listed, self.more = found, True
        else:
            self.listed = (found + self.listed)[:MAX_LISTED]

    async def _find(self, asked: PassageQuestion) -> tuple[list[tuple[str, AlarmEntry]], bool]:
        history = History(self._storage)
        found = await find_passages(self._bus, history, asked)
        self.faults = history.faults
        return found.entries, found.more


async def of_alarm(screen: Screen, alarm: str) -> list[tuple[str, AlarmEntry]]:
    """The entries of one alarm, newest first, as far as they are looked for."""
    since_ms = round((screen.model.wall - OF_ALARM_S) * 1000)
    asked = PassageQuestion(alarm=alarm, since_ms=since_ms, limit=MAX_OF_ALARM)
    history = History(screen.settings.archive_of(screen.environment))
    return (await find_passages(screen.bus, history, asked)).entries
