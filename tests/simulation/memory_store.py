"""A store in memory: the commands our services and their scripts use, answered as Redis does.

`test_store.py` asks it and a real server the same at random. Answers have the shapes of RESP2.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis.exceptions import ResponseError

from tests.simulation.memory_streams import MemoryStream, StreamCommands

Answer = Any
T = TypeVar("T")
OK = "OK"
"""A status, unlike text of ours, which is always bytes."""
WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
Command = Callable[..., Answer]


class MemoryStore(StreamCommands):
    """All keys, and who waits for which; each call of `ask` is one atomic step."""

    def __init__(self) -> None:
        self._values: dict[bytes, Any] = {}
        self._expiries: dict[bytes, float] = {}
        self._waiting: dict[bytes, list[asyncio.Future[None]]] = {}
        self._commands: dict[bytes, Command] = {}
        self.appended: Callable[[bytes, list[bytes]], None] = lambda _name, _fields: None
        """Told of each entry that was appended to a stream, in the middle of the step."""
        self.written: Callable[[bytes, bytes], None] = lambda _name, _value: None
        """Told of each text that was set, as soon."""
        for name in dir(type(self)):
            if name.startswith("do_"):
                words = name.removeprefix("do_").upper().replace("_", " ").encode()
                self._commands[words] = getattr(self, name)

    def command(self, name: bytes, command: Command) -> None:
        """Answer one more command: who runs scripts adds those that do."""
        self._commands[name] = command

    def ask(self, name: bytes, args: list[bytes] | tuple[bytes, ...]) -> Answer:
        """Its answer, or ResponseError."""
        found = self._commands.get(name)
        if found is None and args:
            found, args = self._commands.get(b"%b %b" % (name, args[0].upper())), args[1:]
        if found is None:
            raise ResponseError(f"unknown command {name!r}")
        return found(*args)

    async def changed(self, names: list[bytes], timeout_s: float) -> None:
        """Return once one of the keys was written, or time is over."""
        loop = asyncio.get_running_loop()
        woken = loop.create_future()
        for name in names:
            self._waiting.setdefault(name, []).append(woken)
        timer = loop.call_later(timeout_s, _wake, woken)
        try:
            await woken
        finally:
            timer.cancel()
            for name in names:
                if woken in (those := self._waiting.get(name, [])):
                    those.remove(woken)

    def tell(self, name: bytes) -> None:
        """Who waits for this key may look."""
        for woken in self._waiting.pop(name, ()):
            _wake(woken)

    def now_ms(self) -> int:
        """By the clock of its host."""
        return int(time.time() * 1000)

    def value(self, name: bytes, kind: type[T]) -> T | None:
        """What lies under a key."""
        found = self._values.get(name)
        if found is None:
            return None
        if name in self._expiries and self._expiries[name] <= time.time() * 1000:
            self._drop(name)
            return None
        if not isinstance(found, kind):
            raise ResponseError(WRONG_TYPE)
        return found

    def made(self, name: bytes, kind: Callable[[], T]) -> T:
        """What lies under a key, made if there is nothing."""
        found = self.value(name, kind if isinstance(kind, type) else object)
        if found is None:
            self._values[name] = found = kind()
        return found

    def _drop(self, name: bytes) -> bool:
        self._expiries.pop(name, None)
        return self._values.pop(name, None) is not None

    def _tidied(self, name: bytes, found: Any) -> None:
        """An empty list or hash is none."""
        if not found:
            self._drop(name)

    # Keys of any kind.

    def do_ping(self) -> Answer:
        return "PONG"

    def do_time(self) -> Answer:
        micros = int(time.time() * 1_000_000)
        return [b"%d" % (micros // 1_000_000), b"%d" % (micros % 1_000_000)]

    def do_keys(self, pattern: bytes) -> Answer:
        if pattern != b"*":
            raise ResponseError("only KEYS * is known here")
        return [name for name in list(self._values) if self.value(name, object) is not None]

    def do_type(self, name: bytes) -> Answer:
        kinds = {bytes: "string", dict: "hash", list: "list", MemoryStream: "stream"}
        return kinds.get(type(self.value(name, object)), "none").encode()

    def do_exists(self, *names: bytes) -> Answer:
        return sum(self.value(name, object) is not None for name in names)

    def do_del(self, *names: bytes) -> Answer:
        return sum(self.value(name, object) is not None and self._drop(name) for name in names)

    def do_expire(self, name: bytes, seconds: bytes) -> Answer:
        if self.value(name, object) is None:
            return 0
        self._expiries[name] = time.time() * 1000 + int(seconds) * 1000
        return 1

    # Text.

    def do_get(self, name: bytes) -> Answer:
        return self.value(name, bytes)

    def do_mget(self, *names: bytes) -> Answer:
        found = (self.value(name, object) for name in names)
        return [one if isinstance(one, bytes) else None for one in found]

    def do_set(self, name: bytes, value: bytes, *options: bytes) -> Answer:
        given = [one.upper() for one in options]
        if b"NX" in given and self.do_exists(name):
            return None
        life_ms = 0
        if b"EX" in given:
            life_ms = 1000 * int(options[given.index(b"EX") + 1])
        if b"PX" in given:
            life_ms = int(options[given.index(b"PX") + 1])
        self._values[name] = value
        self.written(name, value)
        self._expiries.pop(name, None)
        if life_ms:
            self._expiries[name] = time.time() * 1000 + life_ms
        return OK

    def do_append(self, name: bytes, more: bytes) -> Answer:
        self._values[name] = joined = (self.value(name, bytes) or b"") + more
        return len(joined)

    def do_getrange(self, name: bytes, first: bytes, last: bytes) -> Answer:
        return _cut(self.value(name, bytes) or b"", first, last)

    # Hashes.

    def do_hset(self, name: bytes, *pairs: bytes) -> Answer:
        found: dict[bytes, bytes] = self.made(name, dict)
        before = len(found)
        found.update(zip(pairs[::2], pairs[1::2], strict=True))
        return len(found) - before

    def do_hsetnx(self, name: bytes, field: bytes, value: bytes) -> Answer:
        return 0 if self.do_hexists(name, field) else self.do_hset(name, field, value)

    def do_hget(self, name: bytes, field: bytes) -> Answer:
        return self._hash(name).get(field)

    def do_hmget(self, name: bytes, *fields: bytes) -> Answer:
        found = self._hash(name)
        return [found.get(field) for field in fields]

    def do_hgetall(self, name: bytes) -> Answer:
        return [one for pair in self._hash(name).items() for one in pair]

    def do_hkeys(self, name: bytes) -> Answer:
        return list(self._hash(name))

    def do_hvals(self, name: bytes) -> Answer:
        return list(self._hash(name).values())

    def do_hlen(self, name: bytes) -> Answer:
        return len(self._hash(name))

    def do_hexists(self, name: bytes, field: bytes) -> Answer:
        return int(field in self._hash(name))

    def do_hdel(self, name: bytes, *fields: bytes) -> Answer:
        found = self._hash(name)
        gone = sum(found.pop(field, None) is not None for field in fields)
        self._tidied(name, found)
        return gone

    def do_hincrby(self, name: bytes, field: bytes, by: bytes) -> Answer:
        found: dict[bytes, bytes] = self.made(name, dict)
        counted = int(found.get(field, b"0")) + int(by)
        found[field] = b"%d" % counted
        return counted

    def _hash(self, name: bytes) -> dict[bytes, bytes]:
        return self.value(name, dict) or {}

    # Lists.

    def do_rpush(self, name: bytes, *values: bytes) -> Answer:
        found: list[bytes] = self.made(name, list)
        found.extend(values)
        return len(found)

    def do_lpop(self, name: bytes) -> Answer:
        found = self._list(name)
        taken = found.pop(0) if found else None
        self._tidied(name, found)
        return taken

    def do_llen(self, name: bytes) -> Answer:
        return len(self._list(name))

    def do_lindex(self, name: bytes, place: bytes) -> Answer:
        found, at = self._list(name), int(place)
        return found[at] if -len(found) <= at < len(found) else None

    def do_lrange(self, name: bytes, first: bytes, last: bytes) -> Answer:
        return _cut(self._list(name), first, last)

    def _list(self, name: bytes) -> list[bytes]:
        return self.value(name, list) or []


def _cut(found: Any, first: bytes, last: bytes) -> Any:
    """From place `first` up to place `last`, which belongs to it; -1 is the last."""
    begin, end = (int(one) + len(found) if int(one) < 0 else int(one) for one in (first, last))
    return found[max(begin, 0) : end + 1]


def _wake(woken: "asyncio.Future[None]") -> None:
    if not woken.done():
        woken.set_result(None)
