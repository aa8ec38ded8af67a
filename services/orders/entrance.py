"""Looks at what was asked before it queues, so that what cannot be done is not worked on.

What came too late, too fast from one person, or cannot be done in time is turned away together: one
script for all of a batch, without the plan, interlocks and messages that a decision needs. All else
queues in the order of the stream. Only what holds something back goes ahead, and never of what it
may be about.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from omf.commands import CONTROLS, KINDS, Kind
from services.common.auth.rate_limiter import RateLimiter
from services.common.process import clock
from services.common.store.audit import seal
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Reason, Stage
from services.orders import metrics, reasons
from services.orders.admission import Admission, AskedCommand
from services.orders.decision import Decision, View, refused
from services.orders.locks import given_by_orders, paced_as
from services.orders.records import lenient_decode
from services.orders.refusal_form import RefusalForm, RefusalText
from services.orders.repository import GROUP, CommandRepository

KEEP_REFUSED_S = 24 * 3600
"""Nothing was sent of it: asked again a day later it may be a new command."""
MAX_DECODED = 1024
"""Commands whose decoded form is kept while they queue."""

_REFUSE = files(__package__).joinpath("refuse.lua").read_text("utf-8")
_log = logging.getLogger(__name__)


class Read(NamedTuple):
    """A command as it was read, and what is wrong with its entry."""

    command: Command
    error: Reason | None


class TurnedAway(NamedTuple):
    """A command that is not taken on, and all that is written of it."""

    entry: StreamEntry
    command: Command
    decision: Decision
    text: RefusalText


class Entrance:
    """Between the reader of `commands` and the queue of CommandService.

    `admitted` is called by the reader, batch by batch; `read` and `overtakes` by the queue. All in
    the event loop. StoreError: nothing is known of those turned away; they may queue, for whoever
    is decided on already is known by its record.
    """

    def __init__(
        self,
        bus: Bus,
        repository: CommandRepository,
        admission: Admission,
        current_view: Callable[[], Awaitable[View]],
    ) -> None:
        self._bus = bus
        self._repository = repository
        self._admission = admission
        self._current_view = current_view
        self._pace = RateLimiter()
        self._queued: dict[str, Read] = {}

    async def admitted(self, batch: Sequence[StreamEntry]) -> list[StreamEntry]:
        """Those that may queue; all others are turned away, written and acknowledged."""
        view = await self._current_view()
        stay: list[StreamEntry] = []
        forms: dict[str, RefusalForm] = {}
        away: dict[str, TurnedAway] = {}
        for entry in batch:
            read = Read(*lenient_decode(entry, self._bus.environment))
            decision = self._turned_away(read, entry, view)
            # A second entry of a command finds out in the queue what became of the first.
            if decision is None or read.command.command_id in away:
                self._keep(entry, read)
                stay.append(entry)
            else:
                why = decision.reasons[0].id
                form = forms.get(why) or RefusalForm(read.command, decision, view)
                forms[why] = form
                text = form.filled(read.command)
                away[read.command.command_id] = TurnedAway(entry, read.command, decision, text)
        if away:
            await self._write(tuple(away.values()))
        return stay

    def read(self, entry: StreamEntry, at: float) -> Read:
        """The command of an entry; of one that did not come by `admitted`, also if too fast."""
        if found := self._queued.pop(entry.id, None):
            return found
        command, error = lenient_decode(entry, self._bus.environment)
        return Read(command, error or self._too_fast(command, min(entry.at, at)))

    def overtakes(self, entry: StreamEntry, other: StreamEntry) -> bool:
        """True if this one may go before that one, which came earlier and is not begun."""
        mine, theirs = self._queued.get(entry.id), self._queued.get(other.id)
        if mine is None or theirs is None or not _holds_back(mine.command):
            return False
        return not (_holds_back(theirs.command) or _related(mine.command, theirs.command))

    def _turned_away(self, read: Read, entry: StreamEntry, view: View) -> Decision | None:
        """Why not, or None: it may queue. What is wrong with it otherwise is judged there."""
        command, kind = read.command, _kind_of(read.command)
        waited_s = max(0.0, view.now - entry.at)
        life_s = kind.expiry_s if kind else waited_s
        if kind and waited_s > life_s and command.environment == view.environment:
            return Decision(Stage.EXPIRED, (reasons.EXPIRED,), expiry_s=life_s)
        if why := self._too_fast(command, min(entry.at, view.now)):
            return refused(why)
        ahead = (kind is not None and kind.taken_in_any_case) or given_by_orders(command)
        asked = AskedCommand(command.command_id, paced_as(command), life_s, waited_s, ahead)
        wait_s = self._admission.retry_s(asked, clock.monotonic())
        return refused(reasons.too_busy(wait_s)) if wait_s else None

    def _too_fast(self, command: Command, at: float) -> Reason | None:
        """Nobody is made to wait for what only holds something back."""
        if _holds_back(command):
            return None
        return reasons.TOO_FAST if self._pace.wait_s(paced_as(command), at) else None

    def _keep(self, entry: StreamEntry, read: Read) -> None:
        self._queued[entry.id] = read
        while len(self._queued) > MAX_DECODED:
            del self._queued[next(iter(self._queued))]

    async def _write(self, away: Sequence[TurnedAway]) -> None:
        """One step for all; without those that were known already, which only are acknowledged."""
        while away:
            known = await self._written(away)
            if not known:
                break
            metrics.DUPLICATES.inc(len(known))
            away = [one for number, one in enumerate(away) if number not in known]
        if away:
            metrics.count_turned_away([(one.command.kind, one.decision) for one in away])
            _log.info("%d commands were turned away", len(away))

    async def _written(self, away: Sequence[TurnedAway]) -> Sequence[int]:
        """The places of those that have a record already; none: all are written."""
        bodies = [one.text.audit for one in away]
        ids = (f"command:{one.command.command_id}" for one in away)
        streams = ("commands", "events", "audit", "audit:head", *ids)

        @lru_cache(1)
        def chain(before: str) -> list[tuple[str, str]]:
            return _chain(before, bodies)

        def args(before: str) -> list[str]:
            told = [GROUP, str(KEEP_REFUSED_S), before]
            for one, links in zip(away, chain(before), strict=True):
                told += (one.entry.id, one.text.command, one.text.audit, *links, *one.text.events)
            return told

        keys = [self._bus.key(name) for name in streams]
        answer = await self._repository.chained(
            _REFUSE, keys, args, lambda before: chain(before)[-1][1]
        )
        return answer[1] if answer[0] == b"known" else ()


def _chain(before: str, bodies: Iterable[str]) -> list[tuple[str, str]]:
    """Of each audit body the seal before it and its own."""
    links = []
    for body in bodies:
        sealed = seal(before, body.encode())
        links.append((before, sealed))
        before = sealed
    return links


def _kind_of(command: Command) -> Kind | None:
    return KINDS.get(command.kind) or CONTROLS.get(command.kind)


def _holds_back(command: Command) -> bool:
    kind = CONTROLS.get(command.kind)
    return kind is not None and kind.holds_back


def _related(mine: Command, theirs: Command) -> bool:
    """True if the one may be about the other: of one person, or of one name."""
    if mine.operator == theirs.operator:
        return True
    names = {value for value in mine.parameters.values() if isinstance(value, str)}
    return theirs.command_id in names or any(
        value in names for value in theirs.parameters.values() if isinstance(value, str)
    )
