"""Damaged files and manifests: named, never told wrongly, and everything else goes on."""

import json
import shutil
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.state import FactoryState
from services.common.store.journal import BEGINNING
from services.historian import chunks
from services.historian.archive import Archive
from services.historian.chunks import ChunkBuilder
from services.history import retention
from services.history.manifest import ArchiveError
from services.history.reader import History
from tests.support.archives import HOUR_MS, LDR, START_MS, archive_faults, filled, lights


def _messages(root: Path) -> list[Message]:
    return [row.message for row in History(root).messages()]


def test_a_damaged_file_is_named_and_the_rest_answers(tmp_path: Path) -> None:
    said = lights(300, every_ms=60_000)
    archive = filled(tmp_path, said, 60)
    [day] = archive.days.values()
    victim = tmp_path / day.day / day.of("messages")[1].name
    victim.write_bytes(victim.read_bytes()[:200])
    gone = tmp_path / day.day / day.of("camera")[0].name
    gone.unlink()
    faults = archive_faults(archive)
    assert len(faults) == 2
    assert str(victim) in faults[0] + faults[1]
    history = History(tmp_path)
    left = [row.message for row in history.messages()]
    assert len(left) == 300 - 20 - 40
    for path in (victim, gone):
        assert any(str(path) in fault for fault in history.faults)


def test_bytes_that_changed_on_the_disk_are_never_told_as_what_was_said(tmp_path: Path) -> None:
    said = lights(90, every_ms=1000)
    archive = filled(tmp_path, said, 30)
    [day] = archive.days.values()
    for victim in (day.of("messages")[1], day.of("values")[1]):
        path = tmp_path / day.day / victim.name
        whole = path.read_bytes()
        for at in range(4, len(whole) - 8, len(whole) // 29):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
            history = History(tmp_path)
            found = [row.message for row in history.messages()]
            assert all(message in said for message in found)
            fields = {(one.id, one.path): one.number for one in history.values(LDR, "ldr")}
            assert all(number == said_of(one, said) for (one, _), number in fields.items())
            footer = at >= len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
            assert footer or found == said or str(path) in history.faults[0]
        path.write_bytes(whole)


def said_of(message_id: str, said: list[Message]) -> float:
    [message] = [one for one in said if one.id == message_id]
    return float(json.loads(message.payload)["ldr"])


DAY_MS = 24 * HOUR_MS


def _damage(root: Path, day: str) -> Path:
    broken = root / day / "manifest.json"
    broken.write_text("{", encoding="utf-8")
    return broken


def test_a_damaged_manifest_is_named_and_everything_else_goes_on(tmp_path: Path) -> None:
    said = [*lights(10), *lights(10, START_MS + DAY_MS), *lights(10, START_MS + 2 * DAY_MS)]
    filled(tmp_path, said[:20])
    broken = _damage(tmp_path, "2026-05-13")
    kept = {path.name for path in broken.parent.iterdir()}
    archive = filled(tmp_path, said[20:])
    assert str(broken) in archive.faults[0]
    assert {path.name for path in broken.parent.iterdir()} == kept
    history = History(tmp_path)
    assert [row.message for row in history.messages()] == said[10:]
    assert str(broken) in history.faults[0]
    assert not archive.mended()


def test_a_day_whose_manifest_is_damaged_is_begun_anew_beside_its_files(tmp_path: Path) -> None:
    said = lights(30)
    filled(tmp_path, said[:20], 10)
    whole = (tmp_path / "2026-05-13" / "manifest.json").read_bytes()
    kept = {path.name for path in _damage(tmp_path, "2026-05-13").parent.iterdir()}
    # Nothing can be read of it, so the journal is read from its beginning again.
    assert History(tmp_path).through() == "0-0"
    archive = filled(tmp_path, said[5:])
    assert _messages(tmp_path) == said[5:]
    aside = tmp_path / "2026-05-13.damaged"
    assert {path.name for path in aside.iterdir()} == kept
    history = History(tmp_path)
    assert history.days()
    assert str(aside) in history.faults[0]
    assert str(aside) in archive.faults[0]
    # Whoever has a copy of the manifest has the old day back, at the price of the new one.
    (aside / "manifest.json").write_bytes(whole)
    shutil.rmtree(tmp_path / "2026-05-13")
    aside.rename(tmp_path / "2026-05-13")
    assert _messages(tmp_path) == said[:20]


def test_a_manifest_that_was_put_back_is_gone_on_from(tmp_path: Path) -> None:
    said = lights(20)
    filled(tmp_path, said[:10])
    path = tmp_path / "2026-05-13" / "manifest.json"
    whole = path.read_bytes()
    _damage(tmp_path, "2026-05-13")
    archive = Archive(tmp_path, "mock")
    archive.open()
    path.write_bytes(whole)
    assert archive.mended()
    builder = ChunkBuilder(retention.read(), BEGINNING, FactoryState())
    [chunk] = builder.messages(chunks.archived(said))
    with pytest.raises(ArchiveError, match="was mended"):
        archive.append(chunk)
    archive.open()
    assert archive.through("journal") == said[9].id
    archive.close()
