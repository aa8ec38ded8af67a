"""The station reads each session of its folder once, by a process apart."""

import asyncio
import gzip
import json
import os
from pathlib import Path

from services.common.sessions.facts_files import facts_path, read_facts
from services.common.sessions.session_folder import SessionFolder
from services.replay.session_facts import FactsKeeper

TRIES = 300


def _session(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / f"{name}.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def _line(second: int) -> str:
    told = json.dumps({"serialNumber": "S", "connectionState": "ONLINE", "version": "1.3.0"})
    at = f"2026-08-07T09:11:{second:02}.000Z"
    return json.dumps({"ts": at, "topic": "module/v1/ff/S/connection", "payload": told})


async def test_a_session_is_read_and_a_damaged_one_holds_up_no_other(tmp_path: Path) -> None:
    _session(tmp_path, "a-damaged", ["{"])
    whole = _session(tmp_path, "whole", [_line(0), "{", _line(12)])
    reading = asyncio.create_task(FactsKeeper(SessionFolder(tmp_path)).run())
    for _ in range(TRIES):
        if read_facts(whole):
            break
        await asyncio.sleep(0.1)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    facts = read_facts(whole)
    assert facts is not None
    assert (facts.messages, facts.length_s, facts.versions) == (2, 12.0, {"S": "1.3.0"})
    assert read_facts(tmp_path / "a-damaged.jsonl.gz") is None
    assert SessionFolder(tmp_path).names() == ["a-damaged", "whole"]
    # Another session of that name: what is known of the one before is not told of it.
    newer = facts_path(whole).stat().st_mtime + 10
    os.utime(whole, (newer, newer))
    assert read_facts(whole) is None


def test_what_is_no_file_of_facts_is_none(tmp_path: Path) -> None:
    session = _session(tmp_path, "day", [_line(0)])
    facts_path(session).write_text("{")
    assert read_facts(session) is None
