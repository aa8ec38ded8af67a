"""The report of a shift goes out by itself when the shift is over, to who asked for it, once."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omf.analysis.shifts import ShiftCalendar
from omf.notifications.shift_notices import REPORT_AFTER_S, ShiftNotice
from services.common.process import clock
from services.common.store.keys import key
from tests.support.archives import filled, merged
from tests.support.processes import Processes, wait_for
from tests.support.shared import recording
from tests.support.told_outside import HttpReceiver, MailReceiver, NotifiedHouse, OwnedAlarms

pytestmark = pytest.mark.alike
SESSION = "ml-wrb-red-nok_20260807_130729"
ENDED_S = REPORT_AFTER_S + 1
ENDS_IN_S = (4.0, 20.0, 60.0)
"""One after the other, until a machine is so fast that the service sees the end."""
TOLD = key("mock", "notifications:told")
ASKING = (
    "  - {{name: {name}, environments: [mock], shift_report: true,"
    " addresses: [{{name: a, url: {name}}}]{more}}}\n"
)


@pytest.fixture
def alarms(store_url: str) -> Iterator[OwnedAlarms]:
    with OwnedAlarms(store_url).running() as owned:
        yield owned


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def post() -> Iterator[MailReceiver]:
    receiver = MailReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def house(
    processes: Processes, store_url: str, tmp_path: Path, hook: HttpReceiver, post: MailReceiver
) -> NotifiedHouse:
    made = NotifiedHouse(processes, store_url, tmp_path)
    asking = ASKING.format(name="anna", more="")
    asking += ASKING.format(name="bert", more=", language: fr")
    other = "  - {name: carl, environments: [mock], addresses: [{name: a, url: anna}]}\n"
    mail = f"mailto://127.0.0.1:{post.port}?from=omf@example.org&to=bert@example.org"
    urls = f"anna json://127.0.0.1:{hook.port}\nbert {mail}\n"
    made.write("receivers:\n" + asking + other, urls)
    return made


def shifts(folder: Path, *, ends_in_s: float = -ENDED_S) -> str:
    """A calendar in which a shift of an hour is just over, or in a moment; its file."""
    end = datetime.fromtimestamp(clock.now() + ends_in_s, UTC)
    begin = end - timedelta(hours=1)
    rows = [f'- {{name: {n}, begin: "{at:%H:%M:%S}"}}' for n, at in (("a", begin), ("b", end))]
    file = folder / "shifts.yaml"
    file.write_text("\n".join(("zone: UTC", "shifts:", *rows)), "utf-8")
    return str(file)


def an_hour_ago(folder: Path) -> None:
    """A session that was archived within the last hour."""
    said = list(recording(SESSION))
    moved_ms = round((clock.now() - 1800) * 1000) - int(said[0].id.split("-")[0])
    moved = [
        one._replace(id=f"{int(ms) + moved_ms}-{seq}")
        for one in said
        for ms, seq in [one.id.split("-")]
    ]
    merged(filled(folder / "history" / "mock", moved, 1000))


def asked_before(alarms: OwnedAlarms, calendar: str, *names: str) -> None:
    """They asked before the shift was over: the one before it is noted as told."""
    found = ShiftCalendar.parse(Path(calendar).read_text("utf-8"))
    span = found.before(found.at(clock.now() - ENDED_S - 1))
    for name in names:
        notice = ShiftNotice(
            receiver=name, shift=found.id_of(span), since=span.since, until=span.until
        )
        alarms.client.hset(TOLD, notice.told_key, notice.model_dump_json())


def running_before_the_end(house: NotifiedHouse, alarms: OwnedAlarms, folder: Path) -> str:
    """The service runs, has noted who asks, and the shift is not over; its calendar."""
    for seconds in ENDS_IN_S:
        ends = clock.now() + seconds
        calendar = shifts(folder, ends_in_s=seconds)
        started = house.start(shifts=calendar, data=str(folder)).wait_ready()
        wait_for(lambda: alarms.client.hlen(TOLD) == 2)
        if clock.now() < ends:
            return calendar
        started.kill()
        alarms.client.delete(TOLD)
    raise AssertionError(f"it does not start within {ENDS_IN_S[-1]} s")


def test_who_asked_is_told_once_in_their_language_with_the_report_as_a_file(
    house: NotifiedHouse,
    alarms: OwnedAlarms,
    hook: HttpReceiver,
    post: MailReceiver,
    tmp_path: Path,
) -> None:
    an_hour_ago(tmp_path)
    running_before_the_end(house, alarms, tmp_path)
    wait_for(lambda: hook.taken and post.mails, 90)
    said = hook.taken[0].said
    assert "shift report" in said["title"]
    assert "First-pass yield: 50.0 %" in said["message"]
    assert "/mock/report?range=" in said["message"]
    [file] = said["attachments"]
    assert base64.b64decode(file["base64"]).startswith(b"%PDF-")
    [mail] = post.mails
    assert "rapport d’équipe" in mail["subject"]
    [paper] = list(mail.iter_attachments())
    assert paper.get_filename().endswith("-a.pdf")
    assert paper.get_payload(decode=True).startswith(b"%PDF-")
    wait_for(lambda: alarms.waiting() == 0)
    alarms.raised("HBW")
    wait_for(lambda: len(hook.taken) == 3)
    assert sum("shift report" in title for title in hook.titles) == 1
    wait_for(lambda: len(post.mails) == 2)


def test_a_provider_that_is_away_gets_it_later_and_once(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver, tmp_path: Path
) -> None:
    hook.status = 503
    calendar = shifts(tmp_path)
    asked_before(alarms, calendar, "anna", "bert")
    house.start(shifts=calendar, data=str(tmp_path)).wait_ready()
    wait_for(lambda: hook.asked > 0, 60)
    assert alarms.waiting() > 0
    hook.status = 200
    wait_for(lambda: hook.taken, 60)
    wait_for(lambda: alarms.waiting() == 0)
    assert len(hook.taken) == 1


def test_who_was_down_when_the_shift_ended_tells_it_afterwards(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver, tmp_path: Path
) -> None:
    earlier = shifts(tmp_path, ends_in_s=1800)
    first = house.start(shifts=earlier, data=str(tmp_path)).wait_ready()
    wait_for(lambda: alarms.client.hlen(TOLD) == 2)
    first.kill()
    assert not hook.taken
    # The shift of half an hour ahead was over in the meantime: what was noted before stays.
    house.start(shifts=shifts(tmp_path), data=str(tmp_path)).wait_ready()
    wait_for(lambda: len(hook.taken) == 1, 60)


@pytest.mark.parametrize(
    ("failpoint", "received"),
    [
        ("notifications.before_write:2", 1),
        ("notifications.before_send", 0),
        ("notifications.after_send", 1),
    ],
)
def test_a_kill_doubles_no_report_and_loses_none_unseen(
    house: NotifiedHouse,
    alarms: OwnedAlarms,
    hook: HttpReceiver,
    tmp_path: Path,
    failpoint: str,
    received: int,
) -> None:
    asking = ASKING.format(name="anna", more="")
    house.write("receivers:\n" + asking, f"anna json://127.0.0.1:{hook.port}\n")
    told = {"shifts": shifts(tmp_path), "data": str(tmp_path)}
    asked_before(alarms, told["shifts"], "anna")
    # The first write queues the report; before the second one nothing of it is sent.
    killed = house.start(failpoint=failpoint, **told)
    wait_for(lambda: not killed.alive, 60, killed.tail)
    house.start(**told).wait_ready()
    wait_for(lambda: len(hook.taken) == received, 60)
    wait_for(lambda: alarms.waiting() == 0)
    unknown = 0 if "before_write" in failpoint else 1
    wait_for(lambda: _unknown(alarms) == unknown)
    assert len(hook.taken) == received


def _unknown(alarms: OwnedAlarms) -> int:
    status = alarms.status()
    return status.receivers[0].addresses[0].unknown if status and status.receivers else -1
