"""What a row of the table of contracts says: a key of the store, who writes it, who reads it."""

from typing import Literal, NamedTuple

Process = Literal[
    "ingest",
    "orders",
    "gateway",
    "alarms",
    "notifications",
    "historian",
    "ui",
    "api",
    "omf",
    "replay",
]
"""`omf` is the command line, `replay` the session station."""
KeyType = Literal["stream", "hash", "list", "zset", "text"]


class Contract(NamedTuple):
    """One key, or a family of keys whose names end differently."""

    key: str
    """Behind `omf:{<environment>}:`; what differs stands in angle brackets."""
    type: KeyType
    writers: tuple[Process, ...]
    readers: tuple[Process, ...]
    model: str
    """Class of an entry or value; "" where it is plain text or only its writer reads it."""
    carries: str

    @property
    def prefix(self) -> str:
        """What all keys of the family begin with."""
        return self.key.partition("<")[0]
