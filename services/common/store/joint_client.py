"""One connection to the store on which many ask together, and clients whose commands go over it.

For code that waits in turns (services/ingest/turns.py): what all of them ask for in a round is one
write and one read, and of the driver only the words of the commands and of the answers are used.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry

from services.common.store.connections import connection_options
from services.common.store.store_words import digest, pack, read_answer

Ask = Callable[[Sequence[bytes]], Sequence[Any]]
"""Takes packed commands, gives an answer for each, refusals of the store among them."""


class JointConnection:
    """Used by one thread. What breaks the connection fails all that was asked with it."""

    def __init__(self, url: str) -> None:
        """Nothing connects before something is asked."""
        options = connection_options() | {"retry": Retry(NoBackoff(), 0), "retry_on_error": []}
        self._pool = redis.ConnectionPool.from_url(url, **options)
        self._connection: Any = None

    def exchange(self, commands: Sequence[bytes]) -> list[Any]:
        """The answers, in order. DriverError: whether anything was done is open."""
        connection = self._connection or self._pool.make_connection()
        self._connection = None
        connection.connect()
        try:
            connection.send_packed_command([b"".join(commands)], check_health=False)
            found = [_answer(connection) for _ in commands]
        except BaseException:
            connection.disconnect()
            raise
        self._connection = connection
        return found

    def close(self) -> None:
        """Leave the store."""
        if self._connection:
            self._connection.disconnect()


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as refusal:
        return refusal


class JointClient(redis.Redis):
    """A blocking client whose commands and pipelines go where `ask` brings them."""

    ask: Ask

    def execute_command(self, *words: Any, **options: Any) -> Any:
        """As of the driver."""
        answer = self.answers([(words, options)])[0]
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def answers(self, commands: Sequence[tuple[tuple[Any, ...], dict[str, Any]]]) -> list[Any]:
        """The answer to each command, as the driver reads it."""
        found = self.ask([pack(words) for words, _ in commands])
        return [
            answer
            if isinstance(answer, ResponseError)
            else read_answer(self.response_callbacks, words[0], options, answer)
            for (words, options), answer in zip(commands, found, strict=True)
        ]

    def register_script(self, script: Any) -> Any:
        """As of the driver, without what it looks for in pipelines and clusters."""
        return JointScript(self, script)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Any:  # noqa: FBT001, FBT002 - as the driver has it
        """Commands that go together; not as a transaction."""
        if transaction:
            raise ValueError("a script does all or nothing; MULTI is not known here")
        pipe = _JointPipeline(self.connection_pool, self.response_callbacks, False, shard_hint)  # noqa: FBT003
        pipe.asker = self
        return pipe


class JointScript:
    """A script by its digest; a store that does not know it is given it whole."""

    def __init__(self, client: JointClient, source: str) -> None:
        self._client, self._source = client, source
        self._digest = digest(source)

    def __call__(self, keys: Sequence[Any] = (), args: Iterable[Any] = ()) -> Any:
        """Its answer as it is; ResponseError if the store refuses."""
        given = (len(keys), *keys, *args)
        answer = self._ask("EVALSHA", self._digest, *given)
        if isinstance(answer, NoScriptError):
            answer = self._ask("EVAL", self._source, *given)
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def _ask(self, *words: Any) -> Any:
        return self._client.ask([pack(words)])[0]


class _JointPipeline(Pipeline):
    asker: JointClient

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - as the driver has it
        """As of the driver."""
        stack, self.command_stack = self.command_stack, []
        found = self.asker.answers(stack) if stack else []
        if raise_on_error:
            self.raise_first_error(stack, found)  # type: ignore[no-untyped-call]
        return found


def joint_client(url: str, ask: Ask) -> Any:
    """A client of the store behind `url` that asks by `ask`."""
    client: Any = JointClient.from_url(url, **connection_options())
    client.ask = ask
    return client
