"""Batches into the store: all of a batch at once, under ids of our own, never twice.

A batch keeps its sequence number and its ids until the store has said that it lies there, however
often it has to be tried: the script refuses a number it has seen, and an epoch that is not ours.
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from services.common.process import clock
from services.common.process.lost_time import STORE_CALLS
from services.common.store.clients import COPIED_MS, DriverError, check_copies
from services.common.store.fence import Fence
from services.common.store.keys import TooLarge, key
from services.common.store.leader_lease import SupersededError
from services.ingest.routes import Buffer
from services.ingest.shards import Shard

# The store is asked again after this; loading a large append-only file takes seconds.
APPEND_RETRY_S = 0.25

HELD = 1.5
"""So many times its age the journal keeps what is not archived yet; append.lua has the same."""

_APPEND = files("services.ingest").joinpath("append.lua").read_text("utf-8")
_CLAIM = files("services.ingest").joinpath("claim.lua").read_text("utf-8")
_RENEW = files("services.ingest").joinpath("renew.lua").read_text("utf-8")
_log = logging.getLogger(__name__)


Stamped = tuple[bytes, bytes, bytes, bytes, tuple[str, ...]]
"""Id, topic, payload, the four digits of append.lua's head, and the filters of its buffers."""


class Batch(NamedTuple):
    """What one call of the script does."""

    messages: Sequence[Stamped]
    marks: bytes
    """Window entries of all messages that will be acknowledged, in order."""
    counts: Mapping[str, int]
    """What else is to be counted, e.g. `duplicates`."""
    at_ms: int
    classes: Sequence[int] = ()
    """Messages by priority class, the class being the place."""
    too_large: TooLarge | None = None
    """The last of those refused for their size."""
    new_session: bool = False
    """Packet ids begin anew: what the window holds of the old session is forgotten."""
    properties: Sequence[tuple[int, bytes]] = ()
    """Those of MQTT 5 as JSON, with the number of their message, from 1."""


class Appended(NamedTuple):
    """What the script did."""

    messages: int
    unchanged: int
    counted: int
    """Acknowledged messages since the store began, this batch included."""
    no_latest_slot: int = 0
    """Topics that got no last value, for there are too many."""
    trimmed: Mapping[str, int] = {}
    """Entries let go, by filter."""
    emptied: bool = False
    """The store no longer knew us: somebody emptied it."""


