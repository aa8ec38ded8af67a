"""A provider away for an hour of many alarms, by the second: nothing lost, nothing twice."""

from collections import Counter
from dataclasses import dataclass, field

import pytest

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from omf.notifications.decision import AlarmNotice, AlarmPhase, decide
from omf.notifications.receivers import NotificationAddress, Receiver, ReceiverNow
from omf.notifications.wording import NotificationPlace, notification_of
from omf.texts import verbatim
from services.notifications.outbox import (
    GAP_S,
    MAX_NOTICES_WAITING,
    MAX_RETRY_S,
    Outbox,
    OutboxEntry,
    SendingResult,
)
from tests.unit.omf.alarms.test_lifecycle import alarm

HOUR_S = 3600
AWAY, THERE = "anna/mail", "bert/sms"
ATTEMPT_S = 5
"""A provider that is away is waited for so long."""
RECEIVERS = [
    ReceiverNow(
        Receiver(
            name=name,
            least_priority=4,
            addresses=(NotificationAddress(name=address, url="x"),),
        )
    )
    for name, address in (("anna", "mail"), ("bert", "sms"))
]
ADDRESSES = {"anna": [AWAY], "bert": [THERE]}


def _name(notice: AlarmNotice) -> str:
    return f"{notice.receiver}|{notice.identity}"


@dataclass
class Provider:
    """What one address got, and how often it was tried."""

    away_until: float = 0.0
    got: list[tuple[float, list[OutboxEntry]]] = field(default_factory=list)
    tries: list[float] = field(default_factory=list)

    def told(self) -> Counter[str]:
        return Counter(_name(one.notice) for _, batch in self.got for one in batch)


class Night:
    """Alarms, decisions and attempts, second by second; `restart_every_s` ends the process."""

    def __init__(self, alarms: int, restart_every_s: int = 0) -> None:
        self.alarms, self.restart_every_s = alarms, restart_every_s
        self.lives: dict[str, AlarmLife] = {}
        self.names: list[str] = []
        self.box = Outbox()
        self.providers = {AWAY: Provider(HOUR_S), THERE: Provider()}
        self.decided: Counter[str] = Counter()
        self.under_way: dict[str, tuple[float, list[OutboxEntry]]] = {}

    def run(self, seconds: int) -> None:
        for now in range(1, seconds + 1):
            before = self.lives
            self._alarms(now)
            self._finish(now)
            # A process that ends while it sends leaves what nobody knows: another test has that.
            idle = not self.under_way
            if self.restart_every_s and now % self.restart_every_s == 0 and idle:
                self.box = Outbox(self.box.told, self.box.entries, self.box.records)
                assert self.box.left_behind("next", ()) == []
            if self.lives is not before:
                decided = decide(self.lives, self.box.told, RECEIVERS, now)
                self.decided.update(_name(one) for one in decided.notices)
                self.box.take(decided, ADDRESSES, now)
            for address, batch in self.box.due(ADDRESSES_KNOWN, now, "me").items():
                self.providers[address].tries.append(now)
                self.under_way[address] = (now, batch)

    def _alarms(self, now: int) -> None:
        """One more every few seconds within the hour; each third ends, each fifth is seen."""
        every_s = HOUR_S // self.alarms
        number, rest = divmod(now, every_s)
        if number > self.alarms:
            return
        standing = [n for n in range(1, number + 1) if n % 3 or now < n * every_s + 60]
        names = [f"connection-lost:S{n}" for n in standing]
        if names != self.names:
            self.names = names
            self.lives, _ = observe(self.lives, [alarm(one) for one in names], now)
        seen = f"connection-lost:S{number}"
        if rest == every_s - 1 and number % 5 == 0 and seen in self.lives:
            act = AlarmAct(now, "otto", "", None)
            self.lives, _ = carry_out(self.lives, seen, AlarmEvent.ACKNOWLEDGED, act)

    def _finish(self, now: int) -> None:
        for address, (began, batch) in list(self.under_way.items()):
            provider = self.providers[address]
            away = began < provider.away_until
            if away and now < began + ATTEMPT_S:
                continue
            del self.under_way[address]
            keys = tuple(one.key for one in batch)
            if not away:
                provider.got.append((now, batch))
            why = verbatim("away") if away else None
            self.box.finish(SendingResult(address, keys, why), now)


ADDRESSES_KNOWN = {AWAY, THERE}


@pytest.mark.parametrize(("alarms", "restart_every_s"), [(20, 0), (200, 97)])
def test_after_the_hour_everything_is_told_once_and_what_is_old_comes_as_one(
    alarms: int, restart_every_s: int
) -> None:
    night = Night(alarms, restart_every_s)
    night.run(HOUR_S + round(MAX_RETRY_S) + 60)
    away, there = night.providers[AWAY], night.providers[THERE]
    wanted = Counter(dict.fromkeys(night.decided, 1))
    assert len(wanted) > 2 * alarms, "each has at least its rise, for both"
    assert away.told() + there.told() == wanted, "nothing lost, nothing twice"
    first_at, bundle = away.got[0]
    assert first_at <= HOUR_S + MAX_RETRY_S + ATTEMPT_S
    assert len(bundle) >= alarms
    moments = [one.notice.at for one in bundle]
    assert moments == sorted(moments), "oldest first"
    raised = {one.notice.alarm for one in bundle if one.notice.phase is AlarmPhase.RAISED}
    assert len(raised) >= alarms - 1
    assert night.box.entries == {}
    record = night.box.record(AWAY)
    assert (record.failing_since, record.dropped, record.unknown) == (None, 0, 0)
    said = notification_of([one.notice for one in bundle], NotificationPlace("live", "en"))
    assert f"{len(bundle)}" in said.title
    assert len(said.body) < 4000


def test_during_the_hour_the_provider_is_not_stormed_and_everybody_else_is_told_at_once() -> None:
    night = Night(200)
    night.run(HOUR_S + round(MAX_RETRY_S) + 60)
    away, there = night.providers[AWAY], night.providers[THERE]
    tries = [at for at in away.tries if at < HOUR_S]
    assert len(tries) <= HOUR_S / MAX_RETRY_S + 10
    for at, batch in there.got:
        late_s = [at - one.queued_at for one in batch]
        assert max(late_s) <= GAP_S + 2
    assert len(there.told()) == len(away.told())


def test_more_than_an_address_keeps_are_given_up_oldest_first_and_counted() -> None:
    night = Night(720)
    night.run(HOUR_S + round(MAX_RETRY_S) + 60)
    away = night.providers[AWAY]
    lost = night.box.record(AWAY).dropped
    told = sum(away.told().values())
    mine = sum(one.startswith("anna|") for one in night.decided)
    assert lost > 0
    assert told + lost == mine
    _, bundle = away.got[0]
    assert len(bundle) == MAX_NOTICES_WAITING
    assert set(away.told().values()) == {1}
