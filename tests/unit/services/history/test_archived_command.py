"""A command that the store has let go is found in the archive, with its stages."""

from pathlib import Path

from services.common.store.keys import AuditRecord, CommandEvent, Stage, StreamModel
from services.historian.archive import Archive
from services.historian.chunks import stored_chunks
from services.history.past_views import archived_command
from services.history.reader import History
from services.history.rows import StoredEntry
from tests.support.archives import START_MS
from tests.support.command_examples import command_of

DAY_MS = 86_400_000


def keep(root: Path, stream: str, at_ms: int, command_id: str, told: StreamModel) -> None:
    archive = Archive(root, "mock")
    archive.open()
    row = StoredEntry(f"{at_ms}-0", at_ms, told.model_dump_json(), command_id=command_id)
    for chunk in stored_chunks(stream, [row], stream):
        archive.append(chunk)
    archive.close()


def test_a_command_of_the_archive_has_its_stages_over_midnight(tmp_path: Path) -> None:
    for number, name in enumerate(("first", "second")):
        at_ms = START_MS + number * 3 * DAY_MS
        command = command_of("set-led", command_id=name, created_at=at_ms / 1000)
        audit = AuditRecord(command=command, decision=Stage.ACCEPTED, at=at_ms / 1000)
        keep(tmp_path, "audit", at_ms, name, audit)
        for days, stage in ((0, Stage.ACCEPTED), (1, Stage.EFFECT)):
            moment = at_ms + days * DAY_MS
            kind = {"kind": command.kind, "stage": stage, "at": moment / 1000}
            event = CommandEvent(command_id=name, **kind)  # type: ignore[arg-type]
            keep(tmp_path, "events", moment, name, event)
    found = archived_command(History(tmp_path), "first")
    assert found is not None
    assert (found.command.command_id, found.command.operator) == ("first", "anna")
    assert [one.stage for one in found.events] == [Stage.ACCEPTED, Stage.EFFECT]
    assert archived_command(History(tmp_path), "third") is None
    assert archived_command(History(tmp_path / "none"), "first") is None
