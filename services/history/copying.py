"""Copies an archive to another place: a backup that knows what it has, or a move to S3 and back."""

import os
import shutil
from typing import NamedTuple

from services.history.manifest import ArchiveError, ArchiveFile, Manifest
from services.history.storage import SESSIONS_NAME, ArchiveStorage, sha256_of


class ArchiveCopy(NamedTuple):
    """What was copied."""

    days: int
    files: int
    size: int
    """Bytes."""


def copy(source: ArchiveStorage, target: ArchiveStorage) -> ArchiveCopy:
    """Make `target` what `source` is now; what it has already is not copied again.

    The historian may go on writing: files never change, and each day's manifest comes after its
    files. ArchiveError names what cannot be read, or that somebody writes into the target.
    """
    if source.place == target.place:
        raise ArchiveError(f"{source.place} is copied to another place, not into itself")
    target.hold()
    try:
        days, _ = source.days()
        copied = [_copy_day(source, target, day) for day in days]
        _copy_sessions(source, target)
    finally:
        target.release()
    files = [file for day in copied for file in day]
    return ArchiveCopy(len(days), len(files), sum(file.size for file in files))


def _copy_day(source: ArchiveStorage, target: ArchiveStorage, day: str) -> list[ArchiveFile]:
    manifest = source.manifest(day)
    if manifest is None:
        return []
    known = target.manifest(day) or manifest.model_copy(update={"files": ()})
    _check(known, manifest, target)
    missing = [file for file in manifest.files if file not in known.files]
    for file in missing:
        _copy_file(source, target, day, file)
    if missing or known != manifest:
        target.store(manifest)
    named = {file.name for file in manifest.files}
    for left in known.files:
        if left.name not in named:
            target.delete(f"{day}/{left.name}")
    return missing


def _check(known: Manifest, manifest: Manifest, target: ArchiveStorage) -> None:
    if known.environment != manifest.environment:
        raise ArchiveError(
            f"{target.place} is of {known.environment} and not of {manifest.environment}"
        )


def _copy_file(source: ArchiveStorage, target: ArchiveStorage, day: str, file: ArchiveFile) -> None:
    name = f"{day}/{file.name}"
    unfinished = target.unfinished(name)
    try:
        with source.local(day, file).open("rb") as old, unfinished.open("wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())
        if sha256_of(unfinished) != file.sha256:
            raise ArchiveError(f"{source.place}/{name} is damaged; the copy was ended there")
        target.publish(unfinished, name, file.sha256)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_sessions(source: ArchiveStorage, target: ArchiveStorage) -> None:
    try:
        content = source.read(SESSIONS_NAME)
    except FileNotFoundError:
        return
    target.replace(SESSIONS_NAME, content)
