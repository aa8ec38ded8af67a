"""Every write of a process that has a role passes the store's check that it still leads.

The check stands before the process's own scripts (`script`) and around every other command that is
not known to only read (`guard`), so no write can be forgotten: what the driver sends is looked at,
not who asked for it.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from inspect import isawaitable
from typing import Any

_CHECK = files(__package__).joinpath("fence.lua").read_text("utf-8")
_COMMAND = f"{_CHECK}\nreturn redis.call(unpack(ARGV))"
READS = frozenset(
    (
        *("GET", "MGET", "GETRANGE", "STRLEN", "EXISTS", "TYPE", "TTL", "PTTL", "MEMORY", "DUMP"),
        *("HGET", "HGETALL", "HMGET", "HLEN", "HKEYS", "HVALS", "HEXISTS"),
        *("LRANGE", "LLEN", "LINDEX", "ZRANGE", "SCAN"),
        *("XRANGE", "XREVRANGE", "XREAD", "XREADGROUP", "XLEN", "XINFO", "XPENDING"),
        *("PING", "ECHO", "TIME", "INFO", "HELLO", "AUTH", "SELECT", "CLIENT", "COMMAND", "CONFIG"),
        *("MULTI", "EXEC", "DISCARD", "CLUSTER", "WAIT"),
    )
)
"""Commands that change no key; XREADGROUP hands over entries, which stay pending for the next."""
SCRIPTED = frozenset(("EVAL", "EVALSHA", "SCRIPT"))
"""Scripts bear the check themselves (`Fence.script`)."""
REFUSED = "FENCED "
_Call = Callable[..., Any]
Refused = Callable[[int, str], None]
"""Told the token and the node of who leads now."""


class Fence:
    """The check of one role, for the connections of one process.

    Called wherever the process writes; `refused` is called there as well, at once: with token 0
    where the store lost the lease. The write itself then failed.
    """

    def __init__(self, key: str, token: Callable[[], int], refused: Refused) -> None:
        """`key` is the lease of the role, `token` what this process has of it now."""
        self._key = key
        self._token = token
        self._refused = refused

    def script(
        self, source: str, keys: Sequence[str], args: Sequence[Any]
    ) -> tuple[str, list[str], list[Any]]:
        """A script with the check before it, and its keys and arguments."""
        return checked(source), [*keys, self._key], [*args, str(self._token())]

    def registered(self, client: Any, source: str) -> Callable[..., Any]:
        """As `client.register_script`, for a client that blocks."""
        run = client.register_script(checked(source))

        def call(keys: Sequence[str], args: Sequence[Any]) -> Any:
            return run(keys=[*keys, self._key], args=[*args, str(self._token())])

        return self._told(call)

    def look(self, error: object) -> None:
        """Tell whoever leads no more, if that is what the store said."""
        said = str(error)
        if isinstance(error, Exception) and REFUSED in said:
            token, node, *_ = said.partition(REFUSED)[2].split()
            self._refused(int(token), node)

    def guard(self, client: Any) -> None:
        """Put the check around whatever this client, and its pipelines, write from now on."""
        callbacks = getattr(client, "response_callbacks", {})
        pipeline = client.pipeline
        client.execute_command = self._guarded(client.execute_command, callbacks, self._told)

        def guarded_pipeline(*args: Any, **options: Any) -> Any:
            pipe = pipeline(*args, **options)
            pipe.execute_command = self._guarded(pipe.execute_command, {}, _as_it_is)
            return pipe

        client.pipeline = guarded_pipeline

    def _guarded(
        self, execute: _Call, callbacks: Any, told: Callable[[_Call], _Call]
    ) -> Callable[..., Any]:
        writing = told(execute)

        def command(*words: Any, **options: Any) -> Any:
            name, *second = _split(words[0])
            if name in READS:
                return execute(*words, **options)
            if name in SCRIPTED:
                return writing(*words, **options)
            asked = [name, *second, *words[1:], str(self._token())]
            answer = writing("EVAL", _COMMAND, 2, words[1], self._key, *asked)
            parse = callbacks.get(words[0])
            return self._parsed(answer, lambda a: parse(a, **options)) if parse else answer

        return command

    def _parsed(self, answer: Any, parse: Callable[[Any], Any]) -> Any:
        """What the command would have answered by itself; of asyncio an awaitable of it."""
        if not isawaitable(answer):
            return parse(answer)

        async def later() -> Any:
            return parse(await answer)

        return later()

    def _told(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call; what the store refuses is looked at on its way."""

        async def later(answer: Any) -> Any:
            try:
                return await answer
            except Exception as error:
                self.look(error)
                raise

        def told(*args: Any, **options: Any) -> Any:
            try:
                answer = call(*args, **options)
            except Exception as error:
                self.look(error)
                raise
            return later(answer) if isawaitable(answer) else answer

        return told


def _as_it_is(call: _Call) -> _Call:
    """What a pipeline is told is not answered before all of it went out."""
    return call


@lru_cache
def _split(name: str) -> tuple[str, ...]:
    return tuple(name.split())


def checked(source: str) -> str:
    """The script behind the check."""
    return f"{_CHECK}\n{source}"
