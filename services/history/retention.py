"""What the archive keeps how long: the classes of topics and their limits, from retention.yaml."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.filters import TopicError, check_filter, matches
from services.history.manifest import ArchiveError, ArchiveFile
from services.history.rows import DERIVED_KINDS

DAY_MS = 24 * 3_600_000
MEGABYTE = 1_000_000
_CLASS_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


class KeepLimit(BaseModel):
    """Limits of one kind of file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: float = Field(gt=0)
    megabytes: float = Field(gt=0)


UNLISTED_TABLE = KeepLimit(days=3650, megabytes=2000)
"""Of a table that a file says nothing of."""


class TopicClass(KeepLimit):
    """A class of topics, archived in files of its own."""

    filters: tuple[str, ...] = Field(min_length=1)


class Retention(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: dict[str, TopicClass] = Field(min_length=1)
    tables: dict[str, KeepLimit] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, topic_class in self.topics.items():
            if not _CLASS_NAME.fullmatch(name) or name in DERIVED_KINDS:
                raise ValueError(
                    f"topics: {name!r} cannot name a class; use small letters, digits and _, "
                    f"and none of {', '.join(DERIVED_KINDS)}"
                )
            for topic_filter in topic_class.filters:
                try:
                    check_filter(topic_filter)
                except TopicError as error:
                    raise ValueError(f"topics: {name}: {error}") from None
        if catalogue.JOURNAL not in list(self.topics.values())[-1].filters:
            raise ValueError(
                "topics: the last class must have the filter '#', for what no other takes"
            )
        if unknown := set(self.tables) - set(DERIVED_KINDS):
            known = ", ".join(DERIVED_KINDS)
            raise ValueError(f"tables: there is no {', '.join(sorted(unknown))}; known are {known}")
        return self

    def limit(self, kind: str) -> KeepLimit | None:
        """The limits of a kind of file; None for a class that is no longer in the file."""
        if kind in DERIVED_KINDS:
            return self.tables.get(kind, UNLISTED_TABLE)
        return self.topics.get(kind)

    def class_of(self, topic: str) -> str:
        """The class a topic belongs to."""
        return _class_of(self, topic)

    def __hash__(self) -> int:
        """One object is one file: no two are compared."""
        return id(self)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of file."""
        return (*self.topics, *DERIVED_KINDS)


@lru_cache(maxsize=4096)
def _class_of(retention: Retention, topic: str) -> str:
    for name, topic_class in retention.topics.items():
        if any(matches(one, topic) for one in topic_class.filters):
            return name
    return next(reversed(retention.topics))


def read(path: Path | None = None) -> Retention:
    """The limits of a file, or those of the program; ArchiveError says what is wrong."""
    source = path or files("services.history").joinpath("retention.yaml")
    try:
        told: Any = yaml.safe_load(source.read_text("utf-8"))
        return Retention.model_validate(told)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ArchiveError(f"{source} cannot be used: {error}") from error


def overdue(
    found: Iterable[ArchiveFile],
    limits: Mapping[str, KeepLimit],
    newest_ms: int,
    spared_ms: Sequence[tuple[int, int]] = (),
) -> list[ArchiveFile]:
    """The files, oldest first, that are over the limits of their kind.

    Files with ids of the ranges `spared_ms`, both ends included, count for nothing and stay.
    Age is measured from `newest_ms`, the newest archived message, so a clock that jumps deletes
    nothing. The newest file of a kind always stays.
    """
    gone = []
    by_kind: dict[str, list[ArchiveFile]] = {}
    for file in found:
        if file.kind in limits and not any(overlaps(file, *span) for span in spared_ms):
            by_kind.setdefault(file.kind, []).append(file)
    for kind, oldest_first in by_kind.items():
        limit = limits[kind]
        size = sum(file.size for file in oldest_first)
        for file in oldest_first[:-1]:
            too_old = newest_ms - file_ms(file.last) > limit.days * DAY_MS
            if not too_old and size <= limit.megabytes * MEGABYTE:
                break
            size -= file.size
            gone.append(file)
    return gone


def overlaps(file: ArchiveFile, begin_ms: int, end_ms: int) -> bool:
    """Whether a file may hold something of a range of ids, both ends included."""
    return file_ms(file.first) <= end_ms and file_ms(file.last) >= begin_ms


def file_ms(message_id: str) -> int:
    """The milliseconds of an id."""
    return StreamId.parse(message_id).ms
