"""Streams and their consumer groups, as the store in memory keeps them."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ResponseError

Id = tuple[int, int]
Entry = list[Any]
FIRST: Id = (0, 0)
LAST: Id = (2**64 - 1, 2**64 - 1)
SMALLER = "ERR The ID specified in XADD is equal or smaller than the target stream top item"
ZERO = "ERR The ID specified in XADD must be greater than 0-0"


@dataclass
class _InHand:
    """An entry that was handed out and is not acknowledged."""

    consumer: bytes
    at_ms: int
    times: int


@dataclass
class StreamGroup:
    """What was handed out to whom."""

    delivered: Id
    in_hand: dict[Id, _InHand] = field(default_factory=dict)


class MemoryStream:
    """Entries in the order of their ids."""

    def __init__(self) -> None:
        self.ids: list[Id] = []
        self.fields: list[list[bytes]] = []
        self.newest: Id = FIRST
        self.added = 0
        self.deleted: Id = FIRST
        """The highest id that was deleted by name."""
        self.groups: dict[bytes, StreamGroup] = {}

    def between(self, first: Id, last: Id, count: int) -> list[Entry]:
        """Up to `count` entries, oldest first."""
        begin, end = bisect_left(self.ids, first), bisect_right(self.ids, last)
        return [self._entry(at) for at in range(begin, min(end, begin + count))]

    def backwards(self, first: Id, last: Id, count: int) -> list[Entry]:
        """Up to `count` entries, newest first."""
        begin, end = bisect_left(self.ids, first), bisect_right(self.ids, last)
        return [self._entry(at) for at in range(end - 1, max(begin, end - count) - 1, -1)]

    def found(self, one: Id) -> Entry | None:
        """The entry of this id."""
        at = bisect_left(self.ids, one)
        return self._entry(at) if self.ids[at : at + 1] == [one] else None

    def add(self, one: Id, fields: list[bytes]) -> None:
        """Append under an id that is higher than all before."""
        self.ids.append(one)
        self.fields.append(fields)
        self.newest = one
        self.added += 1

    def cut(self, count: int) -> int:
        """Let go of that many of the oldest."""
        del self.ids[:count]
        del self.fields[:count]
        return count

    def delete(self, one: Id) -> bool:
        """Take one out; False if it is not there."""
        at = bisect_left(self.ids, one)
        if self.ids[at : at + 1] != [one]:
            return False
        del self.ids[at], self.fields[at]
        self.deleted = max(self.deleted, one)
        return True

    def _entry(self, at: int) -> Entry:
        return [shown(self.ids[at]), list(self.fields[at])]


class StreamCommands:
    """The commands about streams; the store has the keys."""

    value: Callable[..., Any]
    made: Callable[..., Any]
    tell: Callable[[bytes], None]
    appended: Callable[[bytes, list[bytes]], None]
    now_ms: Callable[[], int]

    def do_xadd(self, name: bytes, wished: bytes, *fields: bytes) -> Any:
        stream = self.value(name, MemoryStream) or MemoryStream()
        one = self._next(stream) if wished == b"*" else parsed(wished)
        if one == FIRST:
            raise ResponseError(ZERO)
        if one <= stream.newest:
            raise ResponseError(SMALLER)
        self.made(name, lambda: stream).add(one, list(fields))
        self.tell(name)
        self.appended(name, list(fields))
        return shown(one)

    def _next(self, stream: MemoryStream) -> Id:
        now = self.now_ms()
        if now > stream.newest[0]:
            return now, 0
        return stream.newest[0], stream.newest[1] + 1

    def do_xlen(self, name: bytes) -> Any:
        return len(self._stream(name).ids)

    def do_xrange(self, name: bytes, first: bytes, last: bytes, *count: bytes) -> Any:
        return self._stream(name).between(lowest(first), highest(last), counted(count))

    def do_xrevrange(self, name: bytes, last: bytes, first: bytes, *count: bytes) -> Any:
        return self._stream(name).backwards(lowest(first), highest(last), counted(count))

    def do_xdel(self, name: bytes, *ids: bytes) -> Any:
        return sum(self._stream(name).delete(parsed(one)) for one in ids)

    def do_xtrim(self, name: bytes, how: bytes, *limit: bytes) -> Any:
        """`~` lets a server keep more than it must; this one keeps what it must."""
        stream, wanted = self._stream(name), limit[-1]
        if how.upper() == b"MINID":
            return stream.cut(bisect_left(stream.ids, lowest(wanted)))
        return stream.cut(max(len(stream.ids) - int(wanted), 0))

    def do_xread(self, *args: bytes) -> Any:
        """Whoever blocks is asked again by the client once something was written."""
        names, ids, count = streams_of(args)
        found = []
        for name, after in zip(names, ids, strict=True):
            stream = self._stream(name)
            last = stream.newest if after == b"$" else parsed(after)
            if entries := stream.between(following(last), LAST, count):
                found.append([name, entries])
        return found or None

    def do_xgroup_create(self, name: bytes, group: bytes, after: bytes, *options: bytes) -> Any:
        stream = self.value(name, MemoryStream)
        if stream is None:
            if not options:
                raise ResponseError("ERR The XGROUP subcommand requires the key to exist.")
            stream = self.made(name, MemoryStream)
        if group in stream.groups:
            raise ResponseError("BUSYGROUP Consumer Group name already exists")
        stream.groups[group] = StreamGroup(stream.newest if after == b"$" else parsed(after))
        return "OK"

    def do_xreadgroup(self, _: bytes, group: bytes, consumer: bytes, *args: bytes) -> Any:
        names, _ids, count = streams_of(args)
        found = []
        for name in names:
            stream, reader = self._reader(name, group)
            entries = stream.between(following(reader.delivered), LAST, count)
            for entry in entries:
                reader.delivered = parsed(entry[0])
                reader.in_hand[reader.delivered] = _InHand(consumer, self.now_ms(), 1)
            if entries:
                found.append([name, entries])
        return found or None

    def do_xack(self, name: bytes, group: bytes, *ids: bytes) -> Any:
        reader = self._stream(name).groups.get(group)
        if reader is None:
            return 0
        return sum(reader.in_hand.pop(parsed(one), None) is not None for one in ids)

    def do_xclaim(
        self, name: bytes, group: bytes, consumer: bytes, idle: bytes, *ids: bytes
    ) -> Any:
        stream, reader = self._reader(name, group)
        found, now = [], self.now_ms()
        for one in map(parsed, ids):
            held = reader.in_hand.get(one)
            if held is None or now - held.at_ms < int(idle):
                continue
            entry = stream.found(one)
            if entry is None:  # it was deleted: nobody can handle it any more
                del reader.in_hand[one]
                continue
            reader.in_hand[one] = _InHand(consumer, now, held.times + 1)
            found.append(entry)
        return found

    def do_xpending(self, name: bytes, group: bytes, *limits: bytes) -> Any:
        _, reader = self._reader(name, group)
        held, now = sorted(reader.in_hand.items()), self.now_ms()
        if limits:
            first, last, count = lowest(limits[0]), highest(limits[1]), int(limits[2])
            those = [(one, it) for one, it in held if first <= one <= last][:count]
            return [[shown(one), it.consumer, now - it.at_ms, it.times] for one, it in those]
        if not held:
            return [0, None, None, None]
        by: dict[bytes, int] = {}
        for _, it in held:
            by[it.consumer] = by.get(it.consumer, 0) + 1
        told = [[consumer, b"%d" % times] for consumer, times in by.items()]
        return [len(held), shown(held[0][0]), shown(held[-1][0]), told]

    def do_xinfo_stream(self, name: bytes) -> Any:
        stream = self._known(name)
        ends = [*stream.between(FIRST, LAST, 1), *stream.backwards(FIRST, LAST, 1)]
        told = {
            b"length": len(stream.ids),
            b"last-generated-id": shown(stream.newest),
            b"max-deleted-entry-id": shown(stream.deleted),
            b"entries-added": stream.added,
            b"groups": len(stream.groups),
            b"first-entry": ends[0] if ends else None,
            b"last-entry": ends[-1] if ends else None,
        }
        return [one for pair in told.items() for one in pair]

    def do_xinfo_groups(self, name: bytes) -> Any:
        return [
            [b"name", group, b"pending", len(reader.in_hand), b"last-delivered-id", at]
            for group, reader in self._known(name).groups.items()
            for at in [shown(reader.delivered)]
        ]

    def _stream(self, name: bytes) -> MemoryStream:
        found: MemoryStream | None = self.value(name, MemoryStream)
        return MemoryStream() if found is None else found

    def _known(self, name: bytes) -> MemoryStream:
        found: MemoryStream | None = self.value(name, MemoryStream)
        if found is None:
            raise ResponseError("ERR no such key")
        return found

    def _reader(self, name: bytes, group: bytes) -> tuple[MemoryStream, StreamGroup]:
        stream = self._stream(name)
        if group not in stream.groups:
            raise ResponseError(f"NOGROUP No such key {name!r} or consumer group {group!r}")
        return stream, stream.groups[group]


def parsed(one: bytes, without: int = 0) -> Id:
    """An id as it is written; `without` is its second number if none is given."""
    ms, dash, seq = one.partition(b"-")
    try:
        return int(ms), int(seq) if dash else without
    except ValueError:
        raise ResponseError("ERR Invalid stream ID specified as stream command argument") from None


def shown(one: Id) -> bytes:
    """As a client sees it."""
    return b"%d-%d" % one


def following(one: Id) -> Id:
    """The id after it."""
    return one[0], one[1] + 1


def lowest(given: bytes) -> Id:
    """Where a range begins."""
    if given == b"-":
        return FIRST
    return following(parsed(given[1:])) if given[:1] == b"(" else parsed(given)


def highest(given: bytes) -> Id:
    """Where a range ends."""
    return LAST if given == b"+" else parsed(given, LAST[1])


def counted(options: Sequence[bytes]) -> int:
    """What COUNT says; without it no range here is as long."""
    return int(options[1]) if options else LAST[0]


def streams_of(args: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes], int]:
    """Keys, ids and COUNT of an XREAD."""
    words = [one.upper() for one in args]
    at = words.index(b"STREAMS")
    rest = args[at + 1 :]
    count = int(args[words.index(b"COUNT") + 1]) if b"COUNT" in words[:at] else LAST[0]
    return rest[: len(rest) // 2], rest[len(rest) // 2 :], count