class StreamWriter:
    """The only writer of buffers, latest and counters of one environment, or of its shard.

    Called in the main thread of ingest alone; batches are written in the order of the calls, each
    by one script. A store that is away or refuses is asked again until it takes the batch, while
    `wait` is called in between. SupersededError: another ingest took over, nothing was written. A
    crash in between leaves the batch unacknowledged: the broker delivers it again, and the window
    of marks tells what already lies in the store.
    """

    def __init__(
        self,
        store: Any,
        environment: str,
        buffers: Mapping[str, Buffer],
        wait: Callable[[], None],
        shard: Shard = Shard(),  # noqa: B008 - immutable
        fence: Fence | None = None,
    ) -> None:
        """`wait` is called between tries; it may raise to give up. `fence` is of the lead."""
        self._store = store
        self._append, self._claim, self._renew = (
            fence.registered(store, script) if fence else store.register_script(script)
            for script in (_APPEND, _CLAIM, _RENEW)
        )
        own, window = shard.name("ingest"), shard.name("window")
        names = (own, "latest", "counters", window, "marks", "retained", "ingest", "archived")
        self._keys = [key(environment, name) for name in names]
        self._shards = shard.total
        self.buffers = buffers
        self._wait = wait
        self.replicas = 0
        """A batch lies in the store once so many replicas of it have it too."""
        self._epoch = self._sequence = 0
        self._born = b""
        self.installation = ""
        """Tells this installation from others at the same broker; the same as long as the store."""
        self.nameless = False
        """It is older than such names: the broker keeps its session under a client id without."""
        self.fresh = False
        """The store kept nothing of this environment before `claim`."""
        self.trouble = ""
        """What the store last said instead of doing its work; empty while it does."""

    def claim(self) -> str:
        """Take over from a former ingest; the highest id that was ever given."""
        state, shared = self._keys[0], self._keys[-2]
        keys = [state, shared, *(buffer.key for buffer in self.buffers.values())]
        args = [self._shards, int(clock.now() * 1000), secrets.token_hex(3)]
        answer = self._tried(lambda: self._claim(keys=keys, args=args))
        epoch, last, self._born, fresh, installation, nameless = answer
        self.installation, self.nameless = installation.decode(), nameless == b"1"
        self._epoch, self._sequence, self.fresh = int(epoch), 0, bool(fresh)
        return str(last.decode())

    def renew(self) -> None:
        """The store lost what we keep: be ready to append what the broker retains once more."""
        own, latest, *_, retained, shared, _ = self._keys
        keys, args = [own, shared, latest, retained], [self._epoch, self._born]
        args += [int(clock.now() * 1000), self.installation, int(self.nameless)]
        self._born = self._tried(lambda: self._renew(keys=keys, args=args))

    def window(self) -> tuple[bytes, int]:
        """Entries of the messages acknowledged last, and how many of them may not be settled."""
        found = self._tried(lambda: self._store.hmget(self._keys[0], "counted", "settled"))
        counted, settled = (int(value or 0) for value in found)
        entries = self._tried(lambda: self._store.get(self._keys[3])) or b""
        return entries, max(0, counted - settled)

    def append(self, batch: Batch) -> Appended:
        """Return when the batch lies in the store, however long that takes."""
        return self._run(*self._call(batch))

    def tidy(self, at_ms: int) -> Appended:
        """Let go what has grown too old meanwhile, also in buffers nobody writes to."""
        buffers = list(self.buffers.values())
        args = [b"", 0, 0, *self._limits(buffers, at_ms), 0]
        return self._run([*self._keys, *(buffer.key for buffer in buffers)], args)

    def _run(self, keys: list[str], args: list[Any]) -> Appended:
        self._sequence += 1
        head = [self._epoch, self._sequence, self._shards]
        return self._read(self._tried(lambda: self._appended(keys, head + args)))

    def _appended(self, keys: list[str], args: list[Any]) -> Any:
        answer = self._append(keys=keys, args=args)
        if self.replicas:
            with self._store.pipeline(transaction=False) as pipe:
                # WAIT counts from the last writing of its own connection, which is not the
                # script's after a break; and a batch tried again wrote nothing.
                pipe.hset(self._keys[0], "copied", self._sequence)
                pipe.wait(self.replicas, COPIED_MS)
                check_copies(pipe.execute()[-1], self.replicas)
        return answer

    def _call(self, batch: Batch) -> tuple[list[str], list[Any]]:
        positions: dict[str, int] = {}
        routes: dict[tuple[str, ...], bytes] = {}
        body: list[Any] = []
        for entry_id, topic, payload, flags, filters in batch.messages:
            route = routes.get(filters)
            if route is None:
                places = [positions.setdefault(f, len(positions) + 1) for f in filters]
                route = routes[filters] = ",".join(map(str, places)).encode()
            body += (entry_id, topic, payload, flags + route)
        args: list[Any] = [batch.marks, int(batch.new_session), len(batch.counts)]
        for count in batch.counts.items():
            args += count
        used = [self.buffers[name] for name in positions]
        args += self._limits(used, batch.at_ms)
        args.append(len(batch.properties))
        for told in batch.properties:
            args += told
        return [*self._keys, *(buffer.key for buffer in used)], args + body

    def _limits(self, buffers: Sequence[Buffer], at_ms: int) -> list[Any]:
        limits: list[Any] = []
        for _, name, count, keep_ms, size, pictures in buffers:
            held = at_ms - int(HELD * keep_ms)
            limits += (name, count, at_ms - keep_ms, size, pictures, held)
        return limits

    def _tried(self, call: Callable[[], Any]) -> Any:
        while True:
            try:
                with STORE_CALLS.waiting():
                    answer = call()
            except DriverError as error:
                self.trouble = f"{type(error).__name__}: {error}"
                _log.warning("waiting for the store: %s", error)
                self._wait()
            else:
                self.trouble = ""
                return answer

    def _read(self, answer: list[Any]) -> Appended:
        verdict = answer[0]
        if verdict == b"superseded":
            raise SupersededError("ingest", "another process")
        if verdict == b"repeated":
            return Appended(0, 0, int(answer[1]))
        _, messages, unchanged, counted, new, no_latest_slot, cut = answer
        trimmed = {name.decode(): n for name, n in zip(cut[::2], cut[1::2], strict=True)}
        return Appended(messages, unchanged, counted, no_latest_slot, trimmed, emptied=bool(new))
