"""The historian as a process: what the journal has is in the archive once, whatever happens."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key, key
from services.history.reader import History
from tests.support.archives import LDR, behind_s, filled, light, lights
from tests.support.processes import Processes, Service, wait_for

FLUSH_S = "0.3"


class Journal:
    """Writes what ingest would write into the journal of a store."""

    def __init__(self, store_url: str) -> None:
        self.store: Any = store(store_url)
        self.ids: list[str] = []

    def say(self, count: int, every_ms: int = 1, ago_s: float = 0.0) -> None:
        """The first ones `ago_s` ago, all others behind the last one."""
        began_ms = int((time.time() - ago_s) * 1000)
        at_ms = int(self.ids[-1].partition("-")[0]) if self.ids else began_ms
        with self.store.pipeline(transaction=False) as pipe:
            for number in range(count):
                at_ms += every_ms
                message = light(number, at_ms)
                fields = {"t": message.topic, "p": message.payload, "q": 1}
                pipe.xadd(buffer_key("mock", JOURNAL), fields, message.id)
                self.ids.append(message.id)
            pipe.execute()

    def entry(self, stream: str, data: dict[str, Any], **more: str) -> str:
        fields = {"__data__": json.dumps(data), **more}
        return str(self.store.xadd(key("mock", stream), fields).decode())


@pytest.fixture
def journal(store_url: str) -> Journal:
    return Journal(store_url)


def _start(
    processes: Processes, store_url: str, data: Path, *within: str, flush_s: str = FLUSH_S
) -> Service:
    told = {"store_url": store_url, "history_flush_s": flush_s, "data": str(data)}
    return processes.service("historian", within=within, **told)


def archived(data: Path) -> list[str]:
    return [row.message.id for row in History(data / "history" / "mock").messages()]


def through(data: Path) -> str:
    return History(data / "history" / "mock").through()


def test_the_journal_comes_into_the_archive_once_over_kills_and_an_orderly_end(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(3_000, every_ms=1_200, ago_s=7_200)
    for _ in range(3):
        historian = _start(processes, store_url, tmp_path).wait_ready()
        journal.say(500)
        wait_for(lambda: through(tmp_path) > journal.ids[-500])
        journal.say(500)
        historian.kill()
    historian = _start(processes, store_url, tmp_path, flush_s="600").wait_ready()
    journal.say(10)
    wait_for(lambda: behind_s(historian) > 0)
    before = through(tmp_path)
    historian.stop(60)
    assert through(tmp_path) > before, "what was read is written before the end"
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    assert archived(tmp_path) == journal.ids
    safe = journal.store.get(key("mock", "archived")).decode()
    assert safe in journal.ids


def test_events_audit_and_alarms_are_archived_and_seals_with_them(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    event = {"command_id": "c1", "kind": "park", "stage": "accepted", "at": 1.0, "operator": "anna"}
    first = journal.entry("events", event)
    command = {"command_id": "c1", "kind": "park", "operator": "anna"}
    audit = {"command": command, "decision": "accepted"}
    journal.entry("audit", audit, before="b", seal="s")
    journal.entry("events", {"not": ["an", "event"]})
    passage = {"alarm": "danger:gas", "rule": "danger", "event": "acknowledged", "who": "anna"}
    journal.entry("alarms", {**passage, "command_id": "c2"})
    journal.say(5)
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    history = History(tmp_path / "history" / "mock")
    told, odd = history.entries("events")
    assert (told.id, told.command_id, told.stage, told.operator) == (
        first,
        "c1",
        "accepted",
        "anna",
    )
    assert json.loads(told.data) == event
    assert json.loads(odd.data) == {"not": ["an", "event"]}
    [sealed] = history.entries("audit")
    assert (sealed.command_id, sealed.stage) == ("c1", "accepted")
    assert (sealed.before, sealed.seal) == ("b", "s")
    assert json.loads(sealed.data) == audit
    [passed] = history.entries("alarms")
    assert (passed.command_id, passed.kind) == ("c2", "danger")
    assert (passed.stage, passed.operator) == ("acknowledged", "anna")
    assert json.loads(passed.data) == {**passage, "command_id": "c2"}


def test_events_of_an_emptied_store_whose_clock_was_set_back_are_archived_once(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    history = History(tmp_path / "history" / "mock")
    now_ms = int(time.time() * 1000)

    def happens(*at_ms: int, born: float) -> None:
        link = {"connected": True, "broker": "b", "since": born, "at": born, "born": born}
        journal.store.set(key("mock", "link:ingest"), json.dumps(link))
        for at in at_ms:
            fields = {"__data__": json.dumps({"at": at, "born": born})}
            journal.store.xadd(key("mock", "events"), fields, f"{at}-0")

    def archive_has(*ids: int) -> None:
        historian = _start(processes, store_url, tmp_path).wait_ready()
        wanted = [f"{one}-0" for one in ids]
        wait_for(lambda: [one.id for one in history.entries("events")] == wanted)
        time.sleep(1)
        assert [one.id for one in history.entries("events")] == wanted
        historian.kill()

    journal.say(3)
    happens(now_ms, now_ms + 10, born=1.0)
    archive_has(now_ms, now_ms + 10)
    journal.store.flushall()
    happens(now_ms - 5000, now_ms + 5, born=2.0)
    archive_has(now_ms - 5000, now_ms, now_ms + 5, now_ms + 10)
    # Put back from a copy of the first life: nothing of it is new, but what came since.
    journal.store.flushall()
    happens(now_ms, now_ms + 10, born=1.0)
    happens(now_ms + 20, born=3.0)
    archive_has(now_ms - 5000, now_ms, now_ms + 5, now_ms + 10, now_ms + 20)


@pytest.mark.alike
def test_a_message_of_ours_is_archived_with_its_command(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(3)
    message = light(3, int(journal.ids[-1].partition("-")[0]) + 5)
    told = {"command_id": "c7", "kind": "light", "at": message.received_at - 0.1}
    bytes_ = {"topic": message.topic, "payload": message.payload.decode()}
    journal.entry("events", {**told, **bytes_, "stage": "queued"})
    fields = {"t": message.topic, "p": message.payload, "q": 1}
    journal.store.xadd(buffer_key("mock", JOURNAL), fields, message.id)
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == message.id)
    rows = list(History(tmp_path / "history" / "mock").messages())
    assert [row.command_id for row in rows] == ["", "", "", "c7"]


def test_what_the_journal_let_go_too_early_is_told_as_a_gap(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(10)
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    before = journal.ids[-1]
    # Ingest counts what it lets go behind the archive's end (test_ingest_trimming).
    journal.store.hincrby(key("mock", "counters"), "unarchived", 7)
    journal.say(1)
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    [gap] = History(tmp_path / "history" / "mock").gaps()
    assert (gap.after, gap.until, gap.count) == (before, journal.ids[-1], 7)
    journal.say(1)
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    assert len(History(tmp_path / "history" / "mock").gaps()) == 1


@pytest.mark.alike
def test_a_day_that_was_taken_away_is_told_as_a_gap_where_the_journal_has_it_no_more(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(6, every_ms=24 * 3_600_000)
    historian = _start(processes, store_url, tmp_path).wait_ready()
    # Only what the historian said to be safe is let go by the journal.
    wait_for(lambda: journal.store.get(key("mock", "archived")) == journal.ids[-1].encode())
    historian.stop(10)
    for day in sorted((tmp_path / "history" / "mock").glob("2*"))[3:]:
        shutil.rmtree(day)
    journal.store.xtrim(buffer_key("mock", JOURNAL), minid=journal.ids[4], approximate=False)
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    [gap] = History(tmp_path / "history" / "mock").gaps()
    assert (gap.after, gap.until, gap.count) == (journal.ids[2], journal.ids[4], None)
    safe = journal.store.get(key("mock", "archived")).decode()
    assert safe == journal.ids[-1]


@pytest.mark.alike
def test_verify_compares_with_the_journal_and_names_what_is_missing(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(700, every_ms=10_000)
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    checked = _verified(store_url, tmp_path)
    assert sum(row["same_in_journal"] for row in checked) == 700
    assert not any(row["faults"] for row in checked)
    at = journal.ids[-1].partition("-")[0]
    # Nobody but ingest writes there; a forged entry is one that the archive has not.
    journal.store.delete(buffer_key("mock", JOURNAL))
    for entry in (journal.ids[3], f"{int(at) - 5}-0", journal.ids[-1]):
        fields = {"t": "forged", "p": b"{}", "q": 1}
        journal.store.xadd(buffer_key("mock", JOURNAL), fields, entry)
    faults = [fault for row in _verified(store_url, tmp_path) for fault in row["faults"]]
    assert any("is not in the archive" in fault for fault in faults)
    assert any(f"{journal.ids[3]} is another" in fault for fault in faults)


def _verified(store_url: str, data: Path) -> list[dict[str, Any]]:
    command = ["history", "verify", "--json"]
    env = {"OMF_STORE_URL": store_url, "OMF_DATA": str(data)}
    done = CliRunner().invoke(app, command, env=env)
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.alike
def test_a_folder_that_is_no_folder_loses_nothing_and_is_told(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    journal.say(20)
    (tmp_path / "history").write_text("in the way", encoding="utf-8")
    historian = _start(processes, store_url, tmp_path)
    wait_for(lambda: "cannot be written" in historian.tail(50))
    assert not historian.ready()
    (tmp_path / "history").unlink()
    historian.wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    assert archived(tmp_path) == journal.ids


@pytest.mark.alike
def test_a_full_disk_loses_nothing_and_is_told(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    # No file may grow beyond two kilobytes: every write of a table fails half way.
    journal.say(500)
    full = _start(processes, store_url, tmp_path, "prlimit", "--fsize=2000")
    wait_for(lambda: "nothing is archived" in full.tail(50))
    assert (full.ready(), full.alive) == (False, True)
    full.kill()
    assert archived(tmp_path) == []
    _start(processes, store_url, tmp_path).wait_ready()
    wait_for(lambda: through(tmp_path) == journal.ids[-1])
    assert archived(tmp_path) == journal.ids
    assert not list((tmp_path / "history" / "mock").glob("*/*.tmp"))


@pytest.mark.alike
@pytest.mark.timeout(300)
def test_a_damaged_file_is_told_and_everything_else_is_merged(
    processes: Processes, store_url: str, journal: Journal, tmp_path: Path
) -> None:
    folder = tmp_path / "history" / "mock"
    said = lights(400, every_ms=30_000)
    [day] = filled(folder, said, 20).days.values()
    damaged = folder / day.day / day.of("messages")[1].name
    bytes_ = bytearray(damaged.read_bytes())
    bytes_[len(bytes_) // 3] ^= 0xFF
    damaged.write_bytes(bytes_)
    journal.say(3)
    historian = _start(processes, store_url, tmp_path).wait_ready()

    def merged_hours() -> int:
        [first, *_] = History(folder).days()
        return sum(".parquet" in file.name for file in first.of("messages", "camera"))

    before = len(day.of("messages", "camera"))
    wait_for(lambda: merged_hours() < before / 2, 240)
    assert historian.alive
    wait_for(lambda: str(damaged) in historian.tail(50))
    named = [file.name for file in History(folder).days()[0].of("messages")]
    assert damaged.name in named, "what is left of it is not written into another file"
    found = [row.message.id for row in History(folder).messages(topic_filter=LDR)]
    assert found == sorted(found)
