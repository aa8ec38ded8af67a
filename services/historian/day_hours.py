"""What was heard in each hour of a day that is over becomes rows, for reports of weeks."""

import logging
from collections.abc import Collection, Iterator

from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_facts import FactsRecorder
from services.common.process import clock
from services.common.store.environments import is_replay
from services.common.store.journal import id_before
from services.historian.refolding import MESSAGES_AT_ONCE, DayWork, Rests, check_read
from services.history import tables
from services.history.reader import History
from services.history.rows import DERIVED_KINDS
from services.history.shift_hours import WARM_UP_S, has_hours, hour_entry, hours_of, messages_of

_log = logging.getLogger(__name__)


class DayHours(DayWork):
    """Keeps the hours of days; anew where other rules made those that are kept.

    A replay tells the same times again and again: of it no hour is ever over.
    """

    def step(self, settled: Collection[str]) -> bool:
        """Keep the hours of the next of these days; False if there is nothing to do now.

        ArchiveError if a message cannot be read: nothing is kept that is less than there is, and
        a report goes on hearing that day itself, and says so.
        """
        with self._busy:
            day = next((one for one in self._missing() if one in settled), None)
            if day is None or self._halt.is_set():
                return False
            self._tried[day] = clock.monotonic()
            try:
                table = self._table(day)
            except InterruptedError:
                return False
            self._archive.put_hours(day, table)
            _log.info("the hours of %s are kept", day)
            return True

    def _missing(self) -> Iterator[str]:
        if is_replay(self._archive.environment):
            return
        for name, day in sorted(self._archive.days.items()):
            said = any(one.kind not in DERIVED_KINDS for one in day.files)
            if said and not has_hours(day) and not self._was_tried(name):
                yield name

    def _table(self, day: str) -> tables.Table:
        history, rests = History(self._archive.storage), Rests(self._halt)
        ends = hours_of(day)
        begin = ends[0] - WARM_UP_S
        after = id_before(begin)
        heard = ShiftClock(history.state_until(after)[1], begin)
        recorder = FactsRecorder(heard, begin, ends)
        messages = messages_of(history, after, id_before(ends[-1]))
        for count, message in enumerate(messages, 1):
            recorder.take(message)
            if count % MESSAGES_AT_ONCE == 0:
                rests.rest()
        check_read(history)
        return tables.stored_table([hour_entry(one) for one in recorder.close()[1:]])
