"""What the tables of the archive hold, before it is a column and after."""

from typing import NamedTuple

from omf.messages.message import Message

COPIED_STREAMS = ("events", "audit", "alarms", "handovers")
"""Streams of the store that are archived entry by entry, each in a table of its own name. One more
here is one more table: it is copied, merged, kept, read, asked and told like the others."""
VALUES = "values"
LIFE_TABLE = "lives"
HOUR_TABLE = "hours"
"""What was heard in each hour of a day that is over, of which the report of a shift is made."""
ENTRY_TABLES = ("states", HOUR_TABLE, *COPIED_STREAMS)
FOLDED_KINDS = ("states", LIFE_TABLE)
"""What the fold made of the messages: made anew once an upgrade changes what the fold means."""
DERIVED_KINDS = (VALUES, LIFE_TABLE, *ENTRY_TABLES)
"""Kinds of files that hold no messages; every other kind is a class of topics."""


class ArchivedMessage(NamedTuple):
    """A message and what is known of who sent it."""

    message: Message
    direction: str = ""
    """`from_factory`, `to_factory`, `internal` by the topic catalogue; "" for an unknown topic."""
    command_id: str = ""
    """The command of this dashboard that published it; "" if none is known."""


class FieldValue(NamedTuple):
    """A scalar field of a JSON payload, at a message in which it was another than before."""

    topic: str
    path: str
    """`batteryState.charge`, `actionStates[0].state`."""
    number: float | None
    """Numbers, and true and false as 1 and 0."""
    text: str | None
    id: str
    time_ms: int
    """When the message was received, ms since 1970 UTC; in a replay the recorded time."""


class StoredEntry(NamedTuple):
    """An entry of another stream of the store, or a folded state, as JSON."""

    id: str
    time_ms: int
    data: str
    command_id: str = ""
    kind: str = ""
    stage: str = ""
    operator: str = ""
    before: str = ""
    """Of an audit entry: the seal of the entry before it."""
    seal: str = ""


class EndedLife(NamedTuple):
    """The life of a workpiece that has left the house; of several rows of one life the last counts.

    What is told of it afterwards (the end of its order, the picture of its check) is one more row.
    """

    id: str
    """The message it ended with."""
    time_ms: int
    life: str
    """Its id; with the message it began with."""
    tag: str | None
    colour: str | None
    status: str
    """As in docs/workpieces.md; that of a piece in the house where another session was played."""
    orders: str
    """Ids of its orders, a blank between two."""
    begun_ms: int
    data: str
    """The life as JSON."""
